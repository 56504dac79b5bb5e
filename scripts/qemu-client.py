#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Get and start the stock client: QEMU >= 10.1, a kernel and a guest image.

    scripts/qemu-client.py prepare      make what is missing, print what there is
    scripts/qemu-client.py verify       the same, and check every byte
    scripts/qemu-client.py run ARGS...  start that QEMU with ARGS
    scripts/qemu-client.py shell ARGS.. boot the guest with a shell on this terminal

Everything is kept in ${X_REMOTE_CACHE:-${XDG_CACHE_HOME:-~/.cache}/x-remote}.
X_REMOTE_QEMU names another QEMU, X_REMOTE_MIRROR another Debian mirror.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/functional"))
from xremote import initramfs, stock  # noqa: E402 pylint: disable=wrong-import-position


def shell(client, args):
    """Command line of a guest whose console is this terminal."""
    return client.qemu.command(
        "-accel", "tcg", "-machine", "q35,memory-backend=ram0", "-m", "256M", "-nodefaults",
        "-display", "none", "-serial", "mon:stdio", "-no-reboot",
        "-object", "memory-backend-memfd,id=ram0,size=256M,share=on",
        "-kernel", client.kernel, "-initrd", initramfs.image(client),
        "-append", "console=ttyS0 panic=-1 quiet xr.shell=ttyS0", *args)


def main(argv):
    verb = argv[1] if len(argv) > 1 else "prepare"
    if verb not in ("prepare", "verify", "run", "shell"):
        print(__doc__.strip(), file=sys.stderr)
        return 0 if verb in ("-h", "--help", "help") else 2
    try:
        client = stock.prepare(deep=verb == "verify")
    except stock.StockError as e:
        print(f"qemu-client: {e}", file=sys.stderr)
        return 1
    if verb in ("run", "shell"):
        command = client.qemu.command(*argv[2:]) if verb == "run" else shell(client, argv[2:])
        os.execvpe(command[0], command, client.qemu.environment())
    print(f"QEMU    {client.qemu.version} ({client.qemu.origin})")
    print(f"kernel  {client.kernel_version} ({client.kernel})")
    print(f"guest   {initramfs.image(client)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
