# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest's own i6300esb driver: a watchdog that is not fed is heard here."""
import time

from xremote.case import I6300ESB, FunctionalTest
from xremote.guest import vfio_user


class WatchdogChecks:
    """Shared with tests/avocado."""

    def test_expiry(self):
        """Fed: silence. Not fed: the event WATCHDOG and a line in the log."""
        server = self.serve("i6300esb,id=wd")
        guest = self.boot(vfio_user(server.path("wd")))
        self.only(guest, I6300ESB)
        guest.run("load i6300esb heartbeat=3")
        guest.run("exec 3>/dev/watchdog; for i in 1 2 3 4 5 6; do echo . >&3; sleep 1; done")
        self.assertFalse([e for e in server.qmp.events if e["event"] == "WATCHDOG"])
        begun = time.monotonic()
        event = server.qmp.wait_event("WATCHDOG", 30)
        self.assertIsNotNone(event, "the watchdog was not fed, but no event came")
        self.assertGreater(time.monotonic() - begun, 1)
        self.assertTrue(server.process.wait_line("atchdog", 5), "nothing in the log")
        self.assertEqual(guest.run("echo alive").strip(), "alive")


class Watchdog(WatchdogChecks, FunctionalTest):
    """Run by tests/functional/run.py."""
