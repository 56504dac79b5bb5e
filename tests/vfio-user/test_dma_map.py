# SPDX-License-Identifier: GPL-2.0-or-later
"""DMA_MAP (2) and DMA_UNMAP (3): the table, and what a device reaches through it."""
import errno
import fcntl
import os
import socket
import struct
import tempfile

import edu
import wire
from server import ServerTest

PATTERN = bytes(range(256)) * 4


class TestMap(ServerTest):

    def setUp(self):
        super().setUp()
        self.c = self.client()
        self.m = self.memory(16 * wire.PAGE)

    def raw_map(self, argsz=32, flags=3, offset=0, iova=0, size=wire.PAGE, fds=None):
        self.c.call(wire.DMA_MAP, struct.pack("=IIQQQ", argsz, flags, offset, iova, size),
                    [self.m.fd] if fds is None else fds)

    def test_good_and_adjacent(self):
        self.c.dma_map(0x10000, 4 * wire.PAGE, self.m.fd)
        self.c.dma_map(0xf000, wire.PAGE, self.m.fd)
        self.c.dma_map(0x14000, wire.PAGE, self.m.fd)
        self.c.dma_map((1 << 64) - wire.PAGE, wire.PAGE, self.m.fd)

    def test_overlap_is_eexist(self):
        self.c.dma_map(0x10000, 4 * wire.PAGE, self.m.fd)
        for iova, pages in ((0x10000, 4), (0x11000, 1), (0xf000, 2), (0x13000, 4), (0, 64)):
            self.assert_error(errno.EEXIST, self.c.dma_map, iova, pages * wire.PAGE)

    def test_bad_numbers(self):
        fds = self.server.fds()
        top = 1 << 64
        for bad in (dict(argsz=31), dict(argsz=0), dict(flags=0), dict(flags=0x10), dict(size=0),
                    dict(size=1), dict(iova=1), dict(offset=1), dict(iova=top - wire.PAGE, size=2 * wire.PAGE),
                    dict(size=top - wire.PAGE, iova=wire.PAGE * 2), dict(offset=16 * wire.PAGE),
                    dict(size=17 * wire.PAGE), dict(offset=top - wire.PAGE), dict(flags=4, fds=[]),
                    dict(flags=0xc), dict(offset=(1 << 63) - wire.PAGE, size=wire.PAGE)):
            with self.subTest(bad=bad):
                self.assert_error(None, self.raw_map, **bad)
        self.assertEqual(self.server.fds(), fds)
        self.raw_map()

    def test_two_fds(self):
        fds = self.server.fds()
        self.assert_error(errno.EINVAL, self.raw_map, fds=[self.m.fd, self.m.fd])
        self.assertEqual(self.server.fds(), fds)

    def test_what_is_no_memory(self):
        ours, theirs = socket.socketpair()
        read_end, write_end = os.pipe()
        with tempfile.TemporaryFile() as unlinked:
            bad = [os.open("/dev/null", os.O_RDWR), os.open("/tmp", os.O_RDONLY), ours.detach(),
                   theirs.detach(), read_end, write_end, os.eventfd(0),
                   os.open(f"/proc/self/fd/{self.m.fd}", os.O_RDONLY),
                   os.open(f"/proc/self/fd/{self.m.fd}", os.O_PATH),
                   os.dup(unlinked.fileno())]     # too short
            fds = self.server.fds()
            for fd in bad:
                self.assert_error(None, self.raw_map, fds=[fd])
                os.close(fd)
        self.assertEqual(self.server.fds(), fds)

    def test_read_only_file_for_reading(self):
        fd = os.open(f"/proc/self/fd/{self.m.fd}", os.O_RDONLY)
        self.c.dma_map(0, wire.PAGE, fd, flags=wire.DMA_R)
        os.close(fd)

    def test_one_fd_for_one_file(self):
        self.c.dma_map(1 << 30, wire.PAGE, self.m.fd)
        fds = self.server.fds()
        for i in range(200):
            self.c.dma_map(i * wire.PAGE, wire.PAGE, self.m.fd, offset=(i % 16) * wire.PAGE)
        self.assertEqual(self.server.fds(), fds)

    def test_without_fd(self):
        self.c.dma_map(0xc0000, 0x20000, flags=wire.DMA_R)


class TestUnmap(ServerTest):

    def setUp(self):
        super().setUp()
        self.c = self.client()
        self.m = self.memory(16 * wire.PAGE)
        for i in range(3):
            self.c.dma_map(0x10000 + 2 * i * wire.PAGE, wire.PAGE, self.m.fd)
        self.c.dma_map(0x100000, 4 * wire.PAGE, self.m.fd)

    def test_exact(self):
        self.assertEqual(self.c.dma_unmap(0x100000, 4 * wire.PAGE), 4 * wire.PAGE)
        self.c.dma_map(0x100000, wire.PAGE, self.m.fd)

    def test_superset(self):
        self.assertEqual(self.c.dma_unmap(0xf000, 0x10000), 3 * wire.PAGE)

    def test_missing_is_success(self):
        self.assertEqual(self.c.dma_unmap(0x80000, wire.PAGE), 0)

    def test_up_to_the_top(self):
        self.assertEqual(self.c.dma_unmap(0xfef00000, 0xffffffff01100000), 0)
        self.assertEqual(self.c.dma_unmap(0x800000000000, 0x800000000000), 0)

    def test_cut_is_refused(self):
        for iova, size in ((0x100000, wire.PAGE), (0x101000, wire.PAGE), (0x102000, 8 * wire.PAGE),
                           (0xff000, 2 * wire.PAGE)):
            self.assert_error(errno.EINVAL, self.c.dma_unmap, iova, size)
        self.assertEqual(self.c.dma_unmap(0x100000, 4 * wire.PAGE), 4 * wire.PAGE)

    def test_all(self):
        self.c.dma_unmap(0, 0, wire.UNMAP_ALL)
        self.c.dma_map(0x100000, wire.PAGE, self.m.fd)

    def test_bad_numbers(self):
        for argsz, flags, iova, size in (
                (23, 0, 0x100000, 0x4000), (24, 4, 0x100000, 0x4000), (24, 2, 0x1000, 0),
                (24, 2, 0, 0x1000), (24, 3, 0, 0), (24, 0, 0xfffffffffffff000, 0x2000),
                (24, 0, 0x100000, 0)):
            with self.subTest(row=(argsz, flags, iova, size)):
                self.assert_error(errno.EINVAL, self.c.call, wire.DMA_UNMAP,
                                  struct.pack("=IIQQ", argsz, flags, iova, size))
        self.assertEqual(self.c.dma_unmap(0, 1 << 32), 7 * wire.PAGE)

    def test_reply_is_the_request_and_an_fd_is_closed(self):
        fds = self.server.fds()
        body = struct.pack("=IIQQ", 24, 0, 0x80000, wire.PAGE)
        reply = self.c.call(wire.DMA_UNMAP, body, [self.m.fd])
        self.assertEqual(len(reply.payload), 24)
        self.assertEqual(self.server.fds(), fds)

    def test_nothing_of_the_file_is_left(self):
        inode = f" {os.fstat(self.m.fd).st_ino} "
        self.assertIn(inode, self.server.maps())
        self.c.dma_unmap(0, 1 << 32)
        self.assertNotIn(inode, self.server.maps())


class TestEduDma(ServerTest):
    """Bytes through a device."""

    def setUp(self):
        super().setUp()
        self.c = self.client()
        self.c.bus_master()
        self.m = self.memory(16 * wire.PAGE)

    def test_both_ways(self):
        self.c.dma_map(0x100000, 16 * wire.PAGE, self.m.fd)
        self.m.write(0x1010, PATTERN)
        edu.to_edu(self.c, 0x101010, len(PATTERN))
        edu.from_edu(self.c, 0x103004, len(PATTERN))
        self.assertEqual(self.m.read(0x3004, len(PATTERN)), PATTERN)
        self.assertEqual(self.m.read(0x3000, 4), b"\0" * 4)

    def test_whole_buffer(self):
        self.c.dma_map(0x100000, 16 * wire.PAGE, self.m.fd)
        data = os.urandom(4096)
        self.m.write(0, data)
        edu.to_edu(self.c, 0x100000, 4096)
        edu.from_edu(self.c, 0x108000, 4096)
        self.assertEqual(self.m.read(0x8000, 4096), data)

    def test_across_pieces_of_the_file(self):
        for i, page in enumerate((9, 2, 5)):
            self.c.dma_map(0x200000 + i * wire.PAGE, wire.PAGE, self.m.fd, offset=page * wire.PAGE)
        self.m.write(9 * wire.PAGE, b"A" * wire.PAGE)
        self.m.write(2 * wire.PAGE, b"B" * wire.PAGE)
        edu.to_edu(self.c, 0x200000 + 0x800, 4096)
        self.c.dma_map(0x300000, wire.PAGE, self.m.fd, offset=0)
        edu.from_edu(self.c, 0x300000, 4096)
        self.assertEqual(self.m.read(0, 4096), b"A" * 2048 + b"B" * 2048)

    def unchanged(self, iova, count=16):
        """DMA from the device to iova ends, and changes no byte of the file."""
        before = self.m.read(0, 16 * wire.PAGE)
        edu.from_edu(self.c, iova, count)
        self.assertEqual(self.m.read(0, 16 * wire.PAGE), before)

    def test_default_deny(self):
        self.m.write(0, PATTERN)
        self.unchanged(0x100000)                                    # nothing mapped
        self.c.dma_map(0x100000, wire.PAGE, self.m.fd, flags=wire.DMA_R)
        self.unchanged(0x100000)                                    # read-only
        self.c.dma_unmap(0x100000, wire.PAGE)
        self.c.dma_map(0x100000, wire.PAGE, self.m.fd)
        self.c.bus_master(False)
        self.unchanged(0x100000)                                    # bus master off
        self.c.bus_master()
        self.c.dma_unmap(0x100000, wire.PAGE)
        self.unchanged(0x100000)                                    # revoked

    def test_out_of_the_device_buffer(self):
        self.c.dma_map(0x100000, wire.PAGE, self.m.fd)
        for src, dst, count, command in (
                (edu.BUFFER + 4095, 0x100000, 2, edu.FROM_EDU), (edu.BUFFER, 0x100000, 4097, edu.FROM_EDU),
                (0x100000, edu.BUFFER + 4096, 1, 0), (0x100000, 0, 4, 0),
                (0x100000, edu.BUFFER + 1, 0xffffffffffffffff, 0), (0x100000, (1 << 64) - 1, 16, 0)):
            edu.start_dma(self.c, src, dst, count, command)
            edu.wait_dma(self.c)
        self.assertEqual(self.c.read32(wire.BAR0, edu.ID), 0x010000ed)

    def test_truncated_memory_hurts_nobody(self):
        self.c.dma_map(0x100000, 16 * wire.PAGE, self.m.fd)
        os.ftruncate(self.m.fd, 0)
        edu.from_edu(self.c, 0x104000, 4096)
        edu.to_edu(self.c, 0x104000, 4096)
        self.assertEqual(self.c.read32(wire.BAR0, edu.ID), 0x010000ed)

    def test_hole(self):
        self.c.dma_map(0x100000, 16 * wire.PAGE, self.m.fd)
        self.m.write(0, PATTERN)
        fcntl.fcntl(self.m.fd, 1033, 0)     # F_ADD_SEALS: none, the memfd stays writable
        edu.to_edu(self.c, 0x100000, 1024)
        os.ftruncate(self.m.fd, 0)
        os.ftruncate(self.m.fd, 16 * wire.PAGE)
        edu.from_edu(self.c, 0x102000, 1024)
        self.assertEqual(self.m.read(0x2000, 1024), PATTERN)


class TestSeals(ServerTest):
    OPTIONS = ",require-seals=shrink"

    def test_unsealed_memory_is_refused(self):
        client, memory = self.client(), self.memory(wire.PAGE)
        self.assert_error(errno.EPERM, client.dma_map, 0, wire.PAGE, memory.fd)
        fcntl.fcntl(memory.fd, 1033, 2)     # F_ADD_SEALS, F_SEAL_SHRINK
        client.dma_map(0, wire.PAGE, memory.fd)


class TestLimits(ServerTest):
    OPTIONS = ",max-dma-maps=100,max-dma-size=1M"

    def test_count(self):
        client = self.client()
        self.assertEqual(client.caps["capabilities"]["max_dma_maps"], 100)
        for i in range(100):
            client.dma_map(i * wire.PAGE, wire.PAGE)
        self.assert_error(None, client.dma_map, 1 << 40, wire.PAGE)
        client.dma_unmap(0, wire.PAGE)
        client.dma_map(1 << 40, wire.PAGE)

    def test_bytes(self):
        client, memory = self.client(), self.memory(2 << 20)
        client.dma_map(0, 1 << 20, memory.fd)
        self.assert_error(errno.ENOSPC, client.dma_map, 1 << 30, wire.PAGE, memory.fd)


class TestFileAccess(TestEduDma):
    OPTIONS = ",dma-access=file"


if __name__ == "__main__":
    import unittest
    unittest.main()
