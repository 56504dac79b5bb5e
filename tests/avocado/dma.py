# SPDX-License-Identifier: GPL-2.0-or-later
"""DMA: the engine, by messages, behind a vIOMMU."""
# acceptance sets the path on which the others lie.
from acceptance import AcceptanceTest
from test_dma_engine import DmaEngineChecks
from test_message_dma import MessageDmaChecks
from test_viommu import ViommuChecks


class DmaEngine(DmaEngineChecks, AcceptanceTest):
    """See tests/functional/test_dma_engine.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:dma_engine
    """

    def test_msix(self):
        """A vector for each channel."""
        super().test_msix()

    def test_intx(self):
        """The pin, and no interrupt at all."""
        super().test_intx()


class MessageDma(MessageDmaChecks, AcceptanceTest):
    """See tests/functional/test_message_dma.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:message_dma
    """

    def test_edu(self):
        """DMA both ways while the guest reads registers without pause."""
        super().test_edu()

    def test_dma_engine(self):
        """Large transfers on all channels."""
        super().test_dma_engine()

    def test_by_policy(self):
        """dma-access=message: the same although the client shares its memory."""
        super().test_by_policy()


class Viommu(ViommuChecks, AcceptanceTest):
    """See tests/functional/test_viommu.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:viommu
    """

    def test_edu(self):
        """Shared memory: mappings carry file descriptors."""
        super().test_edu()

    def test_edu_by_messages(self):
        """Memory without a file behind an IOMMU."""
        super().test_edu_by_messages()

    def test_dma_engine(self):
        """MSI-X: every channel's vector arrives as its own eventfd."""
        super().test_dma_engine()
