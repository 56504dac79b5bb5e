# SPDX-License-Identifier: GPL-2.0-or-later
"""What an operator sees from outside is what a stock guest and its client do."""
import base64

from xremote.case import EDU, FunctionalTest
from xremote.guest import vfio_user

MIB = 1 << 20
LENGTH, ROUNDS = 4096, 2


class InspectChecks:
    """Shared with tests/avocado."""

    def look(self, server, command, **arguments):
        """The answer of a query that has a list, by its first name."""
        answer = server.qmp.command(command, arguments)
        return {entry.get("id") or entry.get("rc") or entry.get("domain"): entry
                for entry in answer}

    def test_guest(self):
        """BARs where the guest has them, DMA as much as it asked for, its client by pid."""
        server = self.serve("edu,id=d0", "isolated-rc,id=vmB", "edu,id=d1,bus=vmB.0")
        guest = self.boot(vfio_user(server.path("d0")))
        bdf = self.only(guest, EDU).bdf
        before = server.qmp.command("x-query-dma-stats", {"server": "s0"})
        self.check_edu(guest, bdf, length=LENGTH)
        self.check_addresses(server, guest, bdf)
        self.check_server(server, guest)
        self.check_dma(server, before)

    def check_addresses(self, server, guest, bdf):
        first = guest.run(f"cat /sys/bus/pci/devices/{bdf}/resource").split()[0]
        address = int(first, 16)
        domains = self.look(server, "query-pci")
        self.assertEqual(domains["d0"]["devices"][0]["regions"][0]["address"], address)
        self.assertEqual(domains["vmB"]["devices"][0]["regions"][0]["address"], -1)
        # The register that says who the device is, read through the domain's own space.
        content = server.qmp.command("x-read-memory",
                                     {"space": "d0/mem", "address": address, "size": 4})
        self.assertEqual(base64.b64decode(content["data"])[::-1].hex(), "010000ed")

    def check_server(self, server, guest):
        servers = self.look(server, "x-query-vfio-user")
        self.assertEqual(servers["s1"]["state"], "listening")
        self.assertEqual(servers["s0"]["client"]["pid"], guest.process.pid)
        self.assertEqual(servers["s0"]["client"]["max-msg-fds"], 16)
        self.assertEqual(servers["s0"]["faults"], 0)
        interrupts = {i["type"]: i for i in servers["s0"]["interrupts"]}
        self.assertGreaterEqual(servers["s0"]["interrupts-sent"], 10)
        self.assertEqual(interrupts["msi"]["count"], 1)

    def read_dma(self, server, address):
        content = server.qmp.command("x-read-memory", {"space": "d0/dma", "address": address,
                                                       "size": 65536})
        return base64.b64decode(content["data"])

    def check_dma(self, server, before):
        after = server.qmp.command("x-query-dma-stats", {"server": "s0"})
        moved = after["direct-bytes"] - before["direct-bytes"]
        self.assertEqual(moved, 2 * ROUNDS * LENGTH)
        self.assertEqual(after["message-bytes"], 0)
        maps = server.qmp.command("x-query-dma-maps", {"server": "s0"})
        inodes = {m["fd-inode"] for m in maps if m["access"] == "mmap"}
        self.assertEqual(len(inodes), 1, "the guest's RAM is one file")
        ram = max((m for m in maps if m["access"] == "mmap"), key=lambda m: m["size"])
        self.assertTrue(any(any(self.read_dma(server, ram["iova"] + n * MIB))
                            for n in range(min(64, ram["size"] // MIB))), "no kernel in its RAM")
        self.assertEqual(server.qmp.command("x-query-dma-maps", {"server": "s1"}), [])
        self.assertEqual(server.qmp.command("x-query-dma-stats", {"server": "s0"}), after)


class Inspect(InspectChecks, FunctionalTest):
    """Run by tests/functional/run.py."""
