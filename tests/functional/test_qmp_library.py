# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's own Python package and qmp-shell, as they are, drive the server."""
import asyncio
import json
import os
import re
import subprocess
import sys
import textwrap

from xremote import stock
from xremote.case import FunctionalTest
from xremote.server import TOP

SECONDS = 60


class QmpLibraryChecks:
    """Shared with tests/avocado."""

    def library(self):
        """The root of the package; its modules can be imported."""
        root = stock.library()
        modules = os.path.join(root, "usr/lib/python3/dist-packages")
        if modules not in sys.path:
            sys.path.insert(0, modules)
        return root, modules

    def converse(self, conversation):
        """Runs conversation(client) with a client that is connected."""
        self.library()
        from qemu.qmp import QMPClient
        server = self.serve("edu,id=d0")

        async def main():
            client = QMPClient("test")
            await client.connect(server.path("qmp"))
            try:
                await asyncio.wait_for(conversation(client), SECONDS)
            finally:
                await client.disconnect()
        asyncio.run(main())

    def test_client(self):
        """Greeting, negotiation, commands, errors, events, many at a time."""
        async def conversation(client):
            from qemu.qmp import ExecuteError
            self.assertEqual(client.greeting.QMP.version["qemu"]["major"], 8)
            status = await client.execute("query-status")
            self.assertEqual(status, {"running": True, "status": "running"})
            await client.execute("device_add", {"driver": "edu", "id": "d1"})
            with self.assertRaises(ExecuteError) as caught:
                await client.execute("device_add", {"driver": "edu", "id": "d1"})
            self.assertEqual(caught.exception.error_class, "GenericError")
            with self.assertRaises(ExecuteError) as caught:
                await client.execute("no-such-command")
            self.assertEqual(caught.exception.error_class, "CommandNotFound")
            with client.listener("DEVICE_DELETED") as listener:
                await client.execute("device_del", {"id": "d1"})
                event = await listener.get()
                self.assertEqual(event["data"]["device"], "d1")
            answers = await asyncio.gather(*[client.execute("query-version")
                                             for _ in range(200)])
            self.assertTrue(all(answer == answers[0] for answer in answers))
        self.converse(conversation)

    def test_schema(self):
        """What the package itself asks on connecting, and the largest answer."""
        async def conversation(client):
            schema = await client.execute("query-qmp-schema")
            commands = await client.execute("query-commands")
            self.assertEqual(sorted(c["name"] for c in commands),
                             sorted(r["name"] for r in schema if r["meta-type"] == "command"))
        self.converse(conversation)

    def test_example(self):
        """The program in docs/interop/qmp.rst."""
        _, modules = self.library()
        page = os.path.join(TOP, "docs/interop/qmp.rst")
        with open(page, encoding="utf-8") as file:
            code = re.search(r"code-block:: python\n\n(.*?)\n(?=\S)", file.read(), re.S).group(1)
        server = self.serve("edu,id=d0")
        code = textwrap.dedent(code).replace("/tmp/qmp.sock", server.path("qmp"))
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                              env={**os.environ, "PYTHONPATH": modules}, timeout=SECONDS,
                              check=False)
        self.assertEqual((done.stdout, done.stderr, done.returncode), ("d9 is gone\n", "", 0))

    def test_legacy_client(self):
        """The older interface, which many scripts use."""
        self.library()
        from qemu.qmp.legacy import QEMUMonitorProtocol
        server = self.serve("edu,id=d0")
        monitor = QEMUMonitorProtocol(server.path("qmp"))
        greeting = monitor.connect()
        self.assertIn("x-remote", greeting["QMP"]["version"]["package"])
        self.assertEqual(monitor.cmd("query-name"), {})
        monitor.cmd("stop")
        self.assertEqual(monitor.pull_event(wait=SECONDS)["event"], "STOP")
        monitor.close()

    def test_shell(self):
        """qmp-shell: arguments, nested JSON among them, and answers."""
        root, modules = self.library()
        server = self.serve("edu,id=d0")
        socket = json.dumps({"type": "unix", "path": server.path("d1")}, separators=(",", ":"))
        lines = ["query-status", "device_add driver=edu id=d1",
                 f"object-add qom-type=vfio-user-server id=s1 device=d1 socket={socket}",
                 "qom-get path=/machine/peripheral/d1 property=realized",
                 "object-del id=s1", "device_del id=nobody"]
        shell = subprocess.run([sys.executable, os.path.join(root, "usr/bin/qmp-shell"),
                                server.path("qmp")], input="".join(f"{x}\n" for x in lines),
                               env={**os.environ, "PYTHONPATH": modules, "HOME": self.folder},
                               capture_output=True, text=True, timeout=SECONDS, check=False)
        answers = [json.loads(line[line.index("{"):]) for line in shell.stdout.splitlines()
                   if '"return"' in line or '"error"' in line]
        self.assertEqual(answers[0]["return"], {"running": True, "status": "running"},
                         shell.stdout + shell.stderr)
        self.assertEqual(answers[1], {"return": {}})
        self.assertEqual(answers[2], {"return": {}})
        self.assertEqual(answers[3], {"return": True})
        self.assertEqual(answers[4], {"return": {}})
        self.assertEqual(answers[5]["error"]["class"], "DeviceNotFound")
        self.assertEqual(len(answers), len(lines))


class QmpLibrary(QmpLibraryChecks, FunctionalTest):
    """Run by tests/functional/run.py."""
