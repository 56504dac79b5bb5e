# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks: a guest's own driver, file systems, nvme-cli, and every way of interrupts and memory."""
# acceptance sets the path on which the others lie.
from acceptance import AcceptanceTest
from test_nvme import NvmeChecks
from test_nvme_cli import NvmeCliChecks
from test_nvme_modes import NvmeModesChecks
from test_nvme_zns import NvmeZnsChecks
from xremote.disk import DiskSteps


class Nvme(NvmeChecks, DiskSteps, AcceptanceTest):
    """See tests/functional/test_nvme.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:nvme
    """

    def test_disk(self):
        """Linux's driver binds; a tree survives a file system, a trim and another driver's turn."""
        super().test_disk()

    def test_queues(self):
        """A guest of two CPUs gets a queue and an MSI-X vector for each."""
        super().test_queues()

    def test_reset_under_load(self):
        """Controller resets while the disk is written: every byte is there afterwards."""
        super().test_reset_under_load()

    def test_two_namespaces(self):
        """Two drives behind one controller do not meet."""
        super().test_two_namespaces()

    def test_resize(self):
        """The disk grows while the guest has it mounted; the guest sees it at once."""
        super().test_resize()


class NvmeCli(NvmeCliChecks, DiskSteps, AcceptanceTest):
    """See tests/functional/test_nvme_cli.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:nvme
    """

    def test_fields(self):
        """Identify and logs, compared with expect/nvme-cli.txt."""
        super().test_fields()

    def test_features(self):
        """Get and Set Features; a queue count that the driver negotiated."""
        super().test_features()

    def test_format(self):
        """Blocks of 4096 bytes, then a file system on them; protection information; back."""
        super().test_format()

    def test_errors(self):
        """What fails has its status, and an entry in the error log."""
        super().test_errors()


class NvmeModes(NvmeModesChecks, DiskSteps, AcceptanceTest):
    """See tests/functional/test_nvme_modes.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:nvme
    """

    def test_intx(self):
        """No MSI in the guest: level interrupts only, handled in a thread."""
        super().test_intx()

    def test_messages(self):
        """Guest memory without a file: queues, lists and data by DMA messages."""
        super().test_messages()

    def test_iommu(self):
        """An IOMMU in the guest maps and unmaps around every request."""
        super().test_iommu()

    def test_mapped_doorbells(self):
        """The guest's doorbells are plain memory, shared with the server that looks at them."""
        super().test_mapped_doorbells()

    def test_shadow_doorbells_off(self):
        """Every doorbell is a register write."""
        super().test_shadow_doorbells_off()

    def test_two_machines(self):
        """Two guests, each with its disk in a domain of its own, at the same time."""
        super().test_two_machines()


class NvmeZns(NvmeZnsChecks, DiskSteps, AcceptanceTest):
    """See tests/functional/test_nvme_zns.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:nvme
    """

    def test_zones(self):
        """Limits, reports, writes at the pointer and elsewhere, reset, finish, append."""
        super().test_zones()
