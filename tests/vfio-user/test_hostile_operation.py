# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients that attack while an operator works: unplugs, queries, resets, ends the process."""
import os
import signal
import struct
import unittest

import wire
from server import ServerTest


class TestDeletedUnderFire(ServerTest):
    """The server object goes while its client's messages wait in the socket."""
    QMP = True

    def setUp(self):
        super().setUp()
        self.qmp = self.server.qmp()
        self.addCleanup(self.qmp.close)

    def fire(self, burst, options):
        """Deletes a server that finds `burst` in its socket."""
        self.qmp.command("device_add", driver="edu", id="d1")
        self.qmp.command("object-add", **{"qom-type": "vfio-user-server", "id": "s-d1",
                                          "device": "d1", "path": self.server.path("d1"),
                                          **options})
        client = self.server.client("d1")
        client.sock.setblocking(False)
        process = self.server.process
        process.send_signal(signal.SIGSTOP)
        try:
            try:
                while True:
                    client.sock.send(burst)
            except BlockingIOError:
                pass
        finally:
            process.send_signal(signal.SIGCONT)
        self.qmp.command("object-del", id="s-d1")
        client.close()
        self.qmp.command("device_del", id="d1")

    def test_refused_maps(self):
        bad = wire.HEADER.pack(1, wire.DMA_MAP, 48, wire.NO_REPLY, 0) + \
            struct.pack("=IIQQQ", 32, wire.DMA_R, 0, 0x1000, 0x1000)
        for _ in range(5):
            self.fire(bad * 4000, {"on-disconnect": "keep"})


class TestWiring(ServerTest):
    """A monitor client takes a device apart that is served."""
    DEVICES = {"rc": "isolated-rc", "d0": "edu,bus=rc.0"}
    EXTRA = ("-device", "edu,bus=rc.0,id=unserved")
    QMP = True

    def test_qom_set(self):
        qmp, client = self.server.qmp(), self.client("d0")
        self.addCleanup(qmp.close)
        for path, name, value in (("d0", "realized", False), ("unserved", "realized", False),
                                  ("rc", "realized", False), ("rc/rc.0", "realized", False),
                                  ("rc/rc.0", "hotplug-handler", "/machine"),
                                  ("d0", "parent_bus", ""), ("rc/rc.0", "child[0]", "")):
            with self.assertRaises(AssertionError, msg=name):
                qmp.command("qom-set", path="/machine/peripheral/" + path, property=name,
                            value=value)
        for query in ("query-pci", "x-query-qtree", "x-query-vfio-user", "x-query-isolation"):
            qmp.command(query)
        self.assertEqual(client.read32(wire.BAR0, 0), 0x010000ed)
        qmp.command("device_del", id="unserved")


if __name__ == "__main__":
    unittest.main()
