# SPDX-License-Identifier: GPL-2.0-or-later
"""Many hostile clients at once, while honest ones look at their data and the clock.

Random, but seeded: a failure names the seed, X_REMOTE_SEED repeats it.
X_REMOTE_HOSTILE=N makes everything N times as long (default 1).
"""
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import edu
import wire
from server import Server, ServerTest

LONGER = int(os.environ.get("X_REMOTE_HOSTILE", "1"))
SEED = int(os.environ.get("X_REMOTE_SEED", str(time.time_ns() & 0xffffffff)))
HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = 0.5                     # seconds that an honest access may take


def slow(server):
    return 6 if server.sanitized() else 1


class Honest(threading.Thread):
    """Writes, reads back and moves its own data; remembers its worst access."""

    def __init__(self, server, name):
        super().__init__()
        self.server, self.name = server, name
        self.worst, self.rounds, self.error = 0.0, 0, None
        self.stopped = threading.Event()

    def timed(self, call, *args):
        start = time.monotonic()
        result = call(*args)
        self.worst = max(self.worst, time.monotonic() - start)
        return result

    def run(self):
        try:
            with self.server.client(self.name) as client:
                self.work(client)
        except Exception as error:      # pylint: disable=broad-except
            self.error = error

    def work(self, client):
        rng = random.Random(self.name)
        memory = wire.Memory(4 * wire.PAGE)
        client.bus_master()
        client.dma_map(0x1000, 4 * wire.PAGE, memory.fd)
        while not self.stopped.is_set():
            value = rng.getrandbits(32)
            self.timed(client.write32, wire.BAR0, edu.LIVENESS, value)
            assert self.timed(client.read32, wire.BAR0, edu.LIVENESS) == value ^ 0xffffffff
            data = rng.randbytes(256)
            memory.write(0, data)
            edu.to_edu(client, 0x1000, 256)
            edu.from_edu(client, 0x2000, 256)
            assert memory.read(wire.PAGE, 256) == data, "another's bytes"
            self.rounds += 1
            time.sleep(0.01)
        memory.close()

    def end(self, test, limit):
        self.stopped.set()
        self.join(30)
        test.assertFalse(self.is_alive(), f"{self.name} hangs, seed {SEED}")
        test.assertIsNone(self.error, f"{self.name}, seed {SEED}")
        test.assertGreater(self.rounds, 0)
        test.assertLess(self.worst, limit, f"{self.name}, seed {SEED}")


class Attacker:
    """One message after the other, most of them nearly right."""

    def __init__(self, path, seed):
        self.path, self.rng = path, random.Random(seed)
        self.fds = [os.memfd_create("x"), os.eventfd(0, 0), os.open("/dev/null", os.O_RDWR)]
        os.ftruncate(self.fds[0], 1 << 20)

    def number(self):
        return self.rng.choice((0, 1, 2, 7, 8, 16, 4096, 0x1000, 1 << 31, (1 << 32) - 1,
                                (1 << 63), (1 << 64) - 4096, (1 << 64) - 1, self.rng.getrandbits(64)))

    def words(self, kinds):
        return b"".join(struct.pack("=I", self.number() & 0xffffffff) if k == "I"
                        else struct.pack("=Q", self.number()) for k in kinds)

    def payload(self, command):
        rng = self.rng
        page = 4096 * rng.randrange(64)
        rows = {
            wire.DMA_MAP: lambda: struct.pack("=IIQQQ", 32, rng.choice((1, 2, 3)), 0, page,
                                              4096 * rng.randrange(1, 8)),
            wire.DMA_UNMAP: lambda: struct.pack("=IIQQ", 24, 0, page, 4096 * rng.randrange(1, 64)),
            wire.GET_INFO: lambda: struct.pack("=IIII", 16, 0, 0, 0),
            wire.GET_REGION_INFO: lambda: struct.pack("=IIIIQQ", 64, 0, rng.randrange(10), 0, 0, 0),
            wire.GET_IRQ_INFO: lambda: struct.pack("=IIII", 16, 0, rng.randrange(6), 0),
            wire.SET_IRQS: lambda: struct.pack("=IIIII", 20, rng.choice((0x21, 0x24, 0x0c, 0x14, 9, 17)),
                                               rng.randrange(6), 0, rng.randrange(3)),
            wire.REGION_READ: lambda: struct.pack("=QII", rng.choice((0, 4, 0x80, 0x98, 0x60, page)),
                                                  rng.choice((0, 0, 7, rng.randrange(10))),
                                                  rng.choice((1, 2, 4, 8, 256, 65536))),
            wire.REGION_WRITE: lambda: struct.pack("=QIIQ", rng.choice((4, 8, 0x20, 0x60, 0x64, 0x80, 0x88,
                                                                       0x90, 0x98)), rng.choice((0, 0, 7)),
                                                   8, rng.choice((1, 3, 7, 4096, 0x40000, page))),
        }
        if command in rows and rng.random() < 0.8:
            return rows[command]()
        return self.words(rng.choices("IQ", k=rng.randrange(8)))

    def message(self, sock):
        rng = self.rng
        command = rng.choice((rng.randrange(1, 20), wire.DMA_MAP, wire.DMA_UNMAP, wire.REGION_WRITE,
                              wire.REGION_READ, wire.SET_IRQS, rng.getrandbits(16)))
        body = self.payload(command)
        size = 16 + len(body)
        if rng.random() < 0.01:
            size = self.number() & 0xffffffff
        flags = rng.choice((0, 0, 0, 0x10, 0x10, 0x20)) if rng.random() < 0.99 else rng.getrandbits(32)
        data = wire.HEADER.pack(rng.getrandbits(16), command, size, flags, 0) + body
        fds = rng.choices(self.fds, k=rng.choice((0, 0, 1, 1, 2, 16))) if rng.random() < 0.4 else []
        sock.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack(f"={len(fds)}i", *fds))]
                     if fds else [])

    def visit(self):
        rng = self.rng
        with wire.Client(self.path, timeout=5) as client:
            if rng.random() < 0.9:
                client.hello()
                client.bus_master()
            client.sock.setblocking(False)
            for _ in range(rng.randrange(200)):
                try:
                    self.message(client.sock)
                    if rng.random() < 0.7:
                        while client.sock.recv(1 << 20):
                            pass
                except BlockingIOError:
                    pass

    def run(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                self.visit()
            except (wire.Closed, wire.VfuError, OSError):
                pass


def attack_in_a_process(paths, seed, seconds):
    """Clients of their own interpreter: threads of one would wait for each other."""
    code = (f"import sys; sys.path.insert(0, {HERE!r}); import threading; import test_hostile_storm as t\n"
            "seconds, seed, paths = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]\n"
            "for i, path in enumerate(paths):\n"
            "    threading.Thread(target=t.Attacker(path, seed + i).run, args=[seconds]).start()\n")
    return subprocess.Popen([sys.executable, "-c", code, str(seconds), str(seed)] + paths)


class TestStorm(ServerTest):
    """64 devices of 16 machines: every fourth machine is honest."""
    DEVICES = {**{f"vm{i}": "isolated-rc" for i in range(16)},
               **{f"d{i}": f"edu,bus=vm{i % 16}.0" for i in range(64)}}

    def honest_names(self):
        return [f"d{i}" for i in range(16) if i % 4 == 0]

    def hostile_names(self):
        return [f"d{i}" for i in range(64) if i % 4]

    def with_honest(self, attack):
        honest = [Honest(self.server, name) for name in self.honest_names()]
        for thread in honest:
            thread.start()
        try:
            attack()
        finally:
            for thread in honest:
                thread.stopped.set()
            for thread in honest:
                thread.join(30)
        for thread in honest:
            thread.end(self, LIMIT * slow(self.server))

    def test_random_messages(self):
        def attack():
            names = self.hostile_names()
            groups = [attack_in_a_process([self.server.path(n) for n in names[k::2]], SEED + 1000 * k,
                                          6 * LONGER) for k in range(2)]
            for group in groups:
                self.assertEqual(group.wait(60 * LONGER), 0)

        before = None
        for _ in range(2):
            self.with_honest(attack)
            time.sleep(0.5)
            now = self.server.fds(), self.server.rss_kib()
            if before and slow(self.server) == 1:
                self.assertLess(now[0] - before[0], 16, f"seed {SEED}")
                self.assertLess(now[1] - before[1], 4096, f"seed {SEED}")
            before = now

    def test_one_byte_at_a_time(self):
        """Slow senders on 48 sockets, before and in the middle of a message."""
        def attack():
            clients = [self.server.client(name, hello=i % 2 == 0)
                       for i, name in enumerate(self.hostile_names())]
            for value in wire.HEADER.pack(1, wire.VERSION, 64, 0, 0)[:3]:
                for client in clients:
                    try:
                        client.send_raw(bytes([value]))
                    except OSError:
                        pass
                time.sleep(1)
            for client in clients:
                client.close()

        self.with_honest(attack)

    def test_nobody_reads(self):
        """Full sockets, and processes that are stopped."""
        def attack():
            clients = [self.server.client(name) for name in self.hostile_names()]
            question = wire.HEADER.pack(1, wire.REGION_READ, 32, 0, 0) + struct.pack("=QII", 0, 7, 256)
            for client in clients:
                client.sock.setblocking(False)
                try:
                    for _ in range(500):
                        client.sock.send(question * 50)
                except (BlockingIOError, OSError):
                    pass
            time.sleep(1)
            if not self.server.sanitized():
                self.assertLess(self.server.rss_kib() - rss, 48 * 8192)
            for client in clients:
                client.close()

        rss = self.server.rss_kib()
        self.with_honest(attack)

    def test_big_accesses(self):
        """The dearest messages there are, as many as the socket takes."""
        def attack():
            read = wire.HEADER.pack(1, wire.REGION_READ, 32, wire.NO_REPLY, 0) + \
                struct.pack("=QII", 0, 0, 1 << 20)
            clients = [self.server.client(name) for name in self.hostile_names()[:4]]
            for client in clients:
                client.sock.setblocking(False)
            end = time.monotonic() + 2 * LONGER
            while time.monotonic() < end:
                for client in clients:
                    try:
                        client.sock.send(read * 100)
                    except BlockingIOError:
                        time.sleep(0.001)
            for client in clients:
                client.close()

        self.with_honest(attack)
        # the sibling in the hostile domain is served again soon
        start = time.monotonic()
        self.assertEqual(self.client("d17").read32(wire.BAR0, edu.ID), 0x010000ed)
        self.assertLess(time.monotonic() - start, 4 * slow(self.server))


class TestKilled(ServerTest):
    DEVICES = {"d0": "edu", "d1": "dma-engine"}

    VICTIM = ("import sys, random; sys.path.insert(0, %r); import wire, edu, dma_engine as e, os\n"
              "rng = random.Random(int(sys.argv[3])); print('x', flush=True)\n"
              "c = wire.Client(sys.argv[1]).hello(); c.bus_master(); m = wire.Memory(1 << 20)\n"
              "d = wire.Client(sys.argv[2]).hello(); d.bus_master()\n"
              "while True:\n"
              "    size = 4096 * rng.randrange(1, 256)\n"
              "    for x in (c, d): x.dma_map(0, size, m.fd if rng.random() < .7 else None)\n"
              "    edu.start_dma(c, edu.BUFFER, 0, 4096, 1)\n"
              "    d.write32(0, e.HOLD, rng.randrange(4))\n"
              "    e.Channel(d, rng.randrange(2)).start(rng.choice((0, 2, 4, 6)), 0, 2048, 2048)\n"
              "    c.set_irqs(0x24, 1, 0, 1, fds=[os.eventfd(0)])\n"
              "    if rng.random() < .5: d.send(13)\n"
              "    for x in (c, d): x.send(wire.DMA_UNMAP, (24).to_bytes(4, 'little') + bytes(12) +\n"
              "                            size.to_bytes(8, 'little'), flags=0x10)\n" % HERE)

    def test_kill_at_any_time(self):
        rng = random.Random(SEED)

        def visit(i):
            victim = subprocess.Popen([sys.executable, "-S", "-c", self.VICTIM, self.server.path("d0"),
                                       self.server.path("d1"), str(SEED + i)],
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            victim.stdout.read(1)
            time.sleep(rng.random() ** 3 * 0.1)
            victim.send_signal(rng.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)))
            victim.wait()
            victim.stdout.close()

        def settle():
            for name, value in (("d0", 0x010000ed), ("d1", 0x31414d44)):
                with self.server.client(name) as client:
                    self.assertEqual(client.read32(wire.BAR0, 0), value, f"seed {SEED}")
            time.sleep(0.1)
            return self.server.fds(), self.server.maps().count("\n")

        for i in range(5):
            visit(i)
        before = settle()
        for i in range(25 if LONGER == 1 else 200):
            visit(100 + i)
        after = settle()
        self.assertEqual(after[0], before[0], f"seed {SEED}")
        if not self.server.sanitized():
            self.assertLess(after[1] - before[1], 40, f"seed {SEED}")


class TestStopped(ServerTest):
    DEVICES = {"vm": "isolated-rc", "a": "edu,bus=vm.0", "b": "edu,bus=vm.0"}

    def test_stopped_client_with_a_full_socket(self):
        code = ("import sys; sys.path.insert(0, %r); import wire, struct\n"
                "c = wire.Client(sys.argv[1]).hello(); c.sock.setblocking(False)\n"
                "try:\n"
                "    while True: c.send(wire.REGION_READ, struct.pack('=QII', 0, 7, 256))\n"
                "except OSError: pass\n"
                "print('x', flush=True); import time; time.sleep(60)\n" % HERE)
        stopped = subprocess.Popen([sys.executable, "-c", code, self.server.path("a")],
                                   stdout=subprocess.PIPE)
        stopped.stdout.read(1)
        stopped.send_signal(signal.SIGSTOP)
        other = self.client("b")
        end = time.monotonic() + 2
        while time.monotonic() < end:
            start = time.monotonic()
            self.assertEqual(other.read32(wire.BAR0, edu.ID), 0x010000ed)
            self.assertLess(time.monotonic() - start, LIMIT * slow(self.server))
        stopped.kill()
        stopped.wait()
        stopped.stdout.close()
        self.assertEqual(self.client("a").read32(wire.BAR0, edu.ID), 0x010000ed)


class TestFewFiles(ServerTest):
    """90 file descriptors for the whole process."""

    def test_no_file_is_left(self):
        code = "import resource, os, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (90, 90)); " \
               "os.execv(sys.argv[1], sys.argv[1:])"
        server = LimitedServer(code, {f"d{i}": "edu" for i in range(4)})
        self.addCleanup(server.stop)
        honest = server.client("d0")
        memory = self.memory(wire.PAGE)
        hostile = [server.client(f"d{i}") for i in (1, 2, 3)]
        for round_ in range(3):
            files = [wire.Memory(wire.PAGE) for _ in range(60)]
            for client in hostile:
                for i, file in enumerate(files):
                    try:
                        client.dma_map(i * wire.PAGE, wire.PAGE, file.fd)
                        client.send(wire.VERSION, b"", [file.fd] * 16)
                        client.receive()
                    except (wire.VfuError, wire.Closed, OSError):
                        pass
                self.assertEqual(honest.read32(wire.BAR0, edu.ID), 0x010000ed)
            # more connections than there are descriptors for
            waiting = [server.client(f"d{i}", hello=False) for i in (0, 1, 2, 3) for _ in range(8)]
            self.assertEqual(honest.read32(wire.BAR0, edu.ID), 0x010000ed)
            for client in waiting + hostile:
                client.close()
            for file in files:
                file.close()
            hostile = [server.client(f"d{i}") for i in (1, 2, 3)]
        honest.bus_master()
        honest.dma_map(0x1000, wire.PAGE, memory.fd)
        edu.from_edu(honest, 0x1000, 16)
        for client in hostile:
            self.assertEqual(client.read32(wire.BAR0, edu.ID), 0x010000ed)
            client.close()


class LimitedServer(Server):
    """Started by way of a program that lowers a limit first."""

    def __init__(self, code, devices):
        self.code = code
        real = subprocess.Popen
        subprocess.Popen = lambda args, **kwargs: real([sys.executable, "-c", code] + args, **kwargs)
        try:
            super().__init__(devices)
        finally:
            subprocess.Popen = real


if __name__ == "__main__":
    import unittest
    unittest.main()
