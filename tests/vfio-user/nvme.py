# SPDX-License-Identifier: GPL-2.0-or-later
"""An NVMe controller as a client drives it, entry by entry (base specification 2.0)."""
import ctypes
import mmap
import os
import struct
import time

import wire

CAP, VS, INTMS, INTMC, CC, CSTS, NSSR, AQA, ASQ, ACQ = (0, 8, 0xc, 0x10, 0x14, 0x1c, 0x20, 0x24, 0x28, 0x30)
DOORBELLS = 0x1000
EN, RDY, CFS, SHST, SHST_COMPLETE, SHN_NORMAL = 1, 1, 2, 0xc, 8, 1 << 14
CC_DEFAULT = 6 << 16 | 4 << 20
DELETE_SQ, CREATE_SQ, GET_LOG, DELETE_CQ, CREATE_CQ, IDENTIFY, ABORT, SET_FEATURES, GET_FEATURES, ASYNC_EVENT = (
    0, 1, 2, 4, 5, 6, 8, 9, 10, 12)
FORMAT, WRITE_PROTECTION = 0x80, 0x84
FLUSH, WRITE, READ, WRITE_ZEROES = 0, 1, 2, 8
MSIX_CAP = 0x11
PAGE = 4096
FILE_SIZE = 16 << 20


def entry(opcode, nsid=0, prp1=0, prp2=0, cdw10=0, cdw11=0, cdw12=0, cid=0, flags=0):
    return struct.pack("<BBHIQQQQ6I", opcode, flags, cid, nsid, 0, 0, prp1, prp2, cdw10, cdw11, cdw12, 0, 0, 0)


def rw(opcode, nsid, lba, blocks, prp1, prp2=0):
    return entry(opcode, nsid, prp1, prp2, lba & 0xffffffff, lba >> 32, blocks - 1)


class Completion:
    def __init__(self, data):
        self.dw0, _, self.sq_head, self.sq_id, self.cid, status = struct.unpack("<IIHHHH", data)
        self.phase, self.status = status & 1, status >> 1 & 0x7ff


class Queue:
    """A pair of the same number and size."""

    def __init__(self, number, size, sq, cq):
        self.number, self.size, self.sq, self.cq = number, size, sq, cq     # offsets in the memory
        self.tail = self.head = 0
        self.phase = 1


class Controller:
    """`memory` is lent at `iova`, all of it; `doorbells` writes (offset, value)."""

    def __init__(self, client, memory, iova, doorbells=None):
        self.client, self.memory, self.iova = client, memory, iova
        self.map = mmap.mmap(memory.fd, memory.size)
        self.ring = doorbells or (lambda at, value: client.write32(wire.BAR0, DOORBELLS + at, value))
        self.next, self.cid = 0, 0
        self.admin = self.io = None

    def alloc(self, size):
        at = self.next
        self.next += (size + PAGE - 1) // PAGE * PAGE
        assert self.next <= self.memory.size
        self.map[at:self.next] = bytes(self.next - at)
        return at

    def queue(self, number, size):
        return Queue(number, size, self.alloc(size * 64), self.alloc(size * 16))

    # --- life ---

    def wait(self, mask, value, seconds=10.0):
        deadline = time.monotonic() + seconds
        while self.client.read32(wire.BAR0, CSTS) & mask != value:
            if time.monotonic() > deadline:
                raise AssertionError(f"CSTS is 0x{self.client.read32(wire.BAR0, CSTS):x}")
            time.sleep(0.001)

    def enable(self, size=32, cc=CC_DEFAULT):
        self.client.write32(wire.BAR0, CC, 0)
        self.wait(RDY, 0)
        self.next = 0
        self.admin = self.queue(0, size)
        self.client.write32(wire.BAR0, AQA, (size - 1) << 16 | (size - 1))
        self.client.write64(wire.BAR0, ASQ, self.iova + self.admin.sq)
        self.client.write64(wire.BAR0, ACQ, self.iova + self.admin.cq)
        self.client.write32(wire.BAR0, CC, cc | EN)
        self.wait(RDY | CFS, RDY)

    def create_io(self, number=1, size=64, vector=None):
        q = self.queue(number, size)
        irq = 0 if vector is None else vector << 16 | 2
        assert self.do(self.admin, entry(CREATE_CQ, prp1=self.iova + q.cq, cdw10=(size - 1) << 16 | number,
                                         cdw11=irq | 1)).status == 0
        assert self.do(self.admin, entry(CREATE_SQ, prp1=self.iova + q.sq, cdw10=(size - 1) << 16 | number,
                                         cdw11=number << 16 | 1)).status == 0
        return q

    def start(self):
        self.enable()
        self.io = self.create_io()
        return self

    # --- commands ---

    def put(self, q, sqe):
        self.cid = (self.cid + 1) % 0xffff
        self.map[q.sq + 64 * q.tail:q.sq + 64 * q.tail + 64] = sqe[:2] + struct.pack("<H", self.cid) + sqe[4:]
        q.tail = (q.tail + 1) % q.size
        return self.cid

    def submit(self, q, sqe):
        cid = self.put(q, sqe)
        self.ring(8 * q.number, q.tail)
        return cid

    def reap(self, q):
        at = q.cq + 16 * q.head
        if Completion(self.map[at:at + 16]).phase != q.phase:
            return None
        done = Completion(self.map[at:at + 16])
        q.head = (q.head + 1) % q.size
        q.phase ^= q.head == 0
        return done

    def finish(self, q, seconds=10.0):
        deadline = time.monotonic() + seconds
        while not (done := self.reap(q)):
            if time.monotonic() > deadline:
                raise AssertionError("no completion")
            time.sleep(0)
        self.ring(8 * q.number + 4, q.head)
        return done

    def do(self, q, sqe):
        cid = self.submit(q, sqe)
        done = self.finish(q)
        assert (done.cid, done.sq_id) == (cid, q.number)
        return done

    # --- data ---

    def write_blocks(self, lba, data, nsid=1):
        at = self.alloc(len(data))
        self.map[at:at + len(data)] = data
        return self.do(self.io, rw(WRITE, nsid, lba, len(data) // 512, self.iova + at, self.iova + at + PAGE)).status

    def read_blocks(self, lba, size, nsid=1):
        at = self.alloc(size)
        done = self.do(self.io, rw(READ, nsid, lba, size // 512, self.iova + at, self.iova + at + PAGE))
        return done.status, self.map[at:at + size]

    def check(self, rng):
        """Two pages that go out come back."""
        data, lba, mark = rng.randbytes(2 * PAGE), rng.randrange(FILE_SIZE // 512 - 16), self.next
        assert self.write_blocks(lba, data) == 0
        assert self.read_blocks(lba, len(data)) == (0, data)
        self.next = mark


def attach(client, memory, iova=0x100000, **kwargs):
    """A client that is new here: bus master, all of the memory lent, queues."""
    client.bus_master()
    client.dma_map(iova, memory.size, memory.fd)
    return Controller(client, memory, iova, **kwargs).start()


def enable_msix(client, vectors):
    """An eventfd, which does not block, for each of the first vectors."""
    events = [os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK) for _ in range(vectors)]
    client.set_irqs(wire.DATA_EVENTFD | wire.TRIGGER, wire.MSIX, 0, vectors, fds=events)
    cap = client.read(wire.CONFIG, 0x34, 1)[0]
    while client.read(wire.CONFIG, cap, 1)[0] != MSIX_CAP:
        cap = client.read(wire.CONFIG, cap + 1, 1)[0]
    client.write(wire.CONFIG, cap + 3, b"\x80")
    for vector in range(vectors):
        client.write32(wire.BAR4, 16 * vector + 12, 0)
    return events


def mapped_doorbells(client):
    """The page behind BAR 0's sparse area: its memory, and a function that writes a doorbell."""
    (_, flags, _, cap_offset, size, offset), caps, fds = client.region_info(wire.BAR0, 256)
    assert flags & wire.REGION_MMAP and len(fds) == 1 and offset == 0 and size >= 0x2000
    kind, _, _, areas, _ = struct.unpack_from("=HHIII", caps, cap_offset - 32)
    start, length = struct.unpack_from("=QQ", caps, cap_offset - 32 + 16)
    assert (kind, areas, start, length) == (1, 1, DOORBELLS, PAGE)
    page = mmap.mmap(fds[0], length, offset=start)
    words = (ctypes.c_uint32 * (length // 4)).from_buffer(page)

    def ring(at, value):
        words[at // 4] = value
    return words, ring
