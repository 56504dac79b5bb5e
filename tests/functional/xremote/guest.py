# SPDX-License-Identifier: GPL-2.0-or-later
"""A Linux guest in the stock client, driven by commands.

The kernel's console is the client's standard output and goes to the log with
time stamps. Commands travel on a second serial port (tests/functional/guest/
serve), QMP on a socket; for both the test listens before the client starts.
"""
import json
import os
import re
import socket
import time

from . import initramfs, qmp
from . import userland as stock_userland
from .process import Process

BOOT_SECONDS = 120


class GuestError(Exception):
    """The guest or the client did not do what it should; logs tell more."""


def vfio_user(path, **properties):
    """A -device argument for a device of ours."""
    return {"driver": "vfio-user-pci", "socket": {"type": "unix", "path": path}, **properties}


class Function:
    """One PCI function as the guest lists it."""

    def __init__(self, line):
        self.bdf, ids, *rest = line.split()
        self.vendor, self.device = (int(n, 16) for n in ids.split(":"))
        words = dict(word.split("=", 1) for word in rest)
        self.class_code = int(words.pop("class"), 16)
        self.bars = {}
        for name, text in words.items():
            first, size, kind = re.match(r"(\w+)\+(\w+)/(\w+)", text).groups()
            self.bars[int(name[3:])] = (int(first, 16), int(size, 16), kind)

    @property
    def ids(self):
        """(vendor, device)"""
        return self.vendor, self.device


class Guest:
    """A running client. Options:

    devices   dicts for -device; shared  memory reaches us by file descriptor
    machine   additions to -machine;     append  additions to the kernel's line
    args      further arguments;         memory  MiB
    userland  nvme-cli, e2fsprogs, fdisk, blkzone in the guest
    """

    def __init__(self, client, folder, name="guest", devices=(), shared=True, machine="",
                 append="", args=(), memory=256, reboot=False, userland=False):
        self.name, self._folder = name, folder
        self._serial = self._listen("serial")
        self._monitor = self._listen("qmp")
        self._shell = self.qmp = None
        self._text, self._number = b"", 0
        ram = (["-object", f"memory-backend-memfd,id=ram0,size={memory}M,share=on"] if shared
               else ["-object", f"memory-backend-ram,id=ram0,size={memory}M"])
        command = client.qemu.command(
            "-accel", os.environ.get("X_REMOTE_ACCEL", "tcg"), "-name", name,
            "-machine", "q35,memory-backend=ram0" + machine, *ram, "-m", f"{memory}M",
            "-smp", "1", "-nodefaults", "-display", "none", "-no-user-config",
            "-serial", "stdio", "-chardev", f"socket,id=cmd,path={self._path('serial')}",
            "-serial", "chardev:cmd",
            "-chardev", f"socket,id=qmp,path={self._path('qmp')}", "-mon", "chardev=qmp,mode=control",
            *([] if reboot else ["-no-reboot"]),
            "-kernel", client.kernel, "-initrd",
            initramfs.image(client, stock_userland.archive() if userland else None),
            "-append", f"console=ttyS0 panic=-1 no_timer_check tsc=unstable {append}", *args)
        for device in devices:
            command += ["-device", json.dumps(device) if isinstance(device, dict) else device]
        self.process = Process(name, command, os.path.join(folder, name + ".log"),
                               client.qemu.environment())
        self._commands = open(os.path.join(folder, name + "-commands.log"), "w",  # pylint: disable=R1732
                              encoding="utf-8")

    def _path(self, what):
        return os.path.join(self._folder, f"{self.name}-{what}.sock")

    def _listen(self, what):
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(self._path(what))
        sock.listen(1)
        return sock

    def _accept(self, listener, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            listener.settimeout(0.2)
            try:
                return listener.accept()[0]
            except socket.timeout:
                if not self.process.running():
                    break
        raise GuestError(f"{self.name}: the client did not start, last words: "
                         + " | ".join(self.process.lines[-3:]))

    def boot(self, seconds=BOOT_SECONDS):
        """Wait until the guest takes commands."""
        if not self._shell:
            self._shell = self._accept(self._serial, 30)
            self.qmp = qmp.Qmp(self._accept(self._monitor, 30))
        self._until(rb"^@@ready\r?\n", seconds, "boot")
        return self

    def _until(self, pattern, seconds, what):
        end = time.monotonic() + seconds
        found = re.compile(pattern, re.M)
        while True:
            match = found.search(self._text)
            if match:
                before, self._text = self._text[:match.start()], self._text[match.end():]
                return before.decode(errors="replace").replace("\r\n", "\n"), match
            left = end - time.monotonic()
            if left <= 0:
                raise GuestError(f"{self.name}: no end of '{what}' after {seconds} s")
            self._shell.settimeout(min(left, 1))
            try:
                data = self._shell.recv(65536)
            except socket.timeout:
                continue
            if not data:
                raise GuestError(f"{self.name}: the client ended during '{what}': "
                                 + " | ".join(self.process.lines[-3:]))
            self._text += data

    def send(self, command):
        """Start a command and do not wait for its end."""
        self._number += 1
        self._commands.write(f"$ {command}\n")
        self._commands.flush()
        self._shell.sendall(f"{self._number} {command}\n".encode())
        return self._number

    def result(self, number, seconds=60):
        """(exit status, output) of the command that send() numbered."""
        text, match = self._until(rb"^@@%d (\d+)\r?\n" % number, seconds, f"command {number}")
        self._commands.write(text + f"= {match[1].decode()}\n")
        self._commands.flush()
        return int(match[1]), text

    def try_run(self, command, seconds=60):
        """(exit status, output) of a command in the guest."""
        return self.result(self.send(command), seconds)

    def run(self, command, seconds=60):
        """Output of a command that must succeed."""
        status, text = self.try_run(command, seconds)
        if status:
            raise GuestError(f"'{command}' failed in the guest: {text.strip()[-400:]}")
        return text

    def tool(self, command, seconds=60):
        """Answers of guest-tool as a dict; repeated names give the last value."""
        text = self.run("guest-tool " + command, seconds)
        return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)

    def functions(self):
        """All PCI functions in the guest, in order."""
        return [Function(line) for line in self.run("guest-tool list").splitlines() if line]

    def find(self, vendor, device):
        """Functions with these ids, in order."""
        return [f for f in self.functions() if f.ids == (vendor, device)]

    def poweroff(self, seconds=30):
        """Shut the guest down; the exit status of the client."""
        self.send("poweroff -f")
        status = self.process.wait(seconds)
        if status is None:
            raise GuestError(f"{self.name} does not power off")
        return status

    def close(self):
        """End the client whatever it does."""
        self.process.close()
        for thing in (self._shell, self.qmp, self._serial, self._monitor, self._commands):
            if thing:
                thing.close()
