# SPDX-License-Identifier: GPL-2.0-or-later
"""The client plugs our device into a running guest, and pulls it again."""
import time

from xremote.case import EDU, FunctionalTest
from xremote.guest import vfio_user


class HotplugChecks:
    """Shared with tests/avocado."""

    def wait_edu(self, guest, count):
        """Wait until the guest sees COUNT edus; PCIe hot plug takes seconds."""
        end = time.monotonic() + 40
        while len(guest.find(*EDU)) != count:
            self.assertLess(time.monotonic(), end, f"the guest never saw {count} edu")
            time.sleep(0.3)
        return guest.find(*EDU)

    def test_plug_and_pull(self):
        """device_add and device_del by the client's QMP, twice."""
        server = self.serve("edu,id=d0")
        guest = self.boot("pcie-root-port,id=rp0,chassis=1,slot=1")
        for _ in range(2):
            guest.qmp.command("device_add", vfio_user(server.path("d0"), id="hot", bus="rp0"))
            found = self.wait_edu(guest, 1)
            self.check_edu(guest, found[0].bdf)
            guest.qmp.command("device_del", {"id": "hot"})
            self.assertIsNotNone(guest.qmp.wait_event(
                "DEVICE_DELETED", 40, lambda data: data.get("device") == "hot"))
            self.wait_edu(guest, 0)
            self.assertIsNotNone(server.qmp.wait_event("VFU_CLIENT_HANGUP", 10))


class Hotplug(HotplugChecks, FunctionalTest):
    """Run by tests/functional/run.py."""
