# SPDX-License-Identifier: GPL-2.0-or-later
"""VERSION (1): every client's first words, and what is not taken for one."""
import errno
import json
import struct
import time

import wire
from server import ServerTest

RV_CAPS = {"capabilities": {"max_msg_fds": 1, "max_data_xfer_size": 1048576,
                            "migration": {"pgsize": 4096}}}


class TestHandshake(ServerTest):

    def raw_hello(self, payload, **kwargs):
        client = self.client(hello=False)
        return client, client.call(wire.VERSION, payload, **kwargs)

    def test_qemu(self):
        text = json.dumps(wire.QEMU_CAPS).encode() + b"\0"
        request = struct.pack("=HH", 0, 0) + text
        _, reply = self.raw_hello(request)
        self.assertEqual(struct.unpack_from("=HH", reply.payload), (0, 0))
        self.assertLessEqual(len(reply.payload), len(request))
        self.assertEqual(reply.payload[-1:], b"\0")
        self.assertEqual(reply.fds, [])
        caps = json.loads(reply.payload[4:-1])["capabilities"]
        self.assertTrue(1 <= caps["max_msg_fds"] <= 16)
        self.assertTrue(0 < caps["max_data_xfer_size"] <= 64 << 20)
        self.assertTrue(0 < caps["max_dma_maps"] <= 65535)
        self.assertEqual(caps["pgsizes"] % 4096, 0)
        self.assertGreater(caps["pgsizes"], 0)
        self.assertIsInstance(caps["write_multiple"], bool)
        self.assertNotIn("migration", caps)
        self.assertNotIn("twin_socket", caps)

    def test_rust_vmm(self):
        client = self.client(hello=False).hello(1, RV_CAPS)
        self.assertEqual(client.version, (0, 1))
        self.assertIn("capabilities", client.caps)

    def test_spdk_has_no_json(self):
        client = self.client(hello=False)
        client.send(wire.VERSION, struct.pack("=HH", 0, 1), msg_id=0)
        reply = client.receive_reply(0, wire.VERSION)
        self.assertFalse(reply.flags & wire.ERROR)
        self.assertLessEqual(len(reply.payload), 4096)

    def test_minor_is_the_lower_one(self):
        for minor in (0, 1, 2, 65535):
            client = self.client(hello=False).hello(minor)
            self.assertEqual(client.version[0], 0)
            self.assertLessEqual(client.version[1], min(minor, 1))
            client.close()

    def test_other_major_is_refused_and_closed(self):
        client = self.client(hello=False)
        self.assert_error(None, client.call, wire.VERSION, struct.pack("=HH", 1, 0) + b"{}\0")
        self.assertTrue(client.is_closed())

    def test_bad_json_is_refused(self):
        bad = [b"{", b"{}", b"[]\0", b"{}\0\0", b"{}\0{}\0", b"null\0", b"{\"capabilities\":1}\0",
               b"{\"capabilities\":{\"max_msg_fds\":\"8\"}}\0", b"{\"capabilities\":{\"max_msg_fds\":-1}}\0",
               b"{\"capabilities\":{\"max_msg_fds\":1.5}}\0", b"{\"capabilities\":{\"max_msg_fds\":1e99}}\0",
               b"{\"capabilities\":{\"pgsizes\":0}}\0",
               b"{\"capabilities\":{\"max_data_xfer_size\":0}}\0",
               b"{\"capabilities\":{\"write_multiple\":1}}\0", b"{'capabilities':{}}\0",
               b"{\"capabilities\":{}} trailing\0", b"\xff\xfe{}\0", b"[" * 3000 + b"\0",
               b"{\"a\":" * 500 + b"1" + b"}" * 500 + b"\0", b"{\"capabilities\":{\"x\":\"\x01\"}}\0"]
        for text in bad:
            with self.subTest(text=text[:40]):
                client = self.client(hello=False)
                self.assert_error(None, client.call, wire.VERSION, struct.pack("=HH", 0, 0) + text)
                self.assertTrue(client.is_closed())
                client.close()

    def test_unknown_keys_and_no_capabilities_are_fine(self):
        for caps in ({}, {"capabilities": {}}, {"x": [1, {"y": None}], "capabilities": {"later": {"z": 1}}}):
            self.client(hello=False).hello(0, caps).close()

    def test_second_version_is_refused(self):
        client = self.client()
        self.assert_error(errno.EINVAL, client.call, wire.VERSION, struct.pack("=HH", 0, 0) + b"{}\0")

    def test_other_command_first(self):
        for command in range(2, 25):
            client = self.client(hello=False)
            client.send(command, b"\0" * 32)
            try:
                self.assertTrue(client.receive().flags & wire.ERROR)
            except wire.Closed:
                pass
            client.close()

    def test_silence_is_ended_and_blocks_nobody(self):
        server = self.own_server({"d0": "edu", "d1": "edu"}, server_options=",message-timeout=1000")
        silent = server.client("d0", hello=False)
        other = server.client("d1")
        self.assertEqual(other.info()[2], 9)
        start = time.monotonic()
        self.assertTrue(silent.is_closed())
        self.assertLess(time.monotonic() - start, 10)
        server.client("d0").close()


if __name__ == "__main__":
    import unittest
    unittest.main()
