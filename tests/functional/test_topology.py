# SPDX-License-Identifier: GPL-2.0-or-later
"""Where devices sit: behind root ports and as functions of one slot, on both sides."""
from xremote.case import EDU, ENGINE, FunctionalTest
from xremote.guest import vfio_user


class TopologyChecks:
    """Shared with tests/avocado."""

    def check_both(self, guest):
        """edu and dma-engine work; their addresses."""
        edu, engine = self.only(guest, EDU).bdf, self.only(guest, ENGINE).bdf
        self.check_edu(guest, edu)
        self.assertEqual(guest.tool(f"engine-check {engine} msix-raw")["engine"], "ok")
        return edu, engine

    def test_client_root_ports(self):
        """Each device behind a root port of the client."""
        server = self.serve("edu,id=d0", "dma-engine,id=d1")
        guest = self.boot("pcie-root-port,id=rp0,chassis=1,slot=1",
                          "pcie-root-port,id=rp1,chassis=2,slot=2",
                          vfio_user(server.path("d0"), bus="rp0"),
                          vfio_user(server.path("d1"), bus="rp1"))
        edu, engine = self.check_both(guest)
        self.assertNotEqual(edu.split(":")[1], engine.split(":")[1])

    def test_client_multifunction(self):
        """Two devices of ours as two functions of one slot."""
        server = self.serve("edu,id=d0", "dma-engine,id=d1")
        guest = self.boot(vfio_user(server.path("d0"), addr="7.0", multifunction=True),
                          vfio_user(server.path("d1"), addr="7.1"))
        self.assertEqual(self.check_both(guest), ("0000:00:07.0", "0000:00:07.1"))

    def test_server_topology(self):
        """A root port and a multifunction slot on our own isolated bus."""
        server = self.serve("isolated-rc,id=vmA",
                            "pcie-root-port,id=rp,bus=vmA.0,chassis=1,slot=1,addr=2.0",
                            "edu,id=d0,bus=rp",
                            "dma-engine,id=d1,bus=vmA.0,addr=5.1",
                            "pci-testdev,id=d2,bus=vmA.0,addr=5.0,multifunction=on")
        guest = self.boot(*(vfio_user(server.path(d)) for d in ("d0", "d1", "d2")))
        self.check_both(guest)


class Topology(TopologyChecks, FunctionalTest):
    """Run by tests/functional/run.py."""
