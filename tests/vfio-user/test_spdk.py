# SPDX-License-Identifier: GPL-2.0-or-later
"""A client with the habits of SPDK's NVMe driver: what it sends, and what it does not survive."""
import mmap
import os
import struct
import time
import unittest

import dma_engine as dma
import wire
from server import Server, ServerTest

NVME = "nvme,serial=1,mmap-doorbells=on"
PAGE = wire.PAGE


class Spdk(wire.Client):
    """Id 0, one request at a time; the next message is the reply; its payload comes in one piece."""

    def send(self, *args, **kwargs):
        return super().send(*args, msg_id=0, **kwargs)

    def receive(self, timeout=None):
        fds = []
        self.sock.settimeout(self.timeout if timeout is None else timeout)
        header = self._take(wire.HEADER.size, fds)
        size = wire.HEADER.unpack(header)[2] - wire.HEADER.size
        payload = self.sock.recv(size) if size else b""
        assert len(payload) == size, "the payload is there at once"
        return wire.Message(header, payload, fds)

    def receive_reply(self, msg_id, command, timeout=None):
        msg = self.receive(timeout)
        assert (msg.is_reply, msg.id, msg.command) == (True, 0, command), "nothing but the reply"
        return msg

    def hello(self, minor=1, caps=None):
        return super().hello(minor, caps)

    def region_info(self, index, argsz=4064):
        body = struct.pack("=IIIIQQ", argsz, 0, index, 0, 0, 0).ljust(argsz, b"\0")
        reply = self.call(wire.GET_REGION_INFO, body)
        return struct.unpack_from("=IIIIQQ", reply.payload), reply.payload[32:], reply.fds

    def dma_unmap(self, iova, size, flags=0, fd=None):
        body = struct.pack("=IIQQ", 24, flags, iova, size)
        return struct.unpack("=IIQQ", self.call(wire.DMA_UNMAP, body, [fd] if fd else []).payload)[3]


class SpdkServer(Server):
    """It looks for a socket of this name in the folder that it was given."""

    def path(self, name):
        return os.path.join(self.dir, "cntrl" if name != "qmp" else name)


class SpdkTest(ServerTest):
    DEVICES = {"n0": NVME}

    @classmethod
    def setUpClass(cls):
        cls.server = SpdkServer(cls.DEVICES)

    def client(self, name=None, **kwargs):
        client = Spdk(self.server.path("n0"), **kwargs).hello()
        self.addCleanup(client.close)
        return client


class TestTransport(SpdkTest):

    def test_version(self):
        self.client()
        raw = Spdk(self.server.path("n0"))
        self.addCleanup(raw.close)
        raw.send_raw(wire.HEADER.pack(0, wire.VERSION, 20, 0, 0) + struct.pack("=HH", 0, 1))
        reply = raw.receive()
        self.assertEqual((reply.id, reply.command, reply.error), (0, wire.VERSION, 0))
        self.assertEqual(struct.unpack_from("=H", reply.payload), (0,))

    def test_device_info(self):
        reply = self.client().call(wire.GET_INFO, struct.pack("=IIII", 16, 0, 0, 0))
        self.assertLessEqual(len(reply.payload), 16)
        regions = struct.unpack_from("=IIII", reply.payload)[2]
        self.assertIn(regions, range(8, 11))

    def test_region_info_of_all(self):
        """4080 bytes each; an error for any of them would end the attach."""
        client = self.client()
        regions = client.info()[2]
        for index in range(regions):
            info, caps, fds = client.region_info(index)
            self.assertEqual(info[2], index)
            self.assertLessEqual(32 + len(caps), 4096)
            self.assertEqual(len(fds), 1 if info[1] & wire.REGION_MMAP else 0)
            for fd in fds:
                os.close(fd)

    def test_registers(self):
        client = self.client()
        self.assertNotIn(client.read64(wire.BAR0, 0), (0, (1 << 64) - 1))        # CAP
        self.assertNotIn(client.read32(wire.BAR0, 8), (0, 0xffffffff))           # VS
        command = struct.unpack("=H", client.read(wire.CONFIG, 4, 2))[0]
        client.write(wire.CONFIG, 4, struct.pack("=H", command | 0x404))
        self.assertEqual(struct.unpack("=H", client.read(wire.CONFIG, 4, 2))[0], command | 0x404)


class TestMemory(SpdkTest):

    def test_map_at_own_addresses_and_unmap_with_fd(self):
        client = self.client()
        memory = self.memory(16 * PAGE)
        before = self.server.fds()
        for i in range(20):
            iova = 0x7f0012340000 + i * 16 * PAGE
            client.dma_map(iova, 16 * PAGE, memory.fd)
            self.assertEqual(client.dma_unmap(iova, 16 * PAGE, fd=memory.fd), 16 * PAGE)
        self.assertEqual(self.server.fds(), before)

    def test_map_longer_than_its_file(self):
        """One fd of several segments, for all of them: refused, and the session goes on."""
        client = self.client()
        memory = self.memory(4 * PAGE)
        before = self.server.fds()
        for offset, pages in ((0, 5), (0, 512), (4, 1), (3, 2)):
            self.assert_error(None, client.dma_map, 0x100000, pages * PAGE, memory.fd, offset * PAGE)
        self.assertEqual(self.server.fds(), before)
        client.dma_map(0x100000, 4 * PAGE, memory.fd)
        self.assertEqual(client.dma_unmap(0x100000, 4 * PAGE, fd=memory.fd), 4 * PAGE)


class TestNoMessages(SpdkTest):
    DEVICES = {"n0": "dma-engine"}

    def test_dma_through_the_file(self):
        """Whatever came from the server would be taken for a reply: see receive_reply()."""
        client = self.client()
        memory = self.memory(64 * PAGE)
        client.dma_map(0x7f0000000000, 64 * PAGE, memory.fd)
        client.bus_master()
        channel = dma.Channel(client)
        for length in (1, 4096, 100000):
            memory.write(0, bytes(range(1, 251)) * (length // 250 + 1))
            error = channel.run(dma.COPY, src=0x7f0000000000, dst=0x7f0000000000 + 32 * PAGE,
                                length=length)
            self.assertEqual(error, dma.E_NONE)
            self.assertEqual(memory.read(32 * PAGE, length), memory.read(0, length))
        self.assertTrue(client.is_silent())

    def test_not_mapped_is_a_fault_and_no_message(self):
        client = self.client()
        client.bus_master()
        self.assertEqual(dma.Channel(client).run(dma.COPY, src=0, dst=0x10000, length=64), dma.E_READ)
        self.assertTrue(client.is_silent())


class TestDoorbells(SpdkTest):

    def bar(self, client):
        info, caps, fds = client.region_info(wire.BAR0)
        for fd in fds:
            self.addCleanup(os.close, fd)
        return info, caps, fds

    def test_one_sparse_area(self):
        info, caps, fds = self.bar(self.client())
        self.assertEqual(info[1], wire.REGION_R | wire.REGION_W | wire.REGION_MMAP | wire.REGION_CAPS)
        self.assertEqual((info[3], info[5], len(fds)), (32, 0, 1))
        self.assertEqual(struct.unpack_from("=HHIII", caps), (1, 1, 0, 1, 0))
        first, size = struct.unpack_from("=QQ", caps, 16)
        self.assertEqual((first, size), (0x1000, 0x1000))
        self.assertEqual(len(caps), 32)
        self.assertGreaterEqual(os.fstat(fds[0]).st_size, 0x2000)

    def test_page_is_ours_alone(self):
        pages = []
        for _ in range(3):
            client = self.client()
            page = mmap.mmap(self.bar(client)[2][0], PAGE, offset=0x1000)
            self.addCleanup(page.close)
            self.assertEqual(page[:64], bytes(64))
            page[60] = 0xaa                      # the doorbell of a queue that is not there
            pages.append(page)
            client.read32(wire.BAR0, 0x1c)
            client.close()
            time.sleep(0.05)
        self.assertEqual([page[60] for page in pages], [0xaa] * 3)

    def test_registers_stay_trapped(self):
        client = self.client()
        fd = self.bar(client)[2][0]
        with mmap.mmap(fd, PAGE, offset=0) as low:
            low[0x14:0x18] = b"\1\0\0\0"         # CC.EN, where nobody looks
        self.assertEqual(client.read32(wire.BAR0, 0x14) & 1, 0)
        self.assertEqual(client.read32(wire.BAR0, 0x1c) & 1, 0)


if __name__ == "__main__":
    unittest.main()
