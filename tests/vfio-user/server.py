# SPDX-License-Identifier: GPL-2.0-or-later
"""Starting the product for a test, and looking at it from outside."""
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import wire

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOT_SERVED = ("isolated-rc", "pcie-root-port", "pcie-pci-bridge", "pci-bridge")
ACCEPTS = 1 << 16       # __SO_ACCEPTCON in the flags of /proc/net/unix
BINARY = os.environ.get("X_REMOTE_BINARY", os.path.join(ROOT, "build", "qemu-system-x86_64"))


def listening(path):
    """Whether somebody listens there: between bind() and listen() the file is there already."""
    with open("/proc/net/unix", encoding="utf-8", errors="replace") as sockets:
        rows = (line.rstrip("\n").split(None, 7) for line in sockets)
        return any(len(row) == 8 and row[7] == path and int(row[3], 16) & ACCEPTS for row in rows)


class Server:
    """A running process. `devices` maps ids to -device options without id."""

    def __init__(self, devices, extra=(), server_options="", qmp=False, environment=None):
        self.dir = tempfile.mkdtemp(prefix="vfu-", dir=os.environ.get("TMPDIR", "/tmp"))
        self.log = open(os.path.join(self.dir, "log"), "w+", encoding="utf-8", errors="replace")
        args = [BINARY, "-machine", "x-remote", "-nodefaults", "-display", "none"]
        for name, options in devices.items():
            args += ["-device", f"{options},id={name}"]
            if not options.startswith(NOT_SERVED):
                args += ["-object", f"vfio-user-server,id=s-{name},type=unix,"
                                    f"path={self.path(name)},device={name}{server_options}"]
        if qmp:
            args += ["-qmp", f"unix:{self.path('qmp')},server=on,wait=off"]
        self.args = args + list(extra)
        self.process = subprocess.Popen(self.args, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log, env=environment)
        self.first = next((n for n, o in devices.items() if not o.startswith(NOT_SERVED)), None)
        self._wait_until_listening([n for n, o in devices.items()
                                    if not o.startswith(NOT_SERVED)])

    def _wait_until_listening(self, names):
        deadline = time.monotonic() + 20
        for name in names:
            while not listening(self.path(name)):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"server did not start: {' '.join(self.args)}\n{self.output()}")
                time.sleep(0.005)

    def path(self, name):
        return os.path.join(self.dir, f"{name}.sock")

    def client(self, name=None, hello=True, **kwargs):
        client = wire.Client(self.path(name or self.first), **kwargs)
        return client.hello() if hello else client

    def qmp(self):
        return Qmp(self.path("qmp"))

    def output(self):
        self.log.flush()
        with open(self.log.name, encoding="utf-8", errors="replace") as log:
            return log.read()

    def alive(self):
        return self.process.poll() is None

    def fds(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def threads(self):
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def maps(self):
        with open(f"/proc/{self.process.pid}/maps", encoding="utf-8") as maps:
            return maps.read()

    def sanitized(self):
        """Memory and time are not what they are without a sanitizer."""
        return any(name in self.maps() for name in ("asan", "tsan")) or \
            "asan" in os.environ.get("X_REMOTE_SANITIZER", "")

    def rss_kib(self):
        """Memory of its own; pages of files come and go with what the machine has free."""
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("RssAnon"))

    def stop(self):
        """Ends it as an operator would; returns the exit status."""
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
            raise AssertionError("SIGTERM did not end the server:\n" + self.output())
        finally:
            output = self.output()
            self.log.close()
            shutil.rmtree(self.dir, ignore_errors=True)
        for sign in ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:"):
            if sign in output:
                raise AssertionError("sanitizer report:\n" + output)
        return status


class Qmp:
    """The few QMP words that these tests need."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect(path)
        self.file = self.sock.makefile("r")
        self.events = []
        self.file.readline()
        self.command("qmp_capabilities")

    def command(self, name, **arguments):
        self.sock.sendall(json.dumps({"execute": name, "arguments": arguments}).encode() + b"\n")
        while True:
            line = json.loads(self.file.readline())
            if "event" in line:
                self.events.append(line)
            elif "error" in line:
                raise AssertionError(line["error"])
            else:
                return line["return"]

    def wait_event(self, name, timeout=10):
        self.sock.settimeout(timeout)
        while True:
            for event in self.events:
                if event["event"] == name:
                    self.events.remove(event)
                    return event
            self.events.append(json.loads(self.file.readline()))

    def close(self):
        self.file.close()
        self.sock.close()


class ServerTest(unittest.TestCase):
    """One server for a class; a test that may end it uses own_server()."""

    DEVICES = {"d0": "edu"}
    EXTRA = ()
    OPTIONS = ""
    QMP = False

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.DEVICES, cls.EXTRA, cls.OPTIONS, cls.QMP)

    @classmethod
    def tearDownClass(cls):
        status = cls.server.stop()
        if status != 0:
            raise AssertionError(f"the server ended with {status}")

    def setUp(self):
        self.assertTrue(self.server.alive(), "an earlier test has ended the server:\n"
                        + self.server.output() if not self.server.alive() else "")

    def tearDown(self):
        self.assertTrue(self.server.alive(), "the test has ended the server")

    def own_server(self, devices=None, **kwargs):
        server = Server(devices or self.DEVICES, **kwargs)
        self.addCleanup(server.stop)
        return server

    def client(self, name=None, **kwargs):
        client = self.server.client(name, **kwargs)
        self.addCleanup(client.close)
        return client

    def memory(self, size):
        memory = wire.Memory(size)
        self.addCleanup(memory.close)
        return memory

    def assert_error(self, code, call, *args, **kwargs):
        with self.assertRaises(wire.VfuError) as caught:
            call(*args, **kwargs)
        if code is not None:
            self.assertEqual(caught.exception.errno, code)
