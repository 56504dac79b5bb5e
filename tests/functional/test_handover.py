# SPDX-License-Identifier: GPL-2.0-or-later
"""Two stock clients in turn on one server; the second comes before the first leaves."""
from xremote.case import EDU, ENGINE, FunctionalTest
from xremote.guest import vfio_user


class HandOverChecks:
    """Shared with tests/avocado."""

    def served(self):
        server = self.serve("isolated-rc,id=vmA", "edu,id=d0,bus=vmA.0",
                            "dma-engine,id=d1,bus=vmA.0")
        return server, [vfio_user(server.path("d0")), vfio_user(server.path("d1"))]

    def use(self, guest):
        """Registers, interrupts and DMA of both devices."""
        self.check_edu(guest, self.only(guest, EDU).bdf)
        engine = self.only(guest, ENGINE).bdf
        self.assertEqual(guest.tool(f"engine-check {engine} msix-raw")["engine"], "ok")

    def hand_over(self, server, first, second, leave):
        """The first leaves, the second uses what it has got."""
        leave(first)
        for _ in range(2):
            self.assertIsNotNone(server.qmp.wait_event("VFU_CLIENT_HANGUP", 20))
            self.assertIsNotNone(server.qmp.wait_event("VFU_CLIENT_CONNECTED", 20))
        self.use(second)
        self.assertTrue(second.process.running())

    def test_second_boots_beside_the_first(self):
        """The second guest is up before the first is killed; it never notices."""
        server, devices = self.served()
        first = self.boot(*devices, name="first")
        self.use(first)
        for _ in range(2):
            server.qmp.wait_event("VFU_CLIENT_CONNECTED", 5)
        second = self.boot(*devices, name="second")
        self.use(first)
        self.hand_over(server, first, second, lambda guest: guest.process.kill())
        third = self.boot(*devices, name="third")
        self.use(second)
        self.hand_over(server, second, third, lambda guest: guest.qmp.command("quit"))

    def test_registers_before_the_turn(self):
        """What cannot wait for ever fails in time, and the client lives on."""
        server = self.serve("edu,id=d0")
        device = vfio_user(server.path("d0"))
        first = self.boot(device, name="first")
        second = self.boot(device, name="second")
        bdf = self.only(second, EDU).bdf
        answer = second.tool(f"read {bdf} 0 0 4", 30)
        self.assertEqual(answer["value"], "0xffffffff")
        self.check_edu(first, self.only(first, EDU).bdf)
        first.process.kill()
        server.qmp.wait_event("VFU_CLIENT_HANGUP", 20)
        self.check_edu(second, bdf)


class HandOver(HandOverChecks, FunctionalTest):
    """Run by tests/functional/run.py."""
