# SPDX-License-Identifier: GPL-2.0-or-later
"""Guest memory that comes without a file: DMA by messages, and no stalls.

The client answers no DMA message while it waits for a register access, so a
server that waits for DMA inside one stalls until the client's 5 s are over.
"""
from xremote.case import EDU, ENGINE, FunctionalTest, adler32
from xremote.guest import vfio_user

SECOND_US = 1000000


class MessageDmaChecks:
    """Shared with tests/avocado."""

    def test_edu(self):
        """DMA both ways while the guest reads registers without pause."""
        server = self.serve("edu,id=d0")
        guest = self.boot(vfio_user(server.path("d0")), shared=False)
        bdf = self.only(guest, EDU).bdf
        for how in ("none", "msi-raw"):
            answer = guest.tool(f"edu-dma {bdf} {how} 4096 4")
            self.assertEqual(answer["checksum"], adler32(4096, 4))
            self.assertLess(int(answer["slowest_us"]), SECOND_US, "a register access stalled")

    def test_dma_engine(self):
        """Large transfers on all channels."""
        server = self.serve("dma-engine,id=d0")
        guest = self.boot(vfio_user(server.path("d0")), shared=False)
        for how in ("none", "msix-raw"):
            answer = guest.tool(f"engine-check {self.only(guest, ENGINE).bdf} {how}")
            self.assertEqual(answer["engine"], "ok")
            self.assertLess(int(answer["slowest_us"]), SECOND_US, "a register access stalled")

    def test_by_policy(self):
        """dma-access=message: the same although the client shares its memory."""
        server = self.serve("edu,id=d0", object_options=",dma-access=message")
        guest = self.boot(vfio_user(server.path("d0")))
        answer = self.check_edu(guest, self.only(guest, EDU).bdf)
        self.assertLess(int(answer["slowest_us"]), SECOND_US, "a register access stalled")


class MessageDma(MessageDmaChecks, FunctionalTest):
    """Run by tests/functional/run.py."""
