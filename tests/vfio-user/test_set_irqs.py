# SPDX-License-Identifier: GPL-2.0-or-later
"""GET_IRQ_INFO (7) and DEVICE_SET_IRQS (8)."""
import errno
import os
import select
import struct

import edu
import wire
from server import ServerTest


def eventfd():
    return os.eventfd(0, os.EFD_CLOEXEC)


def fired(fd, seconds=2.0):
    """The counter, or 0 when nothing comes."""
    return os.eventfd_read(fd) if select.select([fd], [], [], seconds)[0] else 0


class IrqTest(ServerTest):

    def event(self):
        fd = eventfd()
        self.addCleanup(os.close, fd)
        return fd

    def bind(self, client, index, fds, start=0):
        client.set_irqs(wire.DATA_EVENTFD | wire.TRIGGER, index, start, len(fds), fds=fds)

    def raise_irq(self, client, bits=1):
        client.write32(wire.BAR0, edu.IRQ_RAISE, bits)

    def ack(self, client, bits=0xffffffff):
        client.write32(wire.BAR0, edu.IRQ_ACK, bits)


class TestIrqInfo(IrqTest):

    def test_intx(self):
        argsz, flags, index, count = self.client().irq_info(wire.INTX)
        self.assertEqual((argsz, flags, index, count), (16, 7, 0, 1))

    def test_others_answer(self):
        client = self.client()
        self.assertEqual(client.irq_info(wire.MSI)[3], 1)
        self.assertEqual(client.irq_info(wire.MSIX)[3], 0)
        self.assertEqual(client.irq_info(wire.REQ)[3], 1)

    def test_bad_index(self):
        client = self.client()
        for index in (5, 0xffffffff):
            self.assert_error(errno.EINVAL, client.irq_info, index)
        self.assert_error(errno.EINVAL, client.call, wire.GET_IRQ_INFO, struct.pack("=IIII", 8, 0, 0, 0))


class TestIntx(IrqTest):

    def setUp(self):
        super().setUp()
        self.c = self.client()
        self.e = self.event()

    def test_fires_once_and_masks_itself(self):
        self.bind(self.c, wire.INTX, [self.e])
        self.raise_irq(self.c)
        self.assertEqual(fired(self.e), 1)
        self.raise_irq(self.c, 2)
        self.assertEqual(fired(self.e, 0.1), 0)
        self.ack(self.c)

    def test_unmask_fires_again_while_high(self):
        self.bind(self.c, wire.INTX, [self.e])
        self.raise_irq(self.c)
        for _ in range(3):
            self.assertEqual(fired(self.e), 1)
            self.c.set_irqs(wire.DATA_NONE | wire.UNMASK, wire.INTX, 0, 1)
        self.assertEqual(fired(self.e), 1)
        self.ack(self.c)
        self.c.set_irqs(wire.DATA_NONE | wire.UNMASK, wire.INTX, 0, 1)
        self.assertEqual(fired(self.e, 0.1), 0)
        self.raise_irq(self.c)
        self.assertEqual(fired(self.e), 1)
        self.ack(self.c)

    def test_level_that_was_high_before_binding(self):
        self.raise_irq(self.c)
        self.bind(self.c, wire.INTX, [self.e])
        self.assertEqual(fired(self.e), 1)
        self.ack(self.c)

    def test_masked_line_is_silent_until_unmask(self):
        self.bind(self.c, wire.INTX, [self.e])
        self.c.set_irqs(wire.DATA_NONE | wire.MASK, wire.INTX, 0, 1)
        self.raise_irq(self.c)
        self.assertEqual(fired(self.e, 0.1), 0)
        self.c.set_irqs(wire.DATA_NONE | wire.UNMASK, wire.INTX, 0, 1)
        self.assertEqual(fired(self.e), 1)
        self.ack(self.c)

    def test_resample_eventfd(self):
        resample = self.event()
        self.bind(self.c, wire.INTX, [self.e])
        self.c.set_irqs(wire.DATA_EVENTFD | wire.UNMASK, wire.INTX, 0, 1, fds=[resample])
        self.raise_irq(self.c)
        for _ in range(3):
            self.assertEqual(fired(self.e), 1)
            os.eventfd_write(resample, 1)
        self.assertEqual(fired(self.e), 1)
        self.ack(self.c)
        os.eventfd_write(resample, 1)
        self.assertEqual(fired(self.e, 0.1), 0)

    def test_trigger_and_resample_by_one_eventfd_stays_alive(self):
        self.bind(self.c, wire.INTX, [self.e])
        self.c.set_irqs(wire.DATA_EVENTFD | wire.UNMASK, wire.INTX, 0, 1, fds=[self.e])
        self.raise_irq(self.c)
        self.assertEqual(self.c.read32(wire.BAR0, edu.ID), 0x010000ed)
        self.ack(self.c)

    def test_interrupt_disable_bit(self):
        self.bind(self.c, wire.INTX, [self.e])
        self.c.write(wire.CONFIG, 4, struct.pack("=H", 0x400))
        self.raise_irq(self.c)
        self.assertEqual(fired(self.e, 0.1), 0)
        self.assertTrue(self.c.read(wire.CONFIG, 6, 1)[0] & 8, "interrupt status is set all the same")
        self.c.write(wire.CONFIG, 4, struct.pack("=H", 0))
        self.assertEqual(fired(self.e), 1)
        self.ack(self.c)


class TestMsi(IrqTest):

    def test_pending_while_unbound(self):
        client, event = self.client(), self.event()
        cap = client.read(wire.CONFIG, 0x34, 1)[0]
        while client.read(wire.CONFIG, cap, 1)[0] != 5:
            cap = client.read(wire.CONFIG, cap + 1, 1)[0]
        client.write(wire.CONFIG, cap + 2, struct.pack("=H", 1))
        self.raise_irq(client)
        self.bind(client, wire.MSI, [event])
        self.assertEqual(fired(event), 1)
        self.ack(client)
        self.raise_irq(client)
        self.assertEqual(fired(event), 1)
        client.set_irqs(wire.DATA_NONE | wire.MASK, wire.MSI, 0, 1)
        self.ack(client)
        self.raise_irq(client)
        self.assertEqual(fired(event, 0.1), 0)
        client.set_irqs(wire.DATA_NONE | wire.UNMASK, wire.MSI, 0, 1)
        self.assertEqual(fired(event), 1)
        self.ack(client)


class TestSetIrqs(IrqTest):

    def test_loopback(self):
        client, event = self.client(), self.event()
        for index in (wire.INTX, wire.MSI, wire.REQ):
            self.bind(client, index, [event])
            client.set_irqs(wire.DATA_NONE | wire.TRIGGER, index, 0, 1)
            self.assertEqual(fired(event), 1)
            client.set_irqs(wire.DATA_BOOL | wire.TRIGGER, index, 0, 1, b"\1")
            self.assertEqual(fired(event), 1)
            client.set_irqs(wire.DATA_BOOL | wire.TRIGGER, index, 0, 1, b"\0")
            self.assertEqual(fired(event, 0.1), 0)
            client.set_irqs(wire.DATA_NONE | wire.TRIGGER, index, 0, 0)
            client.set_irqs(wire.DATA_NONE | wire.TRIGGER, index, 0, 1)
            self.assertEqual(fired(event, 0.1), 0)

    def test_unbind_by_no_fds(self):
        client, event = self.client(), self.event()
        self.bind(client, wire.MSI, [event])
        client.set_irqs(wire.DATA_EVENTFD | wire.TRIGGER, wire.MSI, 0, 1)
        client.set_irqs(wire.DATA_NONE | wire.TRIGGER, wire.MSI, 0, 1)
        self.assertEqual(fired(event, 0.1), 0)

    def test_bad_requests(self):
        client, event = self.client(), self.event()
        n, b, e = wire.DATA_NONE, wire.DATA_BOOL, wire.DATA_EVENTFD
        rows = [
            (0, wire.MSI, 0, 1, b"", []), (n, wire.MSI, 0, 1, b"", []), (wire.TRIGGER, wire.MSI, 0, 1, b"", []),
            (n | b | wire.TRIGGER, wire.MSI, 0, 1, b"\1", []),
            (n | wire.TRIGGER | wire.MASK, wire.MSI, 0, 1, b"", []),
            (n | wire.TRIGGER | 0x40, wire.MSI, 0, 1, b"", []),
            (n | wire.TRIGGER, 5, 0, 1, b"", []), (n | wire.TRIGGER, 0xffffffff, 0, 1, b"", []),
            (n | wire.TRIGGER, wire.MSI, 1, 1, b"", []), (n | wire.TRIGGER, wire.MSI, 0, 2, b"", []),
            (n | wire.TRIGGER, wire.MSI, 0xffffffff, 1, b"", []),
            (n | wire.TRIGGER, wire.MSI, 1, 0xffffffff, b"", []),
            (n | wire.MASK, wire.MSI, 0, 0, b"", []), (n | wire.TRIGGER, wire.MSI, 1, 0, b"", []),
            (b | wire.TRIGGER, wire.MSI, 0, 1, b"", []), (b | wire.TRIGGER, wire.MSI, 0, 1, b"\1\1", []),
            (n | wire.TRIGGER, wire.MSI, 0, 1, b"", [event]),
            (e | wire.TRIGGER, wire.MSI, 0, 1, b"", [event, event]),
            (n | wire.MASK, wire.REQ, 0, 1, b"", []),
        ]
        fds = self.server.fds()
        for row in rows:
            with self.subTest(row=row):
                flags, index, start, count, data, passed = row
                self.assert_error(errno.EINVAL, client.set_irqs, flags, index, start, count, data, passed)
        self.assertEqual(self.server.fds(), fds)

    def test_disable_of_an_absent_index(self):
        self.client().set_irqs(wire.DATA_NONE | wire.TRIGGER, wire.MSIX, 0, 0)

    def test_what_is_no_eventfd(self):
        client = self.client()
        fds = self.server.fds()
        read_end, write_end = os.pipe()
        memory = os.memfd_create("x")
        for fd in (read_end, write_end, memory):
            self.assert_error(None, self.bind, client, wire.MSI, [fd])
            os.close(fd)
        self.assertEqual(self.server.fds(), fds)

    def test_saturated_eventfd_blocks_nobody(self):
        client, event = self.client(), self.event()
        os.eventfd_write(event, 0xfffffffffffffffe)
        self.bind(client, wire.MSI, [event])
        for _ in range(10):
            client.set_irqs(wire.DATA_NONE | wire.TRIGGER, wire.MSI, 0, 1)
        os.set_blocking(event, True)
        for _ in range(10):
            client.set_irqs(wire.DATA_NONE | wire.TRIGGER, wire.MSI, 0, 1)
        self.assertEqual(client.read32(wire.BAR0, edu.ID), 0x010000ed)

    def test_rebinding_leaks_nothing(self):
        client = self.client()
        self.bind(client, wire.MSI, [self.event()])
        fds = self.server.fds()
        for _ in range(200):
            event = eventfd()
            self.bind(client, wire.MSI, [event])
            os.close(event)
        self.assertEqual(self.server.fds(), fds)


if __name__ == "__main__":
    import unittest
    unittest.main()
