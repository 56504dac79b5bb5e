# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients of an NVMe controller that die, are replaced, and take their memory along."""
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import nvme
import wire
from server import ServerTest

HERE = os.path.dirname(os.path.abspath(__file__))
IOVA = 0x100000


def file_node(name, path, driver="file"):
    if driver == "delay":
        return ["-blockdev", f"driver=delay,node-name={name},file.driver=file,file.filename={path}"]
    return ["-blockdev", f"driver=file,node-name={name},filename={path}"]


class DiskTest(ServerTest):
    """`a` and `b` have a file each, `a`'s can be held."""
    DEVICES = {"a": "nvme,serial=a,drive=na", "b": "nvme,serial=b,drive=nb"}
    QMP = True

    @classmethod
    def setUpClass(cls):
        cls.files = tempfile.TemporaryDirectory()
        cls.EXTRA = []
        for name, driver in (("a", "delay"), ("b", "file")):
            path = os.path.join(cls.files.name, name)
            with open(path, "wb") as disk:
                disk.truncate(nvme.FILE_SIZE)
            cls.EXTRA += file_node(f"n{name}", path, driver)
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.files.cleanup()

    def setUp(self):
        super().setUp()
        self.rng = random.Random(1)
        self.qmp = self.server.qmp()
        self.addCleanup(self.qmp.close)
        self.hold(False)

    def hold(self, on):
        self.qmp.command("x-blockdev-hold" if on else "x-blockdev-release", **{"node-name": "na"})

    def held(self):
        return self.qmp.command("x-query-blockdev-held", **{"node-name": "na"})["held"]

    def wait_held(self, count):
        end = time.monotonic() + 10
        while self.held() != count:
            self.assertLess(time.monotonic(), end, f"{self.held()} held, not {count}")
            time.sleep(0.005)

    def attach(self, name="a", size=1 << 20):
        return nvme.attach(self.client(name), self.memory(size))

    def hold_reads(self, controller, count=8):
        data = controller.alloc(nvme.PAGE)
        self.hold(True)
        for _ in range(count):
            controller.put(controller.io, nvme.rw(nvme.READ, 1, 0, 8, IOVA + data))
        controller.ring(8, controller.io.tail)
        self.wait_held(count)
        return data

    def settled_fds(self, expected):
        end = time.monotonic() + 10
        while self.server.fds() != expected and time.monotonic() < end:
            time.sleep(0.01)
        return self.server.fds()


class TestGone(DiskTest):

    def test_hangup_with_reads_held(self):
        fds = self.server.fds()
        controller = self.attach()
        data = self.hold_reads(controller)
        controller.client.close()
        self.wait_held(0)
        controller.map[data:data + nvme.PAGE] = b"\xa5" * nvme.PAGE
        self.hold(False)
        self.assertEqual(self.settled_fds(fds), fds)
        self.assertNotIn("memfd:guest", self.server.maps())
        time.sleep(0.1)
        self.assertEqual(controller.map[data:data + nvme.PAGE], b"\xa5" * nvme.PAGE)
        with self.server.client("a") as client:
            self.assertEqual(client.read32(wire.BAR0, nvme.CC), 0)
            self.assertEqual(client.read32(wire.BAR0, nvme.CSTS), 0)
            nvme.attach(client, self.memory(1 << 20)).check(self.rng)

    def test_next_client_while_held(self):
        """Nobody waits for the medium: not the one that goes, not the one that comes."""
        self.hold_reads(self.attach())
        first = self.server.client("b")
        first.close()
        controller = self.attach("b")
        controller.check(self.rng)

    def test_killed_in_the_middle(self):
        """What was acknowledged is there; nothing else of the dead client is."""
        fds = self.server.fds()
        for round_ in range(8):
            writer = subprocess.Popen([sys.executable, "-c", WRITER, HERE, self.server.path("a")],
                                      stdout=subprocess.PIPE, text=True)
            done = []
            end = time.monotonic() + 0.05 + 0.05 * round_
            while time.monotonic() < end or not done:
                done.append(int(writer.stdout.readline()))
            writer.send_signal(signal.SIGKILL)
            done += [int(line) for line in writer.stdout if line.endswith("\n")]
            writer.stdout.close()
            writer.wait()
            with self.server.client("a") as client:
                controller = nvme.attach(client, self.memory(1 << 20))
                for number in done[-200:]:
                    mark = controller.next
                    status, data = controller.read_blocks(8 * (number % 4000), nvme.PAGE)
                    self.assertEqual(status, 0)
                    self.assertEqual(data[:8], number.to_bytes(8, "little"))
                    controller.next = mark
        self.assertEqual(self.settled_fds(fds), fds)

    def test_hand_over(self):
        """The second sets itself up while the first has reads with the medium."""
        first = self.attach()
        data = self.hold_reads(first)
        second, memory = self.client("a"), self.memory(1 << 20)
        second.dma_map(IOVA, memory.size, memory.fd)
        second.bus_master()
        first.map[data:data + nvme.PAGE] = b"\xa5" * nvme.PAGE
        first.client.close()
        controller = nvme.Controller(second, memory, IOVA)
        self.assertEqual(second.read32(wire.BAR0, nvme.CSTS), 0)
        self.hold(False)
        controller.start().check(self.rng)
        self.assertEqual(first.map[data:data + nvme.PAGE], b"\xa5" * nvme.PAGE)
        second.close()


WRITER = """
import random, sys
sys.path.insert(0, sys.argv[1])
import nvme, wire
client = wire.Client(sys.argv[2]).hello()
memory = wire.Memory(1 << 20)
c = nvme.attach(client, memory)
number = random.randrange(1 << 40) * 4000
while True:
    mark = c.next
    assert c.write_blocks(8 * (number % 4000), number.to_bytes(8, "little") * 512) == 0
    c.next = mark
    print(number, flush=True)
    number += 1
"""


class TestTornMemory(DiskTest):
    """Files that shrink under queues, lists and data: an error for that client, nothing more."""

    def others(self):
        self.attach("b").check(self.rng)

    def test_data_is_gone(self):
        controller = self.attach()
        torn = self.memory(1 << 20)
        controller.client.dma_map(1 << 30, torn.size, torn.fd)
        os.ftruncate(torn.fd, 0)
        for opcode in (nvme.WRITE, nvme.READ):
            done = controller.do(controller.io, nvme.rw(opcode, 1, 0, 8, 1 << 30))
            self.assertNotEqual(done.status, 0)
        controller.check(self.rng)
        self.others()

    def test_data_goes_while_held(self):
        controller = self.attach()
        torn = self.memory(1 << 20)
        controller.client.dma_map(1 << 30, torn.size, torn.fd)
        self.hold(True)
        for _ in range(4):
            controller.put(controller.io, nvme.rw(nvme.READ, 1, 0, 8, 1 << 30))
        controller.ring(8, controller.io.tail)
        self.wait_held(4)
        os.ftruncate(torn.fd, 0)
        self.hold(False)
        for _ in range(4):
            self.assertNotEqual(controller.finish(controller.io).status, 0)
        controller.check(self.rng)
        self.others()

    def test_queues_are_gone(self):
        controller = self.attach()
        os.ftruncate(controller.memory.fd, 0)
        for at in (0, 8, 0, 8):
            controller.ring(at, 9)
        time.sleep(0.1)
        self.others()
        controller.client.close()
        self.attach().check(self.rng)


if __name__ == "__main__":
    unittest.main()
