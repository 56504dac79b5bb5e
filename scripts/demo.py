#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Gives a stock guest a disk of ours and tells what it does with it; see demo.sh.

Every sentence it prints is the result of a check that was just made: when one
does not hold, the demonstration ends there with status 1.
"""
import os
import re
import shutil
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/functional"))
from xremote import guest, stock  # noqa: E402 pylint: disable=wrong-import-position
from xremote.process import Process  # noqa: E402 pylint: disable=wrong-import-position
from xremote.server import program  # noqa: E402 pylint: disable=wrong-import-position

MEGABYTES = 512
SUMS = "find . -type f | sort | xargs sha256sum"


def say(text):
    """One line of the story."""
    print(text, flush=True)


def need(condition, text):
    """End the demonstration when something does not hold."""
    if not condition:
        raise RuntimeError(text)


def resident(pid):
    """Resident memory of a process in KiB."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


def processor_seconds(pid):
    """CPU time that a process has used."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Progress:
    """What is being done, with the seconds it takes: a line that changes on a terminal."""

    def __init__(self, text):
        self._text, self._end = text, threading.Event()
        self._thread = threading.Thread(target=self._show, daemon=True)

    def _show(self):
        begun, live = time.monotonic(), sys.stdout.isatty()
        while not self._end.wait(0.5 if live else 5):
            line = f"  ... {self._text}, {time.monotonic() - begun:.0f} s"
            print(f"\r{line}" if live else line, end="" if live else "\n", flush=True)
        if live:
            print("\r" + " " * 78, end="\r", flush=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()


class Story:
    """The demonstration; ends both processes whatever happens."""

    def __init__(self, folder):
        self.folder, self.image = folder, os.path.join(folder, "disk.img")
        self.ours = self.machine = None

    def step(self, text, command, seconds=180):
        """Run a command in the guest under a progress line."""
        with Progress(text):
            return self.machine.run(command, seconds)

    def start_server(self):
        """An empty image, and our process that serves it as an NVMe disk."""
        with open(self.image, "wb") as f:
            f.truncate(MEGABYTES << 20)
        sock = os.path.join(self.folder, "nvme.sock")
        words = [program(), "-machine", "x-remote", "-blockdev",
                 f"driver=file,node-name=f0,filename={self.image},cache.direct=on,"
                 "discard=unmap", "-blockdev", "driver=raw,node-name=n0,file=f0,discard=unmap",
                 "-device", "nvme,id=nvme0,serial=1,drive=n0",
                 "-object", f"vfio-user-server,id=s0,type=unix,path={sock},device=nvme0"]
        say("Our process:\n  " + " ".join(words).replace(" -", " \\\n    -"))
        self.ours = Process("server", words, os.path.join(self.folder, "server.log"))
        end = time.monotonic() + 10
        while not os.path.exists(sock):
            need(self.ours.running() and time.monotonic() < end,
                 "the server did not start: " + " | ".join(self.ours.lines[-3:]))
            time.sleep(0.01)
        say(f"It listens, with {resident(self.ours.pid)} KiB of memory.")
        return sock

    def start_guest(self, sock):
        """Stock QEMU and stock Linux."""
        client = stock.prepare()
        begun = time.monotonic()
        self.machine = guest.Guest(client, self.folder, userland=True, memory=384,
                                   devices=[guest.vfio_user(sock)])
        with Progress(f"booting stock Linux {client.kernel_version} in stock QEMU "
                      f"{client.qemu.version}"):
            self.machine.boot()
        say(f"Stock Linux {client.kernel_version} is up in stock QEMU {client.qemu.version} (software"
            f" emulation) after {time.monotonic() - begun:.1f} s.")
        self.machine.run("load nvme && load crc32c_generic && load ext4 && mkdir -p /mnt")
        end = time.monotonic() + 30
        while self.machine.try_run("test -b /dev/nvme0n1")[0]:
            need(time.monotonic() < end, "the guest found no disk")
            time.sleep(0.2)

    def look(self):
        """What the guest's driver and nvme-cli say of the disk."""
        size = int(self.machine.run("blockdev --getsize64 /dev/nvme0n1"))
        need(size == MEGABYTES << 20, f"the guest sees {size} bytes")
        info = self.machine.run("nvme id-ctrl /dev/nvme0")
        model, version = (re.search(rf"^{n}\s*: *(.*?) *$", info, re.M)[1] for n in ("mn", "ver"))
        number = int(version, 16)
        say(f"Its nvme driver found a disk of {size >> 20} MiB: \"{model}\", NVMe {number >> 16}."
            f"{number >> 8 & 255}.")

    def write(self):
        """Partition, file system, a tree of files."""
        self.step("partitioning", "echo ',,L' | sfdisk -q /dev/nvme0n1")
        self.step("waiting for the partition", "until test -b /dev/nvme0n1p1; do sleep 0.1; done")
        self.step("making an ext4 file system", "mkfs.ext4 -q -F /dev/nvme0n1p1")
        say("It made a partition (sfdisk) and an ext4 file system (mkfs.ext4) on it.")
        self.step("copying files", "mount -t ext4 /dev/nvme0n1p1 /mnt && for i in 1 2 3 4; do "
                  "cp -a /usr /mnt/$i || exit 1; done; sync")
        kib, files = (int(n) for n in self.machine.run(
            "du -sk /mnt | cut -f1; find /mnt -type f | wc -l").split())
        say(f"It copied {files} files, {kib} KiB, onto the disk.")
        self.machine.run("umount /mnt && echo 3 > /proc/sys/vm/drop_caches")

    def verify(self):
        """Every byte again, from the disk."""
        self.step("checking the file system", "e2fsck -fn /dev/nvme0n1p1")
        self.step("reading all back", "mount -t ext4 /dev/nvme0n1p1 /mnt && "
                  f"(cd /usr && {SUMS}) > /tmp/a && for i in 1 2 3 4; do (cd /mnt/$i && {SUMS}) > "
                  "/tmp/b && cmp /tmp/a /tmp/b || exit 1; done")
        say("It forgot its caches, checked the file system (e2fsck) and read all back:"
            " every checksum is right.")

    def trim(self):
        """Deleted files give the host's space back."""
        before = os.stat(self.image).st_blocks * 512
        self.step("deleting and trimming", "rm -r /mnt/2 /mnt/3 /mnt/4 && sync && fstrim /mnt && "
                  "umount /mnt")
        after = os.stat(self.image).st_blocks * 512
        need(after < before, f"the image takes {after} bytes after {before}")
        say(f"It deleted three copies and trimmed: the image on the host went from {before >> 20} to"
            f" {after >> 20} MiB.")

    def end(self):
        """Both leave properly."""
        with Progress("shutting the guest down"):
            need(self.machine.poweroff() == 0, "the client ended badly")
        say(f"The guest has shut down; our process used {processor_seconds(self.ours.pid):.1f} s of CPU,"
            f" has {resident(self.ours.pid)} KiB and waits for the next client.")
        self.ours.kill(15)
        need(self.ours.wait(10) == 0, "our process ended badly")
        say("It was asked to end and ended cleanly. All of it worked.")

    def tell(self):
        """From start to end."""
        try:
            self.start_guest(self.start_server())
            for part in (self.look, self.write, self.verify, self.trim, self.end):
                part()
        finally:
            for process in (self.machine, self.ours):
                if process:
                    process.close()


def main(argv):
    if len(argv) > 1:
        os.environ["X_REMOTE_SERVER"] = os.path.abspath(argv[1])
    folder = tempfile.mkdtemp(prefix="xr-")
    try:
        Story(folder).tell()
    except Exception as e:  # pylint: disable=broad-except
        print(f"It did not work: {e}\nLogs are kept in {folder}", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
