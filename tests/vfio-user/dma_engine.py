# SPDX-License-Identifier: GPL-2.0-or-later
"""The dma-engine device as a client drives it (docs/specs/dma-engine.rst)."""
import struct
import time

import wire

ID, CHANNELS, MAX_DESC, BUFFER_SIZE, HOLD, INT_STATUS, INT_ENABLE, BUSY, RESET = range(0, 0x24, 4)
SRC, DST, LENGTH, PATTERN, COMMAND, STATUS, ERROR, ERROR_INDEX, FAULT_ADDR, DELAY, BYTES, \
    TRANSFERS, ERRORS, SEGMENT, PROGRESS = (0x00, 0x08, 0x10, 0x14, 0x18, 0x1c, 0x20, 0x24, 0x28, 0x30,
                                            0x38, 0x40, 0x48, 0x50, 0x54)
START, LIST, IRQ, ABORT, RELEASE = 1, 0x10, 0x20, 0x40, 0x80
COPY, TO_BUFFER, FROM_BUFFER, FILL = 0, 2, 4, 6
S_BUSY, S_DELAYED, S_FETCHING, S_HELD, S_MAPPED, S_DONE, S_FAILED = (1 << i for i in range(7))
E_NONE, E_COMMAND, E_RANGE, E_LIST, E_DESCRIPTOR, E_READ, E_WRITE, E_REVOKED, E_ABORTED = range(9)


class Channel:
    def __init__(self, client, number=0):
        self.client, self.base = client, 0x1000 + number * 0x100

    def get(self, register):
        return self.client.read32(wire.BAR0, self.base + register)

    def get64(self, register):
        return self.client.read64(wire.BAR0, self.base + register)

    def put(self, register, value):
        self.client.write32(wire.BAR0, self.base + register, value)

    def put64(self, register, value):
        self.client.write64(wire.BAR0, self.base + register, value)

    def start(self, op, src=0, dst=0, length=0, pattern=0, flags=0, delay=0):
        self.put64(SRC, src)
        self.put64(DST, dst)
        self.put(LENGTH, length)
        self.put(PATTERN, pattern)
        self.put64(DELAY, delay)
        self.put(COMMAND, op | flags | START)

    def wait(self, bits_clear=S_BUSY, bits_set=0, seconds=5.0):
        deadline = time.monotonic() + seconds
        while True:
            status = self.get(STATUS)
            if not status & bits_clear and status & bits_set == bits_set:
                return status
            if time.monotonic() > deadline:
                raise AssertionError(f"channel status stays 0x{status:x}")
            time.sleep(0.001)

    def run(self, *args, **kwargs):
        """The error code of a transfer."""
        self.start(*args, **kwargs)
        status = self.wait()
        assert bool(status & S_FAILED) == bool(self.get(ERROR))
        return self.get(ERROR)


def descriptor(op, src=0, dst=0, length=0, pattern=0):
    return struct.pack("=QQIIII", src, dst, length, op >> 1, pattern, 0)
