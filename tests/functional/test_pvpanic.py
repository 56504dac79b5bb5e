# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel panic in the guest reaches the QMP of our process."""
from xremote.case import PVPANIC, FunctionalTest
from xremote.guest import vfio_user


class PvpanicChecks:
    """Shared with tests/avocado."""

    def test_panic(self):
        """GUEST_PANICKED comes; our process goes on and serves the next guest."""
        server = self.serve("pvpanic-pci,id=pv")
        guest = self.boot(vfio_user(server.path("pv")))
        bdf = self.only(guest, PVPANIC).bdf
        guest.run("load pvpanic-pci")
        capability = guest.run(f"cat /sys/bus/pci/devices/{bdf}/capability")
        self.assertTrue(int(capability, 16) & 1)
        guest.send("echo c > /proc/sysrq-trigger")
        self.assertIsNotNone(server.qmp.wait_event("GUEST_PANICKED", 30))
        self.assertIsNotNone(guest.process.wait(30), "the guest did not end after its panic")
        self.assertIsNotNone(server.qmp.wait_event("VFU_CLIENT_HANGUP", 10))
        again = self.boot(vfio_user(server.path("pv")), name="again")
        self.only(again, PVPANIC)


class Pvpanic(PvpanicChecks, FunctionalTest):
    """Run by tests/functional/run.py."""
