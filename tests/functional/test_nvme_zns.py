# SPDX-License-Identifier: GPL-2.0-or-later
"""A zoned namespace in a stock guest: Linux's zoned block layer, util-linux's blkzone."""
import re

from xremote.disk import DiskTest

ZONE = 1 << 20
CAPACITY = 768 << 10
DISK = "/dev/nvme0n1"
PROPERTIES = (f"zoned=on,zoned.zone_size={ZONE},zoned.zone_capacity={CAPACITY},zoned.max_open=4,"
              "zoned.max_active=6,zoned.descr_ext_size=64")


class NvmeZnsChecks:
    """Shared with tests/avocado."""

    def queue(self, guest, name):
        """A limit of the disk's queue."""
        return guest.run(f"cat /sys/block/nvme0n1/queue/{name}").strip()

    def zones(self, guest):
        """(start, capacity, write pointer, condition) of each zone, in bytes; blkzone(8)."""
        pattern = (r"start: (0x\w+), len (0x\w+), cap (0x\w+), wptr (0x\w+) reset:\d non-seq:\d, "
                   r"zcond:\s*\d+\((\w\w)\)")
        rows = re.findall(pattern, guest.run(f"blkzone report {DISK}"))
        self.assertEqual({int(row[1], 16) << 9 for row in rows}, {ZONE})
        return [(int(s, 16) << 9, int(c, 16) << 9, int(w, 16) << 9, cond)
                for s, _, c, w, cond in rows]

    def write(self, guest, at, count, unit=65536):
        """dd of random bytes to the disk without a cache: exit status and what it said."""
        return guest.try_run(f"dd if=/tmp/data of={DISK} bs={unit} seek={at // unit} count={count} "
                             "oflag=direct conv=notrunc", 60)

    def test_zones(self):
        """Limits, reports, writes at the pointer and elsewhere, reset, finish, append."""
        server = self.serve_disk(self.disk(megabytes=16), nvme="serial=zns",
                                 more=[f"nvme-ns,drive=disk,bus=nvme0,{PROPERTIES}"])
        guest = self.boot_disk(server)
        self.check_limits(guest)
        self.check_writes(guest)
        self.check_management(guest)
        self.check_append(guest)
        # The write that missed the pointer is the only thing to complain of.
        self.assertLessEqual(len(self.complaints(guest)), 2)

    def check_limits(self, guest):
        """What the kernel has understood."""
        self.assertEqual(self.queue(guest, "zoned"), "host-managed")
        self.assertEqual(int(self.queue(guest, "chunk_sectors")) << 9, ZONE)
        self.assertEqual(int(self.queue(guest, "nr_zones")), 16)
        self.assertEqual(int(self.queue(guest, "max_open_zones")), 4)
        self.assertEqual(int(self.queue(guest, "max_active_zones")), 6)
        self.assertGreater(int(self.queue(guest, "zone_append_max_bytes")), 0)
        zones = self.zones(guest)
        self.assertEqual(len(zones), 16)
        for number, (start, capacity, pointer, condition) in enumerate(zones):
            self.assertEqual((start, capacity, pointer, condition),
                             (number * ZONE, CAPACITY, 0, "em"))

    def check_writes(self, guest):
        """In order they succeed and are there; elsewhere they fail and change nothing."""
        guest.run(f"dd if=/dev/urandom of=/tmp/data bs=65536 count={CAPACITY // 65536}")
        self.assertEqual(self.write(guest, 3 * ZONE, 4)[0], 0)
        self.assertEqual(self.zones(guest)[3][2:], (4 * 65536, "oi"))
        self.assertNotEqual(self.write(guest, 3 * ZONE, 1)[0], 0, "written twice")
        self.assertNotEqual(self.write(guest, 4 * ZONE + 65536, 1)[0], 0, "written with a gap")
        self.assertEqual(self.zones(guest)[3][2:], (4 * 65536, "oi"))
        self.assertEqual(self.zones(guest)[4][2:], (0, "em"))
        self.assertEqual(self.write(guest, 5 * ZONE, CAPACITY // 65536)[0], 0)
        self.assertEqual(self.zones(guest)[5][3], "fu")
        self.compare(guest, 3 * ZONE, 4)
        self.compare(guest, 5 * ZONE, CAPACITY // 65536)
        rest = guest.run(f"dd if={DISK} bs=65536 skip={(3 * ZONE >> 16) + 4} count=12 2>/dev/null "
                         "| tr -d '\\0' | wc -c")
        self.assertEqual(rest.strip(), "0", "something behind the write pointer")

    def compare(self, guest, at, count):
        """What was written is what is read."""
        guest.run("echo 3 > /proc/sys/vm/drop_caches")
        guest.run(f"dd if=/tmp/data bs=65536 count={count} 2>/dev/null > /tmp/a; "
                  f"dd if={DISK} bs=65536 skip={at >> 16} count={count} 2>/dev/null > /tmp/b; "
                  "cmp /tmp/a /tmp/b")

    def check_management(self, guest):
        """blkzone's verbs."""
        for verb, zone, condition in (("close", 3, "cl"), ("open", 3, "oe"), ("finish", 3, "fu"),
                                      ("open", 7, "oe"), ("reset", 3, "em"), ("reset", 7, "em")):
            guest.run(f"blkzone {verb} -o {zone * ZONE >> 9} -c 1 {DISK}")
            self.assertEqual(self.zones(guest)[zone][3], condition, f"{verb} zone {zone}")
        self.assertEqual(self.write(guest, 3 * ZONE, 1)[0], 0, "after a reset")
        guest.run(f"blkzone reset {DISK}")
        self.assertEqual({zone[3] for zone in self.zones(guest)}, {"em"})

    def check_append(self, guest):
        """nvme-cli appends, and sets an extension; limits are kept."""
        append = f"nvme zns zone-append {DISK} -s {2 * ZONE >> 9} -z 4096 -d /tmp/data"
        for block in (0, 8):
            self.assertRegex(guest.run(append), rf"\b{(2 * ZONE >> 9) + block:x}\b")
        self.assertEqual(self.zones(guest)[2][2], 8192)
        for zone in range(8, 11):
            guest.run(f"nvme zns open-zone {DISK} -s {zone * ZONE >> 9}")
        self.assertEqual([z[3] for z in self.zones(guest)[8:11]], ["oe"] * 3)
        guest.run(f"nvme zns open-zone {DISK} -s {11 * ZONE >> 9}")
        self.assertEqual(self.zones(guest)[2][3], "cl", "the implicitly open one makes room")
        status, said = guest.try_run(f"nvme zns open-zone {DISK} -s {12 * ZONE >> 9}")
        self.assertNotEqual(status, 0)
        self.assertIn("Too Many Open", said.title())


class NvmeZns(NvmeZnsChecks, DiskTest):
    """Run by tests/functional/run.py."""
