# SPDX-License-Identifier: GPL-2.0-or-later
"""What every functional and acceptance test stands on.

A test makes servers and guests; both end with it, whatever happens, and a
server that crashed, complained or ended badly fails the test. Logs are kept
when the test fails and thrown away when it passes.
"""
import functools
import os
import shutil
import tempfile
import unittest

from . import guest, server, stock

EDU = (0x1234, 0x11e8)
ENGINE = (0x1234, 0x11e9)
TESTDEV = (0x1b36, 0x0005)
PVPANIC = (0x1b36, 0x0011)
I6300ESB = (0x8086, 0x25ab)


@functools.lru_cache(maxsize=1)
def client():
    """The stock client; made by the first test that needs it."""
    return stock.prepare()


def adler32(length, rounds=1):
    """Checksum that guest-tool prints for the last round of edu-dma."""
    a, b, last = 1, 0, rounds - 1
    for i in range(length):
        a = (a + ((i * 31 + last * 7 + (i >> 8)) & 255)) % 65521
        b = (b + a) % 65521
    return f"{b << 16 | a:08x}"


class Environment:
    """Mixed into a unittest.TestCase (or avocado's)."""

    def setUp(self):
        super().setUp()
        if not os.access(server.program(), os.X_OK):
            self.skipTest(f"no server at {server.program()}: build it, or set X_REMOTE_SERVER")
        self._servers = []
        # Short: a socket path has at most 108 bytes.
        self.folder = tempfile.mkdtemp(prefix="xr-")
        self.addCleanup(self._finish)

    def _finish(self):
        wrong = [text for each in self._servers for text in each.stop()]
        failed = wrong or self._failed()
        kept = os.environ.get("X_REMOTE_LOGS")
        if failed and kept:
            place = os.path.join(kept, self.id().replace("/", "_"))
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(self.folder, place, ignore=shutil.ignore_patterns("*.sock"))
            print(f"# logs: {place}")
        if not failed or kept:
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            print(f"# logs: {self.folder}")
        if wrong:
            raise AssertionError("; ".join(wrong))

    def _failed(self):
        result = getattr(getattr(self, "_outcome", None), "result", None)
        if result is None:
            return getattr(self, "status", "") in ("FAIL", "ERROR")
        return any(case is self for case, _ in result.failures + result.errors) \
            or not getattr(self._outcome, "success", True)

    def serve(self, *devices, **options):
        """Start a server with these -device texts."""
        made = server.Server(self.folder, devices, **options)
        self._servers.append(made)
        return made

    def start_guest(self, *devices, **options):
        """Start a guest; its client ends with the test."""
        made = guest.Guest(client(), self.folder, devices=devices, **options)
        self.addCleanup(made.close)
        return made

    def boot(self, *devices, **options):
        """A guest that takes commands."""
        return self.start_guest(*devices, **options).boot()

    def only(self, machine, ids):
        """The one function with these ids in the guest."""
        found = machine.find(*ids)
        self.assertEqual(len(found), 1, f"{ids[0]:04x}:{ids[1]:04x} found {len(found)} times")
        return found[0]

    def check_edu(self, machine, bdf, interrupts="msi-raw", length=4096):
        """Registers, interrupts and DMA both ways of one edu."""
        self.assertEqual(machine.tool(f"edu-registers {bdf}"),
                         {"id": "0x010000ed", "liveness": "ok", "factorial": "ok"})
        self.assertEqual(machine.tool(f"edu-interrupt {bdf} {interrupts} 10")["interrupts"], "10")
        answer = machine.tool(f"edu-dma {bdf} {interrupts} {length} 2")
        self.assertEqual(answer["checksum"], adler32(length, 2))
        return answer


class FunctionalTest(Environment, unittest.TestCase):
    """Base of the tests in this folder."""

    longMessage = True
