# SPDX-License-Identifier: GPL-2.0-or-later
"""What is taken away from a controller whose commands wait, and what its host still hears of them."""
import os
import select
import unittest

import nvme
import wire
from test_nvme_client import DiskTest

IOVA, FAR = 0x100000, 1 << 30


class TestInterrupts(DiskTest):

    def queue(self, vector):
        """A controller, and a second pair of queues whose completions raise a vector."""
        controller = self.attach()
        events = nvme.enable_msix(controller.client, vector + 1)
        for event in events:
            self.addCleanup(os.close, event)
        return controller, controller.create_io(2, vector=vector), events[vector]

    def assert_interrupt(self, event):
        self.assertTrue(select.select([event], [], [], 5)[0], "no interrupt")
        os.eventfd_read(event)

    def test_of_a_command_whose_memory_goes(self):
        """DMA_UNMAP ends it with an error, and who sleeps until the interrupt is woken."""
        controller, q, event = self.queue(1)
        far = self.memory(1 << 20)
        controller.client.dma_map(FAR, far.size, far.fd)
        self.assertEqual(controller.do(q, nvme.rw(nvme.READ, 1, 0, 8, FAR)).status, 0)
        self.assert_interrupt(event)
        self.hold(True)
        controller.submit(q, nvme.rw(nvme.READ, 1, 0, 8, FAR))
        self.wait_held(1)
        controller.client.dma_unmap(FAR, far.size)
        self.assert_interrupt(event)
        self.assertEqual(controller.finish(q).status, 4)

class TestThrottled(DiskTest):
    """Commands that wait for a limit of their drive are taken back like others."""

    def limit(self, iops):
        self.qmp.command("block_set_io_throttle", id="b", bps=0, bps_rd=0, bps_wr=0, iops=iops,
                         iops_rd=0, iops_wr=0)

    def in_turn(self, *commands):
        """Each, once and again while it waits; every time the device is reset under it."""
        self.limit(1)
        self.addCleanup(self.limit, 0)
        controller = self.attach("b")
        for queue, sqe in 3 * commands:
            for _ in range(4):
                controller.submit(queue(controller), sqe)
            controller.client.reset()
            controller.client.bus_master()
            controller.start()
        self.limit(0)
        controller.check(self.rng)

    def test_io(self):
        self.in_turn((lambda c: c.io, nvme.rw(nvme.WRITE, 1, 0, 8, IOVA)),
                     (lambda c: c.io, nvme.entry(nvme.WRITE_ZEROES, 1)),
                     (lambda c: c.io, nvme.rw(nvme.READ, 1, 0, 8, IOVA)))

    def test_format(self):
        self.in_turn((lambda c: c.admin, nvme.entry(nvme.FORMAT, 1)))


if __name__ == "__main__":
    unittest.main()
