# SPDX-License-Identifier: GPL-2.0-or-later
"""dma-engine in a stock guest: every operation, all channels, MSI-X and INTx."""
from xremote.case import ENGINE, FunctionalTest
from xremote.guest import vfio_user


class DmaEngineChecks:
    """Shared with tests/avocado."""

    def engine(self):
        """A guest with one engine: (guest, address)."""
        server = self.serve("dma-engine,id=d0")
        guest = self.boot(vfio_user(server.path("d0")))
        return guest, self.only(guest, ENGINE).bdf

    def test_msix(self):
        """A vector for each channel."""
        guest, bdf = self.engine()
        answer = guest.tool(f"engine-check {bdf} msix-raw")
        self.assertEqual((answer["operations"], answer["channels"], answer["fault"]),
                         ("ok", "4", "ok"))

    def test_intx(self):
        """The pin, and no interrupt at all."""
        guest, bdf = self.engine()
        self.assertEqual(guest.tool(f"engine-check {bdf} none")["engine"], "ok")
        guest.run("load uio_pci_generic")
        self.assertEqual(guest.tool(f"engine-check {bdf} uio")["engine"], "ok")


class DmaEngine(DmaEngineChecks, FunctionalTest):
    """Run by tests/functional/run.py."""
