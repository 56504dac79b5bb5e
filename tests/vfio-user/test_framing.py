# SPDX-License-Identifier: GPL-2.0-or-later
"""The stream: pieces, heaps, bad headers, file descriptors in odd places."""
import os
import struct
import time

import edu
import wire
from server import ServerTest

READ_ID = wire.HEADER.pack(9, wire.REGION_READ, 32, 0, 0) + struct.pack("=QII", 0, 0, 4)


class TestPieces(ServerTest):

    def test_one_byte_at_a_time(self):
        client = self.client()
        for byte in READ_ID:
            client.send_raw(bytes([byte]))
        self.assertEqual(client.receive().payload[16:], b"\xed\0\0\1")

    def test_every_cut(self):
        client = self.client()
        for cut in range(1, len(READ_ID)):
            client.send_raw(READ_ID[:cut])
            time.sleep(0.001)
            client.send_raw(READ_ID[cut:])
            self.assertEqual(client.receive().payload[16:], b"\xed\0\0\1")

    def test_heaps(self):
        client = self.client()
        client.send_raw(READ_ID * 500)
        for _ in range(500):
            self.assertEqual(client.receive().payload[16:], b"\xed\0\0\1")

    def test_heaps_with_a_piece_at_the_end(self):
        client = self.client()
        for cut in (1, 15, 16, 17, 31):
            client.send_raw(READ_ID * 3 + READ_ID[:cut])
            client.send_raw(READ_ID[cut:])
            for _ in range(4):
                self.assertEqual(client.receive().payload[16:], b"\xed\0\0\1")

    def test_big_messages(self):
        client = self.client()
        self.assertEqual(len(client.read(wire.BAR0, 0, 1 << 20)), 1 << 20)

    def test_slow_message_is_ended(self):
        server = self.own_server({"d0": "edu"}, server_options=",message-timeout=300")
        client = server.client()
        client.send_raw(READ_ID[:20])
        self.assertTrue(client.is_closed(3))
        self.assertEqual(server.client().read32(wire.BAR0, edu.ID), 0x010000ed)


class TestHeaders(ServerTest):

    def test_sizes(self):
        for size in (0, 1, 15, (1 << 32) - 1, 1 << 31, 200 << 20):
            client = self.client()
            client.send_raw(wire.HEADER.pack(1, wire.REGION_READ, size, 0, 0) + bytes(64))
            self.assertTrue(client.is_closed(), f"size {size}")
            client.close()

    def test_bad_types(self):
        for flags in (2, 3, 15):
            client = self.client()
            client.send(wire.REGION_READ, struct.pack("=QII", 0, 0, 4), flags=flags)
            try:
                self.assertTrue(client.receive().flags & wire.ERROR)
            except wire.Closed:
                pass
            client.close()

    def test_unknown_commands_are_refused_and_drained(self):
        client = self.client()
        for command in (0, 20, 99, 0xffff):
            self.assert_error(None, client.call, command, bytes(100))
        self.assertEqual(client.read32(wire.BAR0, edu.ID), 0x010000ed)

    def test_server_commands_from_a_client(self):
        client = self.client()
        for command in (wire.DMA_READ, wire.DMA_WRITE):
            self.assert_error(None, client.call, command, bytes(32))

    def test_not_offered(self):
        client = self.client()
        self.assert_error(None, client.call, wire.DIRTY_PAGES, struct.pack("=II", 8, 1))
        self.assert_error(None, client.call, wire.FEATURE, struct.pack("=II", 16, 0x10001) + bytes(8))
        self.assert_error(None, client.call, wire.FEATURE, struct.pack("=II", 8, 0x40001))
        self.assert_error(None, client.call, wire.MIG_DATA_READ, struct.pack("=II", 4096, 1024))
        self.assert_error(None, client.call, wire.MIG_DATA_WRITE, struct.pack("=II", 12, 4) + b"abcd")
        self.assert_error(None, client.call, wire.PRECOPY_INFO, bytes(24))

    def test_ids_are_echoed_and_may_repeat(self):
        client = self.client()
        for msg_id in (0, 0, 1, 0xffff, 1):
            client.send(wire.GET_INFO, struct.pack("=IIII", 16, 0, 0, 0), msg_id=msg_id)
            self.assertEqual(client.receive().id, msg_id)


class TestFds(ServerTest):

    def setUp(self):
        super().setUp()
        self.c = self.client()
        self.c.info()
        self.before = self.server.fds()
        self.event = os.eventfd(0)
        self.addCleanup(os.close, self.event)

    def check(self):
        self.assertEqual(self.c.read32(wire.BAR0, edu.ID), 0x010000ed)
        self.assertEqual(self.server.fds(), self.before)

    def test_where_none_belong(self):
        for count in (1, 2, 16):
            self.c.send(wire.GET_INFO, struct.pack("=IIII", 16, 0, 0, 0), [self.event] * count)
            self.c.receive()
            self.c.send(wire.REGION_READ, struct.pack("=QII", 0, 0, 4), [self.event] * count)
            self.c.receive()
            self.check()

    def test_sixteen_on_set_irqs(self):
        self.assert_error(None, self.c.set_irqs, wire.DATA_EVENTFD | wire.TRIGGER, wire.MSI, 0, 16,
                          fds=[self.event] * 16)
        self.check()

    def test_far_too_many(self):
        self.c.send(wire.GET_INFO, struct.pack("=IIII", 16, 0, 0, 0), [self.event] * 253)
        closed = False
        try:
            self.c.receive()
            self.check()
        except wire.Closed:
            closed = True
        if closed:
            client = self.client()
            client.info()
            self.assertEqual(self.server.fds(), self.before)

    def test_with_a_later_byte(self):
        memory = self.memory(wire.PAGE)
        body = struct.pack("=IIQQQ", 32, 3, 0, 0, wire.PAGE)
        self.c.send_raw(wire.HEADER.pack(1, wire.DMA_MAP, 48, 0, 0))
        time.sleep(0.05)
        self.c.send_raw(body, [memory.fd])
        try:
            self.c.receive()
        except wire.Closed:
            self.c = self.client()
            self.c.info()
        self.c.dma_unmap(0, 1 << 32)
        self.check()

    def test_with_the_reply_of_nobody(self):
        self.c.send_raw(wire.HEADER.pack(1, wire.DMA_READ, 16, wire.REPLY, 0), [self.event] * 3)
        self.assertTrue(self.c.is_closed())
        self.c.close()
        self.c = self.client()
        self.check()


class TestNeverReads(ServerTest):

    def test_blocks_nobody_and_is_ended(self):
        server = self.own_server({"d0": "edu", "d1": "edu"}, server_options=",write-timeout=500")
        greedy, other = server.client("d0"), server.client("d1")
        rss = server.rss_kib()
        big = wire.HEADER.pack(1, wire.REGION_READ, 32, 0, 0) + struct.pack("=QII", 0, 0, 1 << 20)
        greedy.sock.setblocking(False)
        sent = 0
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                sent += greedy.sock.send(big * 64)
            except BlockingIOError:
                start = time.monotonic()
                self.assertEqual(other.read32(wire.BAR0, edu.ID), 0x010000ed)
                self.assertLess(time.monotonic() - start, 2.5)
                time.sleep(0.02)
            except (BrokenPipeError, ConnectionResetError):
                break
        else:
            self.fail("a client that never reads was kept")
        self.assertLess(server.rss_kib() - rss, 64 << 10)
        self.assertEqual(server.client("d0").read32(wire.BAR0, edu.ID), 0x010000ed)


if __name__ == "__main__":
    import unittest
    unittest.main()
