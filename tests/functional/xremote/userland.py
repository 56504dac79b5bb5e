# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest needs beyond busybox to use a disk: Debian 13's own programs.

Packages are unpacked into a private root; the programs below and the libraries
that the root's own loader names for them go into one archive, which a guest
gets behind its initramfs when a test asks for it.
"""
import hashlib
import os
import re
import shutil
import subprocess

from . import aptget, cpio
from .parts import StockError, cache_dir, fresh, locked, publish, say, whole

RELEASE = "trixie"
PACKAGES = ("nvme-cli", "e2fsprogs", "fdisk", "util-linux")
PROGRAMS = ("usr/sbin/nvme", "usr/sbin/mke2fs", "usr/sbin/e2fsck", "usr/sbin/sfdisk",
            "usr/sbin/blkzone")
LINKS = {"sbin/mkfs.ext4": "../usr/sbin/mke2fs", "sbin/fsck.ext4": "../usr/sbin/e2fsck",
         "etc/mtab": "/proc/mounts"}
FILES = ("etc/mke2fs.conf",)
LIBRARIES = "usr/lib/x86_64-linux-gnu"
LOADER = "ld-linux-x86-64.so.2"


def _needed(root, program):
    """Names of the libraries that PROGRAM loads, resolved by the root's own loader."""
    loader = os.path.join(root, LIBRARIES, LOADER)
    said = subprocess.run([loader, "--library-path", os.path.join(root, LIBRARIES), "--list",
                           os.path.join(root, program)], capture_output=True, text=True,
                          check=False)
    if said.returncode:
        raise StockError(f"cannot resolve the libraries of {program}: {said.stderr.strip()}")
    return {os.path.basename(path) for path in re.findall(r"=> (\S+/\S+)", said.stdout)}


def _pack(root):
    archive = cpio.Archive()
    names = {LOADER}
    for program in PROGRAMS:
        names |= _needed(root, program)
    places = [*PROGRAMS, *FILES, *(os.path.join(LIBRARIES, n) for n in sorted(names))]
    for place in places:
        with open(os.path.join(root, place), "rb") as f:
            archive.file(place, f.read(), 0o755)
    archive.folder("lib64")
    archive.link("lib64/" + LOADER, "/" + os.path.join(LIBRARIES, LOADER))
    for place, target in LINKS.items():
        archive.folder(os.path.dirname(place))
        archive.link(place, target)
    return archive.bytes()


def _make(cache, place):
    say(f"fetching {', '.join(PACKAGES)} of Debian {RELEASE} for the guest (about 8 MB, once)")
    apt = aptget.PrivateApt(os.path.join(cache, "apt"), (RELEASE,), say)
    apt.update()
    archives = apt.fetch_with_dependencies(PACKAGES, RELEASE)
    unpacked = fresh(place + ".unpacked")
    aptget.unpack(archives, unpacked)
    building = fresh(place + ".making")
    with open(os.path.join(building, "userland.cpio"), "wb") as f:
        f.write(_pack(unpacked))
    version = next(os.path.basename(a).split("_")[1] for a in archives if "/nvme-cli_" in a)
    record = publish(building, place, {"version": version})
    shutil.rmtree(unpacked)
    shutil.rmtree(apt.archives, ignore_errors=True)
    return record


def _place(cache):
    """Other programs make another part: an archive of before lacks some."""
    what = hashlib.sha256(repr((RELEASE, PACKAGES, PROGRAMS, LINKS, FILES)).encode())
    return os.path.join(cache, "userland-" + what.hexdigest()[:8])


def archive():
    """Path of the archive; fetched and made by the first test that asks."""
    cache = cache_dir()
    place = _place(cache)
    with locked(cache):
        try:
            if not whole(place):
                _make(cache, place)
        except aptget.AptError as e:
            raise StockError(f"cannot get the guest's programs: {e}") from e
    return os.path.join(place, "userland.cpio")
