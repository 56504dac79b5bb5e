#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may include whom: the table of docs/devel/architecture.rst, enforced.

Every folder (cell) has a row; a file may include headers of lower rows and of
its own folder. Public headers belong to the folder that implements them.
"""
import os
import re
import subprocess
import sys

LEVEL = {
    "util": 0, "util/main-loop": 0, "trace": 0,
    "qom": 1, "qapi": 1, "io": 1,
    "softmmu/memory": 2, "migration": 2, "block": 2, "chardev": 2, "metrics": 2,
    "vfio-user/protocol": 2, "vfio-user/transport": 2,
    "vfio-user/server": 2, "vfio-user/client": 2,
    "hw/core": 3,
    "hw/pci": 4, "hw/block": 4,
    "hw/pci-bridge": 5, "hw/misc": 5, "hw/nvme": 5, "hw/watchdog": 5, "hw/iommu": 5,
    "hw/remote": 6,
    "softmmu/qtest": 7, "softmmu/startup": 7, "monitor": 7, "tools/vfu": 7,
}

# Public headers by path, longest match first, to the cell that owns them.
OWNER = [
    (r"hw/pci-bridge/", "hw/pci-bridge"), (r"hw/pci/", "hw/pci"),
    (r"hw/misc/", "hw/misc"), (r"hw/nvme/", "hw/nvme"), (r"hw/block/", "hw/block"),
    (r"hw/watchdog/", "hw/watchdog"), (r"hw/iommu/", "hw/iommu"),
    (r"hw/remote/", "hw/remote"), (r"hw/hw\.h", "util"), (r"hw/", "hw/core"),
    (r"monitor/qdev\.h", "hw/core"), (r"monitor/fd-param\.h", "io"), (r"monitor/", "monitor"),
    (r"chardev/", "chardev"),
    (r"(exec|standard-headers)/", "softmmu/memory"), (r"sysemu/dma\.h", "softmmu/memory"),
    (r"system/(memory|dma|ioport|ram_addr|address-spaces)\.h", "softmmu/memory"),
    (r"(sysemu|system)/block", "block"), (r"(sysemu|system)/", "hw/core"),
    (r"qapi/(error|util|qapi-types-error)\.h", "util"), (r"(qapi|qobject)/", "qapi"), (r"qom/", "qom"),
    (r"block/aio", "util/main-loop"), (r"block/", "block"),
    (r"qemu/", "util"), (r"io/", "io"),
    (r"migration/", "migration"), (r"trace/", "trace"), (r"metrics/", "metrics"),
    (r"vfio-user/(server|latency)", "vfio-user/server"), (r"vfio-user/client", "vfio-user/client"),
    (r"vfio-user/(transport|faulty)", "vfio-user/transport"), (r"vfio-user/", "vfio-user/protocol"),
]

# Rules that the rows alone do not say.
FORBIDDEN = [
    (r"^vfio-user/server$", r"^vfio-user/client$"), (r"^vfio-user/client$", r"^vfio-user/server$"),
    (r"^vfio-user/protocol$", r"^vfio-user/(transport|server|client)$"),
    (r"^vfio-user/transport$", r"^vfio-user/(server|client)$"),
    (r"^vfio-user/", r"^(qom|softmmu/|hw/|migration)"),
    (r"^hw/(core|pci|pci-bridge|block|misc|nvme|watchdog|iommu)$", r"^(vfio-user/|hw/remote)"),
    (r"^(softmmu/memory|block|chardev)$", r"^hw/"),
    (r"^softmmu/startup$", r"^hw/(pci|remote|misc|nvme|watchdog)"),
    (r"^monitor$", r"^hw/(pci|remote|misc|nvme|watchdog)"),
]

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def cell_of_file(path):
    best = ""
    for cell in LEVEL:
        if path.startswith(cell + "/") and len(cell) > len(best):
            best = cell
    return best


def cell_of_header(name, folder):
    if os.path.exists(os.path.join(folder, name)):
        return cell_of_file(os.path.join(folder, name) + "/")
    if os.path.exists(name) and cell_of_file(name):
        return cell_of_file(name)
    generated = re.match(r"trace/|qapi/qapi-(types|visit|events|introspect)", name)
    return owner_of(name) if os.path.exists(os.path.join("include", name)) or generated else ""


def owner_of(name):
    """The cell that a public header belongs to."""
    return next((cell for pattern, cell in OWNER if re.match(pattern, name)), "")


def check(path):
    cell = cell_of_file(path)
    if path.startswith("include/"):
        cell = owner_of(path[len("include/"):])
    if not cell:
        return []
    bad = []
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        match = INCLUDE.match(line)
        target = cell_of_header(match.group(1), os.path.dirname(path)) if match else ""
        if not target or target == cell:
            continue
        if LEVEL[target] > LEVEL[cell]:
            bad.append(f"{path}:{number}: {cell} (row {LEVEL[cell]}) includes "
                       f"{match.group(1)} of {target} (row {LEVEL[target]})")
        for who, whom in FORBIDDEN:
            if re.match(who, cell) and re.match(whom, target):
                bad.append(f"{path}:{number}: {cell} may not include {match.group(1)} of {target}")
    return bad


def main():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    files = subprocess.run(["git", "ls-files", "*.c", "*.h"], capture_output=True, text=True,
                           check=True).stdout.split()
    files = [f for f in files if not f.startswith("tests/") and os.path.exists(f)]
    bad = [line for f in files for line in check(f)]
    print("\n".join(bad) if bad else f"ok: {len(files)} files keep the layers")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
