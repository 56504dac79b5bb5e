# SPDX-License-Identifier: GPL-2.0-or-later
"""Hostile clients of NVMe controllers while an honest one, in another machine, works.

Random, but seeded: a failure names the seed, X_REMOTE_SEED repeats it.
X_REMOTE_HOSTILE=N makes everything N times as long (default 1).
"""
import os
import random
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import nvme
import wire
from server import ServerTest

LONGER = int(os.environ.get("X_REMOTE_HOSTILE", "1"))
SEED = int(os.environ.get("X_REMOTE_SEED", str(time.time_ns() & 0xffffffff)))
HERE = os.path.dirname(os.path.abspath(__file__))
IOVA, SIZE = 0x100000, 1 << 20
SECONDS = 5 * LONGER
# Without the commands that take the namespace away for good.
OPCODES = [code for code in range(256) if code not in (0x0d, 0x15)]
LIMIT = 1.0                     # seconds that an honest command may take
GROWTH = 64 << 10               # KiB that the server may have grown by


class Honest(threading.Thread):
    """Its data comes back, and soon."""

    def __init__(self, server):
        super().__init__()
        self.server, self.worst, self.rounds, self.error = server, 0.0, 0, None
        self.stopped = threading.Event()

    def run(self):
        rng, memory = random.Random(SEED), wire.Memory(SIZE)
        try:
            with self.server.client("good") as client:
                controller = nvme.attach(client, memory)
                while not self.stopped.is_set():
                    start = time.monotonic()
                    controller.check(rng)
                    self.worst = max(self.worst, time.monotonic() - start)
                    self.rounds += 1
                    time.sleep(0.005)
        except Exception as error:      # pylint: disable=broad-except
            self.error = error
        finally:
            memory.close()


class Attacker:
    """A controller that works, and then everything about it that is wrong."""

    def __init__(self, path, seed, mapped):
        self.rng = random.Random(seed)
        self.memory = wire.Memory(SIZE, "hostile")
        self.client = wire.Client(path).hello()
        self.words, ring = nvme.mapped_doorbells(self.client) if mapped else (None, None)
        self.controller = nvme.attach(self.client, self.memory, doorbells=ring)
        self.client.on_request = lambda msg: msg.close_fds()

    def number(self, bits=64):
        rng = self.rng
        return rng.choice((0, 1, 2, 7, 0xff, 0xfff, 0x1000, 0xffff, 0x10000, (1 << 31), (1 << 32) - 1,
                           (1 << 63), (1 << 64) - 1, rng.getrandbits(64), rng.getrandbits(16))) & ((1 << bits) - 1)

    def address(self):
        rng = self.rng
        return rng.choice((IOVA + rng.randrange(SIZE // 4096) * 4096, IOVA + rng.randrange(SIZE),
                           IOVA + SIZE - 8, self.number(), IOVA + rng.randrange(SIZE // 4096) * 4096 + 4088))

    def sqe(self):
        rng = self.rng
        opcode = rng.choice((0, 1, 2, 4, 5, 8, 9, 0xc, 0x19, 6, 0xa, 0x10, 0x11, 0x80, 0x7c,
                             rng.choice(OPCODES)))
        flags = rng.choice((0, 0, 0, 1, 2, 0x40, 0x80, rng.randrange(256)))
        nsid = rng.choice((1, 1, 1, 2, 0, 0xffffffff, self.number(32)))
        return struct.pack("<BBHIQQQQ6I", opcode, flags, rng.randrange(65536), nsid, self.number(), self.address(),
                           self.address(), self.address(), *(rng.choice((0, 1, 7, self.number(32)))
                                                             for _ in range(6)))

    def scribble(self):
        """Pages full of addresses (lists that lead to each other) or of anything."""
        rng, at = self.rng, self.rng.randrange(SIZE // 4096) * 4096
        page = struct.pack("<512Q", *(self.address() for _ in range(512))) if rng.random() < 0.7 \
            else rng.randbytes(4096)
        self.controller.map[at:at + 4096] = page

    def registers(self):
        rng = self.rng
        for _ in range(rng.randrange(20)):
            at = rng.choice((nvme.CC, nvme.AQA, nvme.ASQ, nvme.ACQ, nvme.INTMS, nvme.INTMC, nvme.NSSR, 0x50,
                             rng.randrange(0, 0x2000, 4)))
            width = rng.choice((4, 4, 4, 8, 1, 2))
            self.client.write(wire.BAR0, at, (self.number() & ((1 << 8 * width) - 1)).to_bytes(width, "little"))
            self.client.read(wire.BAR0, at, width)

    def commands(self):
        rng, c = self.rng, self.controller
        for queue in (c.io, c.admin):
            for _ in range(rng.randrange(40)):
                c.map[queue.sq + 64 * queue.tail:queue.sq + 64 * queue.tail + 64] = self.sqe()
                queue.tail = (queue.tail + 1) % queue.size
                if rng.random() < 0.3:
                    c.ring(8 * queue.number, queue.tail)
            c.ring(8 * queue.number, queue.tail)
            while c.reap(queue):
                pass
            c.ring(8 * queue.number + 4, queue.head)

    def doorbells(self):
        for _ in range(self.rng.randrange(50)):
            at = 4 * self.rng.choice((0, 1, 2, 3, self.rng.randrange(130)))
            self.controller.ring(at, self.number(32 if self.rng.random() < 0.3 else 7))

    def unmap(self):
        """The ground goes while everything runs, and comes back."""
        self.client.dma_unmap(IOVA, SIZE)
        self.client.dma_map(IOVA, SIZE, self.memory.fd)

    def again(self):
        """Controller memory may lie where the queues do until the function is reset."""
        self.client.reset()
        self.client.bus_master()
        if self.words:
            for i in range(0, 1024):
                self.words[i] = 0
        self.controller.start()

    def run(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for _ in range(self.rng.randrange(1, 12)):
                self.rng.choice((self.registers, self.commands, self.commands, self.commands, self.doorbells,
                                 self.scribble, self.scribble, self.unmap, self.client.reset))()
            self.again()


def attack(path, seed, mapped, seconds):
    code = ("import sys; sys.path.insert(0, sys.argv[1]); import test_nvme_hostile as t\n"
            "t.Attacker(sys.argv[2], int(sys.argv[3]), sys.argv[4] == 'True').run(float(sys.argv[5]))\n")
    return subprocess.Popen([sys.executable, "-c", code, HERE, path, str(seed), str(mapped), str(seconds)])


class TestStorm(ServerTest):
    DEVICES = {**{f"vm{i}": "isolated-rc" for i in range(3)},
               "good": "nvme,serial=1,drive=n0,bus=vm0.0",
               "bad": "nvme,serial=2,drive=n1,bus=vm1.0,dbbuf=on,cmb_size_mb=1",
               "worse": "nvme,serial=3,drive=n2,bus=vm2.0,mmap-doorbells=on"}
    NODES = 3

    @classmethod
    def setUpClass(cls):
        cls.files = tempfile.TemporaryDirectory()
        cls.EXTRA = []
        for i in range(cls.NODES):
            path = os.path.join(cls.files.name, str(i))
            with open(path, "wb") as disk:
                disk.truncate(nvme.FILE_SIZE)
            cls.EXTRA += ["-blockdev", f"driver=file,node-name=n{i},filename={path}"]
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.files.cleanup()

    def storm(self, attackers):
        honest = Honest(self.server)
        honest.start()
        time.sleep(0.3)
        before = self.server.rss_kib()
        storms = [attack(self.server.path(name), SEED + i, mapped, SECONDS)
                  for i, (name, mapped) in enumerate(attackers)]
        try:
            for storm in storms:
                self.assertEqual(storm.wait(60 * LONGER), 0, f"seed {SEED}")
        finally:
            honest.stopped.set()
            honest.join(30)
        self.assertIsNone(honest.error, f"seed {SEED}")
        self.assertGreater(honest.rounds, 10, f"seed {SEED}")
        self.assertLess(honest.worst, LIMIT * (6 if self.server.sanitized() else 1), f"seed {SEED}")
        if not self.server.sanitized():
            self.assertLess(self.server.rss_kib() - before, GROWTH, f"seed {SEED}")

    def useful(self, name):
        """Whatever format it has been given, and protected against writes or not."""
        with self.server.client(name) as client:
            controller = nvme.attach(client, self.memory(SIZE))
            done = controller.do(controller.admin, nvme.entry(nvme.SET_FEATURES, 1, cdw10=nvme.WRITE_PROTECTION))
            self.assertEqual(done.status, 0)
            done = controller.do(controller.admin, nvme.entry(nvme.FORMAT, 1))
            self.assertEqual(done.status, 0)
            controller.check(random.Random(1))

    def test_messages(self):
        self.storm([("bad", False)])
        self.useful("bad")

    def test_mapped_doorbells(self):
        self.storm([("worse", True)])
        self.useful("worse")

    def test_both(self):
        self.storm([("bad", False), ("worse", True)])
        self.useful("bad")
        self.useful("worse")


if __name__ == "__main__":
    unittest.main()
