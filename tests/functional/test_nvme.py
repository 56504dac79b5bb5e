# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job: a stock guest partitions, formats, mounts, fills and verifies a disk of ours."""
import re
import time

from xremote.disk import NVME, DiskTest


class NvmeChecks:
    """Shared with tests/avocado."""

    def test_disk(self):
        """Linux's driver binds; a tree survives a file system, a trim and another driver's turn."""
        disk = self.disk()
        server = self.serve_disk(disk)
        guest = self.boot_disk(server)
        bdf = self.only(guest, NVME).bdf
        partition = self.use(guest)
        self.assertEqual(guest.run(f"basename $(readlink /sys/bus/pci/devices/{bdf}/driver)").strip(),
                         "nvme")
        full = disk.allocated()
        self.assertGreater(full, 4 << 20)
        guest.run(f"mount -t ext4 {partition} /mnt && rm -r /mnt/usr && sync && fstrim /mnt", 120)
        guest.run("umount /mnt")
        self.assertLess(disk.allocated(), full // 2, "fstrim gave nothing back to the host")
        self.rebind(guest, bdf, partition)
        self.assertEqual(self.complaints(guest), [])

    def rebind(self, guest, bdf, partition):
        """The driver leaves and comes back; what was written is there."""
        self.fill(guest, partition)
        for verb in ("unbind", "bind"):
            guest.run(f"echo {bdf} > /sys/bus/pci/drivers/nvme/{verb}")
        self.wait_for(guest, partition)
        self.verify(guest, partition)

    def test_queues(self):
        """A guest of two CPUs gets a queue and an MSI-X vector for each."""
        server = self.serve_disk(self.disk())
        guest = self.boot_disk(server, args=("-smp", "2"))
        self.use(guest)
        lines = [line for line in guest.run("cat /proc/interrupts").splitlines()
                 if re.search(r"nvme\dq\d", line)]
        self.assertEqual(len(lines), 3, "admin queue and one for each CPU")
        for line in lines[1:]:
            self.assertGreater(sum(int(n) for n in line.split()[1:3]), 0, line)

    def test_reset_under_load(self):
        """Controller resets while the disk is written: every byte is there afterwards."""
        guest = self.boot_disk(self.serve_disk(self.disk()))
        partition = self.partition(guest)
        guest.run("(while sleep 0.3; do nvme reset /dev/nvme0 && echo >> /tmp/resets; done) "
                  "> /dev/null 2>&1 &")
        guest.run(f"mount -t ext4 {partition} /mnt; for i in 1 2 3 4 5; do "
                  "cp -a /usr /mnt/$i && sync || exit 1; done", 200)
        guest.run("umount /mnt && echo 3 > /proc/sys/vm/drop_caches")
        resets = int(guest.run("wc -l < /tmp/resets"))
        self.assertGreater(resets, 2, "too few resets to speak of load")
        guest.run(f"mount -t ext4 -o ro {partition} /mnt")
        guest.run("sums() { find . -type f | sort | xargs sha256sum; }; (cd /usr && sums) > /tmp/a; "
                  "for i in 1 2 3 4 5; do (cd /mnt/$i && sums) > /tmp/b; cmp /tmp/a /tmp/b || exit 1;"
                  " done", 200)

    def test_two_namespaces(self):
        """Two drives behind one controller do not meet."""
        server = self.serve_disk(self.disk("one"), self.disk("two"), nvme="serial=both",
                                 more=[f"nvme-ns,drive={n},bus=nvme0" for n in ("one", "two")])
        guest = self.boot_disk(server)
        self.wait_for(guest, "/dev/nvme0n2")
        first, second = (self.partition(guest, f"/dev/nvme0n{i}") for i in (1, 2))
        self.fill(guest, first)
        self.fill(guest, second, "/modules")
        self.verify(guest, first)
        self.verify(guest, second, "/modules")

    def test_resize(self):
        """The disk grows while the guest has it mounted; the guest sees it at once."""
        disk = self.disk(megabytes=64)
        server = self.serve_disk(disk)
        guest = self.boot_disk(server)
        self.assertEqual(int(guest.run("cat /sys/block/nvme0n1/size")), 64 << 11)
        guest.run("mkfs.ext4 -q -F /dev/nvme0n1 && mount -t ext4 /dev/nvme0n1 /mnt")
        server.qmp.command("block_resize", {"node-name": disk.name, "size": 128 << 20})
        end = time.monotonic() + 30
        while int(guest.run("cat /sys/block/nvme0n1/size")) != 128 << 11:
            self.assertLess(time.monotonic(), end, "the guest never saw the new size")
            time.sleep(0.2)
        guest.run("dd if=/dev/zero of=/dev/nvme0n1 bs=1M seek=120 count=8 conv=notrunc")


class Nvme(NvmeChecks, DiskTest):
    """Run by tests/functional/run.py."""
