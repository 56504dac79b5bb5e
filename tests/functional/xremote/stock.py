# SPDX-License-Identifier: GPL-2.0-or-later
"""The client that users have: stock QEMU, a stock kernel and a guest image.

A system QEMU is used when it is new enough. Otherwise QEMU comes from Debian
13's backports into a private root in the cache folder, and runs through that
root's own loader: no chroot, no root rights, nothing installed. Kernel and
busybox are Debian 13's. All is made once; a lock lets two runs begin at the
same time; each part is built beside its place and moved there when whole, so
an interrupted run continues where it stopped.
"""
import lzma
import os
import re
import shutil
import subprocess

from . import aptget, cpio
from .parts import StockError, cache_dir, fresh, locked, publish, say, whole

NEEDS = (10, 1)
RELEASE = "trixie"
SUITE = "trixie-backports"
LIBRARY = "python3-qemu-qmp"
PROMETHEUS = "prometheus"
PACKAGES = ("qemu-system-x86", "seabios")
MODULES = ("i6300esb", "pvpanic-pci", "uio_pci_generic", "vfio_iommu_type1", "vfio-pci", "nvme",
           "ext4", "crc32c_generic")
APPLETS = (
    "basename", "blockdev", "cat", "chmod", "cmp", "cp", "cttyhack", "cut", "date", "dd",
    "df", "dmesg", "du", "echo", "find", "free", "fstrim", "grep", "head", "hexdump",
    "insmod", "kill", "ln", "ls", "lsmod", "md5sum", "mkdir", "mkfifo", "mount", "od",
    "poweroff", "ps", "readlink", "reboot", "rm", "rmmod", "sed", "seq", "setsid", "sh",
    "sha256sum", "sleep", "sort", "stty", "sync", "tail", "test", "time", "timeout",
    "touch", "tr", "true", "umount", "wc", "xargs")


# --- QEMU ---

class Qemu:
    """A QEMU that has vfio-user-pci, as the beginning of a command line."""

    def __init__(self, argv, env, version, origin):
        self.argv, self.env, self.version, self.origin = argv, env, version, origin

    def command(self, *args):
        """The complete command line."""
        return [*self.argv, *args]

    def environment(self):
        """What the process gets as its environment."""
        return {**os.environ, **self.env}


def _probe(argv, env, origin):
    """A Qemu if ARGV starts one that is new enough, else None."""
    def run(*args):
        try:
            return subprocess.run([*argv, *args], capture_output=True, text=True, timeout=60,
                                  env={**os.environ, **env}, check=False).stdout
        except OSError:
            return ""
    found = re.search(r"version (\d+)\.(\d+)\.(\d+)", run("-version"))
    if not found or tuple(int(n) for n in found.groups()[:2]) < NEEDS:
        return None
    # A list of all devices loads all modules, this machine's own of another build too.
    if "vfio-user-pci options" not in run("-device", "vfio-user-pci,help"):
        return None
    return Qemu(argv, env, ".".join(found.groups()), origin)


def _system_qemu():
    for path in (os.environ.get("X_REMOTE_QEMU"), shutil.which("qemu-system-x86_64")):
        qemu = path and _probe([path], {}, path)
        if qemu:
            return qemu
    if os.environ.get("X_REMOTE_QEMU"):
        raise StockError(f"X_REMOTE_QEMU={os.environ['X_REMOTE_QEMU']} is not a QEMU >= 10.1 "
                         "with vfio-user-pci")
    return None


def _private_qemu(root):
    usr = os.path.join(root, "usr")
    libraries = os.path.join(usr, "lib/x86_64-linux-gnu")
    loader = os.path.join(usr, "lib64/ld-linux-x86-64.so.2")
    if not os.path.exists(loader):
        loader = os.path.join(libraries, "ld-linux-x86-64.so.2")
    argv = [loader, "--library-path", libraries, os.path.join(usr, "bin/qemu-system-x86_64"),
            "-L", os.path.join(usr, "share/qemu"), "-L", os.path.join(usr, "share/seabios"),
            "-L", os.path.join(usr, "lib/ipxe/qemu")]
    env = {"QEMU_MODULE_DIR": os.path.join(libraries, "qemu")}
    return _probe(argv, env, "Debian " + SUITE)


def _apt(cache):
    apt = aptget.PrivateApt(os.path.join(cache, "apt"), (RELEASE, SUITE), say)
    apt.update()
    return apt


def _make_client(cache, place):
    say(f"fetching stock QEMU from Debian's {SUITE} (about 40 MB, once)")
    apt = _apt(cache)
    archives = apt.fetch_with_dependencies(PACKAGES, SUITE)
    say(f"unpacking {len(archives)} packages into a private root")
    building = fresh(place + ".making")
    aptget.unpack(archives, building)
    for part in ("usr/share/doc", "usr/share/locale", "usr/share/man"):
        shutil.rmtree(os.path.join(building, part), ignore_errors=True)
    qemu = _private_qemu(building)
    if not qemu:
        raise StockError(f"the QEMU of {SUITE} does not run here or has no vfio-user-pci")
    record = publish(building, place, {"version": qemu.version})
    shutil.rmtree(apt.archives, ignore_errors=True)
    return record


# --- kernel and the big part of the guest's user space ---

def _module_closure(folder, version, names):
    """Files of NAMES and what they need, in loading order, from modules.dep."""
    depends = {}
    with open(os.path.join(folder, "modules.dep"), encoding="utf-8") as f:
        for line in f:
            path, _, rest = line.partition(":")
            depends[path] = rest.split()
    by_name = {re.sub(r"\.ko.*", "", os.path.basename(p)).replace("-", "_"): p for p in depends}
    order = {}
    for name in names:
        path = by_name.get(name.replace("-", "_"))
        if not path:
            raise StockError(f"kernel {version} has no module {name}")
        order[name] = [*reversed(depends[path]), path]
    return order


def _plain_module(path):
    opener = lzma.open if path.endswith(".xz") else open
    with opener(path, "rb") as f:
        return f.read()


def _pack_base(unpacked, folder, version):
    archive = cpio.Archive()
    with open(os.path.join(unpacked, "usr/bin/busybox"), "rb") as f:
        archive.file("bin/busybox", f.read(), 0o755)
    for applet in APPLETS:
        archive.link("bin/" + applet, "busybox")
    for name in ("proc", "sys", "dev", "tmp", "run"):
        archive.folder(name)
    archive.char_device("dev/console", 5, 1)
    packed = set()
    for name, files in _module_closure(folder, version, MODULES).items():
        loads = []
        for path in files:
            plain = re.sub(r"\.ko.*", ".ko", os.path.basename(path))
            loads.append(plain)
            if plain not in packed:
                packed.add(plain)
                archive.file("modules/" + plain, _plain_module(os.path.join(folder, path)))
        archive.file(f"modules/{name}.order", "".join(f"{n}\n" for n in loads).encode())
    return archive.bytes()


def _make_guest(cache, place):
    say(f"fetching a stock Linux kernel and busybox from Debian {RELEASE} (about 110 MB, once)")
    apt = _apt(cache)
    kernels = [n for n in apt.depends(f"linux-image-amd64/{RELEASE}") if n.startswith("linux-image-")]
    if not kernels:
        raise StockError("linux-image-amd64 names no kernel")
    kept = os.path.join(cache, "apt/kernel")
    archives = [apt.fetch(name, kept) for name in (kernels[0], "busybox-static")]
    say(f"unpacking {kernels[0]} and packing the guest")
    unpacked = fresh(place + ".unpacked")
    aptget.unpack(archives, unpacked)
    version = kernels[0].removeprefix("linux-image-")
    subprocess.run([shutil.which("depmod", path=os.environ["PATH"] + ":/sbin:/usr/sbin")
                    or "depmod", "-b", unpacked, version], check=True)
    building = fresh(place + ".making")
    shutil.move(os.path.join(unpacked, "boot/vmlinuz-" + version),
                os.path.join(building, "vmlinuz"))
    with open(os.path.join(building, "base.cpio"), "wb") as f:
        f.write(_pack_base(unpacked, os.path.join(unpacked, "lib/modules", version), version))
    record = publish(building, place, {"version": version})
    shutil.rmtree(unpacked)
    shutil.rmtree(kept)
    return record


# --- QEMU's Python package ---

def _make_library(cache, place):
    say(f"fetching QEMU's Python package from Debian's {SUITE} (50 kB, once)")
    kept = os.path.join(cache, "apt/library")
    archive = _apt(cache).fetch(LIBRARY, kept)
    building = fresh(place + ".making")
    aptget.unpack([archive], building)
    version = os.path.basename(archive).split("_")[1]
    record = publish(building, place, {"version": version})
    shutil.rmtree(kept)
    return record


def library():
    """The root below which Debian's qemu.qmp and qmp-shell are unpacked."""
    cache = cache_dir()
    place = os.path.join(cache, "library")
    with locked(cache):
        try:
            if not whole(place):
                _make_library(cache, place)
        except aptget.AptError as e:
            raise StockError(f"cannot get {LIBRARY}: {e}") from e
    return place


# --- promtool ---

def _make_promtool(cache, place):
    say(f"fetching promtool from Debian's {PROMETHEUS} (20 MB, once)")
    kept = os.path.join(cache, "apt/promtool")
    apt = aptget.PrivateApt(os.path.join(cache, "apt"), (aptget.os_codename(),), say)
    apt.update()
    archive = apt.fetch(PROMETHEUS, kept)
    unpacked = fresh(place + ".unpacked")
    aptget.unpack([archive], unpacked)
    building = fresh(place + ".making")
    shutil.move(os.path.join(unpacked, "usr/bin/promtool"), building)
    record = publish(building, place, {"version": os.path.basename(archive).split("_")[1]})
    shutil.rmtree(unpacked)
    shutil.rmtree(kept)
    return record


def promtool():
    """Path of promtool: the machine's, or that of its release's package, not installed."""
    cache = os.path.join(cache_dir(), "tools")
    place = os.path.join(cache, "promtool")
    installed = shutil.which("promtool")
    if installed:
        return installed
    with locked(cache):
        try:
            if not whole(place):
                _make_promtool(cache, place)
        except (aptget.AptError, OSError) as e:
            raise StockError(f"cannot get promtool: {e}") from e
    return os.path.join(place, "promtool")


# --- the whole ---

class Stock:
    """QEMU, kernel and base image, ready to start."""

    def __init__(self, qemu, kernel_version, guest_folder):
        self.qemu = qemu
        self.kernel_version = kernel_version
        self.kernel = os.path.join(guest_folder, "vmlinuz")
        self.base_image = os.path.join(guest_folder, "base.cpio")


def prepare(deep=False):
    """Make what is missing, check what is there, return a Stock."""
    cache = cache_dir()
    with locked(cache):
        try:
            qemu = _system_qemu()
            if not qemu:
                place = os.path.join(cache, "client")
                if not whole(place, deep):
                    _make_client(cache, place)
                qemu = _private_qemu(place)
                if not qemu:
                    raise StockError(f"the client in {place} does not start: remove the folder "
                                     "and run again")
            place = os.path.join(cache, "guest")
            record = whole(place, deep) or _make_guest(cache, place)
        except aptget.AptError as e:
            raise StockError(f"cannot get the stock client: {e}") from e
        return Stock(qemu, record["version"], place)
