# SPDX-License-Identifier: GPL-2.0-or-later
"""What is taken away from a controller whose commands wait, and what its host still hears of them."""
import os
import select
import unittest

import nvme
import wire
from test_nvme_client import DiskTest

FAR = 1 << 30


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


if __name__ == "__main__":
    unittest.main()
