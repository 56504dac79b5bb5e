# SPDX-License-Identifier: GPL-2.0-or-later
"""Eventfds that the client fills, blocks, and makes readable without end.

Section 8.5 of the checklist. An eventfd is shared with the client: its counter,
and whether a write to it blocks, are the client's to change at any moment.
X_REMOTE_HOSTILE=N makes the races N times as long (default 1).
"""
import os
import subprocess
import sys
import time

import edu
import wire
from server import ServerTest

LONGER = int(os.environ.get("X_REMOTE_HOSTILE", "1"))
EFD_SEMAPHORE = 1

READER = "import os, sys\nwhile True:\n    os.eventfd_read(int(sys.argv[1]))"
FILLER = "import os, sys\nwhile True:\n    os.eventfd_write(int(sys.argv[1]), 0xfffffffffffffffe)"


class IrqTest(ServerTest):
    DEVICES = {"vm": "isolated-rc", "a": "edu,bus=vm.0", "b": "edu,bus=vm.0", "c": "edu"}

    def event(self, flags=os.EFD_CLOEXEC):
        fd = os.eventfd(0, flags)
        self.addCleanup(os.close, fd)
        return fd

    def answers(self, name, limit=2.5):
        with self.server.client(name) as client:
            for _ in range(20):
                start = time.monotonic()
                self.assertEqual(client.read32(wire.BAR0, edu.ID), 0x010000ed)
                self.assertLess(time.monotonic() - start, limit)

    def cpu_seconds(self):
        with open(f"/proc/{self.server.process.pid}/stat", encoding="utf-8") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def helper(self, code, fd):
        process = subprocess.Popen([sys.executable, "-S", "-c", code, str(fd)], pass_fds=[fd])
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def test_counter_filled_between_question_and_write(self):
        """Full and empty in turns, blocking; then nobody empties it any more."""
        event = self.event()
        client = self.client("a")
        client.set_irqs(wire.DATA_EVENTFD | wire.TRIGGER, wire.MSI, 0, 1, fds=[event])
        os.set_blocking(event, True)
        trigger = wire.HEADER.pack(1, wire.SET_IRQS, 36, wire.NO_REPLY, 0) + \
            b"".join(n.to_bytes(4, "little")
                     for n in (20, wire.DATA_NONE | wire.TRIGGER, wire.MSI, 0, 1))
        self.helper(FILLER, event)
        for _ in range(8 * LONGER):
            reader = self.helper(READER, event)
            time.sleep(0.15)
            client.send_raw(trigger * 4000)
            time.sleep(0.05)
            reader.kill()
            self.answers("b")
            self.answers("c")

    def test_full_counter_in_blocking_mode(self):
        event = self.event()
        client = self.client("a")
        client.set_irqs(wire.DATA_EVENTFD | wire.TRIGGER, wire.INTX, 0, 1, fds=[event])
        os.set_blocking(event, True)
        os.eventfd_write(event, 0xfffffffffffffffe)
        for _ in range(50):
            client.write32(wire.BAR0, edu.IRQ_RAISE, 1)
            client.set_irqs(wire.DATA_NONE | wire.UNMASK, wire.INTX, 0, 1)
            client.write32(wire.BAR0, edu.IRQ_ACK, 1)
        self.answers("b")

    def storm(self, resample, event):
        client = self.client("a")
        client.set_irqs(wire.DATA_EVENTFD | wire.TRIGGER, wire.INTX, 0, 1, fds=[event])
        client.set_irqs(wire.DATA_EVENTFD | wire.UNMASK, wire.INTX, 0, 1, fds=[resample])
        client.write32(wire.BAR0, edu.IRQ_RAISE, 1)
        self.answers("b")
        self.answers("c")
        self.assertEqual(client.read32(wire.BAR0, edu.ID), 0x010000ed)
        client.write32(wire.BAR0, edu.IRQ_ACK, 1)
        return client

    def test_resample_semaphore_that_never_empties(self):
        """Readable for ever: neither starves others nor outlives the client."""
        resample = self.event(os.EFD_CLOEXEC | EFD_SEMAPHORE)
        os.eventfd_write(resample, 0xfffffffffffffffe)
        self.storm(resample, self.event()).close()
        self.answers("a")
        time.sleep(0.2)
        before = self.cpu_seconds()
        time.sleep(0.5)
        self.assertLess(self.cpu_seconds() - before, 0.2)

    def test_resample_taken_before_it_is_read(self):
        """Readable when the loop looks, empty when it is read, and blocking."""
        resample = self.event()
        client = self.client("a")
        client.set_irqs(wire.DATA_EVENTFD | wire.TRIGGER, wire.INTX, 0, 1, fds=[self.event()])
        client.set_irqs(wire.DATA_EVENTFD | wire.UNMASK, wire.INTX, 0, 1, fds=[resample])
        os.set_blocking(resample, True)
        for _ in range(3):
            self.helper(READER, resample)
        time.sleep(0.2)
        for _ in range(30 * LONGER):
            os.eventfd_write(resample, 1)
            self.answers("b")
        self.answers("c")

    def test_trigger_is_resample_and_full(self):
        event = self.event(os.EFD_CLOEXEC | EFD_SEMAPHORE)
        os.eventfd_write(event, 0xfffffffffffffffd)
        self.storm(event, event)


if __name__ == "__main__":
    import unittest
    unittest.main()
