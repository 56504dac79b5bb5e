# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest and its NVMe disks: what the tests of disks do in it, step by step."""
import json
import os
import time

from .case import FunctionalTest
from .guest import vfio_user

NVME = (0x1b36, 0x0010)
TREE = "/usr"                   # some 8 MiB of programs and libraries in the guest


class Disk:
    """An image of ours on the host, and the options that make it a drive."""

    def __init__(self, folder, name="disk", megabytes=256, fill=False):
        self.name, self.path = name, os.path.join(folder, name + ".img")
        with open(self.path, "wb") as f:
            if fill:
                f.write(os.urandom(megabytes << 20))
            f.truncate(megabytes << 20)

    def options(self, *extra):
        """Two -blockdev: a file and a raw node NAME on it."""
        file = ",".join(["driver=file", f"node-name={self.name}-file", f"filename={self.path}",
                         "discard=unmap", *extra])
        return ["-blockdev", file, "-blockdev",
                f"driver=raw,node-name={self.name},file={self.name}-file,discard=unmap"]

    def allocated(self):
        """Bytes that the image takes on the host."""
        return os.stat(self.path).st_blocks * 512


class DiskSteps:
    """Guests with nvme-cli, e2fsprogs, fdisk and blkzone, and servers with disks: mixed into a test."""

    MEMORY = 384

    def disk(self, name="disk", **options):
        """A new empty image."""
        return Disk(self.folder, name, **options)

    def serve_disk(self, *disks, nvme="", before=(), more=(), args=(), **options):
        """A server with a controller nvme0; without options in NVME the first of DISKS is its drive.
        BEFORE and MORE are further -device."""
        nvme = nvme or f"serial=first,drive={disks[0].name}"
        drives = [word for disk in disks for word in disk.options()]
        return self.serve(*before, f"nvme,id=nvme0,{nvme}", *more, args=[*drives, *args], **options)

    def boot_disk(self, server, *devices, module="", served="nvme0", **options):
        """A guest that has loaded its drivers and sees the controller."""
        options.setdefault("memory", self.MEMORY)
        guest = self.boot(*devices, vfio_user(server.path(served)), userland=True, **options)
        self.load(guest, module)
        return guest

    def load(self, guest, module=""):
        """Load nvme (with its parameters in MODULE) and what mounts ext4."""
        guest.run(f"load nvme {module}")
        guest.run("load crc32c_generic && load ext4 && mkdir -p /mnt")
        self.wait_for(guest, "/dev/nvme0n1")

    def wait_for(self, guest, path, seconds=40):
        """Until the guest has a file."""
        end = time.monotonic() + seconds
        while guest.try_run(f"test -e {path}")[0]:
            self.assertLess(time.monotonic(), end, f"the guest never saw {path}: "
                            + guest.run("dmesg | tail -n 5"))
            time.sleep(0.2)

    def partition(self, guest, disk="/dev/nvme0n1"):
        """A partition of the whole disk with a file system; its device."""
        guest.run(f"echo ',,L' | sfdisk -q {disk}")
        self.wait_for(guest, disk + "p1")
        guest.run(f"mkfs.ext4 -q -F {disk}p1", 120)
        return disk + "p1"

    def fill(self, guest, partition, tree=TREE):
        """Copy a tree onto the file system and forget what the guest caches of it."""
        guest.run(f"mount -t ext4 {partition} /mnt && cp -a {tree} /mnt/ && sync", 120)
        guest.run("umount /mnt && echo 3 > /proc/sys/vm/drop_caches")

    def verify(self, guest, partition, tree=TREE):
        """The copied tree has the checksums of the original; the file system is sound."""
        guest.run(f"e2fsck -fn {partition}", 120)
        guest.run(f"mount -t ext4 -o ro {partition} /mnt")
        sums = "find . -type f | sort | xargs sha256sum"
        count = guest.run(f"(cd {tree} && {sums}) > /tmp/a; (cd /mnt{tree} && {sums}) > /tmp/b; "
                          "cmp /tmp/a /tmp/b && wc -l < /tmp/a", 120)
        guest.run("umount /mnt")
        self.assertGreater(int(count), 10)

    def use(self, guest, disk="/dev/nvme0n1"):
        """Partition, format, copy, check: all of it."""
        partition = self.partition(guest, disk)
        self.fill(guest, partition)
        self.verify(guest, partition)
        return partition

    def nvme(self, guest, command, seconds=60):
        """Answer of an nvme-cli command as what its JSON says."""
        return json.loads(guest.run(f"nvme {command} -o json", seconds))

    def complaints(self, guest):
        """Lines of the guest's kernel about its disks that it should never have written."""
        words = ("I/O error", "timeout", "reset controller", "I/O tag", "Buffer I/O")
        return [line for line in guest.run("dmesg").splitlines()
                if "nvme" in line and any(w in line for w in words)]


class DiskTest(DiskSteps, FunctionalTest):
    """Base of the tests in tests/functional."""

    seconds = 400
