# SPDX-License-Identifier: GPL-2.0-or-later
"""device_del on our side: the client's machine is asked to give the device back."""
from xremote.case import EDU, FunctionalTest
from xremote.guest import vfio_user


class UnplugChecks:
    """Shared with tests/avocado."""

    def wait(self, machine, event, ident):
        """The event about this device."""
        self.assertIsNotNone(
            machine.qmp.wait_event(event, 60, lambda data: data.get("device") == ident), event)

    def test_consent(self):
        """The request is passed on by hand: this client has no use for the REQ interrupt."""
        server = self.serve("edu,id=d0", object_options=",unplug=request")
        guest = self.boot("pcie-root-port,id=rp0,chassis=1,slot=1",
                          vfio_user(server.path("d0"), id="hot", bus="rp0"))
        self.check_edu(guest, self.only(guest, EDU).bdf)
        server.qmp.command("device_del", {"id": "d0"})
        asked = server.qmp.wait_event("VFU_UNPLUG_REQUEST", 10)["data"]
        self.assertEqual((asked["dev-id"], asked["signalled"]), ("d0", False))
        self.check_edu(guest, self.only(guest, EDU).bdf)        # until it has gone
        guest.qmp.command("device_del", {"id": "hot"})
        self.wait(guest, "DEVICE_DELETED", "hot")
        self.wait(server, "DEVICE_DELETED", "d0")
        self.assertEqual(guest.find(*EDU), [])

    def test_stays(self):
        """A client that keeps the device: an event, and it works on."""
        server = self.serve("edu,id=d0", object_options=",unplug=request,unplug-timeout=200")
        guest = self.boot(vfio_user(server.path("d0")))
        server.qmp.command("device_del", {"id": "d0"})
        self.wait(server, "DEVICE_UNPLUG_GUEST_ERROR", "d0")
        self.check_edu(guest, self.only(guest, EDU).bdf)


class Unplug(UnplugChecks, FunctionalTest):
    """Run by tests/functional/run.py."""
