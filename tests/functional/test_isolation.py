# SPDX-License-Identifier: GPL-2.0-or-later
"""Two stock guests on one process: same BAR addresses, nothing in common."""
from xremote.case import EDU, FunctionalTest, adler32
from xremote.guest import vfio_user

LIVENESS = "0 0x04 4"


class IsolationChecks:
    """Shared with tests/avocado."""

    def test_two_guests(self):
        """Each guest has two devices of its own root complex."""
        server = self.serve("isolated-rc,id=vmA", "isolated-rc,id=vmB",
                            *(f"edu,id={vm}{n},bus=vm{vm}.0" for vm in "AB" for n in (0, 1)))
        guests = {vm: self.start_guest(vfio_user(server.path(vm + "0")),
                                       vfio_user(server.path(vm + "1")), name="guest" + vm)
                  for vm in "AB"}
        found = {vm: guest.boot().find(*EDU) for vm, guest in guests.items()}
        self.assertEqual([f.bars for f in found["A"]], [f.bars for f in found["B"]],
                         "the guests were to use the same BAR addresses")
        self.assertEqual(len(found["A"]), 2)
        values = {}
        for vm, guest in guests.items():
            for n, function in enumerate(found[vm]):
                values[vm, n] = ord(vm) << 8 | n
                guest.run(f"guest-tool write {function.bdf} {LIVENESS} {values[vm, n]}")
        for (vm, n), value in values.items():
            answer = guests[vm].tool(f"read {found[vm][n].bdf} {LIVENESS}")["value"]
            self.assertEqual(int(answer, 16), ~value & 0xffffffff, f"guest {vm}, device {n}")
        for rounds in (3, 4):
            began = {vm: guest.send(f"guest-tool edu-dma {found[vm][0].bdf} msi-raw 4096 {rounds}")
                     for vm, guest in guests.items()}
            for vm, guest in guests.items():
                status, text = guest.result(began[vm])
                self.assertEqual(status, 0, text)
                self.assertIn("checksum=" + adler32(4096, rounds), text)

    def test_one_leaves(self):
        """The end of one guest is nothing to the other."""
        server = self.serve("edu,id=a", "edu,id=b")
        first = self.boot(vfio_user(server.path("a")), name="first")
        second = self.boot(vfio_user(server.path("b")), name="second")
        bdf = self.only(second, EDU).bdf
        began = second.send(f"guest-tool edu-dma {bdf} msi-raw 4096 10")
        first.process.kill()
        self.assertIsNotNone(server.qmp.wait_event(
            "VFU_CLIENT_HANGUP", 10, lambda data: data.get("dev-id") == "a"))
        status, text = second.result(began)
        self.assertEqual(status, 0, text)
        self.check_edu(second, bdf)


class Isolation(IsolationChecks, FunctionalTest):
    """Run by tests/functional/run.py."""
