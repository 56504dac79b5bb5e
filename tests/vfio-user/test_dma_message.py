# SPDX-License-Identifier: GPL-2.0-or-later
"""DMA_READ (11) and DMA_WRITE (12): the device reaches memory by asking."""
import struct
import time

import edu
import wire
from server import ServerTest

DATA = bytes(range(256)) * 16


class MessageTest(ServerTest):
    OPTIONS = ",dma-timeout=700"

    def setUp(self):
        super().setUp()
        self.c = self.client()
        self.c.bus_master()
        self.c.dma_map(0, 64 * wire.PAGE)
        self.memory_bytes = bytearray(64 * wire.PAGE)

    def serve(self):
        self.c.on_request = lambda msg: self.c.serve_dma(msg, self.memory_bytes)

    def read_request(self, count=64):
        """Starts a DMA to the device and returns the server's DMA_READ."""
        edu.start_dma(self.c, 0x2000, edu.BUFFER, count, 0)
        request = self.c.next_request()
        self.assertEqual(request.command, wire.DMA_READ)
        self.assertEqual(struct.unpack("=QQ", request.payload), (0x2000, count))
        return request

    def still_fine(self):
        """The device works on: a clean transfer both ways."""
        self.serve()
        self.memory_bytes[0x4000:0x4400] = b"\x5a" * 1024
        edu.to_edu(self.c, 0x4000, 1024)
        edu.from_edu(self.c, 0x6000, 1024)
        self.assertEqual(self.memory_bytes[0x6000:0x6400], b"\x5a" * 1024)
        self.c.on_request = None


class TestMessages(MessageTest):

    def test_both_ways(self):
        self.serve()
        self.memory_bytes[0x2010:0x2010 + 4080] = DATA[:4080]
        edu.to_edu(self.c, 0x2010, 4080)
        edu.from_edu(self.c, 0x9000, 4080)
        self.assertEqual(self.memory_bytes[0x9000:0x9000 + 4080], DATA[:4080])

    def test_access_is_served_while_a_request_waits(self):
        request = self.read_request()
        for _ in range(50):
            start = time.monotonic()
            self.assertEqual(self.c.read32(wire.BAR0, edu.ID), 0x010000ed)
            self.assertLess(time.monotonic() - start, 2.5)
        self.c.serve_dma(request, self.memory_bytes)
        edu.wait_dma(self.c)

    def test_only_what_is_mapped_is_asked_for(self):
        edu.start_dma(self.c, 0x10000000 - 4096, edu.BUFFER, 64, 0)
        edu.wait_dma(self.c)
        self.assertEqual(self.c.requests, [])

    def test_error_answer(self):
        for code in (1, 14, 19, 0, 0xffffffff):
            self.c.answer(self.read_request(), flags=wire.REPLY | wire.ERROR, error=code)
            edu.wait_dma(self.c)
        self.still_fine()

    def test_no_answer_then_a_late_one(self):
        request = self.read_request()
        edu.wait_dma(self.c)                        # times out
        self.c.serve_dma(request, self.memory_bytes)
        self.still_fine()

    def test_wrong_answers_end_the_session(self):
        good = struct.pack("=QQ", 0x2000, 64) + bytes(64)
        wrong = [dict(payload=good, command=wire.DMA_WRITE), dict(payload=good, msg_id=4711),
                 dict(payload=struct.pack("=QQ", 0x3000, 64) + bytes(64)),
                 dict(payload=struct.pack("=QQ", 0x2000, 128) + bytes(128)),
                 dict(payload=struct.pack("=QQ", 0x2000, 64) + bytes(63)),
                 dict(payload=struct.pack("=QQ", 0x2000, 64) + bytes(65)), dict(payload=b"\0" * 8)]
        for answer in wrong:
            with self.subTest(answer=str(answer)[:60]):
                request = self.read_request()
                self.c.answer(request, **answer)
                self.assertTrue(self.c.is_closed())
                self.c.close()
                self.setUp()
        self.still_fine()

    def test_answer_twice(self):
        request = self.read_request()
        self.c.serve_dma(request, self.memory_bytes)
        self.c.serve_dma(request, self.memory_bytes)
        self.assertTrue(self.c.is_closed())

    def test_answer_to_nothing(self):
        self.c.send(wire.DMA_READ, bytes(32), flags=wire.REPLY)
        self.assertTrue(self.c.is_closed())

    def test_same_ids_in_both_directions(self):
        request = self.read_request()
        self.c.next_id = request.id
        self.assertEqual(self.c.read32(wire.BAR0, edu.ID), 0x010000ed)
        self.c.serve_dma(request, self.memory_bytes)
        edu.wait_dma(self.c)

    def test_unmap_cancels(self):
        request = self.read_request()
        start = time.monotonic()
        self.c.dma_unmap(0, 64 * wire.PAGE)
        self.assertLess(time.monotonic() - start, 2.5)
        edu.wait_dma(self.c)
        self.c.serve_dma(request, self.memory_bytes)    # late: dropped
        self.c.dma_map(0, 64 * wire.PAGE)
        self.still_fine()

    def test_reset_cancels(self):
        request = self.read_request()
        self.c.reset()
        self.assertEqual(self.c.read64(wire.BAR0, edu.DMA_CMD) & edu.RUN, 0)
        self.c.serve_dma(request, self.memory_bytes)
        self.c.bus_master()
        self.still_fine()

    def test_client_leaves_in_the_middle(self):
        self.read_request()
        self.c.close()
        self.c = self.client()
        self.c.bus_master()
        self.c.dma_map(0, 64 * wire.PAGE)
        self.still_fine()


class TestSmallMessages(MessageTest):

    def test_chunks_follow_the_clients_limit(self):
        self.c.close()
        caps = {"capabilities": dict(wire.QEMU_CAPS["capabilities"], max_data_xfer_size=4096)}
        self.c = self.client(hello=False).hello(0, caps)
        self.c.bus_master()
        self.c.dma_map(0, 64 * wire.PAGE)
        self.serve()
        self.memory_bytes[0:4096] = DATA
        edu.to_edu(self.c, 0, 4096)
        edu.from_edu(self.c, 0x8000, 4096)
        self.assertEqual(self.memory_bytes[0x8000:0x9000], DATA)


class TestDeclined(MessageTest):
    """dma-access=message: files are closed, memory is reached by messages."""
    OPTIONS = ",dma-access=message"

    def test_file_is_not_kept(self):
        memory = self.memory(wire.PAGE)
        fds = self.server.fds()
        self.c.dma_map(1 << 20, wire.PAGE, memory.fd)
        self.assertEqual(self.server.fds(), fds)
        self.still_fine()


if __name__ == "__main__":
    import unittest
    unittest.main()
