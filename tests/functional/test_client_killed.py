# SPDX-License-Identifier: GPL-2.0-or-later
"""A client is killed in the middle of DMA; the next one finds a clean device."""
import time

from xremote.case import EDU, ENGINE, FunctionalTest
from xremote.guest import vfio_user

HOLD = "0 0x10 4"


class ClientKilledChecks:
    """Shared with tests/avocado."""

    def wait_descriptors(self, server, count):
        """Closing is done by the device's domain, a moment after the event."""
        end = time.monotonic() + 5
        while server.descriptors() > count and time.monotonic() < end:
            time.sleep(0.05)
        return server.descriptors()

    def test_kill_and_attach(self):
        """kill -9 twice with transfers under way, then a guest that uses all."""
        server = self.serve("isolated-rc,id=vmA", "edu,id=d0,bus=vmA.0",
                            "dma-engine,id=d1,bus=vmA.0")
        devices = [vfio_user(server.path("d0")), vfio_user(server.path("d1"))]
        idle = server.descriptors()
        for number in range(2):
            guest = self.boot(*devices, name=f"killed{number}")
            engine = self.only(guest, ENGINE).bdf
            self.assertEqual(guest.tool(f"read {engine} {HOLD}")["value"], "0x0")
            guest.run(f"guest-tool write {engine} {HOLD} 0xf")
            guest.send(f"guest-tool edu-dma {self.only(guest, EDU).bdf} none 4096 100")
            time.sleep(0.3)
            guest.process.kill()
            for _ in devices:
                self.assertIsNotNone(server.qmp.wait_event("VFU_CLIENT_HANGUP", 10))
            self.assertLessEqual(self.wait_descriptors(server, idle), idle)
        guest = self.boot(*devices, name="last")
        engine = self.only(guest, ENGINE).bdf
        self.assertEqual(guest.tool(f"read {engine} {HOLD}")["value"], "0x0")
        self.check_edu(guest, self.only(guest, EDU).bdf)
        self.assertEqual(guest.tool(f"engine-check {engine} msix-raw")["engine"], "ok")


class ClientKilled(ClientKilledChecks, FunctionalTest):
    """Run by tests/functional/run.py."""
