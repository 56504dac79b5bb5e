# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest's initramfs: the cached base and, behind it, what the tree brings.

The second archive (init, serve, load, guest-tool) is small and named by the
hash of its sources, so a changed source is seen and an unchanged one costs
nothing. Two runs that build it at once write the same bytes.
"""
import hashlib
import os
import shutil
import subprocess
import tempfile
import time

from . import cpio
from .parts import StockError, cache_dir

GUEST = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "guest")
SCRIPTS = {"init": "init", "serve": "bin/serve", "load": "bin/load"}
FLAGS = ("-std=gnu17", "-O2", "-static", "-Wall", "-Wextra", "-Wno-unused-parameter",
         "-Wno-sign-compare", "-D_GNU_SOURCE")


def _sources():
    return sorted(os.path.join(GUEST, n) for n in os.listdir(GUEST)
                  if n.endswith((".c", ".h")) or n in SCRIPTS)


def _compile(folder):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        raise StockError("no C compiler for the guest's test program: apt-get install gcc libc6-dev")
    program = os.path.join(folder, "guest-tool")
    made = subprocess.run([compiler, *FLAGS, "-o", program,
                           *(s for s in _sources() if s.endswith(".c"))],
                          capture_output=True, text=True, check=False)
    if made.returncode:
        raise StockError("cannot compile the guest's test program:\n" + made.stderr)
    with open(program, "rb") as f:
        return f.read()


def _tree_part():
    archive = cpio.Archive()
    for name, place in SCRIPTS.items():
        with open(os.path.join(GUEST, name), "rb") as f:
            archive.file(place, f.read(), 0o755)
    with tempfile.TemporaryDirectory() as folder:
        archive.file("bin/guest-tool", _compile(folder), 0o755)
    return archive.bytes()


def _forget_older(folder):
    """Of the images that some run made before, those that no run of today uses."""
    for old in os.listdir(folder):
        path = os.path.join(folder, old)
        if old.endswith(".cpio") and time.time() - os.stat(path).st_mtime > 86400:
            os.unlink(path)


def image(client, userland=None):
    """Path of the complete initramfs for CLIENT; USERLAND is an archive to go with it."""
    whole = hashlib.sha256(" ".join(FLAGS).encode())
    for path in [*_sources(), __file__]:
        with open(path, "rb") as f:
            whole.update(f.read())
    parts = [client.base_image, *([userland] if userland else [])]
    for part in parts:
        whole.update(f"{part} {os.stat(part).st_mtime_ns}".encode())
    folder = os.path.join(cache_dir(), "initramfs")
    path = os.path.join(folder, whole.hexdigest()[:16] + ".cpio")
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as out:
            for part in parts:
                with open(part, "rb") as source:
                    shutil.copyfileobj(source, out)
            out.write(_tree_part())
        _forget_older(folder)
        os.rename(out.name, path)
    return path
