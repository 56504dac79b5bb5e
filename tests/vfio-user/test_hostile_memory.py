# SPDX-License-Identifier: GPL-2.0-or-later
"""Lent memory that changes under the device, and clients that lend too much.

Section 8.3 of the checklist: what a client does to its files while they are
mapped may cost that client its DMA, never the process or another function.
X_REMOTE_HOSTILE=N makes the races N times as long (default 1).
"""
import os
import random
import subprocess
import sys
import time

import dma_engine as e
import wire
from server import ServerTest

LONGER = int(os.environ.get("X_REMOTE_HOSTILE", "1"))
IOVA = 0x100000


class MemoryTest(ServerTest):
    DEVICES = {"a": "dma-engine", "b": "dma-engine"}

    def setUp(self):
        super().setUp()
        self.c = self.client("a")
        self.c.bus_master()
        self.ch = e.Channel(self.c)

    def honest(self):
        """The other function works, and so does its memory."""
        memory = self.memory(wire.PAGE)
        with self.server.client("b") as other:
            other.bus_master()
            other.dma_map(IOVA, wire.PAGE, memory.fd)
            start = time.monotonic()
            error = e.Channel(other).run(e.FILL, 0, IOVA, 4096, 0x5a5a5a5a)
            self.assertLess(time.monotonic() - start, 2)
            self.assertEqual((error, memory.read(0, 4096)), (0, b"\x5a" * 4096))

    def still_useful(self):
        memory = self.memory(wire.PAGE)
        self.c.dma_map(1 << 40, wire.PAGE, memory.fd)
        self.assertEqual(self.ch.run(e.FILL, 0, 1 << 40, 4096, 0x3c3c3c3c), 0)
        self.assertEqual(memory.read(0, 4096), b"\x3c" * 4096)
        self.c.dma_unmap(1 << 40, wire.PAGE)
        self.honest()

    def hold(self, op, **kwargs):
        self.c.write32(wire.BAR0, e.HOLD, 1)
        self.ch.start(op, **kwargs)
        self.ch.wait(bits_clear=0, bits_set=e.S_HELD)

    def release(self):
        self.c.write32(wire.BAR0, e.HOLD, 0)
        self.ch.wait()


class TestTornMemory(MemoryTest):

    def test_huge_pages_that_are_not_there(self):
        """A page fault fails at once, and a small page cannot take its place."""
        try:
            fd = os.memfd_create("huge", os.MFD_CLOEXEC | os.MFD_HUGETLB)
        except OSError as error:
            self.skipTest(f"no huge page file: {error}")
        self.addCleanup(os.close, fd)
        os.ftruncate(fd, 8 << 20)
        self.c.dma_map(IOVA & ~0x1fffff, 8 << 20, fd)
        for address in (0x1000, 0x201000, 0x5ff000):
            self.hold(e.FILL, dst=address, length=4096, pattern=1)
            self.release()
            self.ch.run(e.FILL, 0, address, 4096, 1)
        self.still_useful()

    def test_torn_mapping_is_dead_until_it_is_mapped_again(self):
        memory = self.memory(64 * wire.PAGE)
        self.c.dma_map(IOVA, memory.size, memory.fd)
        self.hold(e.FILL, dst=IOVA + 0x8000, length=4096, pattern=1)
        os.ftruncate(memory.fd, 0)
        self.release()
        os.ftruncate(memory.fd, memory.size)
        # what is written now must not go to pages of the server's own in silence
        self.assertEqual(self.ch.run(e.FILL, 0, IOVA + 0x8000, 4096, 1), e.E_WRITE)
        self.assertEqual(self.ch.run(e.FILL, 0, IOVA, 4096, 1), e.E_WRITE)
        self.c.dma_unmap(IOVA, memory.size)
        self.c.dma_map(IOVA, memory.size, memory.fd)
        self.assertEqual(self.ch.run(e.FILL, 0, IOVA + 0x8000, 4096, 0x11111111), 0)
        self.assertEqual(memory.read(0x8000, 4096), b"\x11" * 4096)
        self.still_useful()

    def test_tearing_costs_no_mappings(self):
        """Every second page torn through held pointers: VMAs are the process's."""
        memory = self.memory(1024 * wire.PAGE)
        self.c.dma_map(IOVA, memory.size, memory.fd)
        before = self.server.maps().count("\n")
        for page in range(0, 400 * LONGER, 2):
            os.ftruncate(memory.fd, memory.size)
            self.c.write32(wire.BAR0, e.HOLD, 1)
            self.ch.start(e.FILL, dst=IOVA + (page % 1024) * wire.PAGE, length=8, pattern=1)
            self.ch.wait(bits_clear=0, bits_set=0)
            os.ftruncate(memory.fd, 0)
            self.release()
        self.assertLess(self.server.maps().count("\n") - before, 20)
        self.still_useful()

    def race(self, code, seconds, act):
        """Another process does code to the memory while act() runs again and again."""
        memory = self.memory(16 << 20)
        other = subprocess.Popen([sys.executable, "-c", code, str(memory.fd)],
                                 pass_fds=[memory.fd])
        try:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                act(memory)
        finally:
            other.kill()
            other.wait()
        os.ftruncate(memory.fd, memory.size)

    TRUNCATE = ("import os, sys, random\nfd = int(sys.argv[1])\nwhile True:\n"
                "    os.ftruncate(fd, random.choice((0, 4096, 65536, 8 << 20, 16 << 20)))")

    def test_truncated_all_the_time_under_dma(self):
        rng = random.Random(4)
        mapped = []

        def act(memory):
            if not mapped:
                try:
                    self.c.dma_map(IOVA, memory.size, memory.fd)
                except wire.VfuError:
                    return
                mapped.append(1)
            for number in range(4):
                held = rng.random() < 0.5
                self.c.write32(wire.BAR0, e.HOLD, held << number)
                channel = e.Channel(self.c, number)
                channel.start(rng.choice((e.FILL, e.COPY, e.TO_BUFFER, e.FROM_BUFFER)),
                              src=IOVA + rng.randrange(memory.size) if rng.random() < .7 else 0,
                              dst=IOVA + rng.randrange(memory.size) if rng.random() < .7 else 0,
                              length=rng.choice((1, 8, 4096, 60000)), pattern=7)
                self.c.write32(wire.BAR0, e.HOLD, 0)
            for number in range(4):
                e.Channel(self.c, number).wait()
            if rng.random() < 0.2:
                self.c.dma_unmap(IOVA, memory.size)
                mapped.clear()

        self.race(self.TRUNCATE, 3 * LONGER, act)
        self.still_useful()

    def test_truncated_between_the_check_and_the_mapping(self):
        """What was long enough when it was checked may be short when it is mapped."""
        def act(memory):
            try:
                self.c.dma_map(IOVA, memory.size, memory.fd)
            except wire.VfuError:
                return
            self.ch.run(e.FILL, 0, IOVA + memory.size - 4096, 4096, 0xdeadbeef)
            self.ch.run(e.FILL, 0, IOVA + (8 << 20), 4096, 0xdeadbeef)
            self.c.dma_unmap(IOVA, memory.size)

        self.race(self.TRUNCATE, 4 * LONGER, act)
        self.still_useful()

    def test_list_that_changes_while_it_is_read(self):
        """Descriptors are read once: what was checked is what is done."""
        memory = self.memory(64 * wire.PAGE)
        self.c.dma_map(IOVA, memory.size, memory.fd)
        code = ("import os, sys\nfd = int(sys.argv[1])\n"
                "a, b = bytes.fromhex(sys.argv[2]), bytes.fromhex(sys.argv[3])\n"
                "while True:\n    os.pwrite(fd, a, 0)\n    os.pwrite(fd, b, 0)")
        good = e.descriptor(e.FILL, 0, IOVA + 0x8000, 4096, 0x22222222) * 16
        bad = e.descriptor(e.TO_BUFFER, IOVA, 0xffffffff0000, 0xffffffff, 0) * 16
        other = subprocess.Popen([sys.executable, "-c", code, str(memory.fd), good.hex(), bad.hex()],
                                 pass_fds=[memory.fd])
        try:
            for _ in range(300 * LONGER):
                error = self.ch.run(0, IOVA, 0, 16, flags=e.LIST)
                self.assertIn(error, (e.E_NONE, e.E_RANGE, e.E_DESCRIPTOR))
        finally:
            other.kill()
            other.wait()
        self.still_useful()


class TestTooMuch(MemoryTest):
    OPTIONS = ",dma-drain-timeout=50"

    def test_storm_of_files(self):
        """As many distinct files as file descriptors allow; others keep theirs."""
        rss, mapped, refused = self.server.rss_kib(), 0, 0
        for i in range(3000 * LONGER):
            memory = wire.Memory(wire.PAGE)
            try:
                self.c.dma_map(IOVA + i * wire.PAGE, wire.PAGE, memory.fd)
                mapped += 1
            except wire.VfuError:
                refused += 1
            finally:
                memory.close()
            if i % 500 == 0:
                self.honest()
        self.honest()
        self.assertGreater(mapped, 100)
        self.assertLess(self.server.rss_kib() - rss, 65536)
        self.c.dma_unmap(0, 0, wire.UNMAP_ALL)
        self.still_useful()

    def test_address_space_is_not_one_clients(self):
        """Small parts of huge sparse files: 64 GiB each, 3000 of them are 192 TiB."""
        for i in range(3000):
            fd = os.memfd_create("sparse")
            os.ftruncate(fd, 60 << 30)
            try:
                self.c.dma_map(IOVA + i * wire.PAGE, wire.PAGE, fd, offset=(i % 7) << 30)
            except wire.VfuError:
                pass
            finally:
                os.close(fd)
        self.honest()
        with open(f"/proc/{self.server.process.pid}/status", encoding="utf-8") as status:
            size = next(int(line.split()[1]) for line in status if line.startswith("VmSize"))
        if not self.server.sanitized():
            self.assertLess(size, 4 << 30)          # in KiB: 4 TiB
        self.c.dma_unmap(0, 0, wire.UNMAP_ALL)
        self.still_useful()

    def test_one_file_in_two_devices(self):
        memory = self.memory(16 * wire.PAGE)
        other = self.client("b")
        other.bus_master()
        for client in (self.c, other):
            client.dma_map(IOVA, memory.size, memory.fd)
        self.hold(e.FILL, dst=IOVA, length=4096, pattern=0x77777777)
        self.c.dma_unmap(IOVA, memory.size)
        self.c.write32(wire.BAR0, e.HOLD, 0)
        self.assertEqual(e.Channel(other).run(e.FILL, 0, IOVA, 4096, 0x66666666), 0)
        self.assertEqual(memory.read(0, 4096), b"\x66" * 4096)

    def test_dma_to_own_bar_address(self):
        """Not mapped: a fault, and no register changes; A-R8 is for other models."""
        self.c.write32(wire.CONFIG, 0x10, 0xfe000000)
        self.c.write32(wire.BAR0, e.INT_ENABLE, 0)
        self.assertEqual(self.ch.run(e.FILL, 0, 0xfe000000 + e.INT_ENABLE, 4, 0xf), e.E_WRITE)
        self.assertEqual(self.ch.run(e.COPY, 0xfe000000, 0xfe000000, 4096), e.E_READ)
        self.assertEqual(self.c.read32(wire.BAR0, e.INT_ENABLE), 0)


if __name__ == "__main__":
    import unittest
    unittest.main()
