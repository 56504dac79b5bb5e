# SPDX-License-Identifier: GPL-2.0-or-later
"""vfu trace between a stock client and our process: it must not be noticed."""
import os
import struct

from xremote import server as program
from xremote.case import EDU, FunctionalTest
from xremote.guest import vfio_user
from xremote.process import Process

SECTION_HEADER = 0x0a0d0d0a     # pcapng, block type of the first block


class TraceChecks:
    """Shared with tests/avocado."""

    def test_between(self):
        """Everything works through it, and the dialogue is written down."""
        vfu = os.path.join(os.path.dirname(program.program()), "vfu")
        if not os.access(vfu, os.X_OK):
            self.skipTest(f"no {vfu}")
        server = self.serve("edu,id=d0")
        between, packets = os.path.join(self.folder, "t.sock"), os.path.join(self.folder, "t.pcapng")
        trace = Process("trace", [vfu, "trace", "--once", f"--pcapng={packets}", between,
                                  server.path("d0")], os.path.join(self.folder, "trace.log"))
        self.addCleanup(trace.close)
        guest = self.boot(vfio_user(between))
        self.check_edu(guest, self.only(guest, EDU).bdf)
        self.assertEqual(guest.poweroff(), 0)
        self.assertEqual(trace.wait(20), 0)
        for command in ("VERSION", "DMA_MAP", "DEVICE_GET_REGION_INFO", "DEVICE_SET_IRQS",
                        "REGION_WRITE", "DEVICE_RESET"):
            self.assertTrue(trace.has_line(command), f"no {command} in the trace")
        with open(packets, "rb") as f:
            self.assertEqual(struct.unpack("<I", f.read(4))[0], SECTION_HEADER)


class Trace(TraceChecks, FunctionalTest):
    """Run by tests/functional/run.py."""
