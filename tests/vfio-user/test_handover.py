# SPDX-License-Identifier: GPL-2.0-or-later
"""The next client comes while the one before is still attached."""
import errno
import json
import os
import struct
import threading
import time
import unittest

import dma_engine
import edu
import wire
from server import Server, ServerTest

INTX_BIND = (wire.DATA_EVENTFD | wire.TRIGGER, wire.INTX, 0, 1)


def ask_read(client, region, offset, count=4):
    """Sends a read without waiting for the answer."""
    return client.send(wire.REGION_READ, struct.pack("=QII", offset, region, count))


class HandOverTest(ServerTest):
    QMP = True

    def eventfd(self):
        event = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self.addCleanup(os.close, event)
        return event

    def settled_fds(self, expected):
        """Closing is the server's, a moment after the client's."""
        end = time.monotonic() + 10
        while self.server.fds() != expected and time.monotonic() < end:
            time.sleep(0.01)
        return self.server.fds()

    def wait_reads(self, event, seconds=5.0):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                return os.eventfd_read(event)
            except BlockingIOError:
                time.sleep(0.005)
        raise AssertionError("no interrupt")


class TestTurn(HandOverTest):

    def set_up_aside(self, second, memory, event):
        """What QEMU does from connect to the end of its machine's reset."""
        second.dma_map(0, memory.size, memory.fd)
        second.call(wire.GET_INFO, struct.pack("=IIII", 16, 0, 0, 0))
        for index in (*range(6), wire.CONFIG):
            second.call(wire.GET_REGION_INFO, struct.pack("=IIIIQQ", 32, 0, index, 0, 0, 0))
        second.call(wire.GET_REGION_IO_FDS, struct.pack("=IIII", 16, 0, 0, 0))
        second.irq_info(wire.ERR)
        second.read(wire.CONFIG, 0, 256)
        second.write32(wire.CONFIG, 0x30, 0xfffff800)
        second.read32(wire.CONFIG, 0x30)
        second.write32(wire.CONFIG, 0x30, 0)
        for bar in range(6):
            second.read32(wire.CONFIG, 0x10 + 4 * bar)
        second.set_irqs(*INTX_BIND, fds=[event])
        second.set_irqs(wire.DATA_NONE | wire.TRIGGER, wire.INTX)
        second.write(wire.CONFIG, 4, b"\0\0")
        second.reset()
        second.set_irqs(*INTX_BIND, fds=[event])
        for bar in range(6):
            second.write32(wire.CONFIG, 0x10 + 4 * bar, 0)

    def test_sets_itself_up_while_the_first_works(self):
        qmp = self.server.qmp()
        self.addCleanup(qmp.close)
        first, mine, his = self.client(), self.memory(wire.PAGE), self.memory(wire.PAGE)
        my_event, his_event = self.eventfd(), self.eventfd()
        first.dma_map(0, wire.PAGE, mine.fd)
        first.set_irqs(*INTX_BIND, fds=[my_event])
        first.bus_master()
        first.write32(wire.BAR0, edu.LIVENESS, 0x12345678)
        command = first.read(wire.CONFIG, 4, 2)

        second = self.client()
        self.set_up_aside(second, his, his_event)

        self.assertEqual(first.read32(wire.BAR0, edu.LIVENESS), 0xedcba987)
        self.assertEqual(first.read(wire.CONFIG, 4, 2), command)
        mine.write(0, b"mine")
        edu.to_edu(first, 0, 4)
        edu.from_edu(first, 0x10, 4)
        self.assertEqual(mine.read(0x10, 4), b"mine")
        first.write32(wire.BAR0, edu.IRQ_RAISE, 1)
        self.assertEqual(self.wait_reads(my_event), 1)
        self.assertRaises(BlockingIOError, os.eventfd_read, his_event)
        self.assertEqual(his.read(0, wire.PAGE), bytes(wire.PAGE))

        first.close()
        self.assertEqual(second.read32(wire.BAR0, edu.ID), 0x010000ed)
        self.assertNotEqual(second.read32(wire.BAR0, edu.LIVENESS), 0xedcba987)     # reset
        second.bus_master()
        his.write(0, b"his!")
        edu.to_edu(second, 0, 4)
        edu.from_edu(second, 0x10, 4)
        self.assertEqual(his.read(0x10, 4), b"his!")
        self.assertEqual(mine.read(0x10, 4), b"mine")
        second.write32(wire.BAR0, edu.IRQ_RAISE, 1)
        self.assertEqual(self.wait_reads(his_event), 1)
        self.assertRaises(BlockingIOError, os.eventfd_read, my_event)
        second.close()

        names = [qmp.wait_event(name)["event"] for name in
                 ("VFU_CLIENT_CONNECTED", "VFU_CLIENT_HANGUP", "VFU_CLIENT_CONNECTED",
                  "VFU_CLIENT_HANGUP")]
        self.assertEqual(len(names), 4)

    def test_events_come_in_order(self):
        qmp = self.server.qmp()
        self.addCleanup(qmp.close)
        first = self.client()
        qmp.wait_event("VFU_CLIENT_CONNECTED")
        second = self.client()
        first.close()
        second.read32(wire.BAR0, edu.ID)
        second.close()
        seen = []
        while len(seen) < 3:
            line = qmp.file.readline()
            seen.append(json.loads(line)["event"])
        self.assertEqual(seen, ["VFU_CLIENT_HANGUP", "VFU_CLIENT_CONNECTED", "VFU_CLIENT_HANGUP"])

    def test_registers_wait_for_the_turn(self):
        first, second = self.client(), self.client()
        first.write32(wire.BAR0, edu.LIVENESS, 1)
        for value in (5, 6, 7):
            second.post(wire.BAR0, edu.LIVENESS, struct.pack("=I", value))
        ident = ask_read(second, wire.BAR0, edu.LIVENESS)
        self.assertTrue(second.is_silent())
        self.assertEqual(first.read32(wire.BAR0, edu.LIVENESS), 0xfffffffe)
        first.close()
        reply = second.receive_reply(ident, wire.REGION_READ)
        self.assertEqual(reply.payload[16:], struct.pack("=I", ~7 & 0xffffffff))

    def test_what_comes_behind_a_waiting_command_keeps_its_order(self):
        first, second = self.client(), self.client()
        second.post(wire.BAR0, edu.STATUS, struct.pack("=I", 0x80))
        second.send(wire.RESET, flags=wire.NO_REPLY)
        ident = ask_read(second, wire.BAR0, edu.STATUS)
        second.irq_info(wire.INTX)              # a question does not wait
        first.close()
        reply = second.receive_reply(ident, wire.REGION_READ)
        self.assertEqual(reply.payload[16:], bytes(4))

    def test_too_long(self):
        """Every command of a client whose turn does not come gets an answer in time."""
        first, second = self.client(), self.client()
        second.post(wire.BAR0, edu.STATUS, struct.pack("=I", 0x80))
        start = time.monotonic()
        self.assert_error(errno.EBUSY, second.read32, wire.BAR0, edu.ID)
        self.assertGreater(time.monotonic() - start, 2)
        self.assertEqual(second.read(wire.CONFIG, 0, 2), first.read(wire.CONFIG, 0, 2))
        second.irq_info(wire.INTX)
        first.close()
        self.assertEqual(second.read32(wire.BAR0, edu.ID), 0x010000ed)
        self.assertEqual(second.read32(wire.BAR0, edu.STATUS), 0)       # dropped, never done late

    def test_config_space_is_its_own(self):
        first, second = self.client(), self.client()
        clean = second.read(wire.CONFIG, 0, 256)
        first.write32(wire.CONFIG, 0x10, 0xfeb00000)
        self.assertEqual(second.read(wire.CONFIG, 0, 256), clean)
        second.write32(wire.CONFIG, 0x10, 0xffffffff)
        self.assertEqual(second.read32(wire.CONFIG, 0x10), 0xfff00000)
        second.write32(wire.CONFIG, 0, 0)                               # ids are read-only
        self.assertEqual(second.read(wire.CONFIG, 0, 4), clean[:4])
        second.write32(wire.CONFIG, 0x10, 0xd0000000)
        self.assertEqual(first.read32(wire.CONFIG, 0x10), 0xfeb00000)
        first.close()
        self.assertEqual(second.read32(wire.BAR0, edu.ID), 0x010000ed)
        self.assertEqual(second.read32(wire.CONFIG, 0x10), 0xd0000000)

    def test_reset_forgets_the_writes_before_it(self):
        first, second = self.client(), self.client()
        clean = second.read(wire.CONFIG, 0, 256)
        second.write32(wire.CONFIG, 0x10, 0xd0000000)
        second.reset()
        self.assertEqual(second.read(wire.CONFIG, 0, 256), clean)
        second.write(wire.CONFIG, 4, b"\x06\0")
        first.close()
        self.assertEqual(second.read32(wire.BAR0, edu.ID), 0x010000ed)
        self.assertEqual(second.read32(wire.CONFIG, 0x10), 0)
        self.assertEqual(second.read(wire.CONFIG, 4, 2), b"\x06\0")

    def test_more_writes_than_are_kept_wait(self):
        first, second = self.client(), self.client()
        for i in range(1024):
            second.write(wire.CONFIG, 0x3c, bytes([i & 0xff]))
        ident = second.send(wire.REGION_WRITE, struct.pack("=QIIB", 0x3c, wire.CONFIG, 1, 77))
        self.assertTrue(second.is_silent())
        first.close()
        second.receive_reply(ident, wire.REGION_WRITE)
        self.assertEqual(second.read(wire.CONFIG, 0x3c, 1), b"\x4d")

    def test_mappings_are_judged_at_once(self):
        first, second, memory = self.client(), self.client(), self.memory(4 * wire.PAGE)
        first.dma_map(0, wire.PAGE, memory.fd)
        second.dma_map(0, wire.PAGE, memory.fd, wire.PAGE)
        self.assert_error(errno.EEXIST, second.dma_map, 0, wire.PAGE, memory.fd)
        self.assert_error(errno.EINVAL, second.dma_map, 0x10000, 8 * wire.PAGE, memory.fd)
        self.assertEqual(second.dma_unmap(0, wire.PAGE), wire.PAGE)
        second.dma_map(0x2000, wire.PAGE, memory.fd, 2 * wire.PAGE)
        first.bus_master()
        memory.write(0, b"old.")
        memory.write(2 * wire.PAGE, b"new.")
        edu.to_edu(first, 0, 4)                 # the unmap was not of this mapping
        first.close()
        second.bus_master()
        edu.to_edu(second, 0x2000, 4)
        edu.from_edu(second, 0x2100, 4)
        self.assertEqual(memory.read(2 * wire.PAGE + 0x100, 4), b"new.")


class TestOldClient(HandOverTest):

    def test_its_last_messages_never_touch_the_new_one(self):
        """DMA_UNMAP and SET_IRQS of the old one, still unread when it leaves."""
        for _ in range(20):
            first, second, memory = self.client(), self.client(), self.memory(wire.PAGE)
            event = self.eventfd()
            second.dma_map(0, wire.PAGE, memory.fd)
            second.set_irqs(*INTX_BIND, fds=[event])
            memory.write(0, b"here")
            for _ in range(100):
                first.send(wire.DMA_UNMAP, struct.pack("=IIQQ", 24, wire.UNMAP_ALL, 0, 0))
                first.send(wire.SET_IRQS, struct.pack(
                    "=IIIII", 20, wire.DATA_NONE | wire.TRIGGER, wire.INTX, 0, 0))
                first.send(wire.RESET, flags=wire.NO_REPLY)
            first.close()
            second.read32(wire.BAR0, edu.ID)
            second.bus_master()
            edu.to_edu(second, 0, 4)
            edu.from_edu(second, 0x10, 4)
            self.assertEqual(memory.read(0x10, 4), b"here")
            second.write32(wire.BAR0, edu.IRQ_RAISE, 1)
            self.assertEqual(self.wait_reads(event), 1)
            second.close()

    def test_chain(self):
        """Each comes before the one before it leaves; nothing is left over."""
        memory, event = self.memory(wire.PAGE), self.eventfd()
        probe = self.client()
        fds = self.server.fds()
        old = probe
        for i in range(200):
            new = self.server.client()
            new.dma_map(0, wire.PAGE, memory.fd)
            new.set_irqs(*INTX_BIND, fds=[event])
            old.close()
            self.assertEqual(new.read32(wire.BAR0, edu.ID), 0x010000ed, i)
            old = new
        old.dma_unmap(0, wire.PAGE)
        old.set_irqs(wire.DATA_NONE | wire.TRIGGER, wire.INTX)
        self.assertEqual(self.settled_fds(fds), fds)
        old.close()

    def test_killed_in_the_middle_of_dma(self):
        first, second, memory = self.client(), self.client(), self.memory(wire.PAGE)
        second.dma_map(0, wire.PAGE, memory.fd)
        first.dma_map(0, wire.PAGE)             # by message: it never answers
        first.bus_master()
        edu.start_dma(first, 0, edu.BUFFER, 64, 0)
        first.close()
        second.bus_master()
        memory.write(0, b"abcd")
        edu.to_edu(second, 0, 4)
        edu.from_edu(second, 0x10, 4)
        self.assertEqual(memory.read(0x10, 4), b"abcd")


class TestPlaces(HandOverTest):

    def test_a_third_is_turned_away(self):
        first, second = self.client(), self.client()
        for _ in range(20):
            third = self.client(hello=False)
            self.assertTrue(third.is_closed())
            third.close()
        self.assertEqual(first.read32(wire.BAR0, edu.ID), 0x010000ed)
        first.close()
        self.assertEqual(second.read32(wire.BAR0, edu.ID), 0x010000ed)
        third = self.client()
        second.close()
        self.assertEqual(third.read32(wire.BAR0, edu.ID), 0x010000ed)

    def test_one_that_says_nothing_stands_behind(self):
        silent = self.client(hello=False)
        client = self.client()
        self.assertEqual(client.read32(wire.BAR0, edu.ID), 0x010000ed)
        silent.hello()
        client.close()
        self.assertEqual(silent.read32(wire.BAR0, edu.ID), 0x010000ed)

    def test_leaves_before_its_turn(self):
        memory, event = self.memory(wire.PAGE), self.eventfd()
        first = self.client()
        fds = self.server.fds()
        for i in range(50):
            second = self.server.client()
            second.dma_map(0, wire.PAGE, memory.fd)
            second.set_irqs(*INTX_BIND, fds=[event])
            second.write32(wire.CONFIG, 0x10, 0xd0000000)
            second.post(wire.BAR0, edu.STATUS, struct.pack("=I", 0x80))
            if i % 3 == 0:
                second.send_raw(b"\1\2\3")
            elif i % 3 == 1:
                second.send(wire.REGION_READ, b"", size=5)      # ends the connection
            second.close()
        self.assertEqual(self.settled_fds(fds), fds)
        self.assertEqual(first.read32(wire.BAR0, edu.STATUS), 0)
        self.assertEqual(first.read32(wire.CONFIG, 0x10), 0)

    def test_deleted_with_both(self):
        server = self.own_server(qmp=True)
        qmp = server.qmp()
        first, second = server.client(), server.client()
        ask_read(second, wire.BAR0, 0)
        qmp.command("object-del", id="s-d0")
        self.assertTrue(first.is_closed())
        self.assertTrue(second.is_closed())
        qmp.command("device_del", id="d0")
        for closing in (first, second, qmp):
            closing.close()


class TestFlood(HandOverTest):

    def test_of_one_that_waits(self):
        """The first client's answers are right and come, whatever the second one sends."""
        first, memory = self.client(), self.memory(64 * wire.PAGE)
        second = self.client()
        stop = threading.Event()

        def flood():
            event = os.eventfd(0, os.EFD_CLOEXEC)
            batch = b"".join(wire.HEADER.pack(i, wire.REGION_WRITE, 36, wire.NO_REPLY, 0)
                             + struct.pack("=QIII", 0x20, wire.BAR0, 4, 0x80) for i in range(50))
            try:
                while not stop.is_set():
                    second.send_raw(batch)
                    second.send(wire.SET_IRQS, struct.pack("=IIIII", 20, *INTX_BIND), [event])
                    second.send(wire.RESET, flags=wire.NO_REPLY)
            except (OSError, wire.Closed):
                pass
            os.close(event)

        second.sock.settimeout(0.5)
        thread = threading.Thread(target=flood)
        thread.start()
        try:
            first.dma_map(0, wire.PAGE, memory.fd)
            first.bus_master()
            for value in range(1500):
                first.write32(wire.BAR0, edu.LIVENESS, value)
                self.assertEqual(first.read32(wire.BAR0, edu.LIVENESS), ~value & 0xffffffff)
            self.assertEqual(first.read32(wire.BAR0, edu.STATUS), 0)
            edu.to_edu(first, 0, 4)
        finally:
            stop.set()
            thread.join()

    def test_of_maps(self):
        first, second, memory = self.client(), self.client(), self.memory(wire.PAGE)
        fds = self.server.fds()
        for i in range(500):
            second.dma_map(i * wire.PAGE, wire.PAGE, memory.fd)
        others = [wire.Memory(wire.PAGE) for _ in range(64)]
        for i, other in enumerate(others):
            try:
                second.dma_map((1000 + i) * wire.PAGE, wire.PAGE, other.fd)
            except wire.VfuError:
                pass                    # its share
        self.assertEqual(first.read32(wire.BAR0, edu.ID), 0x010000ed)
        second.close()
        for other in others:
            other.close()
        self.assertLessEqual(self.settled_fds(fds - 1), fds - 1)


class TestKeep(HandOverTest):
    OPTIONS = ",on-disconnect=keep"

    def test_state_is_there_at_the_turn(self):
        first, second = self.client(), self.client()
        first.write32(wire.BAR0, edu.STATUS, 0x80)
        first.write32(wire.CONFIG, 0x10, 0xc0000000)
        first.close()
        self.assertEqual(second.read32(wire.BAR0, edu.STATUS) & 0x80, 0x80)
        self.assertEqual(second.read32(wire.CONFIG, 0x10), 0xc0000000)
        second.reset()

    def test_reset_is_done_at_the_turn(self):
        first, second = self.client(), self.client()
        first.write32(wire.BAR0, edu.STATUS, 0x80)
        second.reset()
        second.write32(wire.CONFIG, 0x10, 0xd0000000)
        self.assertEqual(first.read32(wire.BAR0, edu.STATUS) & 0x80, 0x80)
        first.close()
        self.assertEqual(second.read32(wire.BAR0, edu.STATUS), 0)
        self.assertEqual(second.read32(wire.CONFIG, 0x10), 0xd0000000)
        second.reset()


    def test_line_that_is_high(self):
        """The next client is told of it at its turn, or when it unmasks."""
        for masked in (False, True):
            first, second, event = self.client(), self.client(), self.eventfd()
            second.set_irqs(*INTX_BIND, fds=[event])
            if masked:
                second.set_irqs(wire.DATA_NONE | wire.MASK, wire.INTX, 0, 1)
            first.write32(wire.BAR0, edu.IRQ_RAISE, 1)
            first.read32(wire.BAR0, edu.ID)
            self.assertRaises(BlockingIOError, os.eventfd_read, event)
            first.close()
            self.assertEqual(second.read32(wire.BAR0, edu.ID), 0x010000ed)
            if masked:
                self.assertRaises(BlockingIOError, os.eventfd_read, event)
                second.set_irqs(wire.DATA_NONE | wire.UNMASK, wire.INTX, 0, 1)
            self.assertEqual(self.wait_reads(event), 1)
            second.write32(wire.BAR0, edu.IRQ_ACK, 1)
            second.close()


class TestMappableBar(HandOverTest):
    DEVICES = {"d0": "dma-engine"}

    def region_info(self, client, index):
        reply = client.call(wire.GET_REGION_INFO,
                            struct.pack("=IIIIQQ", 4096, 0, index, 0, 0, 0))
        self.addCleanup(reply.close_fds)
        return struct.unpack_from("=IIIIQQ", reply.payload), reply.fds

    def test_each_has_its_own_file(self):
        first, second = self.client(), self.client()
        lent = [i for i in range(6) if self.region_info(first, i)[1]]
        self.assertTrue(lent, "the device has a BAR that can be mapped")
        for index in lent:
            mine, his = self.region_info(first, index), self.region_info(second, index)
            self.assertEqual(mine[0], his[0])
            self.assertNotEqual(*(os.fstat(fds[0]).st_ino for _, fds in (mine, his)))
        first.close()
        self.assertEqual(second.read32(wire.BAR0, dma_engine.HOLD), 0)
        for index in lent:
            self.assertTrue(self.region_info(second, index)[1])


class TestAutoShutdown(unittest.TestCase):

    def test_goes_on_for_the_one_that_waits(self):
        server = Server({"d0": "edu"}, extra=["-machine", "x-remote,auto-shutdown=on"])
        try:
            first, second = server.client(), server.client()
            first.close()
            self.assertEqual(second.read32(wire.BAR0, edu.ID), 0x010000ed)
            second.close()
            self.assertEqual(server.process.wait(5), 0)
        finally:
            server.stop()


if __name__ == "__main__":
    unittest.main()
