# SPDX-License-Identifier: GPL-2.0-or-later
"""Any access to any register of any device, option ROMs, answers of garbage.

Random, but seeded: X_REMOTE_SEED repeats a run. X_REMOTE_HOSTILE=N makes it N
times as long (default 1).
"""
import errno
import os
import random
import struct
import tempfile
import time

import dma_engine as e
import edu
import wire
from server import ServerTest

LONGER = int(os.environ.get("X_REMOTE_HOSTILE", "1"))
SEED = int(os.environ.get("X_REMOTE_SEED", str(time.time_ns() & 0xffffffff)))
VALUES = (0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 0x40000, 0x7fffffff, 0x80000000,
          0xffffffff, 1 << 32, 1 << 63, (1 << 64) - 1)


class TestFuzz(ServerTest):
    """Every model, some of them behind bridges."""
    DEVICES = {"vm": "isolated-rc", "rp": "pcie-root-port,bus=vm.0,chassis=1",
               "br": "pcie-pci-bridge,bus=vm.0",
               "edu": "edu", "testdev": "pci-testdev", "dma": "dma-engine,bus=rp",
               "wdt": "i6300esb,bus=br,addr=3", "panic": "pvpanic-pci,bus=br,addr=4"}
    NAMES = ("edu", "testdev", "dma", "wdt", "panic")

    def identity(self, client):
        return client.read(wire.CONFIG, 0, 4) + client.read(wire.CONFIG, 8, 4)

    def value(self, rng, width):
        pick = rng.choice(VALUES) if rng.random() < 0.6 else rng.getrandbits(64)
        return (pick & ((1 << 8 * width) - 1)).to_bytes(width, "little")

    def sane(self, name, client, before):
        """The device is reset and is what it was."""
        client.call(wire.RESET)
        self.assertEqual(client.read(wire.CONFIG, 0, 256), before[0], f"{name}, seed {SEED}")
        self.assertEqual(client.info(), before[1])
        for index in range(9):
            self.assertEqual(client.region_info(index)[0][:5], before[2][index])

    def state(self, client):
        client.call(wire.RESET)
        return (client.read(wire.CONFIG, 0, 256), client.info(),
                [client.region_info(index)[0][:5] for index in range(9)])

    def test_config_space(self):
        """All offsets, all widths, and the addresses that they move about."""
        for name in self.NAMES:
            rng = random.Random(SEED)
            client = self.client(name)
            before, fixed = self.state(client), self.identity(client)
            size = client.region_info(wire.CONFIG)[0][4]
            for width in (1, 2, 3, 4, 8, 16):
                for offset in range(0, size - width + 1, 1 if size == 256 else rng.choice((1, 3, 5))):
                    client.post(wire.CONFIG, offset, self.value(rng, width))
                self.assertEqual(self.identity(client), fixed, f"{name}, seed {SEED}")
                client.read(wire.CONFIG, 0, size)
            for _ in range(300 * LONGER):
                client.post(wire.CONFIG, rng.randrange(size - 7), self.value(rng, rng.choice((1, 2, 4, 8))))
            self.sane(name, client, before)

    def test_bars(self):
        for name in self.NAMES:
            rng = random.Random(SEED)
            client = self.client(name)
            before = self.state(client)
            memory = self.memory(64 * wire.PAGE)
            client.bus_master()
            client.dma_map(0, memory.size, memory.fd)
            bars = [(i, before[2][i][4]) for i in range(6) if before[2][i][4]]
            for _ in range(3000 * LONGER):
                index, size = rng.choice(bars)
                width = rng.choice((1, 2, 4, 8, 8, 3, 5, 16, 64))
                offset = rng.choice((rng.randrange(size), rng.randrange(min(size, 256)),
                                     0x1000 + rng.randrange(0x400), size - width)) % size
                count = min(width, size - offset)
                if rng.random() < 0.3:
                    try:
                        self.assertEqual(len(client.read(index, offset, count)), count)
                    except wire.VfuError as error:      # an I/O BAR takes 1, 2 and 4
                        self.assertEqual(error.errno, errno.EINVAL)
                else:
                    client.post(index, offset, self.value(rng, count))
            client.dma_unmap(0, 0, wire.UNMAP_ALL)
            self.sane(name, client, before)

    def test_reset_flood_during_held_dma(self):
        rng = random.Random(SEED)
        client = self.client("dma")
        memory = self.memory(16 * wire.PAGE)
        client.dma_map(0, 8 * wire.PAGE, memory.fd)
        client.dma_map(1 << 20, 8 * wire.PAGE)          # by messages that nobody answers
        for _ in range(40 * LONGER):
            client.post(wire.CONFIG, 4, b"\6\0")
            client.post(wire.BAR0, e.HOLD, struct.pack("=I", rng.getrandbits(4)))
            for number in range(4):
                base = 0x1000 + 0x100 * number
                target = rng.choice((0, 1 << 20))
                client.post(wire.BAR0, base + e.SRC, struct.pack("=Q", rng.choice((0, 1 << 20))))
                client.post(wire.BAR0, base + e.DST, struct.pack("=Q", target + 0x1000))
                client.post(wire.BAR0, base + e.LENGTH, struct.pack("=I", 5000))
                client.post(wire.BAR0, base + e.COMMAND,
                            struct.pack("=I", rng.choice((e.COPY, e.FILL, e.TO_BUFFER)) | e.START))
            for _ in range(rng.randrange(8)):
                client.send(wire.RESET, flags=wire.NO_REPLY)
        client.reset()
        for number in range(4):
            self.assertEqual(e.Channel(client, number).get(e.STATUS), 0, f"seed {SEED}")
        self.assertEqual(client.dma_unmap(0, 0, wire.UNMAP_ALL), 16 * wire.PAGE)


class TestGarbageAnswers(ServerTest):
    DEVICES = {"a": "edu", "b": "edu"}
    OPTIONS = ",dma-timeout=60"

    def answer(self, rng, client, request):
        address, count = struct.unpack_from("=QQ", request.payload)
        data = rng.randbytes(count) if request.command == wire.DMA_READ else b""
        good = request.payload[:16] + data
        rng.choice((
            lambda: client.answer(request, good), lambda: client.answer(request, good),
            lambda: client.answer(request, good), lambda: None,
            lambda: client.answer(request, flags=wire.REPLY | wire.ERROR, error=rng.getrandbits(8)),
            lambda: [client.answer(request, good) for _ in range(2)],
            lambda: client.answer(request, good, command=rng.randrange(20)),
            lambda: client.answer(request, good, msg_id=rng.getrandbits(16)),
            lambda: client.answer(request, struct.pack("=QQ", address, rng.getrandbits(64)) + data),
            lambda: client.answer(request, good[:rng.randrange(len(good) + 1)]),
            lambda: client.answer(request, good + rng.randbytes(rng.randrange(64))),
            lambda: client.send_raw(wire.HEADER.pack(request.id, request.command, 16 + len(good),
                                                     wire.REPLY, 0) + good[:8]),
            lambda: client.send_raw(rng.randbytes(64)),
        ))()

    def visit(self, rng):
        client = self.server.client("a", timeout=2)
        client.on_request = lambda request: self.answer(rng, client, request)
        try:
            client.bus_master()
            client.dma_map(0, 16 * wire.PAGE)
            for _ in range(20):
                (edu.to_edu if rng.random() < .5 else edu.from_edu)(client, 0, rng.randrange(1, 4096))
        except (wire.Closed, wire.VfuError, OSError, AssertionError):
            pass                # it is the hostile one's own
        finally:
            client.close()

    def test_random_answers(self):
        rng = random.Random(SEED)
        self.visit(rng)
        time.sleep(0.3)
        fds, worst = self.server.fds(), 0.0
        with self.server.client("b") as honest:
            for _ in range(40 * LONGER):
                self.visit(rng)
                start = time.monotonic()
                self.assertEqual(honest.read32(wire.BAR0, edu.ID), 0x010000ed, f"seed {SEED}")
                worst = max(worst, time.monotonic() - start)
        self.assertLess(worst, 3 if self.server.sanitized() else 0.5, f"seed {SEED}")
        with self.server.client("a") as client:
            self.assertEqual(client.read32(wire.BAR0, edu.ID), 0x010000ed)
        time.sleep(0.3)
        self.assertLessEqual(self.server.fds(), fds)


class TestRom(ServerTest):
    """A-R15: region 6 is the file, as long as a power of two, and only read."""

    @classmethod
    def setUpClass(cls):
        cls.data = random.Random(1).randbytes(5000)
        with tempfile.NamedTemporaryFile(prefix="rom-", delete=False) as rom:
            rom.write(cls.data)
        cls.path = rom.name
        cls.DEVICES = {"a": f"edu,romfile={cls.path}", "hidden": f"edu,romfile={cls.path},rombar=0",
                       "b": "edu"}
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        os.unlink(cls.path)

    def test_size_and_content(self):
        client = self.client("a")
        _, flags, _, _, size, _ = client.region_info(wire.ROM)[0]
        self.assertEqual((flags & 3, size), (wire.REGION_R, 8192))
        self.assertEqual(client.read(wire.ROM, 0, 5000), self.data)
        self.assertEqual(client.read(wire.ROM, 4999, 1), self.data[4999:])
        client.write32(wire.CONFIG, 0x30, 0xfffff800)           # sizing, never enabled
        self.assertEqual(client.read32(wire.CONFIG, 0x30), 0xffffe000)
        self.assertEqual(client.read(wire.ROM, 17, 3), self.data[17:20])

    def test_writes_and_what_is_behind(self):
        client = self.client("a")
        for offset, data in ((0, b"\0"), (4996, bytes(4)), (8191, b"\0")):
            self.assert_error(errno.EINVAL, client.write, wire.ROM, offset, data)
            client.post(wire.ROM, offset, data)
        for offset, count in ((8192, 1), (8191, 2), ((1 << 64) - 1, 1), (0, 8193)):
            self.assert_error(errno.EINVAL, client.read, wire.ROM, offset, count)
        self.assertEqual(client.read(wire.ROM, 0, 5000), self.data)

    def test_not_there(self):
        for name in ("hidden", "b"):
            client = self.client(name)
            self.assertEqual(client.region_info(wire.ROM)[0][4], 0)
            self.assert_error(errno.EINVAL, client.read, wire.ROM, 0, 4)


if __name__ == "__main__":
    import unittest
    unittest.main()
