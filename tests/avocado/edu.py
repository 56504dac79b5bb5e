# SPDX-License-Identifier: GPL-2.0-or-later
"""edu in a stock guest."""
# acceptance sets the path on which the others lie.
from acceptance import AcceptanceTest
from test_edu import EduChecks


class Edu(EduChecks, AcceptanceTest):
    """See tests/functional/test_edu.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:edu
    """

    def test_registers(self):
        """Identification, liveness and factorial."""
        super().test_registers()

    def test_msi(self):
        """MSI, then DMA that ends with one, then DMA that is polled for."""
        super().test_msi()

    def test_intx(self):
        """INTx by a stock kernel's generic driver, level semantics included."""
        super().test_intx()

    def test_without_posted_writes(self):
        """The same with every register write waiting for its reply."""
        super().test_without_posted_writes()
