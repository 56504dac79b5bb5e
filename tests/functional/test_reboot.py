# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest reboots: its devices are reset and work again, on one connection."""
from xremote.case import EDU, ENGINE, FunctionalTest
from xremote.guest import vfio_user

HOLD = "0 0x10 4"


class RebootChecks:
    """Shared with tests/avocado."""

    def test_reboot(self):
        """edu works before and after; a register of dma-engine is cleared."""
        server = self.serve("isolated-rc,id=vmA", "edu,id=d0,bus=vmA.0",
                            "dma-engine,id=d1,bus=vmA.0")
        guest = self.boot(vfio_user(server.path("d0")), vfio_user(server.path("d1")), reboot=True)
        engine = self.only(guest, ENGINE).bdf
        self.check_edu(guest, self.only(guest, EDU).bdf)
        guest.run(f"guest-tool write {engine} {HOLD} 5")
        self.assertEqual(guest.tool(f"read {engine} {HOLD}")["value"], "0x5")
        guest.send("reboot -f")
        guest.boot()
        engine = self.only(guest, ENGINE).bdf
        self.assertEqual(guest.tool(f"read {engine} {HOLD}")["value"], "0x0")
        self.check_edu(guest, self.only(guest, EDU).bdf)
        self.assertEqual(guest.tool(f"engine-check {engine} msix-raw")["engine"], "ok")
        self.assertIsNone(server.qmp.wait_event("VFU_CLIENT_HANGUP", 0.2))


class Reboot(RebootChecks, FunctionalTest):
    """Run by tests/functional/run.py."""
