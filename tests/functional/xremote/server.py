# SPDX-License-Identifier: GPL-2.0-or-later
"""Our own process, as a test starts it."""
import json
import os
import signal

from . import qmp
from .process import Process

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
# What a sanitizer says, and what the C library and GLib say before they abort.
BAD_WORDS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer",
             "runtime error:", "-CRITICAL **", "-ERROR **", "Assertion", "assertion")


def program():
    """The server under test: X_REMOTE_SERVER, or the one in build/."""
    return os.environ.get("X_REMOTE_SERVER") or os.path.join(TOP, "build/qemu-system-x86_64")


def flat(number, device, path):
    """-object in QEMU's comma form."""
    return f"vfio-user-server,id=s{number},type=unix,path={path},device={device}"


def nested(number, device, path):
    """-object as JSON, with the alias of the type and the socket as an object."""
    return json.dumps({"qom-type": "x-vfio-user-server", "id": f"s{number}", "device": device,
                       "socket": {"type": "unix", "path": path}})


class Server:
    """A running server.

    Each of DEVICES is a -device text with an id, e.g. "edu,id=d0"; all but
    root complexes and bridges are served on path(id), in turn by both
    spellings of -object. OBJECT is appended to the comma form.
    """

    NOT_SERVED = ("isolated-rc", "pcie-root-port", "pci-bridge", "nvme-ns", "nvme-subsys")

    def __init__(self, folder, devices, name="server", args=(), object_options=""):
        self.name, self._folder = name, folder
        command = [program(), "-machine", "x-remote", "-nodefaults", "-display", "none",
                   "-d", "guest_errors", "-qmp", f"unix:{self.path('qmp')},server=on,wait=off"]
        number = 0
        for device in devices:
            command += ["-device", device]
            driver, *rest = device.split(",")
            if driver in self.NOT_SERVED:
                continue
            name_of = dict(w.split("=", 1) for w in rest)["id"]
            spell = nested if number % 2 and not object_options else flat
            command += ["-object", spell(number, name_of, self.path(name_of)) + object_options]
            number += 1
        self.process = Process(name, command + list(args), os.path.join(folder, name + ".log"))
        try:
            self.qmp = qmp.Qmp.connect(self.path("qmp"))
        except OSError as e:
            status = self.process.close()
            raise RuntimeError(f"the server does not listen ({e}); status {status}, last words: "
                               + " | ".join(self.process.lines[-3:])) from e

    def path(self, what):
        """Socket of a device, or of QMP."""
        return os.path.join(self._folder, f"{self.name}-{what}.sock")

    def complaints(self):
        """Lines that a healthy server never writes."""
        return [line for line in self.process.lines if any(w in line for w in BAD_WORDS)]

    def descriptors(self):
        """How many files the process has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self):
        """Ask it to end; a list of what was wrong with its life and its end."""
        wrong = []
        if not self.process.running():
            wrong.append("the server had ended by itself")
        else:
            try:
                self.qmp.command("quit", seconds=10)
            except (OSError, qmp.QmpError):
                self.process.kill(signal.SIGTERM)
            status = self.process.wait(20)
            if status != 0:
                wrong.append("the server does not stop" if status is None
                             else f"the server ended with status {status}")
        self.qmp.close()
        self.process.close()
        return wrong + self.complaints()
