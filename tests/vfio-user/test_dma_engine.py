# SPDX-License-Identifier: GPL-2.0-or-later
"""The dma-engine device, and revocation (C-R3): what DMA_UNMAP promises."""
import os
import select
import struct
import time

import wire
import dma_engine as e
from server import ServerTest

MEMORY = 1 << 20
IOVA = 0x40000000


class EngineTest(ServerTest):
    DEVICES = {"m0": "dma-engine"}

    def setUp(self):
        super().setUp()
        self.c = self.client()
        self.c.bus_master()
        self.m = self.memory(MEMORY)
        self.c.dma_map(IOVA, MEMORY, self.m.fd)
        self.ch = e.Channel(self.c)


class TestEngine(EngineTest):

    def test_identity(self):
        self.assertEqual(self.c.read32(wire.BAR0, e.ID), 0x31414d44)
        self.assertEqual(self.c.read32(wire.BAR0, e.CHANNELS), 4)

    def test_copy(self):
        data = os.urandom(200000)
        self.m.write(0x111, data)
        self.assertEqual(self.ch.run(e.COPY, IOVA + 0x111, IOVA + 0x80001, len(data)), 0)
        self.assertEqual(self.m.read(0x80001, len(data)), data)
        self.assertEqual(self.ch.get64(e.BYTES), len(data))

    def test_buffer_and_fill(self):
        data = os.urandom(65536)
        self.m.write(0, data)
        self.assertEqual(self.ch.run(e.TO_BUFFER, IOVA, 0, 65536), 0)
        self.assertEqual(self.ch.run(e.FROM_BUFFER, 0, IOVA + 0x20000, 65536), 0)
        self.assertEqual(self.m.read(0x20000, 65536), data)
        self.assertEqual(self.ch.run(e.FILL, 0, IOVA + 3, 10, 0x04030201), 0)
        self.assertEqual(self.m.read(3, 11), b"\1\2\3\4\1\2\3\4\1\2" + data[13:14])

    def test_list_is_read_once_and_executed_in_order(self):
        items = [e.descriptor(e.FILL, 0, IOVA + 0x10000 + i * 4, 4, i) for i in range(256)]
        self.m.write(0, b"".join(items))
        self.assertEqual(self.ch.run(0, IOVA, 0, 256, flags=e.LIST), 0)
        self.assertEqual(struct.unpack("=256I", self.m.read(0x10000, 1024)), tuple(range(256)))

    def test_bad_lists(self):
        self.m.write(0, e.descriptor(e.FILL, 0, IOVA + 0x10000, 4, 1)[:28] + b"\1\0\0\0")
        self.assertEqual(self.ch.run(0, IOVA, 0, 1, flags=e.LIST), e.E_DESCRIPTOR)
        self.assertEqual(self.ch.run(0, IOVA, 0, 0, flags=e.LIST), e.E_LIST)
        self.assertEqual(self.ch.run(0, IOVA, 0, 0xffffffff, flags=e.LIST), e.E_LIST)
        self.assertEqual(self.ch.run(0, 0, 0, 1, flags=e.LIST), e.E_READ)

    def test_errors(self):
        run = self.ch.run
        self.assertEqual(run(14), e.E_COMMAND)
        self.assertEqual(run(e.TO_BUFFER, IOVA, 65535, 2), e.E_RANGE)
        self.assertEqual(run(e.COPY, (1 << 64) - 4, IOVA, 8), e.E_RANGE)
        self.assertEqual(run(e.COPY, 0, IOVA, 8), e.E_READ)
        self.assertEqual(run(e.COPY, IOVA, 0, 8), e.E_WRITE)
        self.assertEqual(run(e.FILL, 0, IOVA + MEMORY - 4, 8), e.E_WRITE)
        self.assertEqual(run(e.FILL, 0, IOVA, 4), 0)

    def test_msix(self):
        self.assertEqual(self.c.irq_info(wire.MSIX)[3], 4)
        events = [os.eventfd(0, os.EFD_CLOEXEC) for _ in range(4)]
        for fd in events:
            self.addCleanup(os.close, fd)
        cap = self.c.read(wire.CONFIG, 0x34, 1)[0]
        while self.c.read(wire.CONFIG, cap, 1)[0] != 0x11:
            cap = self.c.read(wire.CONFIG, cap + 1, 1)[0]
        self.c.write(wire.CONFIG, cap + 2, struct.pack("=H", 0x8000))
        self.c.set_irqs(wire.DATA_EVENTFD | wire.TRIGGER, wire.MSIX, 0, 3, fds=events[:3])
        for n in range(4):
            e.Channel(self.c, n).run(e.FILL, 0, IOVA, 4, flags=e.IRQ)
        for n in range(3):
            self.assertTrue(select.select([events[n]], [], [], 2)[0], f"vector {n}")
            self.assertEqual(os.eventfd_read(events[n]), 1)
        pba = struct.unpack("=I", self.c.read(wire.CONFIG, cap + 8, 4))[0]
        self.assertEqual(self.c.read32(pba & 7, pba & ~7), 8)       # vector 3 is pending
        self.c.set_irqs(wire.DATA_EVENTFD | wire.TRIGGER, wire.MSIX, 3, 1, fds=events[3:])
        self.assertEqual(os.eventfd_read(events[3]), 1)
        self.assertEqual(self.c.read32(pba & 7, pba & ~7), 0)
        self.c.write(wire.CONFIG, cap + 2, struct.pack("=H", 0xc000))   # function mask
        e.Channel(self.c, 1).run(e.FILL, 0, IOVA, 4, flags=e.IRQ)
        self.assertFalse(select.select([events[1]], [], [], 0.1)[0])
        self.c.write(wire.CONFIG, cap + 2, struct.pack("=H", 0x8000))
        self.assertTrue(select.select([events[1]], [], [], 2)[0])

    def buffer_file(self, client):
        """The file of the mappable BAR, as this client gets it, and where the BAR begins."""
        info, _, fds = client.region_info(2)
        if info[0] > 32:
            info, _, fds = client.region_info(2, info[0])
        self.assertTrue(info[1] & wire.REGION_MMAP)
        self.assertEqual(len(fds), 1)
        return fds, info

    def test_mapped_buffer_bar_is_not_shared_with_the_next_client(self):
        fds, info = self.buffer_file(self.c)
        self.addCleanup(os.close, fds[0])
        self.c.write(2, 0, b"first")
        self.c.close()
        second = self.client()
        others, _ = self.buffer_file(second)
        self.addCleanup(os.close, others[0])
        self.assertEqual(second.read(2, 0, 5), bytes(5))        # reset
        second.write(2, 0, b"second")
        self.assertEqual(os.pread(others[0], 6, info[5]), b"second")
        self.assertNotEqual(os.pread(fds[0], 6, info[5]), b"second")
        os.pwrite(fds[0], b"spoilt", info[5])
        self.assertEqual(second.read(2, 0, 6), b"second")

    def test_mapped_buffer_bar_of_the_client_behind(self):
        """It gets a file that is nothing to the client before it, and the BAR's in its turn."""
        fds, info = self.buffer_file(self.c)
        self.addCleanup(os.close, fds[0])
        second = self.client()
        others, _ = self.buffer_file(second)
        self.addCleanup(os.close, others[0])
        self.c.write(2, 0, b"first")
        os.pwrite(others[0], b"spoil", info[5])
        self.assertEqual(self.c.read(2, 0, 5), b"first")
        self.assertEqual(os.pread(fds[0], 5, info[5]), b"first")
        self.c.close()
        second.write(2, 0, b"second")
        self.assertEqual(os.pread(others[0], 6, info[5]), b"second")
        self.assertNotEqual(os.pread(fds[0], 6, info[5]), b"second")

    def test_mapped_buffer_bar_of_one_that_left_before_its_turn(self):
        fds, info = self.buffer_file(self.c)
        self.addCleanup(os.close, fds[0])
        second = self.client()
        others, _ = self.buffer_file(second)
        self.addCleanup(os.close, others[0])
        second.close()
        self.c.write(2, 0, b"first")
        self.assertEqual(os.pread(fds[0], 5, info[5]), b"first")
        self.c.close()
        third = self.client()
        third.write(2, 0, b"third")
        for old in (fds[0], others[0]):
            self.assertNotEqual(os.pread(old, 5, info[5]), b"third")

    def test_mapped_buffer_bar(self):
        fds, info = self.buffer_file(self.c)
        self.m.write(0, b"through the device")
        self.ch.run(e.TO_BUFFER, IOVA, 0, 18)
        self.assertEqual(os.pread(fds[0], 18, info[5]), b"through the device")
        self.assertRaises(OSError, os.ftruncate, fds[0], 0)
        os.close(fds[0])
        self.assertEqual(self.c.read(2, 0, 18), b"through the device")


class TestRevocation(EngineTest):

    def hold(self, dst=IOVA + 0x1000, length=4096):
        self.c.write32(wire.BAR0, e.HOLD, 1)
        self.ch.start(e.FILL, 0, dst, length, 0xa5a5a5a5)
        return self.ch.wait(bits_clear=0, bits_set=e.S_HELD)

    def test_unmap_cancels_what_is_held(self):
        inode = f" {os.fstat(self.m.fd).st_ino} "
        self.assertTrue(self.hold() & e.S_MAPPED)
        self.assertIn(inode, self.server.maps())
        start = time.monotonic()
        self.assertEqual(self.c.dma_unmap(IOVA, MEMORY), MEMORY)
        self.assertLess(time.monotonic() - start, 2.5)
        self.assertNotIn(inode, self.server.maps())
        self.m.write(0, b"\x77" * MEMORY)
        self.c.write32(wire.BAR0, e.HOLD, 0)
        self.ch.wait()
        self.assertEqual(self.ch.get(e.ERROR), e.E_REVOKED)
        time.sleep(0.1)
        self.assertEqual(self.m.read(0, MEMORY), b"\x77" * MEMORY)

    def test_unmap_of_other_memory_lets_it_go_on(self):
        other = self.memory(wire.PAGE)
        self.c.dma_map(0x1000, wire.PAGE, other.fd)
        self.hold()
        self.c.dma_unmap(0x1000, wire.PAGE)
        self.c.write32(wire.BAR0, e.HOLD, 0)
        self.ch.wait()
        self.assertEqual(self.ch.get(e.ERROR), 0)
        self.assertEqual(self.m.read(0x1000, 4), b"\xa5" * 4)

    def test_reset_and_disconnect_in_flight(self):
        self.hold()
        self.c.reset()
        self.assertEqual(self.ch.get(e.STATUS), 0)
        self.c.bus_master()
        self.hold()
        inode = f" {os.fstat(self.m.fd).st_ino} "
        self.c.close()
        self.c = self.client()
        self.assertNotIn(inode, self.server.maps())
        self.assertEqual(e.Channel(self.c).get(e.STATUS), 0)

    def test_truncated_while_held(self):
        self.hold()
        os.ftruncate(self.m.fd, 0)
        self.c.write32(wire.BAR0, e.HOLD, 0)
        self.ch.wait()
        self.assertEqual(self.c.read32(wire.BAR0, e.ID), 0x31414d44)


class TestManyMaps(EngineTest):

    def test_sixty_thousand_pages(self):
        self.c.dma_unmap(IOVA, MEMORY)
        memory = self.memory(64 << 20)
        fds = self.server.fds()
        for i in range(60000):
            body = struct.pack("=IIQQQ", 32, 3, (i % 16384) * wire.PAGE, IOVA + i * wire.PAGE, wire.PAGE)
            self.c.send(wire.DMA_MAP, body, [memory.fd], flags=wire.NO_REPLY)
        self.c.info()
        self.assertLessEqual(self.server.fds(), fds + 1)
        self.assertEqual(self.ch.run(e.FILL, 0, IOVA + 59999 * wire.PAGE, 4096, 0x12345678), 0)
        self.assertEqual(memory.read((59999 % 16384) * wire.PAGE, 4), b"\x78\x56\x34\x12")
        self.assertEqual(self.c.dma_unmap(0, 1 << 48), 60000 * wire.PAGE)


if __name__ == "__main__":
    import unittest
    unittest.main()
