# SPDX-License-Identifier: GPL-2.0-or-later
"""GET_INFO (4), GET_REGION_INFO (5), GET_REGION_IO_FDS (6), REGION_READ (9), REGION_WRITE (10)."""
import errno
import struct

import edu
import wire
from server import ServerTest


class TestInfo(ServerTest):
    DEVICES = {"d0": "edu", "t0": "pci-testdev"}

    def test_device_info(self):
        client = self.client()
        self.assertEqual(client.info(), (16, 3, 9, 5))

    def test_device_info_takes_a_long_argsz(self):
        client = self.client()
        reply = client.call(wire.GET_INFO, struct.pack("=IIII", 32, 0, 0, 0))
        self.assertEqual(len(reply.payload), 16)

    def test_device_info_short_argsz(self):
        self.assert_error(errno.EINVAL, self.client().call, wire.GET_INFO,
                          struct.pack("=IIII", 8, 0, 0, 0))

    def test_regions_of_edu(self):
        client = self.client()
        sizes = [client.region_info(i)[0][4] for i in range(9)]
        self.assertEqual(sizes[0], 1 << 20)
        self.assertEqual(sizes[1:6], [0] * 5)
        self.assertIn(sizes[wire.CONFIG], (256, 4096))
        self.assertEqual(sizes[wire.VGA], 0)

    def test_absent_region_is_no_error(self):
        info, caps, fds = self.client().region_info(3)
        self.assertEqual((info[1], info[4], caps, fds), (0, 0, b"", []))

    def test_index_out_of_range(self):
        client = self.client()
        for index in (9, 10, 0xffffffff):
            self.assert_error(errno.EINVAL, client.region_info, index)

    def test_spdk_sends_a_long_request(self):
        client = self.client()
        body = struct.pack("=IIIIQQ", 4064, 0, 0, 0, 0, 0)
        reply = client.call(wire.GET_REGION_INFO, body.ljust(4064, b"\0"))
        self.assertEqual(len(reply.payload), 32)

    def test_io_fds(self):
        client = self.client("t0")
        for index in (0, 1):
            reply = client.call(wire.GET_REGION_IO_FDS, struct.pack("=IIII", 4096, 0, index, 0))
            argsz, _, got, count = struct.unpack_from("=IIII", reply.payload)
            self.assertEqual((got, len(reply.payload)), (index, 16 + 40 * count))
            self.assertEqual(argsz, 16 + 40 * count)
            reply.close_fds()
        for bad in ((4096, 1, 0, 0), (4096, 0, 0, 1), (8, 0, 0, 0), (4096, 0, 9, 0)):
            self.assert_error(errno.EINVAL, client.call, wire.GET_REGION_IO_FDS, struct.pack("=IIII", *bad))


class TestAccess(ServerTest):

    def test_widths_and_registers(self):
        client = self.client()
        self.assertEqual(client.read32(wire.BAR0, edu.ID), 0x010000ed)
        client.write32(wire.BAR0, edu.LIVENESS, 0x12345678)
        self.assertEqual(client.read32(wire.BAR0, edu.LIVENESS), 0xedcba987)

    def test_bounds(self):
        client = self.client()
        size = 1 << 20
        for offset, count in ((size, 4), (size - 2, 4), ((1 << 64) - 4, 4), ((1 << 64) - 2, 8),
                              (1 << 63, 4), (0, 2 << 20), (0, 0xffffffff)):
            with self.subTest(offset=offset, count=count):
                self.assert_error(errno.EINVAL, client.call, wire.REGION_READ,
                                  struct.pack("=QII", offset, wire.BAR0, count))
        for region in (1, 9, 0xffffffff):
            self.assert_error(errno.EINVAL, client.call, wire.REGION_READ,
                              struct.pack("=QII", 0, region, 4))
        self.assertEqual(client.read32(wire.BAR0, edu.ID), 0x010000ed)

    def test_count_must_match_the_data(self):
        client = self.client()
        for count, data in ((4, b""), (4, b"abc"), (4, b"abcde"), (0xffffffff, b"abcd")):
            self.assert_error(errno.EINVAL, client.call, wire.REGION_WRITE,
                              struct.pack("=QII", 0, wire.BAR0, count) + data)

    def test_count_zero(self):
        client = self.client()
        client.send(wire.REGION_READ, struct.pack("=QII", 0, wire.BAR0, 0))
        self.assertTrue(client.receive().is_reply)
        self.assertEqual(client.read32(wire.BAR0, edu.ID), 0x010000ed)

    def test_config_space_in_any_cut(self):
        client = self.client()
        size = client.region_info(wire.CONFIG)[0][4]
        whole = client.read(wire.CONFIG, 0, size)
        self.assertEqual(struct.unpack_from("=HH", whole), (0x1234, 0x11e8))
        for offset, count in ((0, 1), (1, 1), (0, 3), (1, 7), (3, 2), (2, 64), (size - 1, 1)):
            self.assertEqual(client.read(wire.CONFIG, offset, count), whole[offset:offset + count])
        self.assert_error(errno.EINVAL, client.read, wire.CONFIG, size, 1)

    def test_read_only_config_bits(self):
        client = self.client()
        before = client.read(wire.CONFIG, 0, 64)
        client.write(wire.CONFIG, 0, b"\xff" * 4)
        client.write(wire.CONFIG, 8, b"\xff" * 4)
        self.assertEqual(client.read(wire.CONFIG, 0, 4), before[:4])
        self.assertEqual(client.read(wire.CONFIG, 8, 4), before[8:12])

    def test_bar_sizing_and_access_meanwhile(self):
        client = self.client()
        client.write32(wire.CONFIG, 0x10, 0xffffffff)
        self.assertEqual(client.read32(wire.CONFIG, 0x10) & ~0xf, 0xfff00000)
        self.assertEqual(client.read32(wire.BAR0, edu.ID), 0x010000ed)
        client.write32(wire.CONFIG, 0x10, 0xfebf0000)
        self.assertEqual(client.read32(wire.CONFIG, 0x10) & ~0xf, 0xfeb00000)
        client.write32(wire.CONFIG, 0x10, 0)
        self.assertEqual(client.read32(wire.BAR0, edu.ID), 0x010000ed)

    def test_unaligned_and_odd_sizes_never_hurt(self):
        client = self.client()
        for offset in (1, 2, 3, 5, 0x81):
            for count in (1, 2, 3, 5, 7, 8, 16):
                self.assertEqual(len(client.read(wire.BAR0, offset, count)), count)
                client.write(wire.BAR0, offset, b"\0" * count)
        self.assertEqual(client.read32(wire.BAR0, edu.ID), 0x010000ed)

    def test_posted_writes_take_effect_in_order(self):
        client = self.client()
        for value in range(1000):
            client.post(wire.BAR0, edu.LIVENESS, struct.pack("=I", value))
        self.assertEqual(client.read32(wire.BAR0, edu.LIVENESS), ~999 & 0xffffffff)

    def test_no_reply_even_for_errors(self):
        client = self.client()
        client.send(wire.REGION_READ, struct.pack("=QII", 0, 77, 4), flags=wire.NO_REPLY)
        client.send(wire.REGION_WRITE, b"short", flags=wire.NO_REPLY)
        client.send(99, b"", flags=wire.NO_REPLY)
        self.assertTrue(client.is_silent())
        self.assertEqual(client.read32(wire.BAR0, edu.ID), 0x010000ed)


class TestIoBar(ServerTest):
    DEVICES = {"t0": "pci-testdev"}

    def test_sizes(self):
        client = self.client()
        for count in (1, 2, 4):
            self.assertEqual(len(client.read(wire.BAR1, 0, count)), count)
        for count in (3, 5, 8):
            self.assert_error(errno.EINVAL, client.read, wire.BAR1, 0, count)
        client.post(wire.BAR1, 0, b"abc")
        self.assertEqual(len(client.read(wire.BAR1, 0, 1)), 1)


class TestWriteMulti(ServerTest):

    @staticmethod
    def entry(offset, data, region=wire.BAR0, count=None):
        return struct.pack("=QII8s", offset, region, len(data) if count is None else count, data)

    def test_all_of_them(self):
        client = self.client()
        entries = [self.entry(edu.LIVENESS, struct.pack("=I", i)) for i in range(200)]
        reply = client.call(wire.WRITE_MULTI, struct.pack("=Q", len(entries)) + b"".join(entries))
        self.assertEqual(struct.unpack("=Q", reply.payload), (200,))
        self.assertEqual(client.read32(wire.BAR0, edu.LIVENESS), ~199 & 0xffffffff)

    def test_posted(self):
        client = self.client()
        client.send(wire.WRITE_MULTI, struct.pack("=Q", 1) + self.entry(edu.LIVENESS, b"\1\0\0\0"),
                    flags=wire.NO_REPLY)
        self.assertEqual(client.read32(wire.BAR0, edu.LIVENESS), 0xfffffffe)

    def test_bad_counts(self):
        client = self.client()
        good = self.entry(edu.LIVENESS, b"\0\0\0\0")
        for payload in (b"", struct.pack("=Q", 2) + good, struct.pack("=Q", 0) + good,
                        struct.pack("=Q", 1) + good[:-1], struct.pack("=Q", 1 << 61) + good,
                        struct.pack("=Q", 0xaaaaaaaaaaaaaaab) + good,
                        struct.pack("=Q", 1) + self.entry(4, b"", count=0),
                        struct.pack("=Q", 1) + self.entry(4, b"abcdefgh", count=9)):
            with self.subTest(payload=payload[:16]):
                self.assert_error(errno.EINVAL, client.call, wire.WRITE_MULTI, payload)


if __name__ == "__main__":
    import unittest
    unittest.main()
