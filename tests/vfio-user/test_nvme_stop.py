# SPDX-License-Identifier: GPL-2.0-or-later
"""werror=stop: an error of one machine's disk stops that machine's devices and no others."""
import time
import unittest

import nvme
import wire
from server import ServerTest


class TestStop(ServerTest):
    DEVICES = {"a": "nvme,serial=a,drive=na,werror=stop", "b": "nvme,serial=b,drive=nb,werror=stop"}
    QMP = True
    EXTRA = [word for name in "ab" for word in (
        "-blockdev", f'{{"driver":"error","node-name":"n{name}","file":{{"driver":"null-co","size":16777216,'
        '"read-zeroes":true},"rules":[{"event":"write","offset":4096,"bytes":512,"errno":"ENOSPC","once":true},'
        '{"event":"write","offset":8192,"bytes":512,"errno":"EIO","once":true}]}')]

    @classmethod
    def setUpClass(cls):
        """A server for each test."""

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        self.server = self.own_server(extra=self.EXTRA, qmp=True)
        self.qmp = self.server.qmp()
        self.addCleanup(self.qmp.close)
        self.disks = {name: nvme.attach(self.client(name), self.memory(1 << 20)) for name in "ab"}

    def write(self, name, lba):
        disk = self.disks[name]
        return disk.submit(disk.io, nvme.rw(nvme.WRITE, 1, lba, 1, disk.iova + disk.alloc(nvme.PAGE)))

    def states(self):
        return {d["rc"]: d["status"] for d in self.qmp.command("x-query-isolation")}

    def wait_state(self, name, status):
        end = time.monotonic() + 10
        while self.states()[name] != status:
            self.assertLess(time.monotonic(), end, self.states())
            time.sleep(0.01)

    def stop(self, name="a", lba=8):
        cid = self.write(name, lba)
        event = self.qmp.wait_event("BLOCK_IO_ERROR")["data"]
        self.assertEqual((event["action"], event["operation"]), ("stop", "write"))
        self.wait_state(name, "io-error")
        return cid

    def finished(self, name, *cids):
        got = [self.disks[name].finish(self.disks[name].io) for _ in cids]
        self.assertEqual({(done.cid, done.status) for done in got}, {(cid, 0) for cid in cids})

    def nothing(self, name):
        time.sleep(0.05)
        self.assertIsNone(self.disks[name].reap(self.disks[name].io))

    def test_others_go_on(self):
        kept = self.stop()
        self.assertEqual(self.states(), {"a": "io-error", "b": "running"})
        self.assertEqual(self.qmp.command("query-status")["status"], "running")
        self.finished("b", self.write("b", 0))
        self.nothing("a")
        # A register is read at any time: no client loses its connection by an error.
        self.assertEqual(self.disks["a"].client.read32(wire.BAR0, nvme.CSTS), nvme.RDY)
        self.qmp.command("cont")
        self.qmp.wait_event("RESUME")
        self.finished("a", kept)
        self.assertEqual(self.states(), {"a": "running", "b": "running"})

    def test_both_and_again(self):
        first, second = self.stop("a"), self.stop("b")
        self.qmp.command("cont")
        self.finished("a", first)
        self.finished("b", second)
        third = self.stop("a", 16)
        self.nothing("a")
        self.qmp.command("cont")
        self.finished("a", third)

    def test_stop_of_all_while_one_is_held(self):
        kept = self.stop()
        self.qmp.command("stop")
        self.assertEqual(self.states(), {"a": "paused", "b": "paused"})
        self.qmp.command("cont")
        self.finished("a", kept)
        self.assertEqual(self.states(), {"a": "running", "b": "running"})
        self.finished("b", self.write("b", 0))

    def test_reset_while_held(self):
        self.stop()
        disk = self.disks["a"]
        disk.client.reset()
        disk.client.bus_master()
        disk.start()
        self.finished("a", self.write("a", 0))
        self.qmp.command("cont")
        self.finished("a", self.write("a", 1))

    def test_client_gone_while_held(self):
        self.stop()
        self.disks["a"].client.close()
        disk = self.disks["a"] = nvme.attach(self.client("a"), self.memory(1 << 20))
        self.assertEqual(disk.write_blocks(0, bytes(512)), 0)
        self.qmp.command("cont")
        self.assertEqual(self.states(), {"a": "running", "b": "running"})

    def test_unplug_while_held(self):
        self.stop()
        self.disks["a"].client.close()
        self.qmp.command("object-del", id="s-a")
        self.qmp.command("device_del", id="a")
        self.qmp.wait_event("DEVICE_DELETED")
        self.qmp.command("cont")
        self.finished("b", self.write("b", 0))


if __name__ == "__main__":
    unittest.main()
