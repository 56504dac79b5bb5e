# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk in a qcow2 image behind an NBD server: what its client was told is in the image, whatever
happened to the server on the way."""
import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import nvme
import wire
from server import Server, listening

SIZE = 16 << 20
MEMORY = 8 << 20
IOVA = 0x100000
SLOTS = SIZE // nvme.PAGE


class Backend:
    """An NBD server on a qcow2 image in `folder`, which can be killed and started again."""

    def __init__(self, folder):
        self.image, self.path = os.path.join(folder, "image"), os.path.join(folder, "nbd")
        self.process = None
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", self.image, str(SIZE)], check=True)

    def command(self):
        return ["qemu-nbd", "--persistent", "--format=qcow2", "--cache=writeback", "--discard=unmap",
                f"--socket={self.path}", self.image]

    def start(self):
        self.process = subprocess.Popen(self.command())
        while not listening(self.path):
            assert self.process.poll() is None, "the NBD server did not start"
            time.sleep(0.005)

    def kill(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        self.process.wait()
        if os.path.exists(self.path):
            os.unlink(self.path)


class StorageDaemon(Backend):

    def command(self):
        return ["qemu-storage-daemon", "--blockdev", f"driver=file,node-name=f,filename={self.image}",
                "--blockdev", "driver=qcow2,node-name=q,file=f,discard=unmap",
                "--nbd-server", f"addr.type=unix,addr.path={self.path}",
                "--export", "type=nbd,id=e,node-name=q,name=,writable=on"]


@unittest.skipUnless(shutil.which("qemu-nbd"), "qemu-nbd is not here")
class NbdTest(unittest.TestCase):
    BACKEND = Backend

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="nbd-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.backend = self.BACKEND(self.folder)
        self.backend.start()
        self.addCleanup(self.backend.kill)
        self.server = Server({"n0": "nvme,serial=1,drive=d0"}, extra=[
            "-blockdev", "driver=nbd,node-name=d0,server.type=unix,reconnect-delay=60,discard=unmap,"
            f"server.path={self.backend.path}"])
        self.addCleanup(self.end_server)
        client = self.server.client("n0")
        self.addCleanup(client.close)
        memory = wire.Memory(MEMORY)
        self.addCleanup(memory.close)
        self.disk = nvme.attach(client, memory, IOVA)
        self.rng = random.Random(7)
        self.content = {}       # slot: what was acknowledged last

    def end_server(self):
        if self.server:
            self.assertEqual(self.server.stop(), 0)
            self.server = None

    def write(self, slot):
        data = self.rng.randbytes(nvme.PAGE)
        mark = self.disk.next
        self.assertEqual(self.disk.write_blocks(slot * 8, data), 0)
        self.disk.next = mark
        self.content[slot] = data

    def flush(self):
        return self.disk.do(self.disk.io, nvme.entry(nvme.FLUSH, nsid=1)).status

    def expected_image(self):
        path = os.path.join(self.folder, "expected")
        with open(path, "wb") as raw:
            raw.truncate(SIZE)
            for slot, data in self.content.items():
                raw.seek(slot * nvme.PAGE)
                raw.write(data)
        return path

    def assert_image(self):
        """Looked at by another program, without either server."""
        subprocess.run(["qemu-img", "check", "-q", self.backend.image], check=True)
        subprocess.run(["qemu-img", "compare", "-q", "-f", "raw", "-F", "qcow2", self.expected_image(),
                        self.backend.image], check=True)


class TestImage(NbdTest):

    def test_written_and_read(self):
        for slot in self.rng.sample(range(SLOTS), 200):
            self.write(slot)
        for slot in list(self.content)[:50]:
            mark = self.disk.next
            self.assertEqual(self.disk.read_blocks(slot * 8, nvme.PAGE), (0, self.content[slot]))
            self.disk.next = mark
        self.assertEqual(self.flush(), 0)
        self.end_server()
        self.backend.kill(signal.SIGTERM)
        self.assert_image()

    def test_both_killed_after_a_flush(self):
        for slot in range(100):
            self.write(slot)
        self.assertEqual(self.flush(), 0)
        self.server.process.kill()
        self.backend.kill()
        self.server.process.wait()
        self.server.log.close()
        shutil.rmtree(self.server.dir)
        self.server = None
        subprocess.run(["qemu-img", "check", "-q", "-r", "leaks", self.backend.image], check=False,
                       stdout=subprocess.DEVNULL)
        self.assert_image()


class TestRestarts(NbdTest):

    def restart_now_and_then(self, stop):
        while not stop.wait(0.1):
            before = self.writes
            while self.writes == before and not stop.wait(0.005):
                pass            # connected again, and in the middle of something
            self.restarts += 1
            self.backend.kill()
            # Repairs what a server that was killed left behind, as an operator would.
            subprocess.run(["qemu-img", "check", "-q", "-r", "all", self.backend.image], check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.backend.start()

    def test_server_killed_again_and_again(self):
        """Acknowledged, flushed or not: all of it is there after the last flush."""
        self.writes, self.restarts = 0, 0
        stop = threading.Event()
        killer = threading.Thread(target=self.restart_now_and_then, args=(stop,))
        killer.start()
        end = time.monotonic() + 60
        try:
            while self.restarts < 8 and time.monotonic() < end:
                self.write(self.rng.randrange(SLOTS))
                self.writes += 1
                if self.writes % 50 == 0:
                    self.assertEqual(self.flush(), 0)
        finally:
            stop.set()
            killer.join()
        self.assertEqual(self.restarts, 8)
        self.assertEqual(self.flush(), 0)
        self.end_server()
        self.backend.kill(signal.SIGTERM)
        self.assert_image()

    def test_away_in_the_middle(self):
        """A command that is with the server when it goes; one while nobody is there."""
        self.write(1)
        self.backend.process.send_signal(signal.SIGSTOP)
        at = self.disk.alloc(nvme.PAGE)
        data = self.rng.randbytes(nvme.PAGE)
        self.disk.map[at:at + nvme.PAGE] = data
        self.disk.submit(self.disk.io, nvme.rw(nvme.WRITE, 1, 16, 8, IOVA + at))
        self.content[2] = data
        time.sleep(0.1)
        self.backend.kill()
        time.sleep(0.3)
        self.assertIsNone(self.disk.reap(self.disk.io))
        # Other things of the device go on meanwhile.
        self.assertNotEqual(self.disk.client.read32(wire.BAR0, nvme.VS), 0)
        self.backend.start()
        self.assertEqual(self.disk.finish(self.disk.io).status, 0)
        self.assertEqual(self.flush(), 0)
        self.end_server()
        self.backend.kill(signal.SIGTERM)
        self.assert_image()


@unittest.skipUnless(shutil.which("qemu-storage-daemon"), "qemu-storage-daemon is not here")
class TestStorageDaemon(TestRestarts):
    BACKEND = StorageDaemon


if __name__ == "__main__":
    unittest.main()
