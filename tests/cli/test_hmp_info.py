# SPDX-License-Identifier: GPL-2.0-or-later
"""What the human monitor shows of a process with several domains and clients at
work: each line is compared with what the clients did."""
import os
import re

import dot
from hmp_client import HmpSocketUser
from test_inspect import Topology, edu, set_bar0, wire


class Info(Topology):
    def setUp(self):
        super().setUp()
        self.users = 0

    def start_with_qmp(self, *words, **kwargs):
        return super().start_with_qmp(
            '-monitor', f'unix:{self.path("hmp")},server=on,wait=off', *words, **kwargs)

    def run_line(self, command):
        if not self.users:
            self.user = HmpSocketUser(self.path('hmp'))
            self.clients.append(self.user)
            self.users = 1
        return self.user.run(command)

    def block(self, command, start):
        """The line that is @start or begins with it, and those indented below it."""
        lines = self.run_line(command)
        at = next(i for i, line in enumerate(lines) if line.startswith(start))
        depth = len(lines[at]) - len(lines[at].lstrip())
        end = next((i for i in range(at + 1, len(lines))
                    if len(lines[i]) - len(lines[i].lstrip()) <= depth), len(lines))
        return lines[at:end]

    def assert_same_as_qmp(self, command, qmp_command, **arguments):
        text = self.text(qmp_command, **arguments)
        self.assertTrue(text)
        self.assertEqual('\n'.join([*self.run_line(command), '']), text)

    def test_trees(self):
        set_bar0(self.d2, 0xe0000000)
        self.assert_same_as_qmp('info qtree', 'x-query-qtree')
        self.assert_same_as_qmp('info qom-tree', 'x-query-qom-tree')
        self.assert_same_as_qmp('info qom-tree /objects', 'x-query-qom-tree', path='/objects')
        self.assert_same_as_qmp('info mtree', 'x-query-mtree')
        self.assert_same_as_qmp('info mtree -f', 'x-query-mtree', flat=True)
        self.assert_same_as_qmp('info mtree -d vmB -f', 'x-query-mtree', flat=True, domain='vmB')
        self.assertIn("no isolation domain 'vmC'", self.run_line('info mtree -d vmC')[0])

    def test_graphs(self):
        graph = dot.parse('\n'.join(self.run_line('info isolation --dot')))
        self.assertEqual(graph.clusters, ['vmA', 'vmB', 't0'])
        self.assertIn('e0\ndma-engine, addr 0.0', graph.labels())
        graph = dot.parse('\n'.join(self.run_line('info mtree --dot -d vmB')))
        self.assertEqual(graph.clusters, ['vmB'])

    def test_pci(self):
        set_bar0(self.d2, 0xe0000000)
        lines = self.run_line('info pci')
        self.assertEqual([line for line in lines if line.startswith('Domain')],
                         ['Domain vmA', 'Domain vmB', 'Domain t0'])
        self.assertEqual(lines[-7:], [
            'Domain t0',
            '  Bus  0, device   0, function 0:',
            '    Class 00ff: PCI device 1b36:0005',
            '      PCI subsystem 1af4:1100',
            '      BAR0: 32 bit memory, 0x1000 bytes, not mapped by the client.',
            '      BAR1: I/O, 0x100 bytes, not mapped by the client.',
            '      id "t0"'])
        at = lines.index('      id "d2"')
        self.assertEqual(lines[at - 2:at], ['      IRQ 0, pin A',
                                            '      BAR0: 32 bit memory at 0xe0000000 [0xe00fffff].'])
        at = lines.index('    PCI bridge: PCI device 1b36:000c')
        self.assertEqual(lines[at + 2:at + 5], ['      BUS 0.', '      secondary bus 0.',
                                                '      subordinate bus 0.'])

    def test_isolation(self):
        set_bar0(self.d2, 0xe0000000)
        memory = self.memory(4096)
        self.d2.dma_map(0, 4096, memory.fd)
        self.d2.dma_map(4096, 4096)
        self.assertEqual(self.block('info isolation', 'domain vmB'), [
            'domain vmB, running, peer to peer: client',
            '  br: pcie-pci-bridge at vmB.0 3.0, not served, bus master off',
            *[f'    BAR{bar["index"]} {bar["type"]}, {hex(bar["size"])} bytes,'
              ' not mapped by the client' for bar in self.bars('br')],
            '  d2: edu at br 4.0, served by s-d2, client attached, bus master on',
            '    BAR0 memory, 0x100000 bytes at 0xe0000000',
            '    memory lent by the client: 2 mappings, 1 of them reached by messages'])
        self.assertIn('  d1: edu at vmA.0 2.1, served by s-d1, no client, bus master off',
                      self.run_line('info isolation'))

    def bars(self, device):
        return next(f['bars'] for rc in self.qmp.command('x-query-isolation')
                    for f in rc['functions'] if f['device'] == device)

    def test_address_spaces(self):
        set_bar0(self.d2, 0xe0000000)
        lines = self.run_line('info address-spaces')
        self.assertEqual(len(lines), 13)
        self.assertIn('vmB/mem: memory of domain vmB, 1 ranges, 0 faults', lines)
        self.assertIn('e0/dma: dma of domain vmA, 0 ranges, 0 faults', lines)

    def test_servers(self):
        pid, uid, gid = os.getpid(), os.getuid(), os.getgid()
        lines = self.block('info vfio-user', 's-d2')
        self.assertEqual(lines[0], f's-d2: serves d2 of domain vmB on {self.path("d2")}.sock,'
                                   ' attached')
        self.assertRegex(lines[1], rf'^  client: attached, pid {pid}, uid {uid}, gid {gid},'
                                   r' version 0\.\d, at most \d+ fds and 0x\w+ bytes in a message$')
        self.assertEqual(lines[2], '    0 requests in flight, 0 held, 0 DMA messages unanswered,'
                                   ' 0 bytes to be read')
        self.assertEqual(self.block('info vfio-user', 's-d1'),
                         [f's-d1: serves d1 of domain vmA on {self.path("d1")}.sock, listening'])
        self.d2.write32(wire.BAR0, edu.LIVENESS, 5)
        lines = self.run_line('info vfio-user s-d2')
        self.assertIn('  region 0: 0x100000 bytes, read write', lines)
        self.assertIn('  intx: 0 of 1 bound, 0 masked, 0 pending', lines)
        self.assertTrue(any(re.match(r'  REGION_WRITE: [1-9]\d*, 0 errors$', x) for x in lines), lines)
        self.assertTrue(any(re.match(r'  counted: connections 1, .*bytes-sent \d+', x)
                            for x in lines), lines)
        self.assertEqual(self.run_line('info vfio-user s-d9'),
                         ["Error: no vfio-user server 's-d9': 'info vfio-user' lists them"])

    def test_dma(self):
        memory = self.memory(1 << 16)
        inode = os.fstat(memory.fd).st_ino
        self.d2.bus_master()
        self.d2.dma_map(0x10000, 1 << 16, memory.fd)
        self.d2.dma_map(2 ** 64 - 4096, 4096, flags=wire.DMA_R)
        edu.to_edu(self.d2, 0x11000, 1000)
        self.assertEqual(self.block('info dma', 's-e0'), ["s-e0: 0 mappings of e0's client"])
        lines = self.run_line('info dma s-d2')
        self.assertEqual(lines[0], "s-d2: 2 mappings of d2's client")
        self.assertRegex(lines[1], '^  counted: direct-bytes 1000')
        self.assertEqual(lines[2:], [
            f'  0000000000010000-000000000001ffff rw mmap, file {inode} at 0x0',
            '  fffffffffffff000-ffffffffffffffff r- message'])
        every = self.run_line('info dma')
        self.assertIn(lines[0], every)
        self.assertNotIn(lines[2], every)
        self.assertRegex(self.run_line('info dma nobody')[0], "^Error: no vfio-user server 'nobody'")

    def test_examine(self):
        set_bar0(self.d2, 0xe0000000)
        self.assertEqual(self.run_line('x vmB/mem 0xe0000000'), ['00000000e0000000: 0x010000ed'])
        memory = self.memory(1 << 16)
        memory.write(0, b'\x01\x02\x03\xffHello\n\0' + bytes(100))
        self.e0.dma_map(0xffffffffffff0000, 1 << 16, memory.fd)
        self.e0.bus_master()
        self.assertEqual(self.run_line('x/10xb e0/dma 0xffffffffffff0000'), [
            'ffffffffffff0000: 0x01 0x02 0x03 0xff 0x48 0x65 0x6c 0x6c',
            'ffffffffffff0008: 0x6f 0x0a'])
        self.assertEqual(self.run_line('xp /2dw e0/dma 0xffffffffffff0000'),
                         ['ffffffffffff0000:   -16580095  1819043144'])
        self.assertEqual(self.run_line('x /6c e0/dma 0xffffffffffff0004'), [
            "ffffffffffff0004: 'H' 'e' 'l' 'l' 'o' '\\n'"])
        self.assertEqual(len(self.run_line('x/16384xw e0/dma 0xffffffffffff0000')), 4096)
        self.assertRegex(self.run_line('x/2xw e0/dma 0xfffffffffffffffc')[0], '^Error: ')
        self.assertRegex(self.run_line('x e0/dma 0')[0], '^Error: e0/dma: ')
        self.assertRegex(self.run_line('x nothing 0')[0], "^Error: .*'nothing' not found")

    def test_completion_of_names(self):
        self.run_line('info name')
        for typed, shown in (('x/4xw e0\t', 'x/4xw e0/dma '),
                             ('info mtree -d vmA\t', 'info mtree -d vmA '),
                             ('info dma s-e\t', 'info dma s-e0 '),
                             ('device_add ed\t', 'device_add edu,'),
                             ('device_add edu,bus=b\t', 'device_add edu,bus=br'),
                             ('device_add edu,dma_\t', 'device_add edu,dma_mask='),
                             ('object_add vfio-user-s\t', 'object_add vfio-user-server,'),
                             ('object_add vfio-user-server,device=d2\t',
                              'object_add vfio-user-server,device=d2 '),
                             ('object_del s-e\t', 'object_del s-e0 ')):
            self.user.send('\x15' + typed)
            self.user.wait_line(f'(qemu) {shown}', len('(qemu) ') + len(shown))
