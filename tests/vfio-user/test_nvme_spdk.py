# SPDX-License-Identifier: GPL-2.0-or-later
"""A client that does what SPDK's userspace driver does over vfio-user, and nothing else.

The id of every message is 0, VERSION carries no text, GET_REGION_INFO asks with
4064 bytes, a reply's payload has to come by one read, any message of the server
is taken for the reply. Doorbells are stores into the mapped page, completions
are polled for, interrupts are never set up, and at the end CC.EN stays 1.
"""
import array
import ctypes
import mmap
import os
import random
import socket
import struct
import tempfile
import time
import unittest

import nvme
import wire
from server import Server, listening

VERSION_REQUEST = struct.pack("<HH", 0, 1)
AERL_OFFSET, KAS_OFFSET, SQES_OFFSET, NN_OFFSET, SGLS_OFFSET = 259, 320, 512, 516, 536
DISK = 16 << 20
FEATURE_QUEUES, FEATURE_EVENTS, FEATURE_KEEP_ALIVE = 7, 0xb, 0xf


class Transport:
    """One request outstanding; the next bytes are its reply, whatever they are."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(10)
        self.sock.connect(path)
        version = self.call(wire.VERSION, VERSION_REQUEST)
        assert struct.unpack_from("<H", version[0])[0] == 0

    def call(self, command, payload=b"", fds=(), limit=4096):
        """The reply's payload and descriptors."""
        control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        self.sock.sendmsg([wire.HEADER.pack(0, command, 16 + len(payload), 0, 0) + payload], control)
        header, ancillary, _, _ = self.sock.recvmsg(16, socket.CMSG_SPACE(16 * 4))
        received = array.array("i")
        for _, _, body in ancillary:
            received.frombytes(body)
        msg_id, cmd, size, flags, error = wire.HEADER.unpack(header)
        assert (msg_id, cmd, flags & 0xf) == (0, command, wire.REPLY)
        if flags & wire.ERROR:
            raise wire.VfuError(error)
        assert size - 16 <= limit, f"a payload of {size - 16} bytes, at most {limit}"
        body = self.sock.recv(size - 16) if size > 16 else b""
        assert len(body) == size - 16, "the payload came in pieces"
        return body, list(received)

    # --- what nvme.Controller wants of a client ---

    def read(self, region, offset, count):
        return self.call(wire.REGION_READ, struct.pack("<QII", offset, region, count))[0][16:]

    def write(self, region, offset, data):
        self.call(wire.REGION_WRITE, struct.pack("<QII", offset, region, len(data)) + data)

    def read32(self, region, offset):
        return int.from_bytes(self.read(region, offset, 4), "little")

    def read64(self, region, offset):
        return int.from_bytes(self.read(region, offset, 8), "little")

    def write32(self, region, offset, value):
        self.write(region, offset, value.to_bytes(4, "little"))

    def write64(self, region, offset, value):
        self.write(region, offset, value.to_bytes(8, "little"))


class Driver:
    """Attaches as the reference says, item by item."""

    def __init__(self, path, size=4 << 20):
        self.transport = t = Transport(path)
        self.test_regions(t)
        self.memory = wire.Memory(size, "spdk")
        self.controller = nvme.Controller(t, self.memory, 0, self.ring)
        self.view = (ctypes.c_char * size).from_buffer(self.controller.map)
        self.controller.iova = ctypes.addressof(self.view)
        t.call(wire.DMA_MAP, struct.pack("<IIQQQ", 32, 3, 0, self.controller.iova, size), [self.memory.fd])
        command = int.from_bytes(t.read(wire.CONFIG, 4, 2), "little")
        t.write(wire.CONFIG, 4, (command | 0x404).to_bytes(2, "little"))
        self.attach()

    def ring(self, at, value):
        self.words[at // 4] = value

    def test_regions(self, t):
        _, _, regions, _ = struct.unpack("<IIII", t.call(wire.GET_INFO, struct.pack("<IIII", 16, 0, 0, 0),
                                                         limit=16)[0])
        assert 8 <= regions <= 10
        for index in range(regions):
            request = struct.pack("<IIIIQQ", 4064, 0, index, 0, 0, 0)
            body, fds = t.call(wire.GET_REGION_INFO, request + bytes(4064 - len(request)))
            if index == wire.BAR0:
                self.map_doorbells(body, fds)
            for fd in fds:
                os.close(fd)

    def map_doorbells(self, body, fds):
        _, flags, _, cap, size, offset = struct.unpack_from("<IIIIQQ", body)
        assert flags & 0xf == 0xf and len(fds) == 1 and offset == 0 and size >= 0x2000
        kind, version, following, areas, _, start, length = struct.unpack_from("<HHIIIQQ", body, cap)
        assert (kind, version, following, areas, start) == (1, 1, 0, 1, 0x1000) and length >= 0x1000
        assert os.fstat(fds[0]).st_size >= 0x2000
        self.page = mmap.mmap(fds[0], length, offset=start)
        self.words = (ctypes.c_uint32 * (length // 4)).from_buffer(self.page)

    def attach(self):
        c, t = self.controller, self.transport
        cap = t.read64(wire.BAR0, nvme.CAP)
        if t.read32(wire.BAR0, nvme.CC) & nvme.EN:
            c.wait(nvme.RDY, nvme.RDY, (cap >> 24 & 0xff) * 0.5)
        c.enable(256)
        identity = self.identify(1, 0)
        self.admin(nvme.SET_FEATURES, cdw10=FEATURE_EVENTS, cdw11=0x1f)
        for _ in range(identity[AERL_OFFSET] + 1):
            c.submit(c.admin, nvme.entry(nvme.ASYNC_EVENT))
        if int.from_bytes(identity[KAS_OFFSET:KAS_OFFSET + 2], "little"):
            self.admin(nvme.GET_FEATURES, cdw10=FEATURE_KEEP_ALIVE)
        queues = self.admin(nvme.SET_FEATURES, cdw10=FEATURE_QUEUES, cdw11=7 << 16 | 7).dw0
        assert queues & 0xffff and queues >> 16
        self.namespaces(identity)
        assert int.from_bytes(identity[SGLS_OFFSET:SGLS_OFFSET + 4], "little") & 3 in (0, 1, 2)
        self.size = min(256, (cap & 0xffff) + 1)
        c.io = c.create_io(1, self.size)

    def admin(self, opcode, **fields):
        done = self.controller.do(self.controller.admin, nvme.entry(opcode, **fields))
        assert done.status == 0, f"admin command {opcode}: 0x{done.status:x}"
        return done

    def identify(self, cns, nsid, tolerant=False):
        c = self.controller
        at = c.alloc(nvme.PAGE)
        done = c.do(c.admin, nvme.entry(nvme.IDENTIFY, nsid, c.iova + at, cdw10=cns))
        assert done.status == 0 or tolerant
        return c.map[at:at + nvme.PAGE]

    def namespaces(self, identity):
        active = struct.unpack("<1024I", self.identify(2, 0))
        self.nsids = [nsid for nsid in active if nsid]
        assert self.nsids and max(self.nsids) <= int.from_bytes(identity[NN_OFFSET:NN_OFFSET + 4], "little")
        for nsid in self.nsids:
            self.identify(0, nsid)
            self.identify(3, nsid, tolerant=True)
            self.identify(6, nsid, tolerant=True)

    def leave(self):
        """Queues deleted, shut down, CC.EN left alone; the mapping is taken back with its fd."""
        c, t = self.controller, self.transport
        self.admin(nvme.DELETE_SQ, cdw10=1)
        self.admin(nvme.DELETE_CQ, cdw10=1)
        t.write32(wire.BAR0, nvme.CC, t.read32(wire.BAR0, nvme.CC) | nvme.SHN_NORMAL)
        c.wait(nvme.SHST, nvme.SHST_COMPLETE)
        t.call(wire.DMA_UNMAP, struct.pack("<IIQQ", 24, 0, c.iova, self.memory.size), [self.memory.fd])
        t.sock.close()
        self.memory.close()


class TestSpdk(unittest.TestCase):
    OPTIONS = ",mmap-doorbells=on"

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        disk, self.path = os.path.join(folder.name, "disk"), os.path.join(folder.name, "cntrl")
        with open(disk, "wb") as file:
            file.truncate(DISK)
        self.server = Server({}, ["-blockdev", f"driver=file,node-name=n0,filename={disk}",
                                  "-device", f"nvme,id=d0,serial=spdk,drive=n0{self.OPTIONS}",
                                  "-object", f"vfio-user-server,id=s0,type=unix,path={self.path},device=d0"])
        self.addCleanup(self.server.stop)
        deadline = time.monotonic() + 20
        while not listening(self.path):
            self.assertTrue(self.server.alive() and time.monotonic() < deadline, self.server.output())
            time.sleep(0.005)
        self.rng = random.Random(1)

    def move(self, driver, depth, count):
        """Each block written is read back, `depth` commands under way."""
        c, rng, written = driver.controller, self.rng, {}
        buffers = [c.alloc(nvme.PAGE) for _ in range(depth)]
        for opcode in (nvme.WRITE, nvme.READ):
            blocks = list(written) or rng.sample(range(DISK // nvme.PAGE), count)
            free, waiting, done = list(buffers), {}, 0
            while done < count:
                while free and blocks:
                    at, block = free.pop(), blocks.pop()
                    if opcode == nvme.WRITE:
                        written[block] = rng.randbytes(nvme.PAGE)
                        c.map[at:at + nvme.PAGE] = written[block]
                    waiting[c.submit(c.io, nvme.rw(opcode, 1, 8 * block, 8, c.iova + at))] = at, block
                completion = c.finish(c.io)
                at, block = waiting.pop(completion.cid)
                self.assertEqual(completion.status, 0)
                if opcode == nvme.READ:
                    self.assertEqual(c.map[at:at + nvme.PAGE], written[block])
                free.append(at)
                done += 1

    def test_attach_move_leave_and_again(self):
        fds = self.server.fds()
        for depth in (1, 32, 128):
            driver = Driver(self.path)
            self.move(driver, depth, 600)
            driver.leave()
        end = time.monotonic() + 10
        while self.server.fds() != fds and time.monotonic() < end:
            time.sleep(0.01)
        self.assertEqual(self.server.fds(), fds)

    def test_gone_without_leaving(self):
        first = Driver(self.path)
        self.move(first, 16, 100)
        for _ in range(20):
            first.controller.put(first.controller.io,
                                 nvme.rw(nvme.WRITE, 1, 0, 8, first.controller.iova))
        first.ring(8, first.controller.io.tail)
        first.transport.sock.close()
        second = Driver(self.path)
        self.move(second, 16, 100)
        second.leave()

    def test_wakes_after_idle(self):
        driver = Driver(self.path)
        for pause in (0, 0.02, 0.1, 0.5):
            time.sleep(pause)
            self.move(driver, 1, 3)
        driver.leave()

    def test_map_longer_than_its_file(self):
        driver = Driver(self.path)
        with self.assertRaises(wire.VfuError):
            driver.transport.call(wire.DMA_MAP, struct.pack("<IIQQQ", 32, 3, 0, 1 << 40, 8 << 20),
                                  [driver.memory.fd])
        self.move(driver, 8, 50)
        driver.leave()

    def test_idle_costs_nothing(self):
        """A while after its last doorbell the server uses no processor time."""
        driver = Driver(self.path)
        self.move(driver, 32, 200)
        time.sleep(0.3)
        before = self.cpu()
        time.sleep(1)
        self.assertLessEqual(self.cpu() - before, 2)
        self.move(driver, 1, 3)
        driver.leave()

    def cpu(self):
        """Ticks of a hundredth of a second, all threads."""
        with open(f"/proc/{self.server.process.pid}/stat", encoding="utf-8") as stat:
            words = stat.read().rpartition(")")[2].split()
        return int(words[11]) + int(words[12])


if __name__ == "__main__":
    unittest.main()
