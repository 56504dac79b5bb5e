# SPDX-License-Identifier: GPL-2.0-or-later
"""Looking into a process with several domains and clients at work: what the
queries say is compared with what the clients did."""
import errno
import os
import struct
import sys
import time
import unittest

from support import CliTest, wait_for

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'vfio-user'))
import wire  # noqa: E402  pylint: disable=wrong-import-position


class InspectTest(CliTest):
    """Helpers: servers by id, clients that are closed at the end."""

    def serve(self, *devices, options=''):
        """Words that add devices, each with a server s-ID on ID.sock."""
        words = []
        for device in devices:
            ident = device.split('id=')[1].split(',')[0]
            words += ['-device', device, '-object', f'vfio-user-server,id=s-{ident},type=unix,'
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


class Events(InspectTest):
    """What a client can cause over and over is told once a second."""

    def setUp(self):
        super().setUp()
        self.process, self.qmp = self.start_with_qmp(*self.serve('edu,id=d0', 'edu,id=d1'))

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
