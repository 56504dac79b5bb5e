# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients that attack while an operator works: unplugs, queries, resets, ends the process."""
import os
import random
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

    @staticmethod
    def fill(client, burst):
        client.sock.setblocking(False)
        try:
            while True:
                client.sock.send(burst)
        except (BlockingIOError, OSError):
            pass

    def fire(self, bursts, options, driver="edu", meanwhile=None):
        """Deletes a server that finds bursts in the sockets of its client and the next."""
        self.qmp.command("device_add", driver=driver, id="d1")
        self.qmp.command("object-add", **{"qom-type": "vfio-user-server", "id": "s-d1",
                                          "device": "d1", "path": self.server.path("d1"),
                                          **options})
        clients = [self.server.client("d1") for _ in bursts]
        process = self.server.process
        process.send_signal(signal.SIGSTOP)
        try:
            for client, burst in zip(clients, bursts):
                self.fill(client, burst)
            if meanwhile:
                meanwhile(clients)
        finally:
            process.send_signal(signal.SIGCONT)
        self.qmp.command("object-del", id="s-d1")
        for client in clients:
            client.close()
        self.qmp.command("device_del", id="d1")

    def test_refused_maps(self):
        bad = wire.HEADER.pack(1, wire.DMA_MAP, 48, wire.NO_REPLY, 0) + \
            struct.pack("=IIQQQ", 32, wire.DMA_R, 0, 0x1000, 0x1000)
        for _ in range(5):
            self.fire([bad * 4000], {"on-disconnect": "keep"})

    @staticmethod
    def some_messages(rng):
        flags = rng.choice((0, wire.NO_REPLY))
        kinds = rng.sample([
            (wire.DMA_MAP, struct.pack("=IIQQQ", 32, 3, 0, rng.randrange(4) * 4096, 8192)),
            (wire.DMA_UNMAP, struct.pack("=IIQQ", 24, 0, 0, 8192)),
            (wire.REGION_WRITE, struct.pack("=QIIH", 4, wire.CONFIG, 2, 6)),
            (wire.REGION_WRITE, struct.pack("=QIIQ", 0x90, wire.BAR0, 8, 256)),
            (wire.REGION_WRITE, struct.pack("=QIIQ", 0x98, wire.BAR0, 8, rng.randrange(8))),
            (wire.REGION_READ, struct.pack("=QII", 0, wire.BAR0, 4)),
            (wire.SET_IRQS, struct.pack("=IIIII", 20, 0x21, rng.randrange(5), 0, 1)),
            (wire.WRITE_MULTI, struct.pack("=Q", 3) + bytes(60)),
            (wire.RESET, b""), (99, b"none"),
        ], rng.randrange(1, 6))
        messages = [wire.HEADER.pack(1, command, wire.HEADER.size + len(body), flags, 0) + body
                    for command, body in kinds]
        return b"".join(rng.choice(messages) for _ in range(2000))

    def test_anything(self):
        """While a second client waits, and with the first or both gone again."""
        seed = int(os.environ.get("X_REMOTE_SEED", "1"))
        rng = random.Random(seed)
        acts = (None, lambda clients: clients[0].close(),
                lambda clients: [client.close() for client in clients])
        for _ in range(30):
            bursts = [self.some_messages(rng) for _ in range(rng.choice((1, 2, 2)))]
            self.fire(bursts, {"on-disconnect": rng.choice(("keep", "reset"))},
                      rng.choice(("edu", "dma-engine")), rng.choice(acts))
        self.assertEqual(self.client("d0").read32(wire.BAR0, 0), 0x010000ed, f"seed {seed}")


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
