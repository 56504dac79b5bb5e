# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest with a vIOMMU gives our devices to its own user space by VFIO.

The guest's IOMMU driver maps and unmaps page by page, so this is also the way
of many small DMA_MAP messages; and vfio-pci gives MSI and MSI-X as eventfds.
"""
from xremote.case import EDU, ENGINE, FunctionalTest, adler32
from xremote.guest import vfio_user

IOVA = "0x1000000"


class ViommuChecks:
    """Shared with tests/avocado."""

    def guest_with_iommu(self, server, **options):
        """A guest whose kernel uses an emulated Intel IOMMU."""
        guest = self.boot("intel-iommu,caching-mode=on", vfio_user(server.path("d0")),
                          append="intel_iommu=on", **options)
        guest.run("load vfio_iommu_type1 allow_unsafe_interrupts=1")
        guest.run("load vfio-pci")
        return guest

    def edu(self, guest):
        """edu's DMA uses the guest's IOVA, with each kind of interrupt."""
        bdf = self.only(guest, EDU).bdf
        for kind in ("msi", "intx"):
            self.assertEqual(guest.tool(f"edu-interrupt {bdf} {kind} 20")["interrupts"], "20")
        for kind in ("none", "msi", "intx"):
            answer = guest.tool(f"edu-dma {bdf} {kind} 4096 3 vfio")
            self.assertEqual((answer["checksum"], answer["address"]), (adler32(4096, 3), IOVA))

    def test_edu(self):
        """Shared memory: mappings carry file descriptors."""
        self.edu(self.guest_with_iommu(self.serve("edu,id=d0")))

    def test_edu_by_messages(self):
        """Memory without a file behind an IOMMU."""
        self.edu(self.guest_with_iommu(self.serve("edu,id=d0"), shared=False))

    def test_dma_engine(self):
        """MSI-X: every channel's vector arrives as its own eventfd."""
        guest = self.guest_with_iommu(self.serve("dma-engine,id=d0"))
        answer = guest.tool(f"engine-check {self.only(guest, ENGINE).bdf} msix")
        self.assertEqual((answer["operations"], answer["channels"], answer["fault"]),
                         ("ok", "4", "ok"))


class Viommu(ViommuChecks, FunctionalTest):
    """Run by tests/functional/run.py."""
