# SPDX-License-Identifier: GPL-2.0-or-later
"""A stock guest finds our devices with the right ids, classes and BARs."""
from xremote.case import EDU, ENGINE, I6300ESB, PVPANIC, TESTDEV, FunctionalTest
from xremote.guest import vfio_user

# driver: ids, class, {BAR: (size, kind)}
EXPECTED = {
    "edu": (EDU, 0x00ff00, {0: (0x100000, "mem")}),
    "pci-testdev": (TESTDEV, 0x00ff00, {0: (0x1000, "mem"), 1: (0x100, "io")}),
    "pvpanic-pci": (PVPANIC, 0x088000, {0: (0x10, "mem")}),
    "i6300esb": (I6300ESB, 0x088000, {0: (0x10, "mem")}),
    "dma-engine": (ENGINE, 0x080100, {0: (0x4000, "mem"), 2: (0x10000, "mem64p")}),
}


class DevicesChecks:
    """Shared with tests/avocado."""

    def test_ids_and_bars(self):
        """Both spellings of the server object are in use here in turn."""
        drivers = list(EXPECTED)
        server = self.serve("isolated-rc,id=vmA",
                            *(f"{d},id=d{n},bus=vmA.0" for n, d in enumerate(drivers)))
        guest = self.boot(*(vfio_user(server.path(f"d{n}")) for n in range(len(drivers))))
        for driver, (ids, class_code, bars) in EXPECTED.items():
            with self.subTest(driver):
                found = self.only(guest, ids)
                self.assertEqual(found.class_code, class_code)
                seen = {n: (size, kind) for n, (_, size, kind) in found.bars.items()}
                self.assertEqual({n: seen.get(n) for n in bars}, bars)
        self.assertEqual(guest.poweroff(), 0)


class Devices(DevicesChecks, FunctionalTest):
    """Run by tests/functional/run.py."""
