# SPDX-License-Identifier: GPL-2.0-or-later
"""Files of -blockdev and -drive that cannot be had: one line that says why, and what to do."""
import os
import shutil
import socket
import subprocess
import unittest

from support import CliTest, obey_modes, wait_for


def node(path, more='', driver='file'):
    return ('-blockdev', f'driver={driver},node-name=f0,filename={path}{more}')


class Holder:
    """qemu-io, which keeps an image open until its input ends."""

    def __init__(self, path, *options):
        self.process = subprocess.Popen(['qemu-io', '-f', 'raw', *options, path],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdin.write(b'length\n')
        self.process.stdin.flush()
        self.process.stdout.readline()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class BlockFiles(CliTest):
    def image(self, size=65536, name='disk.img'):
        path = self.path(name)
        with open(path, 'wb') as file:
            file.truncate(size)
        return path

    def refused(self, words, *fragments):
        result = self.run_program(*words)
        self.assert_refused(result, words[0], *fragments)

    def accepted(self, *words):
        process, qmp = self.start_with_qmp(*words)
        nodes = qmp.command('query-named-block-nodes')
        self.assertEqual(self.end(process)[0], 0)
        return nodes

    def test_missing(self):
        path = self.path('no.img')
        self.refused(node(path), f"Could not open '{path}': No such file or directory")
        self.refused(('-drive', f'if=none,id=d0,format=raw,file={path}'),
                     f"Could not open '{path}': No such file or directory")

    def test_directory(self):
        for more in ('', ',read-only=on', ',cache.direct=on'):
            self.refused(node(self.dir, more), self.dir, 'regular file')
        self.refused(node(self.dir, driver='host_device'), self.dir, 'block device')

    def test_other_kinds(self):
        fifo = self.path('fifo')
        os.mkfifo(fifo)
        self.refused(node(fifo), fifo, 'regular file')
        self.refused(node(fifo, ',read-only=on'), fifo, 'regular file')
        self.refused(node('/dev/zero'), '/dev/zero', 'regular file')
        self.refused(node('/dev/zero', driver='host_device'), '/dev/zero', 'block device')
        path = self.path('socket')
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind(path)
            self.refused(node(path), f"Could not open '{path}'")
        os.unlink(path)
        os.unlink(fifo)
        self.refused(node(self.image(), driver='host_device'), 'block device', 'driver=file')

    def run_obeying(self, *words):
        return self.run_program(*words, preexec_fn=obey_modes)

    def test_unreadable(self):
        path = self.image()
        os.chmod(path, 0o000)
        result = self.run_obeying(*node(path))
        self.assert_refused(result, f"Could not open '{path}': Permission denied")
        result = self.run_obeying(*node(path, ',read-only=on'))
        self.assert_refused(result, f"Could not open '{path}': Permission denied")

    def test_read_only_file(self):
        path = self.image()
        os.chmod(path, 0o444)
        result = self.run_obeying(*node(path))
        self.assert_refused(result, f"Could not open '{path}': Permission denied",
                            'read-only=on', 'auto-read-only=on')

    def test_immutable_file(self):
        path = self.image()
        if not shutil.which('chattr') or subprocess.run(['chattr', '+i', path],
                                                        stderr=subprocess.DEVNULL,
                                                        check=False).returncode:
            self.skipTest('chattr +i does not work here')
        try:
            self.refused(node(path), f"Could not open '{path}': Operation not permitted",
                         'read-only=on')
            nodes = self.accepted(*node(path, ',auto-read-only=on'))
            self.assertTrue(nodes[0]['ro'])
            nodes = self.accepted(*node(path, ',read-only=on'))
            self.assertTrue(nodes[0]['ro'])
        finally:
            subprocess.run(['chattr', '-i', path], check=True)

    @unittest.skipUnless(shutil.which('qemu-io'), 'qemu-io is not installed')
    def test_locked(self):
        path = self.image()
        with Holder(path):
            self.refused(node(path), 'Failed to get shared "write" lock', path)
            self.refused(node(path, ',read-only=on'), 'Failed to get shared "write" lock', path)
            self.accepted(*node(path, ',read-only=on,force-share=on'))
            self.accepted(*node(path, ',locking=off'))
        self.accepted(*node(path))
        with Holder(path, '-r'):
            self.accepted(*node(path, ',read-only=on'))

    @unittest.skipUnless(shutil.which('qemu-io'), 'qemu-io is not installed')
    def test_locks_others_out(self):
        path = self.image()
        process, qmp = self.start_with_qmp(*node(path))
        command = ['qemu-io', '-f', 'raw', '-c', 'write 0 512', path]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn('Failed to get "write" lock', result.stderr)
        qmp.command_with('blockdev-del', {'node-name': 'f0'})
        wait_for(lambda: subprocess.run(command, capture_output=True, check=False).returncode == 0,
                 'the lock to be free')
        self.assertEqual(self.end(process)[0], 0)

    def test_twice(self):
        path = self.image()
        second = ('-blockdev', f'driver=file,node-name=f1,filename={path}')
        result = self.run_program(*node(path), *second)
        self.assert_refused(result, 'node-name=f1', 'Failed to get "write" lock', path)
        first = node(path, ',read-only=on')
        self.accepted(*first, second[0], second[1] + ',read-only=on')

    def test_odd_size(self):
        nodes = self.accepted(*node(self.image(5000)))
        self.assertEqual(nodes[0]['image']['virtual-size'], 5120)
        self.accepted(*node(self.image(0, 'empty.img')))

    def test_engines(self):
        path = self.image()
        self.refused(node(path, ',aio=native'), 'aio=native', 'cache.direct=on')
        self.refused(node(path, ',aio=none'), 'aio', 'none')
        self.refused(node(path, ',locking=maybe'), 'locking', 'maybe')
        for aio in ('threads', 'io_uring'):
            self.accepted(*node(path, f',aio={aio}'))
        self.accepted(*node(path, ',aio=native,cache.direct=on'))

    def test_fd_set(self):
        """As QEMU's management does it: the file is opened by who starts the program."""
        path = self.image()
        fd = os.open(path, os.O_RDWR)
        self.addCleanup(os.close, fd)
        process, qmp = self.start_with_qmp('-add-fd', f'fd={fd},set=2',
                                           *node('/dev/fdset/2', ',cache.direct=on'),
                                           pass_fds=[fd])
        nodes = qmp.command('query-named-block-nodes')
        self.assertEqual(nodes[0]['image']['virtual-size'], 65536)
        self.assertEqual(self.end(process)[0], 0)
        self.refused(node('/dev/fdset/7'), "Could not open '/dev/fdset/7'")


if __name__ == '__main__':
    unittest.main()
