# SPDX-License-Identifier: GPL-2.0-or-later
"""A client without a guest: tests/vfio-user's raw bytes, for load beside the guests.

tests/avocado has modules of the same names, so these are loaded by their path.
"""
import importlib.util
import os
import select
import sys

from .server import TOP


def _load(name, alias):
    spec = importlib.util.spec_from_file_location(
        alias, os.path.join(TOP, "tests/vfio-user", name + ".py"))
    module = sys.modules[alias] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# edu.py imports wire by this name.
wire = _load("wire", "wire")
edu = _load("edu", "vfio_user_edu")

SIZE = 4096


class EduClient:
    """Uses the edu device at PATH from here: its buffer, by DMA."""

    def __init__(self, path):
        self.memory = wire.Memory(2 * SIZE)
        self.req = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self.client = wire.Client(path).hello()
        self.client.dma_map(0, 2 * SIZE, self.memory.fd)
        self.client.set_irqs(wire.DATA_EVENTFD | wire.TRIGGER, wire.REQ, 0, 1, fds=[self.req])
        self.client.bus_master()

    def there_and_back(self, data):
        """What DATA is after a way into the device and another out of it."""
        self.memory.write(0, data)
        edu.to_edu(self.client, 0, len(data))
        edu.from_edu(self.client, SIZE, len(data))
        return self.memory.read(SIZE, len(data))

    def start(self):
        """Begins a transfer whose end nobody waits for."""
        edu.start_dma(self.client, 0, edu.BUFFER, SIZE, 0)

    def is_asked_to_leave(self, seconds):
        """Whether the REQ interrupt comes."""
        return bool(select.select([self.req], [], [], seconds)[0])

    def close(self):
        """Gives the device back."""
        self.client.close()
        self.memory.close()
        os.close(self.req)
