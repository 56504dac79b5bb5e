# SPDX-License-Identifier: GPL-2.0-or-later
"""edu in a stock guest: registers, interrupts of both kinds, DMA both ways."""
from xremote.case import EDU, FunctionalTest, adler32
from xremote.guest import vfio_user


class EduChecks:
    """Shared with tests/avocado."""

    def edu(self, **properties):
        """A guest with one edu: (guest, address)."""
        server = self.serve("edu,id=d0")
        guest = self.boot(vfio_user(server.path("d0"), **properties))
        return guest, self.only(guest, EDU).bdf

    def test_registers(self):
        """Identification, liveness and factorial."""
        guest, bdf = self.edu()
        self.assertEqual(guest.tool(f"edu-registers {bdf}"),
                         {"id": "0x010000ed", "liveness": "ok", "factorial": "ok"})

    def test_msi(self):
        """MSI, then DMA that ends with one, then DMA that is polled for."""
        guest, bdf = self.edu()
        self.assertEqual(guest.tool(f"edu-interrupt {bdf} msi-raw 50")["interrupts"], "50")
        for how in ("msi-raw", "none"):
            for size in (4, 1000, 4096):
                answer = guest.tool(f"edu-dma {bdf} {how} {size} 2")
                self.assertEqual(answer["checksum"], adler32(size, 2), f"{how} {size}")

    def test_intx(self):
        """INTx by a stock kernel's generic driver, level semantics included."""
        guest, bdf = self.edu()
        guest.run("load uio_pci_generic")
        answer = guest.tool(f"edu-interrupt {bdf} uio 50")
        self.assertEqual(answer, {"interrupts": "50", "level": "ok"})
        self.assertEqual(guest.tool(f"edu-dma {bdf} uio 4096 3")["checksum"], adler32(4096, 3))

    def test_without_posted_writes(self):
        """The same with every register write waiting for its reply."""
        guest, bdf = self.edu(**{"x-no-posted-writes": True})
        self.check_edu(guest, bdf)


class Edu(EduChecks, FunctionalTest):
    """Run by tests/functional/run.py."""
