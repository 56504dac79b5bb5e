# SPDX-License-Identifier: GPL-2.0-or-later
"""NBD servers that are missing, odd, slow or gone, seen from the command line."""
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest

from support import CliTest, listening, wait_for

HELLO = b'NBDMAGIC' + b'IHAVEOPT'


def nbd(path, more=''):
    return f'driver=nbd,node-name=n0,server.type=unix,server.path={path}{more}'


class Refused(CliTest):
    """One line that says what is wrong."""

    def refuse(self, blockdev, *fragments):
        self.assert_refused(self.run_program('-blockdev', blockdev), *fragments)

    def listener(self, answer):
        """A server that says something and hangs up, for each client."""
        path = self.path('s')
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.listen(4)
        self.addCleanup(server.close)

        def serve():
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client, contextlib.suppress(ConnectionError):
                    client.sendall(answer)
                    if answer:
                        client.recv(4096)
        threading.Thread(target=serve, daemon=True).start()
        self.addCleanup(server.shutdown, socket.SHUT_RDWR)
        return path

    def test_no_server(self):
        path = self.path('nobody')
        self.refuse(nbd(path), '-blockdev', f"nbd: cannot open 'nbd+unix:///?socket={path}'",
                    'No such file or directory')

    def test_nobody_listens(self):
        path = self.path('left')
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(path)
        self.refuse(nbd(path, ',export=disk'), f"'nbd+unix:///disk?socket={path}'",
                    'Connection refused')

    def test_no_port(self):
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))
            port = taken.getsockname()[1]
            self.refuse('driver=nbd,node-name=n0,server.type=inet,server.host=127.0.0.1,'
                        f'server.port={port}', f"'nbd://127.0.0.1:{port}/'", 'Connection refused')

    def test_no_such_host(self):
        self.refuse('driver=nbd,node-name=n0,server.type=inet,server.host=nowhere.invalid,'
                    'server.port=10809', "'nbd://nowhere.invalid:10809/'")

    def test_hangs_up(self):
        self.refuse(nbd(self.listener(b'')), 'nbd: cannot open')

    def test_no_nbd(self):
        self.refuse(nbd(self.listener(b'SSH-2.0-OpenSSH_9.2\r\n')), 'nbd: cannot open', 'magic')

    def test_speaks_and_hangs_up(self):
        self.refuse(nbd(self.listener(HELLO + b'\0\3')), 'nbd: cannot open')

    def test_options(self):
        path = self.path('s')
        self.refuse(nbd(path, ',tls-creds=t0'), "'tls-creds=t0': TLS is not supported")
        self.refuse('driver=nbd,node-name=n0,server.type=fd,server.str=3', 'use unix or inet')
        self.refuse('driver=nbd,node-name=n0', "Parameter 'server' is missing")
        self.refuse('driver=nbd,node-name=n0,server.type=unix', "'server.path' is missing")
        self.refuse(nbd(path, ',reconnect-delay=soon'), "'reconnect-delay'")
        self.refuse(nbd(path, ',export=' + 'x' * 4097), '4096')

    def test_open_timeout_ends(self):
        self.refuse(nbd(self.path('nobody'), ',open-timeout=1'), 'No such file or directory')


@unittest.skipUnless(shutil.which('qemu-nbd'), 'qemu-nbd is not here')
class WithServer(CliTest):

    def setUp(self):
        super().setUp()
        self.image = self.path('image.qcow2')
        subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', self.image, '8M'], check=True)

    def serve(self, *words):
        path = self.path('nbd')
        server = self.start_command(['qemu-nbd', '--persistent', '--format', 'qcow2',
                                     '--socket', path, *words, self.image])
        wait_for(lambda: listening(path) or server.poll() is not None, 'qemu-nbd')
        return path, server

    def test_length_of_the_image(self):
        path, _ = self.serve()
        _, qmp = self.start_with_qmp('-blockdev', nbd(path))
        node = qmp.command('query-named-block-nodes')[0]
        self.assertEqual(node['image']['virtual-size'], 8 << 20)
        self.assertEqual(node['file'], f'nbd+unix:///?socket={path}')

    def test_read_only_export(self):
        path, _ = self.serve('--read-only')
        self.assert_refused(self.run_program('-blockdev', nbd(path)), 'read-only: add read-only=on')
        process, _ = self.start_with_qmp('-blockdev', nbd(path, ',read-only=on'))
        self.assertEqual(self.end(process)[0], 0)

    def test_no_such_export(self):
        path, _ = self.serve('--export-name', 'disk')
        self.assert_refused(self.run_program('-blockdev', nbd(path, ',export=other')),
                            f"'nbd+unix:///other?socket={path}'")

    def test_open_timeout(self):
        """The server is started after us."""
        process = self.start('-qmp', f'unix:{self.path("qmp")},server=on,wait=off',
                             '-blockdev', nbd(self.path('nbd'), ',open-timeout=60'))
        time.sleep(0.5)
        self.assertIsNone(process.poll())
        self.serve()
        qmp = self.connect(self.path('qmp'), process)
        self.assertEqual(len(qmp.command('query-named-block-nodes')), 1)

    def test_gone_and_back(self):
        """Said once, when it goes and when it comes; meanwhile nothing spins."""
        path, server = self.serve()
        process, qmp = self.start_with_qmp('-blockdev', nbd(path))
        self.end(server, signal.SIGKILL)
        os.unlink(path)
        first = process.stderr.readline().decode()
        self.assertIn("node 'n0': the server of", first)
        self.assertIn('has gone', first)
        self.assertIn('cannot open', process.stderr.readline().decode())
        qmp.command('query-status')
        self.serve()
        self.assertIn('is back', process.stderr.readline().decode())
        qmp.command('blockdev-del', **{'node-name': 'n0'})
        self.assert_idle(process)
