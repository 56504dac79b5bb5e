# SPDX-License-Identifier: GPL-2.0-or-later
"""The server command lines of README and docs/ work as they are written."""
import os
import re
import shlex
import signal
import socket
import time

from xremote import server
from xremote.case import FunctionalTest
from xremote.process import Process

FOLDERS = re.compile("(?:/run/user/1000|/tmp)/")
FILES = ("README.md", "docs/system/invocation.rst", "docs/system/vfio-user-server.rst",
         "docs/devel/qtest.rst")


def examples(path):
    """Complete command lines of our server in a document, as lists of words."""
    with open(os.path.join(server.TOP, path), encoding="utf-8") as f:
        text = f.read().replace("\\\n", " ")
    for line in re.findall(r"^ +(?:\./)?qemu-system-x86_64 (-machine x-remote .*)$", text, re.M):
        if "..." not in line and "[" not in line:
            yield shlex.split(line)


class Examples(FunctionalTest):
    """No guest is needed here, so tests/avocado has no part in it."""

    def run_example(self, words):
        """Start it with its files in our folder, find its sockets, end it."""
        words = [self.moved(w) for w in words]
        sockets = re.findall(re.escape(self.folder) + r"/[\w.]+\.(?:sock|qmp)", " ".join(words))
        self.assertTrue(sockets, words)
        for image in re.findall(r"filename=([^,]+)", " ".join(words)):
            with open(image, "wb") as f:
                f.truncate(64 << 20)
        process = Process("example", [server.program(), *words],
                          os.path.join(self.folder, "example.log"))
        pidfile = os.path.join(self.folder, "vmA.pid")
        try:
            if "-daemonize" in words:
                self.assertEqual(process.wait(20), 0, process.lines)
            for path in sockets:
                self.connect(path, process)
            if "-daemonize" in words:
                with open(pidfile, encoding="utf-8") as f:
                    pid = int(f.read())
                os.kill(pid, signal.SIGTERM)
                self.wait_gone(pidfile)
            else:
                process.kill(signal.SIGTERM)
                self.assertEqual(process.wait(20), 0, process.lines)
        finally:
            process.close()
        left = [s for s in sockets if os.path.exists(s)]
        self.assertFalse(left, "sockets are left behind")

    def moved(self, word):
        """A word of the command line with its paths in our folder."""
        return FOLDERS.sub(self.folder + "/", word)

    def connect(self, path, process):
        """The socket takes connections, now or soon."""
        end = time.monotonic() + 10
        while True:
            with socket.socket(socket.AF_UNIX) as sock:
                try:
                    sock.connect(path)
                    return
                except OSError as e:
                    self.assertLess(time.monotonic(), end, f"{path}: {e}; {process.lines}")
            time.sleep(0.02)

    def wait_gone(self, path):
        """A file that the process removes at its end."""
        end = time.monotonic() + 20
        while os.path.exists(path):
            self.assertLess(time.monotonic(), end, f"{path} is still there")
            time.sleep(0.02)

    def test_documents(self):
        """Each document has some."""
        count = 0
        for path in FILES:
            for words in examples(path):
                count += 1
                with self.subTest(path, command=" ".join(words)):
                    self.run_example(words)
        self.assertGreaterEqual(count, 4)
