# SPDX-License-Identifier: GPL-2.0-or-later
"""Two stock clients in turn on one server; the second comes before the first leaves."""
import contextlib
import os
import threading

from xremote import qmp, raw
from xremote.case import EDU, ENGINE, FunctionalTest, adler32
from xremote.guest import vfio_user

ROUNDS = 150


class Plugging(threading.Thread):
    """A root complex with a bridge and a served device comes, works and goes until told to end."""

    def __init__(self, server):
        super().__init__()
        self.server, self.qmp = server, qmp.Qmp.connect(server.path("qmp"))
        self.cycles, self.error, self.ending = 0, None, threading.Event()

    def add(self):
        for driver, ident, bus in (("isolated-rc", "vmC", None),
                                   ("pcie-root-port", "rpC", "vmC.0"), ("edu", "dC", "rpC")):
            self.qmp.command("device_add", {"driver": driver, "id": ident,
                                            **({"bus": bus} if bus else {})})
        self.qmp.command("object-add", {"qom-type": "vfio-user-server", "id": "sC", "device": "dC",
                                        "path": self.server.path("dC"), "unplug": "request"})

    def deleted(self, ident):
        if not self.qmp.wait_event("DEVICE_DELETED", 30,
                                   lambda data: data.get("device") == ident):
            raise qmp.QmpError(f"{ident} does not go")

    def cycle(self):
        """The client is asked to leave in the middle of a transfer, and does."""
        self.add()
        with contextlib.closing(raw.EduClient(self.server.path("dC"))) as client:
            data = os.urandom(raw.SIZE)
            if client.there_and_back(data) != data:
                raise AssertionError("what came back of the third domain is not what went in")
            client.start()
            self.qmp.command("device_del", {"id": "dC"})
            if not client.is_asked_to_leave(30):
                raise AssertionError("no REQ interrupt")
        self.deleted("dC")
        for ident in ("rpC", "vmC"):
            self.qmp.command("device_del", {"id": ident})
            self.deleted(ident)

    def run(self):
        try:
            while not self.ending.is_set():
                self.cycle()
                self.cycles += 1
                self.qmp.events.clear()
        except (OSError, AssertionError, qmp.QmpError, raw.wire.VfuError,
                raw.wire.Closed) as error:
            self.error = error

    def finish(self):
        self.ending.set()
        self.join(60)
        self.qmp.close()


class HandOverChecks:
    """Shared with tests/avocado."""

    def served(self):
        server = self.serve("isolated-rc,id=vmA", "edu,id=d0,bus=vmA.0",
                            "dma-engine,id=d1,bus=vmA.0")
        return server, [vfio_user(server.path("d0")), vfio_user(server.path("d1"))]

    def use(self, guest):
        """Registers, interrupts and DMA of both devices."""
        self.check_edu(guest, self.only(guest, EDU).bdf)
        engine = self.only(guest, ENGINE).bdf
        self.assertEqual(guest.tool(f"engine-check {engine} msix-raw")["engine"], "ok")

    def hand_over(self, server, first, second, leave):
        """The first leaves, the second uses what it has got."""
        leave(first)
        for _ in range(2):
            self.assertIsNotNone(server.qmp.wait_event("VFU_CLIENT_HANGUP", 20))
            self.assertIsNotNone(server.qmp.wait_event("VFU_CLIENT_CONNECTED", 20))
        self.use(second)
        self.assertTrue(second.process.running())

    def test_second_boots_beside_the_first(self):
        """The second guest is up before the first is killed; it never notices."""
        server, devices = self.served()
        first = self.boot(*devices, name="first")
        self.use(first)
        for _ in range(2):
            server.qmp.wait_event("VFU_CLIENT_CONNECTED", 5)
        second = self.boot(*devices, name="second")
        self.use(first)
        self.hand_over(server, first, second, lambda guest: guest.process.kill())
        third = self.boot(*devices, name="third")
        self.use(second)
        self.hand_over(server, second, third, lambda guest: guest.qmp.command("quit"))

    def test_beside_work_and_hot_plug(self):
        """One guest is replaced, a third domain comes, works, goes; the second guest works on."""
        server = self.serve("isolated-rc,id=vmA", "isolated-rc,id=vmB", "edu,id=dA,bus=vmA.0",
                            "edu,id=dB,bus=vmB.0")
        first = self.boot(vfio_user(server.path("dA")), name="first")
        worker = self.boot(vfio_user(server.path("dB")), name="worker")
        plugging = Plugging(server)
        plugging.start()
        try:
            began = worker.send(f"guest-tool edu-dma {self.only(worker, EDU).bdf} msi-raw 4096 "
                                f"{ROUNDS}")
            second = self.boot(vfio_user(server.path("dA")), name="second")
            self.check_edu(first, self.only(first, EDU).bdf)
            first.process.kill()
            self.check_edu(second, self.only(second, EDU).bdf)
            status, text = worker.result(began, 120)
        finally:
            plugging.finish()
        self.assertIsNone(plugging.error)
        self.assertGreater(plugging.cycles, 0)
        self.assertEqual(status, 0, text)
        self.assertIn("checksum=" + adler32(4096, ROUNDS), text)
        self.check_edu(worker, self.only(worker, EDU).bdf)

    def test_registers_before_the_turn(self):
        """What cannot wait for ever fails in time, and the client lives on."""
        server = self.serve("edu,id=d0")
        device = vfio_user(server.path("d0"))
        first = self.boot(device, name="first")
        second = self.boot(device, name="second")
        bdf = self.only(second, EDU).bdf
        answer = second.tool(f"read {bdf} 0 0 4", 30)
        self.assertEqual(answer["value"], "0xffffffff")
        self.check_edu(first, self.only(first, EDU).bdf)
        first.process.kill()
        server.qmp.wait_event("VFU_CLIENT_HANGUP", 20)
        self.check_edu(second, bdf)


class HandOver(HandOverChecks, FunctionalTest):
    """Run by tests/functional/run.py."""
