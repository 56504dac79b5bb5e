# SPDX-License-Identifier: GPL-2.0-or-later
"""Looking into a process with several domains and clients at work: what the
queries say is compared with what the clients did."""
import base64
import errno
import os
import re
import struct
import sys
import threading
import time
import unittest

import document
import dot
from support import CliTest, wait_for

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'vfio-user'))
import dma_engine as engine  # noqa: E402  pylint: disable=wrong-import-position
import edu  # noqa: E402  pylint: disable=wrong-import-position
import wire  # noqa: E402  pylint: disable=wrong-import-position

MSIX_ENABLE = 0x8000
BAR0 = 0x10                     # in config space
QUERIES = ('query-pci', 'x-query-isolation', 'x-query-isolation-dot', 'x-query-vfio-user',
           'x-query-address-spaces', 'x-query-mtree', 'x-query-qtree', 'x-query-qom-tree')


class InspectTest(CliTest):
    """Helpers: servers by id, clients that are closed at the end."""

    def words(self, *devices, options=''):
        """Adds devices; those with a * before them are served by s-ID on ID.sock."""
        words = []
        for device in devices:
            ident = device.split('id=')[1].split(',')[0]
            words += ['-device', device.lstrip('*')]
            if device[0] == '*':
                words += ['-object', f'vfio-user-server,id=s-{ident},type=unix,'
                          f'path={self.path(ident)}.sock,device={ident}{options}']
        return words

    def client(self, ident, hello=True):
        client = wire.Client(f'{self.path(ident)}.sock')
        self.addCleanup(client.close)
        return client.hello() if hello else client

    def memory(self, size):
        memory = wire.Memory(size)
        self.addCleanup(memory.close)
        return memory

    def eventfds(self, count):
        fds = [os.eventfd(0, os.EFD_CLOEXEC) for _ in range(count)]
        for fd in fds:
            self.addCleanup(os.close, fd)
        return fds

    def text(self, command, **arguments):
        return self.qmp.command(command, **arguments)['human-readable-text']

    def servers(self):
        return {s['id']: s for s in self.qmp.command('x-query-vfio-user')}

    def refused(self, command, fragment, **arguments):
        reply = self.qmp.execute(command, **arguments)
        self.assertIn('error', reply)
        self.assertIn(fragment, reply['error']['desc'])


def by_name(entries, key='name'):
    return {entry[key]: entry for entry in entries}


def set_bar0(client, address):
    """As firmware does, with memory decoding on."""
    client.write(wire.CONFIG, BAR0, struct.pack('=I', address))
    client.write(wire.CONFIG, 4, struct.pack('=H', 6))


class Topology(InspectTest):
    """Two machines: one with a port and a device of two functions, one with a
    conventional bridge; clients on both."""

    def setUp(self):
        super().setUp()
        self.process, self.qmp = self.start_with_qmp(
            *self.words('isolated-rc,id=vmA', 'pcie-root-port,id=rp,bus=vmA.0,addr=1.0',
                        '*dma-engine,id=e0,bus=rp', '*edu,id=d0,bus=vmA.0,addr=2.0,multifunction=on',
                        '*edu,id=d1,bus=vmA.0,addr=2.1', 'isolated-rc,id=vmB',
                        'pcie-pci-bridge,id=br,bus=vmB.0,addr=3.0', '*edu,id=d2,bus=br,addr=4.0',
                        '*pci-testdev,id=t0'))
        self.e0, self.d2 = self.client('e0'), self.client('d2')


class Isolation(Topology):
    def functions(self):
        return {rc['rc']: by_name(rc['functions'], 'device')
                for rc in self.qmp.command('x-query-isolation')}

    def test_who_is_where(self):
        domains = self.functions()
        self.assertEqual([*domains], ['vmA', 'vmB', 't0'])
        self.assertEqual([*domains['vmA']], ['rp', 'e0', 'd0', 'd1'])
        self.assertEqual([*domains['vmB']], ['br', 'd2'])
        e0 = domains['vmA']['e0']
        self.assertEqual((e0['driver'], e0['bus'], e0['addr'], e0['server'], e0['connected']),
                         ('dma-engine', 'rp', '0.0', 's-e0', True))
        d1 = domains['vmA']['d1']
        self.assertEqual((d1['bus'], d1['addr'], d1['server'], d1['connected']),
                         ('vmA.0', '2.1', 's-d1', False))
        self.assertNotIn('server', domains['vmA']['rp'])
        self.assertEqual(domains['vmB']['d2']['addr'], '4.0')

    def test_bars_and_maps(self):
        d2 = self.functions()['vmB']['d2']
        self.assertEqual(d2['bars'], [{'index': 0, 'type': 'memory', 'size': 1 << 20}])
        self.assertFalse(d2['bus-master'])
        set_bar0(self.d2, 0xe0000000)
        memory = self.memory(8192)
        self.d2.dma_map(0, 8192, memory.fd)
        self.d2.dma_map(1 << 20, 4096)
        d2 = self.functions()['vmB']['d2']
        self.assertEqual(d2['bars'][0]['address'], 0xe0000000)
        self.assertEqual((d2['bus-master'], d2['dma-regions'], d2['message-regions']),
                         (True, 2, 1))
        self.d2.dma_unmap(1 << 20, 4096)
        d2 = self.functions()['vmB']['d2']
        self.assertEqual((d2['dma-regions'], d2['message-regions']), (1, 0))
        self.d2.close()
        wait_for(lambda: not self.functions()['vmB']['d2']['dma-regions'], 'the maps to go')

    def test_query_pci(self):
        set_bar0(self.d2, 0xe0000000)
        buses = by_name(self.qmp.command('query-pci'), 'domain')
        self.assertEqual([*buses], ['vmA', 'vmB', 't0'])
        port, d0, d1 = buses['vmA']['devices']
        self.assertEqual((port['qdev_id'], port['class_info']),
                         ('rp', {'class': 0x604, 'desc': 'PCI bridge'}))
        self.assertEqual([d['qdev_id'] for d in port['pci_bridge']['devices']], ['e0'])
        self.assertEqual((d0['slot'], d0['function'], d1['slot'], d1['function']), (2, 0, 2, 1))
        self.assertEqual(d0['id'], {'vendor': 0x1234, 'device': 0x11e8,
                                    'subsystem-vendor': 0x1af4, 'subsystem': 0x1100})
        self.assertEqual(d0['regions'][0]['address'], -1)
        behind, = buses['vmB']['devices'][0]['pci_bridge']['devices']
        self.assertEqual(behind['regions'], [
            {'bar': 0, 'type': 'memory', 'address': 0xe0000000, 'size': 1 << 20,
             'prefetch': False, 'mem_type_64': False}])
        self.assertEqual(behind['irq_pin'], 1)
        kinds = [r['type'] for r in buses['t0']['devices'][0]['regions']]
        self.assertEqual(kinds, ['memory', 'io'])

    def test_bus_numbers(self):
        """What a client writes into a bridge's registers shows; bridges are not
        served, so nobody has."""
        bridge = self.qmp.command('query-pci')[1]['devices'][0]['pci_bridge']['bus']
        self.assertEqual((bridge['number'], bridge['secondary'], bridge['subordinate']), (0, 0, 0))

    def test_text(self):
        qtree = self.text('x-query-qtree')
        for line in ('dev: isolated-rc, id "vmA"\n', '\n  bus: vmA.0\n    type PCIE\n',
                     '\n    dev: edu, id "d0"\n', '\n        dev: edu, id "d2"\n',
                     '      addr = 02.1\n', '      multifunction = true\n',
                     'class PCI bridge, addr 00:01.0, pci id 1b36:000c',
                     'bar 0: mem at 0xffffffffffffffff [0xffffe]\n'):
            self.assertIn(line, qtree)
        tree = self.text('x-query-qom-tree')
        self.assertTrue(tree.startswith('/machine (x-remote-machine)\n'))
        self.assertIn('\n    /d0 (edu)\n      /', tree)
        self.assertEqual(self.text('x-query-qom-tree', path='/objects').split('\n')[:2],
                         ['/objects (container)', '  /s-e0 (vfio-user-server)'])
        self.refused('x-query-qom-tree', "'/nowhere' not found", path='/nowhere')

    def test_mtree(self):
        set_bar0(self.d2, 0xe0000000)
        tree = self.text('x-query-mtree')
        self.assertIn('domain: vmA\n\naddress-space: vmA/mem\n', tree)
        self.assertIn('    00000000e0000000-00000000e00fffff (prio 1, i/o): edu-mmio\n', tree)
        self.assertIn('(prio 0, dma): iova-space\n', tree)
        only = self.text('x-query-mtree', domain='vmB', flat=True)
        self.assertNotIn('vmA', only)
        self.assertIn('FlatView of address-space: vmB/mem\n'
                      '  00000000e0000000-00000000e00fffff (prio 1, i/o): edu-mmio\n', only)
        self.refused('x-query-mtree', "no isolation domain 'vmC': use one of vmA, vmB, t0",
                     domain='vmC')

    def test_address_spaces(self):
        set_bar0(self.d2, 0xe0000000)
        spaces = by_name(self.qmp.command('x-query-address-spaces'))
        self.assertEqual([*spaces], ['vmA/mem', 'vmA/io', 'rp/dma', 'e0/dma', 'd0/dma', 'd1/dma',
                                     'vmB/mem', 'vmB/io', 'br/dma', 'd2/dma',
                                     't0/mem', 't0/io', 't0/dma'])
        self.assertEqual(spaces['vmB/mem'], {'name': 'vmB/mem', 'domain': 'vmB', 'type': 'memory',
                                             'ranges': 1, 'faults': 0})
        self.assertEqual((spaces['d2/dma']['ranges'], spaces['d1/dma']['ranges']), (1, 0))

    def test_graphs(self):
        memory = self.memory(4096)
        self.e0.dma_map(0, 4096, memory.fd)
        graph = dot.parse(self.text('x-query-isolation-dot'))
        self.assertEqual(graph.clusters, ['vmA', 'vmB', 't0'])
        labels = graph.labels()
        self.assertIn(f'client\npid {os.getpid()}, uid {os.getuid()}\nattached', labels)
        self.assertIn('DMA maps\n1 mapped', labels)
        self.assertIn(f's-e0\n{self.path("e0")}.sock', labels)
        names = {a['label']: n for n, a in graph.nodes.items()}
        self.assertIn((names['vmA.0'], names['rp\npcie-root-port, addr 1.0']), graph.edges)
        self.assertIn((names['e0\ndma-engine, addr 0.0'], names[f's-e0\n{self.path("e0")}.sock']),
                      graph.edges)
        memory = dot.parse(self.text('x-query-mtree', dot=True))
        self.assertEqual(memory.clusters, ['vmA', 'vmB', 't0'])
        self.assertIn('d2/dma', memory.labels())
        dot.parse(self.text('x-query-mtree', dot=True, flat=True, domain='vmB'))


class OddNames(InspectTest):
    def test_graph(self):
        odd = 'so"c]; x -> y [a=\\"b\\" <&> \u00fc \t.sock'
        path = self.path(odd)
        _, self.qmp = self.start_with_qmp('-device', 'edu,id=a.b-c_1')
        self.qmp.command_with('object-add', {'qom-type': 'vfio-user-server', 'id': 's', 'path': path,
                                             'type': 'unix', 'device': 'a.b-c_1'})
        graph = dot.parse(self.text('x-query-isolation-dot'))
        self.assertIn('s\n' + path.replace('\t', '?'), graph.labels())
        self.assertEqual(self.qmp.command('x-query-vfio-user')[0]['path'], path)

    def test_not_utf8(self):
        """What the command line has let in comes out as UTF-8."""
        path = os.fsencode(self.path('x')) + b'\xff\xfe.sock'
        _, self.qmp = self.start_with_qmp(
            '-device', 'edu,id=d0', '-object',
            b'vfio-user-server,id=s,type=unix,device=d0,path=' + path)
        dot.parse(self.text('x-query-isolation-dot'))
        self.assertIn('\ufffd', self.qmp.command('x-query-vfio-user')[0]['path'])


class Dma(Topology):
    def maps(self, server):
        return self.qmp.command('x-query-dma-maps', server=server)

    def stats(self, server):
        return self.qmp.command('x-query-dma-stats', server=server)

    def test_maps(self):
        memory = self.memory(1 << 20)
        inode = os.fstat(memory.fd).st_ino
        self.assertEqual(self.maps('s-e0'), [])
        self.e0.dma_map(0x100000, 8192, memory.fd, offset=4096)
        self.e0.dma_map(0, 4096)
        self.e0.dma_map(2 ** 64 - 4096, 4096, memory.fd, flags=wire.DMA_R)
        # Numbers above 2^63 come as text.
        maps = [{**m, 'iova': int(m['iova'])} for m in self.maps('s-e0')]
        self.assertEqual(maps, [
            {'iova': 0, 'size': 4096, 'read': True, 'write': True, 'access': 'message'},
            {'iova': 0x100000, 'size': 8192, 'read': True, 'write': True, 'access': 'mmap',
             'fd-inode': inode, 'fd-offset': 4096},
            {'iova': 2 ** 64 - 4096, 'size': 4096, 'read': True, 'write': False,
             'access': 'mmap', 'fd-inode': inode, 'fd-offset': 0}])
        self.assertEqual(self.maps('s-d2'), [])
        self.refused('x-query-dma-maps', "'s-e9' not found", server='s-e9')

    def test_many_maps(self):
        for n in range(1500):
            self.e0.dma_map(n * 8192, 4096)
        self.assertEqual([m['iova'] for m in self.maps('s-e0')], [n * 8192 for n in range(1500)])

    def test_direct(self):
        memory = self.memory(1 << 20)
        self.e0.bus_master()
        self.e0.dma_map(0, 1 << 20, memory.fd)
        before = self.stats('s-e0')
        channel = engine.Channel(self.e0)
        self.assertEqual(channel.run(engine.FROM_BUFFER, 0, 0x1000, 5000), 0)
        self.assertEqual(channel.run(engine.TO_BUFFER, 0x2000, 0, 3000), 0)
        self.assertEqual(channel.run(engine.TO_BUFFER, 1 << 20, 0, 16), engine.E_READ)
        after = self.stats('s-e0')
        self.assertEqual(after['direct-bytes'] - before['direct-bytes'], 8000)
        self.assertEqual(after['faults'] - before['faults'], 1)
        for name in ('file-bytes', 'message-reads', 'message-writes', 'message-bytes', 'windows',
                     'bounces', 'bounce-stalls', 'drains', 'drain-timeouts'):
            self.assertEqual(after[name], 0, name)
        self.assertEqual(after['layout'], 'spec')
        self.assertEqual(self.servers()['s-e0']['faults'], after['faults'])
        self.e0.close()
        wait_for(lambda: 'layout' not in self.stats('s-e0'), 'the client to have left')

    def test_messages(self):
        content = bytearray(os.urandom(1 << 16))
        self.d2.bus_master()
        self.d2.dma_map(0, 1 << 16)
        self.d2.on_request = lambda request: self.d2.serve_dma(request, content)
        edu.to_edu(self.d2, 0x1000, 1000)
        edu.from_edu(self.d2, 0x2000, 1000)
        edu.from_edu(self.d2, 0x3000, 500)
        stats = self.stats('s-d2')
        self.assertEqual((stats['message-reads'], stats['message-writes'],
                          stats['message-bytes'], stats['direct-bytes']), (1, 2, 2500, 0))
        server = self.servers()['s-d2']
        self.assertEqual((server['dma-reads'], server['dma-writes'], server['dma-failures']),
                         (1, 2, 0))

    def test_message_in_flight(self):
        self.d2.bus_master()
        self.d2.dma_map(0, 1 << 16)
        edu.start_dma(self.d2, 0x1000, edu.BUFFER, 64, 0)
        request = self.d2.next_request()
        self.assertEqual(self.servers()['s-d2']['client']['dma-in-flight'], 1)
        self.d2.serve_dma(request, bytearray(1 << 16))
        edu.wait_dma(self.d2)
        self.assertEqual(self.servers()['s-d2']['client']['dma-in-flight'], 0)

    def test_drain(self):
        memory = self.memory(1 << 16)
        self.e0.bus_master()
        self.e0.dma_map(0, 1 << 16, memory.fd)
        # edu's transfers are short; what a held transfer of the engine is told ends at once.
        self.e0.write32(wire.BAR0, engine.HOLD, 1)
        channel = engine.Channel(self.e0)
        channel.start(engine.FILL, 0, 0x1000, 4096, 7)
        channel.wait(bits_clear=0, bits_set=engine.S_HELD)
        self.e0.dma_unmap(0, 1 << 16)
        stats = self.stats('s-e0')
        self.assertEqual(stats['drain-timeouts'], 0)
        self.assertLessEqual(stats['drains'], 1)


class Servers(Topology):
    def test_client(self):
        server = self.servers()['s-e0']
        self.assertEqual((server['device'], server['domain'], server['state'], server['path']),
                         ('e0', 'vmA', 'attached', self.path('e0') + '.sock'))
        client = server['client']
        self.assertEqual((client['pid'], client['uid'], client['gid']),
                         (os.getpid(), os.getuid(), os.getgid()))
        self.assertEqual((client['state'], client['version'], client['max-msg-fds'],
                          client['max-data-xfer-size'], client['pgsizes']),
                         ('attached', '0.0', 16, 1 << 20, 4096))
        self.assertEqual((client['in-flight'], client['held'], client['queued-bytes'],
                          client['paused']), (0, 0, 0, False))

    def test_states(self):
        self.assertEqual(self.servers()['s-d0']['state'], 'listening')
        self.assertNotIn('client', self.servers()['s-d0'])
        client = self.client('d0', hello=False)
        server = wait_for(lambda: next((s for s in self.servers().values()
                                        if s['id'] == 's-d0' and 'client' in s), None), 'a client')
        self.assertEqual((server['state'], server['client']['pid']),
                         ('negotiating', os.getpid()))
        self.assertNotIn('version', server['client'])
        client.hello()
        self.assertEqual(self.servers()['s-d0']['state'], 'attached')
        following = self.client('d0')
        server = self.servers()['s-d0']
        self.assertEqual((server['client']['state'], server['next-client']['state']),
                         ('attached', 'waiting'))
        client.close()
        wait_for(lambda: 'next-client' not in self.servers()['s-d0'], 'the turn of the next')
        self.assertEqual(self.servers()['s-d0']['turns'], 1)
        following.close()
        wait_for(lambda: self.servers()['s-d0']['state'] == 'listening', 'it to listen again')
        self.assertEqual(self.servers()['s-d0']['connections'], 2)

    def test_given_socket(self):
        ours, theirs = wire.socket.socketpair()
        with ours, theirs:
            _, qmp = self.start_second('-device', 'edu,id=d0', '-object',
                                       'vfio-user-server,id=s0,type=fd,device=d0,'
                                       f'fd={theirs.fileno()}', pass_fds=[theirs.fileno()])
            theirs.close()
            server, = qmp.command('x-query-vfio-user')
            self.assertEqual(server['state'], 'negotiating')
            self.assertNotIn('path', server)
            ours.close()
            wait_for(lambda: qmp.command('x-query-vfio-user')[0]['state'] == 'idle', 'its end')

    def start_second(self, *words, **kwargs):
        path = self.path('qmp2')
        process = self.start('-qmp', f'unix:{path},server=on,wait=off', *words, **kwargs)
        return process, self.connect(path, process)

    def test_messages(self):
        def counts():
            server = self.servers()['s-e0']
            messages = {m['name']: (m['count'], m['errors']) for m in server['messages']}
            return messages, server['bytes-received'], server['bytes-sent']

        (before, bytes_in, bytes_out) = counts()
        self.assertEqual(before['VERSION'], (1, 0))
        for _ in range(7):
            self.e0.read32(wire.BAR0, engine.ID)
        self.e0.write32(wire.BAR0, engine.INT_ENABLE, 1)
        self.e0.post(wire.BAR0, engine.INT_ENABLE, struct.pack('=I', 1))
        with self.assertRaises(wire.VfuError):
            self.e0.read(wire.BAR0, 1 << 30, 4)
        with self.assertRaises(wire.VfuError):
            self.e0.dma_map(1, 4096)
        self.e0.reset()
        (after, more_in, more_out) = counts()
        self.assertEqual(after['REGION_READ'], (8, 1))
        self.assertEqual(after['REGION_WRITE'], (2, 0))
        self.assertEqual(after['DMA_MAP'], (1, 1))
        self.assertEqual(after['DEVICE_RESET'], (1, 0))
        # 8 reads of 32 bytes, 7 answers of 36; 2 writes of 36, one answer of 32; a DMA_MAP of
        # 48, a reset of 16; errors and the reset are answered by a header of 16.
        self.assertEqual(more_in - bytes_in, 8 * 32 + 2 * 36 + 48 + 16)
        self.assertEqual(more_out - bytes_out, 7 * 36 + 32 + 3 * 16)
        self.assertNotIn('DEVICE_FEATURE', after)

    def test_regions_and_interrupts(self):
        server = self.servers()['s-e0']
        regions = by_name(server['regions'], 'index')
        self.assertEqual(regions[0], {'index': 0, 'size': 16384, 'read': True, 'write': True,
                                      'mmap': False})
        self.assertTrue(regions[2]['mmap'])
        self.assertEqual(regions[7]['size'], len(self.e0.read(wire.CONFIG, 0, regions[7]['size'])))
        irqs = by_name(server['interrupts'], 'type')
        self.assertEqual(irqs['msix'], {'type': 'msix', 'count': 4, 'bound': 0, 'masked': 0,
                                        'pending': 0})
        self.assertNotIn('msi', irqs)

    def test_bound_msix(self):
        memory = self.memory(4096)
        self.e0.bus_master()
        self.e0.dma_map(0, 4096, memory.fd)
        cap = self.e0.read(wire.CONFIG, 0x34, 1)[0]
        while self.e0.read(wire.CONFIG, cap, 1)[0] != 0x11:
            cap = self.e0.read(wire.CONFIG, cap + 1, 1)[0]
        self.e0.write(wire.CONFIG, cap + 2, struct.pack('=H', MSIX_ENABLE))
        fds = self.eventfds(3)
        self.e0.set_irqs(wire.DATA_EVENTFD | wire.TRIGGER, wire.MSIX, 0, 3, fds=fds)
        self.e0.set_irqs(wire.DATA_NONE | wire.MASK, wire.MSIX, 1, 1)
        for n in range(4):
            engine.Channel(self.e0, n).run(engine.FILL, 0, 0, 4, flags=engine.IRQ)
        server = self.servers()['s-e0']
        # Vector 0 and 2 went out, 1 is masked, 3 has no eventfd.
        self.assertEqual(by_name(server['interrupts'], 'type')['msix'],
                         {'type': 'msix', 'count': 4, 'bound': 3, 'masked': 1, 'pending': 2})
        self.assertEqual(server['interrupts-sent'], 2)
        self.assertEqual([os.eventfd_read(fds[0]), os.eventfd_read(fds[2])], [1, 1])
        self.e0.close()
        wait_for(lambda: by_name(self.servers()['s-e0']['interrupts'], 'type')['msix']['bound'] == 0,
                 'the eventfds to be given back')

    def test_last_error(self):
        self.assertNotIn('last-error', self.servers()['s-d2'])
        start = time.time()
        with self.assertRaises(wire.VfuError):
            self.d2.read(wire.BAR0, 1 << 30, 4)
        error = self.servers()['s-d2']['last-error']
        self.assertEqual(error['text'], 'REGION_READ refused: EINVAL')
        self.assertLessEqual(abs(error['seconds'] + error['microseconds'] / 1e6 - start), 120)
        self.d2.dma_map(0, 8192)
        with self.assertRaises(wire.VfuError):
            self.d2.dma_map(4096, 4096)
        self.assertEqual(self.servers()['s-d2']['last-error']['text'],
                         'DMA_MAP refused: EEXIST: the range overlaps an existing mapping')
        # A client's own words do not come back.
        client = self.client('d0', hello=False)
        client.send(wire.VERSION, struct.pack('=HH', 0, 1) + b'{"capabilities":{"EVIL":1,}}\0')
        self.assertTrue(client.receive().flags & wire.ERROR)
        text = wait_for(lambda: self.servers()['s-d0'].get('last-error'), 'its error')['text']
        self.assertNotIn('EVIL', text)
        self.assertNotIn('last-error', self.servers()['s-e0'])


class ReadMemory(Topology):
    def read(self, space, address, size):
        data = self.qmp.command('x-read-memory', space=space, address=address, size=size)['data']
        data = base64.b64decode(data)
        self.assertEqual(len(data), size)
        return data

    def test_registers(self):
        set_bar0(self.d2, 0xe0000000)
        self.assertEqual(self.read('vmB/mem', 0xe0000000, 4), struct.pack('<I', 0x010000ed))
        self.d2.write32(wire.BAR0, edu.LIVENESS, 5)
        self.assertEqual(self.read('vmB/mem', 0xe0000000 + edu.LIVENESS, 4),
                         struct.pack('<I', ~5 & 0xffffffff))
        self.refused('x-read-memory', 'vmA/mem: 0xe0000000 to 0xe0000003 cannot be read',
                     space='vmA/mem', address=0xe0000000, size=4)

    def test_dma(self):
        content = os.urandom(1 << 17)
        memory = self.memory(1 << 17)
        memory.write(0, content)
        self.e0.dma_map(0x10000, 1 << 17, memory.fd)
        self.e0.dma_map(0x40000, 4096)
        self.refused('x-read-memory', 'e0/dma: bus mastering is off', space='e0/dma',
                     address=0x10000, size=4)
        self.e0.bus_master()
        before = self.qmp.command('x-query-dma-stats', server='s-e0')
        self.assertEqual(self.read('e0/dma', 0x10000, 65536), content[:65536])
        self.assertEqual(self.read('e0/dma', 0x10001, 3), content[1:4])
        self.refused('x-read-memory', '0x30000: not mapped', space='e0/dma', address=0x2ffff, size=2)
        self.refused('x-read-memory', '0x40000 is reached by messages', space='e0/dma',
                     address=0x40000, size=4)
        self.refused('x-read-memory', 'd2/dma: bus mastering is off', space='d2/dma',
                     address=0x10000, size=4)
        self.refused('x-read-memory', 'rp/dma: the function is not served', space='rp/dma',
                     address=0, size=4)
        # Looking leaves no trace.
        self.assertEqual(self.qmp.command('x-query-dma-stats', server='s-e0'), before)

    def test_bad_arguments(self):
        for size in (0, 65537, 2 ** 63 - 1):
            self.refused('x-read-memory', "'size' expects a value between 1 and 65536",
                         space='e0/dma', address=0, size=size)
        for space in ('', 'e0', 'e0/mem', 'vmA/dma', '/e0/dma', 'x' * 1000):
            self.refused('x-read-memory', 'not found', space=space, address=0, size=4)


class Document(InspectTest):
    """docs/system/inspect.rst is true, with a client that does what it says."""

    def setUp(self):
        super().setUp()
        self.page = document.read('system/inspect.rst')
        words = [w.replace('/tmp/', self.dir + '/') for w in document.command_line(self.page)]
        process = self.start(*words)
        self.qmp = self.connect(self.path('vmA.qmp'), process)
        client, memory = self.client('e0'), self.memory(65536)
        memory.write(0, b'hello')
        client.dma_map(0, 65536, memory.fd)
        client.dma_map(0x100000, 4096)
        client.set_irqs(wire.DATA_EVENTFD | wire.TRIGGER, wire.MSIX, 0, 2, fds=self.eventfds(2))
        set_bar0(client, 0xe0000000)

    def test_examples(self):
        count = 0
        for command, shown in document.dialogues(self.page):
            with self.subTest(command):
                answer = self.qmp.execute_with(command['execute'], command.get('arguments', {}))
                if isinstance(shown, list):
                    why = document.text_fits(shown, answer['return']['human-readable-text'])
                else:
                    why = document.fits(shown, answer)
                self.assertIsNone(why)
                count += 1
        self.assertEqual(count, 12)

    def test_comparison_compares(self):
        shown = {'a': [1, '...'], 'b': {'c': 2, '...': '...'}}
        self.assertIsNone(document.fits(shown, {'a': [1, 5], 'b': {'c': 2, 'd': 3}}))
        for other in ({'a': [2], 'b': {'c': 2}}, {'a': [1], 'b': {'c': 3}}, {'a': [1], 'b': {}},
                      {'a': [], 'b': {'c': 2}}, {'a': [1], 'b': {'c': 2}, 'x': 0}):
            self.assertIsNotNone(document.fits(shown, other))
        self.assertIsNone(document.text_fits(['a', '...', 'c'], 'a\nb\nc\nd\n'))
        for lines in (['b'], ['a', 'c'], ['a', '...', 'x'], ['a', '...', 'd', 'c']):
            self.assertIsNotNone(document.text_fits(lines, 'a\nb\nc\nd\n'))

    def test_all_are_shown(self):
        commands = {c['execute'] for c, _ in document.dialogues(self.page)}
        self.assertLessEqual(set(QUERIES) - {'query-pci'}, commands)

    def test_picture(self):
        """Each name in the graph is in the picture too, and the other way round."""
        graph = dot.parse(self.text('x-query-isolation-dot'))
        names = {line for label in graph.labels() + graph.clusters for line in label.split('\n')
                 if not line.startswith(('pid', '/'))}
        drawn = set(re.findall(r'<text [^>]*>([^<]*)</text>', document.read('system/inspect.svg')))
        drawn = {line for line in drawn if not line.startswith(('pid', '/'))}
        self.assertEqual(drawn - {'DMA'}, names)


class Storm(InspectTest):
    """Queries while clients come, map, do harm and go."""

    def run_clients(self, names, act):
        stop, failures = threading.Event(), []

        def loop(name):
            try:
                while not stop.is_set():
                    act(name)
            except Exception as e:      # pylint: disable=broad-except
                failures.append(e)
        threads = [threading.Thread(target=loop, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        return stop, threads, failures

    def test_queries_in_a_storm(self):
        names = ['d0', 'd1', 'd2', 'e0']
        process, self.qmp = self.start_with_qmp(
            *self.words('isolated-rc,id=vmA', '*edu,id=d0,bus=vmA.0', '*edu,id=d1,bus=vmA.0',
                        '*edu,id=d2', '*dma-engine,id=e0'))
        memory = self.memory(1 << 16)

        def act(name):
            with wire.Client(f'{self.path(name)}.sock') as client:
                try:
                    client.hello()
                    client.bus_master()
                    for n in range(20):
                        client.dma_map(n << 16, 1 << 16, memory.fd if n % 2 else None)
                    set_bar0(client, 0xe0000000)
                    client.dma_unmap(0, 1 << 17)
                    client.send_raw(os.urandom(16) if name == 'd1' else b'')
                except (wire.Closed, ConnectionError):
                    pass            # turned away, or thrown out for its bytes
                except wire.VfuError as e:
                    if e.errno != errno.EBUSY:      # its turn did not come in time
                        raise
        # Two for each server: the second one comes next, and is what a third one is turned away for.
        stop, threads, failures = self.run_clients(names * 2, act)
        try:
            for n in range(15):
                for command in QUERIES:
                    self.qmp.command(command)
                for name in names:
                    self.qmp.command('x-query-dma-maps', server=f's-{name}')
                    self.qmp.command('x-query-dma-stats', server=f's-{name}')
                    reply = self.qmp.execute('x-read-memory', space=f'{name}/dma',
                                             address=1 << 16, size=65536)
                    self.assertTrue('return' in reply or 'error' in reply)
                self.qmp.execute('x-read-memory', space='vmA/mem', address=0xe0000000, size=4096)
                self.qmp.command('x-query-mtree', flat=True, dot=bool(n % 2))
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])
        self.assertIsNone(process.poll())
        wait_for(lambda: all(s['state'] == 'listening' for s in self.servers().values()),
                 'all clients to be gone')
        for rc in self.qmp.command('x-query-isolation'):
            for function in rc['functions']:
                self.assertEqual(function['dma-regions'], 0)


    def test_queries_while_devices_come_and_go(self):
        """Two monitors look while a third one plugs, serves, connects and unplugs."""
        process, self.qmp = self.start_with_qmp(*self.words('isolated-rc,id=vm', '*edu,id=d0'))
        lookers = [self.connect(self.path('qmp'), process) for _ in range(2)]

        def look(qmp):
            for command in QUERIES:
                qmp.command(command)
            for command in ('x-query-dma-maps', 'x-query-dma-stats'):
                reply = qmp.execute(command, server='s-new')
                self.assertTrue('return' in reply or reply['error']['class'] == 'DeviceNotFound')
            reply = qmp.execute('x-read-memory', space='new/dma', address=0, size=4096)
            self.assertTrue('return' in reply or 'error' in reply)
        stop, threads, failures = self.run_clients(lookers, look)
        memory = self.memory(1 << 16)
        try:
            for n in range(30):
                place = {'bus': 'vm.0', 'addr': '1.0'} if n % 2 else {}
                self.qmp.command_with('device_add', {'driver': 'dma-engine', 'id': 'new', **place})
                self.qmp.command_with('object-add', {
                    'qom-type': 'vfio-user-server', 'id': 's-new', 'type': 'unix',
                    'path': self.path('new') + '.sock', 'device': 'new'})
                with self.client('new') as client:
                    client.bus_master()
                    client.dma_map(0, 1 << 16, memory.fd)
                    if n % 3:
                        self.qmp.command('object-del', id='s-new')
                if not n % 3:
                    self.qmp.command('object-del', id='s-new')
                self.qmp.command('device_del', id='new')
                self.qmp.event('DEVICE_DELETED')
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])
        self.assertEqual([rc['rc'] for rc in self.qmp.command('x-query-isolation')], ['vm', 'd0'])


class Many(InspectTest):
    def test_256_devices(self):
        words = []
        for n in range(256):
            words += self.words(f'*edu,id=d{n}')
        _, self.qmp = self.start_with_qmp(*words)
        client = self.client('d200')
        for command in QUERIES:
            self.qmp.command(command)
        self.assertEqual(len(self.qmp.command('x-query-isolation')), 256)
        self.assertEqual(len(self.qmp.command('query-pci')), 256)
        servers = self.qmp.command('x-query-vfio-user')
        self.assertEqual([s['id'] for s in servers], [f's-d{n}' for n in range(256)])
        self.assertEqual([s['id'] for s in servers if s['state'] == 'attached'], ['s-d200'])
        self.assertEqual(len(self.qmp.command('x-query-address-spaces')), 3 * 256)
        self.assertEqual(len(dot.parse(self.text('x-query-isolation-dot')).clusters), 256)
        client.close()

    def test_256_functions_of_one_machine(self):
        words = self.words('isolated-rc,id=vm')
        for n in range(256):
            words += self.words(f'edu,id=d{n},bus=vm.0,addr={n // 8:x}.{n % 8},multifunction=on')
        _, self.qmp = self.start_with_qmp(*words)
        for command in QUERIES:
            self.qmp.command(command)
        bus, = self.qmp.command('query-pci')
        self.assertEqual([(d['slot'], d['function']) for d in bus['devices']],
                         [(n // 8, n % 8) for n in range(256)])


class Events(InspectTest):
    """What a client can cause over and over is told once a second."""

    def setUp(self):
        super().setUp()
        self.process, self.qmp = self.start_with_qmp(*self.words('*edu,id=d0', '*edu,id=d1'))

    def events(self, name):
        """Those of that name that have come."""
        self.qmp.command('query-status')
        return [e['data'] for e in self.qmp.events if e['event'] == name]

    def refuse_map(self, client):
        with self.assertRaises(wire.VfuError) as caught:
            client.dma_map(0, 4096)
        return caught.exception.errno

    def test_map_refused(self):
        client = self.client('d0')
        client.dma_map(0, 8192)
        self.assertEqual(self.refuse_map(client), errno.EEXIST)
        data = self.qmp.event('DMA_MAP_REJECTED')['data']
        self.assertEqual(data, {'server': 's-d0', 'errno': errno.EEXIST,
                                'reason': 'the range overlaps an existing mapping'})

    def test_map_refused_storm(self):
        client, other = self.client('d0'), self.client('d1')
        client.dma_map(0, 8192)
        other.dma_map(0, 8192)
        for _ in range(200):
            self.refuse_map(client)
        # Another server has a limit of its own.
        self.refuse_map(other)
        self.assertEqual(self.qmp.event('DMA_MAP_REJECTED')['data']['server'], 's-d0')

        # What was swallowed is told by a later one: all are accounted for.
        refused, told = 200, 1

        def all_told():
            nonlocal refused, told
            self.refuse_map(client)
            refused += 1
            fresh = [d for d in self.events('DMA_MAP_REJECTED')
                     if d['server'] == 's-d0']
            self.qmp.events = [e for e in self.qmp.events if e.get('data', {}).get('server') != 's-d0']
            told += sum(1 + d.get('lost', 0) for d in fresh)
            return fresh and told == refused
        wait_for(all_told, 'an event with the number of those that were lost')
        self.assertIn('s-d1', [d['server'] for d in self.events('DMA_MAP_REJECTED')])

    def test_protocol_error(self):
        client = self.client('d0')
        client.send_raw(wire.HEADER.pack(1, wire.RESET, 3, 0, 0))
        data = self.qmp.event('VFU_PROTOCOL_ERROR')['data']
        self.assertEqual(data, {'vfu-id': 's-d0', 'vfu-qom-path': '/objects/s-d0',
                                'dev-id': 'd0', 'dev-qom-path': '/machine/peripheral/d0',
                                'reason': "a message's size makes no sense"})
        self.qmp.event('VFU_CLIENT_HANGUP')

    def test_bad_handshake_storm(self):
        start = time.monotonic()
        for _ in range(50):
            client = self.client('d0', hello=False)
            client.send(wire.VERSION, struct.pack('=HH', 9, 0))
            self.assertTrue(client.receive().flags & wire.ERROR)
            client.close()
        data = self.qmp.event('VFU_PROTOCOL_ERROR')['data']
        self.assertEqual(data['reason'], 'no agreement on VERSION')
        more = len(self.events('VFU_PROTOCOL_ERROR'))
        self.assertLessEqual(more, time.monotonic() - start)


if __name__ == '__main__':
    unittest.main()
