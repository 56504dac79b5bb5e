# SPDX-License-Identifier: GPL-2.0-or-later
"""Requirements A.5: functions, whatever their addresses, never meet."""
import hashlib
import struct

import edu
import wire
from server import ServerTest


class TwoClients:
    """Tests that hold for any two functions `a` and `b` of one process."""

    A, B = "a", "b"

    def pair(self):
        clients = self.client(self.A), self.client(self.B)
        for client in clients:
            client.bus_master()
        return clients

    def test_same_bar_address(self):
        for address in (0xfebf0000 & ~0xfffff, 0, 0xffffffff, 0x100000):
            a, b = self.pair()
            for client in (a, b):
                client.write32(wire.CONFIG, 0x10, address)
            a.write32(wire.BAR0, edu.LIVENESS, 0x11111111)
            b.write32(wire.BAR0, edu.LIVENESS, 0x22222222)
            self.assertEqual(a.read32(wire.BAR0, edu.LIVENESS), 0xeeeeeeee)
            self.assertEqual(b.read32(wire.BAR0, edu.LIVENESS), 0xdddddddd)
            self.doCleanups()

    def test_same_iova(self):
        a, b = self.pair()
        memories = self.memory(wire.PAGE), self.memory(wire.PAGE)
        for client, memory, letter in ((a, memories[0], b"A"), (b, memories[1], b"B")):
            client.dma_map(0x1000, wire.PAGE, memory.fd)
            memory.write(0, letter * 64)
        for client in (a, b):
            edu.to_edu(client, 0x1000, 64)
        for client in (a, b):
            edu.from_edu(client, 0x1800, 64)
        self.assertEqual(memories[0].read(0x800, 65), b"A" * 64 + b"\0")
        self.assertEqual(memories[1].read(0x800, 65), b"B" * 64 + b"\0")

    def test_bar_inside_mapped_memory(self):
        a, _ = self.pair()
        memory = self.memory(1 << 20)
        a.dma_map(0x100000, 1 << 20, memory.fd)
        a.write32(wire.CONFIG, 0x10, 0x100000)
        memory.write(0, b"memory, not registers")
        edu.to_edu(a, 0x100000, 32)
        edu.from_edu(a, 0x180000, 32)
        self.assertEqual(memory.read(0x80000, 21), b"memory, not registers")
        self.assertEqual(a.read32(wire.BAR0, edu.ID), 0x010000ed)

    def test_reset_of_one(self):
        a, b = self.pair()
        b.write32(wire.BAR0, edu.STATUS, 0x80)
        a.reset()
        self.assertEqual(b.read32(wire.BAR0, edu.STATUS) & 0x80, 0x80)
        self.assertEqual(struct.unpack("=H", b.read(wire.CONFIG, 4, 2))[0] & 4, 4)

    def test_one_leaves(self):
        a, b = self.pair()
        memory = self.memory(wire.PAGE)
        b.dma_map(0x1000, wire.PAGE, memory.fd)
        a.close()
        edu.from_edu(b, 0x1000, 16)
        self.assertEqual(b.read32(wire.BAR0, edu.ID), 0x010000ed)


class TestOwnRoots(TwoClients, ServerTest):
    DEVICES = {"a": "edu", "b": "edu"}


class TestSameRoot(TwoClients, ServerTest):
    DEVICES = {"vm": "isolated-rc", "a": "edu,bus=vm.0", "b": "edu,bus=vm.0"}


class TestTwoRootsSameSlot(TwoClients, ServerTest):
    DEVICES = {"vm1": "isolated-rc", "vm2": "isolated-rc",
               "a": "edu,bus=vm1.0,addr=5", "b": "edu,bus=vm2.0,addr=5"}


class TestUnderRootPorts(TwoClients, ServerTest):
    """Equal devfn on two secondary buses: where a key of devfn alone collides."""
    DEVICES = {"vm": "isolated-rc", "rp1": "pcie-root-port,bus=vm.0,addr=1,chassis=1",
               "rp2": "pcie-root-port,bus=vm.0,addr=2,chassis=2",
               "a": "edu,bus=rp1,addr=0", "b": "edu,bus=rp2,addr=0"}


class TestBehindOneBridge(TwoClients, ServerTest):
    """Behind a conventional bridge: where requester ids are aliased."""
    DEVICES = {"vm": "isolated-rc", "br": "pcie-pci-bridge,bus=vm.0",
               "a": "edu,bus=br,addr=1", "b": "edu,bus=br,addr=2"}


class TestMany(ServerTest):
    """64 functions of 8 virtual machines, one BAR address, one IOVA."""
    DEVICES = {**{f"vm{i}": "isolated-rc" for i in range(8)},
               **{f"d{i}": f"edu,bus=vm{i % 8}.0" for i in range(64)}}

    def test_each_sees_its_own(self):
        clients = [self.client(f"d{i}") for i in range(64)]
        memories = [self.memory(wire.PAGE) for _ in clients]
        for i, (client, memory) in enumerate(zip(clients, memories)):
            client.bus_master()
            client.write32(wire.CONFIG, 0x10, 0xfea00000)
            client.dma_map(0x1000, wire.PAGE, memory.fd)
            client.write32(wire.BAR0, edu.LIVENESS, i)
            memory.write(0, hashlib.sha256(bytes([i])).digest())
            edu.start_dma(client, 0x1000, edu.BUFFER, 32, 0)
        for client in clients:
            edu.wait_dma(client)
            edu.start_dma(client, edu.BUFFER, 0x1400, 32, edu.FROM_EDU)
        for i, (client, memory) in enumerate(zip(clients, memories)):
            edu.wait_dma(client)
            self.assertEqual(client.read32(wire.BAR0, edu.LIVENESS), ~i & 0xffffffff)
            self.assertEqual(memory.read(0x400, 33), hashlib.sha256(bytes([i])).digest() + b"\0")


if __name__ == "__main__":
    import unittest
    unittest.main()
