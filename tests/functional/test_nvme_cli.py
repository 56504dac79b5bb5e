# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's nvme-cli in the guest asks the controller for everything it knows to ask."""
import os
import re

from xremote.disk import DiskTest

EXPECT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expect/nvme-cli.txt")

# Opcodes that log page 05h names: base 5, nvm 3.
ADMIN = {0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0a, 0x0c, 0x0d, 0x10, 0x11, 0x15,
         0x18, 0x7c, 0x80}
IO = {0x00, 0x01, 0x02, 0x04, 0x05, 0x08, 0x09, 0x0c, 0x19}


def expectations():
    """(command, member, value, reason) of each row."""
    with open(EXPECT, encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                yield [part.strip() for part in line.split("|", 3)]


def member(answer, path):
    """What a dotted path names in an answer."""
    for name in path.split("."):
        answer = answer[int(name)] if isinstance(answer, list) else answer[name]
    return str(answer).strip()


class NvmeCliChecks:
    """Shared with tests/avocado."""

    def feature(self, guest, number):
        """The current value of a feature."""
        said = guest.run(f"nvme get-feature /dev/nvme0 -f {number}")
        return int(re.search(r"Current value:\s*(\w+)", said)[1], 16)

    def test_fields(self):
        """Identify and logs, compared with expect/nvme-cli.txt."""
        guest = self.boot_disk(self.serve_disk(self.disk()))
        answers, wrong = {}, []
        for command, path, value, why in expectations():
            if command not in answers:
                verb, device = command.split()
                answers[command] = self.nvme(guest, f"{verb} /dev/{device}")
            found = member(answers[command], path)
            if found != value:
                wrong.append(f"{command}: {path} is {found}, not {value} ({why})")
        self.assertEqual(wrong, [])
        # nvme effects-log maps the registers first, which the kernel does not allow here.
        raw = guest.run("nvme get-log /dev/nvme0 -i 5 -l 2048 -b | od -A n -v -t x4 -w4").split()
        self.assertEqual({n for n in range(512) if int(raw[n], 16)}, ADMIN | {256 + n for n in IO})

    def test_features(self):
        """Get and Set Features; a queue count that the driver negotiated."""
        guest = self.boot_disk(self.serve_disk(self.disk()))
        self.assertEqual(self.feature(guest, 6), 1, "the write cache is on")
        guest.run("nvme set-feature /dev/nvme0 -f 6 -V 0")
        self.assertEqual(self.feature(guest, 6), 0)
        self.assertEqual(self.feature(guest, 7), 0x3f003f)
        self.assertEqual(self.feature(guest, 4), 343, "the temperature threshold is WCTEMP")
        status, said = guest.try_run("nvme get-feature /dev/nvme0 -f 0x7f")
        self.assertNotEqual(status, 0)
        self.assertIn("Invalid Field", said)

    def test_format(self):
        """Blocks of 4096 bytes, then a file system on them; protection information; back."""
        guest = self.boot_disk(self.serve_disk(self.disk()))
        guest.run("nvme format /dev/nvme0n1 --lbaf=4 --force")
        size = "/sys/block/nvme0n1/queue/logical_block_size"
        self.assertEqual(guest.run(f"cat {size}").strip(), "4096")
        self.use(guest)
        guest.run("nvme format /dev/nvme0n1 --lbaf=1 --pi=1 --force")
        self.assertEqual(self.nvme(guest, "id-ns /dev/nvme0n1")["dps"], 1)
        guest.run("nvme format /dev/nvme0n1 --lbaf=0 --ses=1 --force")
        self.assertEqual(guest.run(f"cat {size}").strip(), "512")
        zeroes = guest.run("dd if=/dev/nvme0n1 bs=64k count=16 2>/dev/null | tr -d '\\0' | wc -c")
        self.assertEqual(zeroes.strip(), "0", "the erase left something")

    def test_errors(self):
        """What fails has its status, an entry in the error log and a count in the SMART log."""
        guest = self.boot_disk(self.serve_disk(self.disk()))
        guest.run("nvme write /dev/nvme0n1 -s 16 -c 7 -z 4096 -d /bin/busybox")
        guest.run("nvme compare /dev/nvme0n1 -s 16 -c 7 -z 4096 -d /bin/busybox")
        self.refused(guest, "compare /dev/nvme0n1 -s 24 -c 7 -z 4096 -d /bin/busybox", "Compare")
        guest.run("nvme write-uncor /dev/nvme0n1 -s 16 -c 7")
        self.refused(guest, "read /dev/nvme0n1 -s 16 -c 7 -z 4096", "Unrecovered Read Error")
        self.refused(guest, "read /dev/nvme0n1 -s 524287 -c 7 -z 4096", "LBA")
        entry = self.nvme(guest, "error-log /dev/nvme0")["errors"][0]
        self.assertGreater(entry["error_count"], 0)
        smart = self.nvme(guest, "smart-log /dev/nvme0")
        self.assertGreaterEqual(smart["num_err_log_entries"], 3)

    def refused(self, guest, command, words):
        """The command fails and nvme-cli names the status."""
        status, said = guest.try_run("nvme " + command)
        self.assertNotEqual(status, 0, command)
        self.assertIn(words, said)


class NvmeCli(NvmeCliChecks, DiskTest):
    """Run by tests/functional/run.py."""
