# SPDX-License-Identifier: GPL-2.0-or-later
"""Every command of commands.tbl.h, in every wrong form.

The rows are read from the table itself, so a new command is swept at once.
"""
import os
import re

import edu
import wire
from server import ROOT, ServerTest

ROW = re.compile(r"VFU_ROW\((\w+),\s*(\d+),\s*(\w+),\s*(\d+),\s*([^,]+),\s*(\d+),\s*(\d+),\s*(\w+),\s*([^)]+)\)")


def rows():
    with open(os.path.join(ROOT, "include/vfio-user/commands.tbl.h"), encoding="utf-8") as table:
        for match in ROW.finditer(re.sub(r"/\*.*?\*/", "", table.read(), flags=re.S)):
            name, number, sender, least, _, fds, _, _, flags = match.groups()
            yield name, int(number), sender, int(least), int(fds), flags


class TestSweep(ServerTest):

    def setUp(self):
        super().setUp()
        self.rows = list(rows())
        self.assertEqual(len(self.rows), 19)

    def probe(self, client):
        self.assertEqual(client.read32(wire.BAR0, edu.ID), 0x010000ed)

    def outcome(self, client, command, payload, fds=()):
        """The error reply's errno, 0 for success, None for a closed connection."""
        msg_id = client.send(command, payload, fds)
        try:
            reply = client.receive_reply(msg_id, command)
        except wire.Closed:
            return None
        reply.close_fds()
        if reply.flags & wire.ERROR:
            self.assertEqual(reply.size, 16)
            self.assertNotEqual(reply.error, 0)
            return reply.error
        return 0

    def test_short(self):
        client = self.client()
        for name, number, _, least, _, _ in self.rows:
            for length in sorted({0, 1, least // 2, least - 1} - {-1}):
                if length < least:
                    with self.subTest(name=name, length=length):
                        self.assertNotIn(self.outcome(client, number, bytes(length)), (0, None))
        self.probe(client)

    def test_all_ones(self):
        """No field holds anything sensible."""
        client = self.client()
        for name, number, _, least, _, _ in self.rows:
            for length in {least, least + 4, least + 64}:
                with self.subTest(name=name, length=length):
                    if name == "DEVICE_RESET" and length == 0 or name == "DEVICE_GET_INFO":
                        continue        # nothing in them can be wrong
                    self.assertNotIn(self.outcome(client, number, b"\xff" * length), (0, None))
        self.probe(client)

    def test_too_long(self):
        for name, number, _, _, _, _ in self.rows:
            with self.subTest(name=name):
                client = self.client()
                self.outcome(client, number, bytes(64 << 10))
                self.doCleanups()
        self.probe(self.client())

    def test_zeros(self):
        client = self.client()
        for name, number, _, least, _, _ in self.rows:
            if name != "VERSION":
                self.outcome(client, number, bytes(least))
        self.probe(client)

    def test_extra_fds_are_closed(self):
        client = self.client()
        client.info()
        event = os.eventfd(0)
        self.addCleanup(os.close, event)
        before = self.server.fds()
        for name, number, _, least, fds, _ in self.rows:
            with self.subTest(name=name):
                self.outcome(client, number, b"\xff" * least, [event] * 16)
        self.probe(client)
        self.assertEqual(self.server.fds(), before)

    def test_before_version(self):
        for name, number, _, least, _, _ in self.rows:
            if name == "VERSION":
                continue
            with self.subTest(name=name):
                client = self.client(hello=False)
                self.assertNotEqual(self.outcome(client, number, bytes(least)), 0)
                self.doCleanups()

    def test_servers_own_commands(self):
        client = self.client()
        for name, number, sender, least, _, _ in self.rows:
            if sender == "VFU_BY_SERVER":
                self.assertNotIn(self.outcome(client, number, bytes(least)), (0, None))
        self.probe(client)

    def test_absent_ones(self):
        client = self.client()
        for name, number, _, least, _, flags in self.rows:
            if "ABSENT" in flags:
                self.assertNotIn(self.outcome(client, number, bytes(least)), (0, None))
        self.probe(client)


if __name__ == "__main__":
    import unittest
    unittest.main()
