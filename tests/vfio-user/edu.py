# SPDX-License-Identifier: GPL-2.0-or-later
"""The edu device as a client drives it: see docs/specs/edu in QEMU's manual."""
import time

import wire

ID, LIVENESS, FACTORIAL, STATUS, IRQ_STATUS, IRQ_RAISE, IRQ_ACK = 0, 4, 8, 0x20, 0x24, 0x60, 0x64
DMA_SRC, DMA_DST, DMA_COUNT, DMA_CMD = 0x80, 0x88, 0x90, 0x98
BUFFER = 0x40000
RUN, FROM_EDU, DMA_IRQ = 1, 2, 4
DMA_IRQ_STATUS = 0x100


def start_dma(client, src, dst, count, command, posted=False):
    for register, value in ((DMA_SRC, src), (DMA_DST, dst), (DMA_COUNT, count),
                            (DMA_CMD, command | RUN)):
        if posted:
            client.post(wire.BAR0, register, value.to_bytes(8, "little"))
        else:
            client.write64(wire.BAR0, register, value)


def wait_dma(client, seconds=5.0):
    deadline = time.monotonic() + seconds
    while client.read64(wire.BAR0, DMA_CMD) & RUN:
        if time.monotonic() > deadline:
            raise AssertionError("DMA does not end")
        time.sleep(0.005)


def to_edu(client, iova, count, offset=0, **kwargs):
    start_dma(client, iova, BUFFER + offset, count, 0, **kwargs)
    wait_dma(client)


def from_edu(client, iova, count, offset=0, **kwargs):
    start_dma(client, BUFFER + offset, iova, count, FROM_EDU, **kwargs)
    wait_dma(client)
