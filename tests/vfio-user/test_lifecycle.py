# SPDX-License-Identifier: GPL-2.0-or-later
"""Reset (13), disconnects, second clients, and what is left behind."""
import os
import signal
import struct
import subprocess
import sys
import time
import unittest

import edu
import wire
from server import ServerTest

HERE = os.path.dirname(os.path.abspath(__file__))


class TestReset(ServerTest):

    def test_registers_and_config_go_back(self):
        client = self.client()
        clean = client.read(wire.CONFIG, 0, 64)
        client.bus_master()
        client.write32(wire.CONFIG, 0x10, 0xfeb00000)
        client.write32(wire.BAR0, edu.LIVENESS, 5)
        client.write32(wire.BAR0, edu.STATUS, 0x80)
        client.reset()
        self.assertEqual(client.read(wire.CONFIG, 0, 64), clean)
        self.assertEqual(client.read32(wire.BAR0, edu.STATUS), 0)

    def test_maps_and_interrupts_survive(self):
        client, memory = self.client(), self.memory(wire.PAGE)
        event = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self.addCleanup(os.close, event)
        client.dma_map(0x1000, wire.PAGE, memory.fd)
        client.set_irqs(wire.DATA_EVENTFD | wire.TRIGGER, wire.INTX, 0, 1, fds=[event])
        client.write32(wire.BAR0, edu.IRQ_RAISE, 1)
        client.reset()
        os.eventfd_read(event)
        client.set_irqs(wire.DATA_NONE | wire.UNMASK, wire.INTX, 0, 1)
        self.assertRaises(BlockingIOError, os.eventfd_read, event)     # the line is low
        client.write32(wire.BAR0, edu.IRQ_RAISE, 1)
        self.assertEqual(os.eventfd_read(event), 1)
        client.bus_master()
        memory.write(0, b"abcd")
        edu.to_edu(client, 0x1000, 4)
        edu.from_edu(client, 0x1100, 4)
        self.assertEqual(memory.read(0x100, 4), b"abcd")

    def test_flood(self):
        client = self.client()
        for _ in range(300):
            client.send(wire.RESET, flags=wire.NO_REPLY)
        client.reset()


class TestSystemReset(ServerTest):
    """QMP's system_reset: every function of every domain, as if its client had asked."""
    DEVICES = {"a": "edu", "vm": "isolated-rc", "rp": "pcie-root-port,bus=vm.0", "b": "edu,bus=rp"}
    QMP = True

    def test_all_domains(self):
        qmp = self.server.qmp()
        self.addCleanup(qmp.close)
        clients = [self.client("a"), self.client("b")]
        for client in clients:
            client.bus_master()
            client.write32(wire.BAR0, edu.STATUS, 0x80)
            self.assertEqual(client.read32(wire.BAR0, edu.STATUS) & 0x80, 0x80)
        qmp.command("system_reset")
        self.assertEqual(qmp.wait_event("RESET")["data"],
                         {"guest": False, "reason": "host-qmp-system-reset"})
        for client in clients:
            self.assertEqual(client.read32(wire.BAR0, edu.STATUS), 0)
            self.assertEqual(client.read(wire.CONFIG, 4, 2), b"\0\0")

    def test_while_clients_work(self):
        qmp = self.server.qmp()
        self.addCleanup(qmp.close)
        client, memory = self.client("a"), self.memory(wire.PAGE)
        client.dma_map(0x1000, wire.PAGE, memory.fd)
        for _ in range(50):
            client.bus_master()
            client.write32(wire.BAR0, edu.STATUS, 0x80)
            qmp.command("system_reset")
            self.assertEqual(client.read32(wire.BAR0, edu.STATUS), 0)
        client.bus_master()
        memory.write(0, b"abcd")
        edu.to_edu(client, 0x1000, 4)
        edu.from_edu(client, 0x1100, 4)
        self.assertEqual(memory.read(0x100, 4), b"abcd")


class TestDisconnect(ServerTest):
    QMP = True

    def test_state_is_reset_and_events_told(self):
        qmp = self.server.qmp()
        self.addCleanup(qmp.close)
        client = self.client()
        client.write32(wire.BAR0, edu.STATUS, 0x80)
        client.close()
        event = qmp.wait_event("VFU_CLIENT_HANGUP")
        self.assertEqual(event["data"]["vfu-id"], "s-d0")
        self.assertEqual(event["data"]["dev-id"], "d0")
        self.assertTrue(event["data"]["vfu-qom-path"].startswith("/objects/"))
        self.assertTrue(event["data"]["dev-qom-path"].startswith("/machine/"))
        self.assertEqual(self.client().read32(wire.BAR0, edu.STATUS), 0)

    def test_thousand_clients_leave_nothing(self):
        memory = self.memory(4 * wire.PAGE)
        event = os.eventfd(0, os.EFD_CLOEXEC)
        self.addCleanup(os.close, event)
        text = struct.pack("=HH", 0, 0) + b"{}\0"

        def visit(i):
            client = self.server.client()
            client.dma_map(0, wire.PAGE, memory.fd)
            client.dma_map(0x10000, wire.PAGE)
            client.set_irqs(wire.DATA_EVENTFD | wire.TRIGGER, wire.INTX, 0, 1, fds=[event])
            if i % 3 == 0:
                client.send(wire.VERSION, text[:i % 7], fds=[event])
            elif i % 3 == 1:
                client.send_raw(b"\x01\x02\x03")
            client.close()

        for i in range(50):
            visit(i)
        fds, threads, rss = self.settled()
        for i in range(1000):
            visit(i)
        after = self.settled()
        self.assertEqual(after[:2], (fds, threads))
        if not self.server.sanitized():
            self.assertLess(after[2] - rss, 512)

    def settled(self):
        self.server.client().close()
        time.sleep(0.2)
        return self.server.fds(), self.server.threads(), self.server.rss_kib()

    def test_every_byte_is_a_place_to_leave(self):
        memory = self.memory(wire.PAGE)
        body = struct.pack("=IIQQQ", 32, 3, 0, 0, wire.PAGE)
        message = wire.HEADER.pack(7, wire.DMA_MAP, 16 + len(body), 0, 0) + body
        fds = self.settled()[0]
        for cut in range(len(message) + 1):
            client = self.server.client()
            if cut:
                client.send_raw(message[:cut], [memory.fd])
            client.close()
        self.settled()
        self.assertEqual(self.server.fds(), fds)

    def test_killed_client_in_the_middle_of_dma(self):
        code = ("import sys; sys.path.insert(0, %r); import wire, edu, time\n"
                "c = wire.Client(sys.argv[1]).hello(); c.bus_master(); m = wire.Memory(1 << 20)\n"
                "c.dma_map(0, 1 << 20, m.fd); edu.start_dma(c, edu.BUFFER, 0, 4096, 1)\n"
                "print('started', flush=True); time.sleep(60)" % HERE)
        for _ in range(3):
            victim = subprocess.Popen([sys.executable, "-c", code, self.server.path("d0")],
                                      stdout=subprocess.PIPE)
            victim.stdout.readline()
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            victim.stdout.close()
            self.assertEqual(self.client().read32(wire.BAR0, edu.ID), 0x010000ed)
            self.doCleanups()


class TestKeep(ServerTest):
    OPTIONS = ",on-disconnect=keep"

    def test_state_is_kept(self):
        client = self.client()
        client.write32(wire.BAR0, edu.STATUS, 0x80)
        client.close()
        self.assertEqual(self.client().read32(wire.BAR0, edu.STATUS) & 0x80, 0x80)


class TestAutoShutdown(unittest.TestCase):

    def test_ends_with_the_last_client(self):
        from server import Server
        server = Server({"d0": "edu", "d1": "edu"}, extra=["-machine", "x-remote,auto-shutdown=on"])
        try:
            a, b = server.client("d0"), server.client("d1")
            a.close()
            time.sleep(0.2)
            self.assertTrue(server.alive())
            b.close()
            self.assertEqual(server.process.wait(5), 0)
        finally:
            server.stop()


if __name__ == "__main__":
    unittest.main()
