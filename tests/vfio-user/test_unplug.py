# SPDX-License-Identifier: GPL-2.0-or-later
"""Devices that come and go while clients of others, or their own, are connected."""
import json
import os
import struct
import threading
import time
import unittest

import dma_engine
import edu
import wire
from server import ROOT, Server, ServerTest

REQ_BIND = (wire.DATA_EVENTFD | wire.TRIGGER, wire.REQ, 0, 1)


class UnplugTest(ServerTest):
    """Each test adds the device that it unplugs to a server that others use."""

    DEVICES = {"other": "edu"}
    QMP = True

    def setUp(self):
        super().setUp()
        self.qmp = self.server.qmp()
        self.addCleanup(self.qmp.close)

    def add(self, name="d0", options=None, driver="edu"):
        """Adds device and server; whatever is left of them goes after the test."""
        self.qmp.command("device_add", driver=driver, id=name)
        self.qmp.command("object-add", **{"qom-type": "vfio-user-server", "id": "s-" + name,
                                          "device": name, "path": self.server.path(name),
                                          **(options or {})})
        self.addCleanup(self.remove, name)

    def remove(self, name):
        for command, ident in (("object-del", "s-" + name), ("device_del", name)):
            try:
                self.qmp.command(command, id=ident)
            except AssertionError:
                pass                    # the test has done it

    def refused(self, words, command, **arguments):
        with self.assertRaises(AssertionError) as caught:
            self.qmp.command(command, **arguments)
        self.assertIn(words, str(caught.exception))

    def eventfd(self):
        event = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self.addCleanup(os.close, event)
        return event

    def deleted(self, name="d0"):
        while self.qmp.wait_event("DEVICE_DELETED")["data"].get("device") != name:
            pass

    def assert_gone(self, name="d0"):
        self.assertFalse(os.path.exists(self.server.path(name)))
        self.refused("not found", "device_del", id=name)
        self.refused("not found", "object-del", id="s-" + name)


class TestRefuse(UnplugTest):

    def test_served(self):
        self.add()
        self.refused("s-d0 must be deleted before unplugging", "device_del", id="d0")
        client = self.client("d0")
        self.refused("s-d0 must be deleted before unplugging", "device_del", id="d0")
        client.read32(wire.BAR0, edu.ID)
        self.qmp.command("object-del", id="s-d0")
        self.assertTrue(client.is_closed())
        self.qmp.command("device_del", id="d0")
        self.deleted()

    def test_what_was_sent_before_is_done(self):
        for count in (1, 100, 4000):
            self.add(options={"on-disconnect": "keep"})
            client = self.client("d0")
            for value in range(count):
                client.post(wire.BAR0, edu.LIVENESS, struct.pack("=I", value))
            self.qmp.command("object-del", id="s-d0")
            self.qmp.command("object-add", **{"qom-type": "vfio-user-server", "id": "s-d0",
                                              "device": "d0", "path": self.server.path("d0")})
            again = self.client("d0")
            self.assertEqual(again.read32(wire.BAR0, edu.LIVENESS), ~(count - 1) & 0xffffffff)
            again.close()
            self.remove("d0")
            self.deleted()

    def test_below_others(self):
        """Root complexes and bridges go when nothing is below them."""
        for driver, ident, bus in (("isolated-rc", "vmX", None), ("pcie-root-port", "rp", "vmX.0"),
                                   ("edu", "d0", "rp")):
            self.qmp.command("device_add", driver=driver, id=ident, **({"bus": bus} if bus else {}))
        self.refused("delete 'd0' first", "device_del", id="rp")
        self.refused("delete 'rp' first", "device_del", id="vmX")
        self.qmp.command("object-add", **{"qom-type": "vfio-user-server", "id": "s-d0",
                                          "device": "d0", "path": self.server.path("d0")})
        client = self.client("d0")
        self.refused("delete 'd0' first", "device_del", id="rp")
        self.assertEqual(client.read32(wire.BAR0, edu.ID), 0x010000ed)
        self.qmp.command("object-del", id="s-d0")
        for ident in ("d0", "rp", "vmX"):
            self.qmp.command("device_del", id=ident)
            self.deleted(ident)


class TestRequest(UnplugTest):

    def test_without_client(self):
        self.add(options={"unplug": "request"})
        self.qmp.command("device_del", id="d0")
        self.deleted()
        self.assert_gone()
        self.add()                      # the names are free

    def test_client_is_asked_and_leaves(self):
        self.add(options={"unplug": "request"})
        client, event = self.client("d0"), self.eventfd()
        client.set_irqs(*REQ_BIND, fds=[event])
        self.qmp.command("device_del", id="d0")
        data = self.qmp.wait_event("VFU_UNPLUG_REQUEST")["data"]
        self.assertEqual((data["vfu-id"], data["dev-id"], data["signalled"]), ("s-d0", "d0", True))
        self.assertEqual(data["vfu-qom-path"], "/objects/s-d0")
        self.assertEqual(os.eventfd_read(event), 1)
        self.refused("Device 'd0' is already in the process of unplug", "device_del", id="d0")
        client.write32(wire.BAR0, edu.LIVENESS, 1)      # works to the end
        self.assertEqual(client.read32(wire.BAR0, edu.LIVENESS), 0xfffffffe)
        self.assertTrue(self.client("d0", hello=False).is_closed())
        client.close()
        self.deleted()
        self.assert_gone()

    def test_told_when_it_binds(self):
        self.add(options={"unplug": "request"})
        client, event = self.client("d0"), self.eventfd()
        self.qmp.command("device_del", id="d0")
        self.assertFalse(self.qmp.wait_event("VFU_UNPLUG_REQUEST")["data"]["signalled"])
        client.set_irqs(*REQ_BIND, fds=[event])
        self.assertEqual(os.eventfd_read(event), 1)
        client.close()
        self.deleted()

    def test_the_next_client_gets_nothing(self):
        self.add(options={"unplug": "request"})
        client, waiting = self.client("d0"), self.client("d0")
        self.qmp.command("device_del", id="d0")
        self.assertTrue(waiting.is_closed())
        silent = self.client("d0", hello=False)
        self.assertTrue(silent.is_closed())
        client.close()
        self.deleted()
        self.assert_gone()

    def test_stays_too_long(self):
        self.add(options={"unplug": "request", "unplug-timeout": 100})
        client, event = self.client("d0"), self.eventfd()
        client.set_irqs(*REQ_BIND, fds=[event])
        for _ in range(2):
            self.qmp.command("device_del", id="d0")
            self.assertEqual(self.qmp.wait_event("DEVICE_UNPLUG_GUEST_ERROR")["data"]["device"], "d0")
            os.eventfd_read(event)
        client.set_irqs(*REQ_BIND, fds=[event])
        self.assertRaises(BlockingIOError, os.eventfd_read, event)      # nothing is asked any more
        self.assertEqual(client.read32(wire.BAR0, edu.ID), 0x010000ed)
        second = self.client("d0")                                      # comers are welcome again
        client.close()
        self.assertEqual(second.read32(wire.BAR0, edu.ID), 0x010000ed)

    def test_by_force(self):
        self.add(options={"unplug": "force", "unplug-timeout": 100})
        client, memory = self.client("d0"), self.memory(wire.PAGE)
        client.dma_map(0, wire.PAGE, memory.fd)
        self.qmp.command("device_del", id="d0")
        self.qmp.wait_event("VFU_UNPLUG_REQUEST")
        self.assertTrue(client.is_closed())
        self.qmp.wait_event("VFU_CLIENT_HANGUP")
        self.deleted()
        self.assert_gone()

    def test_client_leaves_before_force(self):
        self.add(options={"unplug": "force", "unplug-timeout": 86400000})
        client = self.client("d0")
        self.qmp.command("device_del", id="d0")
        self.qmp.wait_event("VFU_UNPLUG_REQUEST")
        client.close()
        self.deleted()
        self.assert_gone()

    def test_server_is_deleted_meanwhile(self):
        self.add(options={"unplug": "request", "unplug-timeout": 86400000})
        client = self.client("d0")
        self.qmp.command("device_del", id="d0")
        self.qmp.wait_event("VFU_UNPLUG_REQUEST")
        self.qmp.command("object-del", id="s-d0")
        self.assertTrue(client.is_closed())
        self.deleted()
        self.assert_gone()

    def test_process_ends_meanwhile(self):
        for how in ("quit", "signal"):
            server = Server({"d0": "edu"}, qmp=True,
                            server_options=",unplug=request,unplug-timeout=86400000")
            qmp, client = server.qmp(), server.client()
            qmp.command("device_del", id="d0")
            qmp.wait_event("VFU_UNPLUG_REQUEST")
            if how == "quit":
                qmp.command("quit")
                server.process.wait(20)
            client.close()
            qmp.close()
            self.assertEqual(server.stop(), 0)

    def test_reset_of_the_request_with_the_client(self):
        """A request is not passed on to a client that comes after it was given up."""
        self.add(options={"unplug": "request", "unplug-timeout": 50})
        client = self.client("d0")
        self.qmp.command("device_del", id="d0")
        self.qmp.wait_event("DEVICE_UNPLUG_GUEST_ERROR")
        client.close()
        client, event = self.client("d0"), self.eventfd()
        client.set_irqs(*REQ_BIND, fds=[event])
        self.assertRaises(BlockingIOError, os.eventfd_read, event)


class TestDocumented(UnplugTest):

    def examples(self):
        path = os.path.join(ROOT, "docs/system/hotplug.rst")
        with open(path, encoding="utf-8") as document:
            text = document.read().replace('"d9.sock"', json.dumps(self.server.path("d9")))
        decoder, at = json.JSONDecoder(), 0
        while '{"execute"' in text[at:]:
            at = text.index('{"execute"', at)
            value, length = decoder.raw_decode(text[at:])
            at += length
            yield value["execute"], value["arguments"]

    def test_examples(self):
        add_rc, add_port, add_device, add_server, unplug, remove = self.examples()
        for name, arguments in (add_rc, add_port, add_device, add_server):
            self.qmp.command(name, **arguments)
        self.client("d9").close()
        self.qmp.command(unplug[0], **unplug[1])
        self.deleted("d9")
        for name, arguments in (add_device, add_server, remove):
            self.qmp.command(name, **arguments)
        for ident in ("d9", "rp0", "vmC"):
            self.qmp.command("device_del", id=ident)
            self.deleted(ident)


class Traffic(threading.Thread):
    """A client whose registers and DMA are checked all the time."""

    def __init__(self, server, name):
        super().__init__()
        self.client, self.memory = server.client(name), wire.Memory(wire.PAGE)
        self.rounds, self.error, self.ending = 0, None, threading.Event()

    def run(self):
        try:
            self.client.dma_map(0, wire.PAGE, self.memory.fd)
            self.client.bus_master()
            while not self.ending.is_set():
                self.round()
                self.rounds += 1
        except Exception as error:      # pylint: disable=broad-except
            self.error = error

    def round(self):
        value = self.rounds & 0xffffffff
        self.client.write32(wire.BAR0, edu.LIVENESS, value)
        assert self.client.read32(wire.BAR0, edu.LIVENESS) == ~value & 0xffffffff
        if self.rounds % 100 == 0:
            text = struct.pack("=Q", self.rounds)
            self.memory.write(0, text)
            edu.to_edu(self.client, 0, 8)
            edu.from_edu(self.client, 64, 8)
            assert self.memory.read(64, 8) == text

    def finish(self):
        self.ending.set()
        self.join()
        self.client.close()
        self.memory.close()
        if self.error:
            raise self.error


class TestCycles(UnplugTest):
    CYCLES = 200

    def cycle(self, i):
        """A root complex, a bridge, a device, its server, a client that uses it; back again."""
        for driver, ident, bus in (("isolated-rc", "vmX", None), ("pcie-root-port", "rp", "vmX.0"),
                                   ("dma-engine", "hot", "rp")):
            self.qmp.command("device_add", driver=driver, id=ident, **({"bus": bus} if bus else {}))
        self.qmp.command("object-add", **{
            "qom-type": "vfio-user-server", "id": "s-hot", "device": "hot",
            "path": self.server.path("hot"), "unplug": ("request", "force")[i % 2],
            "unplug-timeout": (0, 1)[i % 2]})
        client, memory = self.server.client("hot"), wire.Memory(4 * wire.PAGE)
        event = os.eventfd(0, os.EFD_CLOEXEC)
        client.dma_map(0, 2 * wire.PAGE, memory.fd)
        client.dma_map(0x10000, wire.PAGE, memory.fd, 3 * wire.PAGE)
        client.dma_map(0x20000, wire.PAGE)
        client.set_irqs(*REQ_BIND, fds=[event])
        client.bus_master()
        channel = dma_engine.Channel(client)
        self.assertEqual(channel.run(dma_engine.FILL, dst=0, length=16, pattern=i), 0)
        self.assertEqual(memory.read(0, 4), struct.pack("=I", i))
        self.qmp.command("device_del", id="hot")
        if i % 2 == 0:
            os.eventfd_read(event)
            client.close()
        self.deleted("hot")
        for ident in ("rp", "vmX"):
            self.qmp.command("device_del", id=ident)
            self.deleted(ident)
        client.close()
        memory.close()
        os.close(event)

    def figures(self):
        """Descriptors, threads, mappings; a moment after the last cycle they stand still."""
        end, last = time.monotonic() + 10, None
        while time.monotonic() < end:
            now = (self.server.fds(), self.server.threads(), len(self.server.maps().splitlines()))
            if now == last:
                break
            last = now
            time.sleep(0.3)
        return last

    def test_leave_nothing(self):
        traffic = Traffic(self.server, "other")
        traffic.start()
        try:
            for i in range(20):
                self.cycle(i)
            before, rss = self.figures(), self.server.rss_kib()
            done = traffic.rounds
            for i in range(self.CYCLES):
                self.cycle(i)
            after = self.figures()
            self.assertGreater(traffic.rounds, done)
        finally:
            traffic.finish()
        self.assertEqual(after[0], before[0])
        # A few threads stay in a pool for the next domain; one for each cycle would not.
        threads = after[1] - before[1]
        self.assertLessEqual(threads, 8)
        if not self.server.sanitized():
            # Mappings of those threads, and of a heap that grew a little.
            self.assertLess(abs(after[2] - before[2]), 10 + 4 * max(threads, 0))
            self.assertLess(self.server.rss_kib() - rss, 1024)


if __name__ == "__main__":
    unittest.main()
