# SPDX-License-Identifier: GPL-2.0-or-later
"""The same disk by every way that interrupts and memory can go."""
from xremote.disk import NVME, DiskTest
from xremote.guest import vfio_user


class NvmeModesChecks:
    """Shared with tests/avocado."""

    def test_intx(self):
        """No MSI in the guest: level interrupts only, handled in a thread."""
        server = self.serve_disk(self.disk())
        guest = self.boot_disk(server, module="use_threaded_interrupts=1", append="pci=nomsi")
        self.use(guest)
        bdf = self.only(guest, NVME).bdf
        self.assertEqual(guest.run(f"ls /sys/bus/pci/devices/{bdf} | grep -c msi_irqs; true").strip(),
                         "0")
        self.assertEqual(self.complaints(guest), [])

    def test_messages(self):
        """Guest memory without a file: queues, lists and data by DMA messages."""
        server = self.serve_disk(self.disk(megabytes=128))
        guest = self.boot_disk(server, shared=False)
        self.use(guest)
        self.assertEqual(self.complaints(guest), [])

    def test_iommu(self):
        """An IOMMU in the guest maps and unmaps around every request."""
        server = self.serve_disk(self.disk(megabytes=128))
        guest = self.boot_disk(server, "intel-iommu,caching-mode=on",
                               append="intel_iommu=on iommu.strict=1")
        self.use(guest)
        self.assertEqual(self.complaints(guest), [])

    def test_mapped_doorbells(self):
        """The guest's doorbells are plain memory, shared with the server that looks at them."""
        server = self.serve_disk(self.disk(), nvme="serial=first,drive=disk,mmap-doorbells=on")
        guest = self.boot_disk(server)
        self.use(guest)
        self.assertEqual(self.complaints(guest), [])

    def test_shadow_doorbells_off(self):
        """Every doorbell is a register write."""
        server = self.serve_disk(self.disk(), nvme="serial=first,drive=disk,dbbuf=off")
        guest = self.boot_disk(server)
        self.use(guest)
        self.assertEqual(self.complaints(guest), [])

    def test_two_machines(self):
        """Two guests, each with its disk in a domain of its own, at the same time."""
        disks = [self.disk(name, megabytes=128) for name in ("one", "two")]
        server = self.serve_disk(*disks, nvme="serial=first,drive=one,bus=vmA.0", before=(
            "isolated-rc,id=vmA", "isolated-rc,id=vmB"),
            more=["nvme,id=nvme1,serial=second,drive=two,bus=vmB.0"])
        guests = [self.start_guest(vfio_user(server.path(f"nvme{i}")), name=f"guest{i}",
                                   userland=True, memory=self.MEMORY) for i in (0, 1)]
        for guest in guests:
            self.load(guest.boot())
        for guest, serial in zip(guests, ("first", "second")):
            self.assertEqual(self.nvme(guest, "id-ctrl /dev/nvme0")["sn"].strip(), serial)
        parts = [self.partition(guest) for guest in guests]
        running = [guest.send(f"mount -t ext4 {part} /mnt && cp -a /usr /mnt/ && sync && "
                              "umount /mnt") for guest, part in zip(guests, parts)]
        for guest, number in zip(guests, running):
            self.assertEqual(guest.result(number, 120)[0], 0)
        for guest, part in zip(guests, parts):
            self.verify(guest, part)


class NvmeModes(NvmeModesChecks, DiskTest):
    """Run by tests/functional/run.py."""
