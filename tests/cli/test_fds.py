# SPDX-License-Identifier: GPL-2.0-or-later
"""File descriptors that clients of a monitor pass."""
import json
import os
import socket

from support import DEADLINE, CliTest, wait_for


class FdTest(CliTest):
    def setUp(self):
        super().setUp()
        self.process, self.qmp = self.start_with_qmp()
        self.before = self.open_files()

    def open_files(self):
        return len(os.listdir(f'/proc/{self.process.pid}/fd'))

    def another(self, **kwargs):
        return self.connect(self.path('qmp'), self.process, **kwargs)

    def file(self, name='file', flags=os.O_RDWR):
        fd = os.open(self.path(name), flags | os.O_CREAT, 0o600)
        self.addCleanup(os.close, fd)
        return fd

    @staticmethod
    def with_fds(client, fds, command, **arguments):
        text = json.dumps({'execute': command, 'arguments': arguments}) + '\n'
        socket.send_fds(client.sock, [text.encode()], fds)
        return client.reply()

    def error(self, reply):
        self.assertEqual(reply['error']['class'], 'GenericError')
        return reply['error']['desc']


class Named(FdTest):
    def test_get_and_close(self):
        fd = self.file()
        self.assertEqual(self.with_fds(self.qmp, [fd], 'getfd', fdname='a'), {'return': {}})
        self.assertEqual(self.open_files(), self.before + 1)
        # The same name again: the first one is closed.
        self.assertEqual(self.with_fds(self.qmp, [fd], 'getfd', fdname='a'), {'return': {}})
        self.assertEqual(self.open_files(), self.before + 1)
        self.qmp.command('closefd', fdname='a')
        self.assertEqual(self.open_files(), self.before)
        self.assertEqual(self.error(self.qmp.execute('closefd', fdname='a')),
                         "File descriptor named 'a' not found")

    def test_none_supplied(self):
        self.assertEqual(self.error(self.qmp.execute('getfd', fdname='a')),
                         'No file descriptor supplied via SCM_RIGHTS')

    def test_bad_name(self):
        for name in ('1', '0x', ''):
            self.assertIn('not starting with a digit',
                          self.error(self.with_fds(self.qmp, [self.file()], 'getfd', fdname=name)))
        self.assertEqual(self.open_files(), self.before)

    def test_blank_in_front(self):
        """QEMU's Python library sends the descriptor with a blank, then the command."""
        socket.send_fds(self.qmp.sock, [b' '], [self.file()])
        self.assertEqual(self.qmp.execute('getfd', fdname='a'), {'return': {}})
        self.qmp.command('closefd', fdname='a')

    def test_in_pieces(self):
        socket.send_fds(self.qmp.sock, [b'{"execute": "getfd", "argu'], [self.file()])
        self.qmp.send('ments": {"fdname": "a"}}')
        self.assertEqual(self.qmp.reply(), {'return': {}})

    def test_pipelined(self):
        """Each command has the descriptor that was sent with it."""
        files = [self.file(name) for name in 'abc']
        for name, fd in zip('abc', files):
            text = json.dumps({'execute': 'getfd', 'arguments': {'fdname': name}})
            socket.send_fds(self.qmp.sock, [text.encode()], [fd])
            self.qmp.send('{"execute": "query-status"}')
        for _ in range(6):
            self.assertIn('return', self.qmp.reply())
        for name in 'abc':
            self.qmp.command('closefd', fdname=name)
        self.assertEqual(self.open_files(), self.before)

    def test_not_taken(self):
        """Closed with the next command at the latest."""
        self.with_fds(self.qmp, [self.file(), self.file()], 'query-status')
        self.qmp.command('query-status')
        self.assertEqual(self.open_files(), self.before)
        self.assertIn('No file descriptor', self.error(self.qmp.execute('getfd', fdname='a')))

    def test_flood(self):
        """Descriptors with blanks: few are kept, and nothing but this client suffers."""
        fd = self.file()
        for _ in range(200):
            socket.send_fds(self.qmp.sock, [b' '], [fd] * 16)
        self.qmp.command('query-status')
        self.assertLessEqual(self.open_files(), self.before + 16)
        self.qmp.command('query-status')
        self.assertEqual(self.open_files(), self.before)

    def test_too_many_names(self):
        fd = self.file()
        for i in range(64):
            self.assertEqual(self.with_fds(self.qmp, [fd], 'getfd', fdname=f'n{i}'),
                             {'return': {}})
        self.assertIn('64 named', self.error(self.with_fds(self.qmp, [fd], 'getfd', fdname='x')))
        self.assertEqual(self.with_fds(self.qmp, [fd], 'getfd', fdname='n1'), {'return': {}})

    def test_too_many_at_once(self):
        other = self.another()
        socket.send_fds(other.sock, [b' '], [self.file()] * 17)
        self.assertIsNone(other.message())
        self.qmp.command('query-status')
        wait_for(lambda: self.open_files() == self.before, 'the descriptors to go')

    def test_one_client_each(self):
        """Names are those of the client that gave them, and go with it."""
        other = self.another()
        self.with_fds(other, [self.file()], 'getfd', fdname='a')
        self.assertIn('not found', self.error(self.qmp.execute('closefd', fdname='a')))
        self.assertGreater(self.open_files(), self.before)
        other.close()
        wait_for(lambda: self.open_files() == self.before, 'the descriptors to go')

    def test_chardev(self):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.settimeout(DEADLINE)
            self.with_fds(self.qmp, [theirs.fileno()], 'getfd', fdname='sock')
            self.qmp.command('chardev-add', id='c', backend={
                'type': 'socket', 'data': {'server': False, 'addr': {
                    'type': 'fd', 'data': {'str': 'sock'}}}})
            theirs.close()
            self.assertEqual(self.qmp.command('query-chardev')[0]['filename'], 'fd:sock')
            # It is the device's now.
            self.assertIn('not found', self.error(self.qmp.execute('closefd', fdname='sock')))
            self.qmp.command('chardev-remove', id='c')
            self.assertEqual(ours.recv(1), b'')

    def test_on_a_chardev(self):
        """The same through a monitor on a character device."""
        path = self.path('m')
        process = self.start('-chardev', f'socket,id=c,path={path},server=on,wait=off',
                             '-mon', 'c,mode=control')
        client = self.connect(path, process)
        self.assertEqual(self.with_fds(client, [self.file()], 'getfd', fdname='a'),
                         {'return': {}})
        client.command('closefd', fdname='a')


class Sets(FdTest):
    def test_add_query_remove(self):
        read, write = self.file('f', os.O_RDONLY), self.file('f', os.O_WRONLY)
        first = self.with_fds(self.qmp, [read], 'add-fd', opaque='for reading')['return']
        self.assertEqual(first['fdset-id'], 0)
        second = self.with_fds(self.qmp, [write], 'add-fd', **{'fdset-id': 0})['return']
        third = self.with_fds(self.qmp, [read], 'add-fd')['return']
        self.assertEqual(third['fdset-id'], 1)
        fourth = self.with_fds(self.qmp, [read], 'add-fd', **{'fdset-id': 7})['return']
        self.assertEqual(self.qmp.command('query-fdsets'), [
            {'fdset-id': 0, 'fds': [{'fd': first['fd'], 'opaque': 'for reading'},
                                    {'fd': second['fd']}]},
            {'fdset-id': 1, 'fds': [{'fd': third['fd']}]},
            {'fdset-id': 7, 'fds': [{'fd': fourth['fd']}]}])
        self.qmp.command_with('remove-fd', {'fdset-id': 0, 'fd': first['fd']})
        self.qmp.command_with('remove-fd', {'fdset-id': 1})
        self.assertEqual([entry['fdset-id'] for entry in self.qmp.command('query-fdsets')], [0, 7])
        for arguments in ({'fdset-id': 1}, {'fdset-id': 0, 'fd': first['fd']}, {'fdset-id': -1}):
            self.assertIn('not found', self.error(self.qmp.execute_with('remove-fd', arguments)))
        self.qmp.command_with('remove-fd', {'fdset-id': 0})
        self.qmp.command_with('remove-fd', {'fdset-id': 7})
        self.assertEqual(self.open_files(), self.before)

    def test_bad(self):
        self.assertIn('No file descriptor', self.error(self.qmp.execute('add-fd')))
        self.assertIn('non-negative', self.error(
            self.with_fds(self.qmp, [self.file()], 'add-fd', **{'fdset-id': -1})))
        self.assertEqual(self.qmp.command('query-fdsets'), [])
        self.assertEqual(self.open_files(), self.before)

    def test_bounded(self):
        fd = self.file()
        for _ in range(256):
            self.with_fds(self.qmp, [fd], 'add-fd', **{'fdset-id': 3})
        self.assertIn('256', self.error(self.with_fds(self.qmp, [fd], 'add-fd')))
        self.qmp.command_with('remove-fd', {'fdset-id': 3})
        self.assertEqual(self.open_files(), self.before)

    def add_file(self, path):
        return self.qmp.execute('chardev-add', id='c', backend={
            'type': 'file', 'data': {'out': path}})

    def test_open(self):
        """/dev/fdset/ID is what the client has opened, for the access it has."""
        self.assertIn('No such file', self.error(self.add_file('/dev/fdset/5')))
        self.with_fds(self.qmp, [self.file('log', os.O_RDONLY)], 'add-fd', **{'fdset-id': 5})
        self.assertIn('Permission denied', self.error(self.add_file('/dev/fdset/5')))
        self.with_fds(self.qmp, [self.file('log', os.O_WRONLY)], 'add-fd', **{'fdset-id': 5})
        self.assertEqual(self.add_file('/dev/fdset/5'), {'return': {}})
        for name in ('/dev/fdset/x', '/dev/fdset/', '/dev/fdset/-1', '/dev/fdset/5/..'):
            self.assertIn(name, self.error(self.qmp.execute('chardev-add', id='d', backend={
                'type': 'file', 'data': {'out': name}})))

    def test_last_client_leaves(self):
        """What nobody has opened, nobody can any more."""
        self.with_fds(self.qmp, [self.file('used', os.O_WRONLY)], 'add-fd', **{'fdset-id': 1})
        self.with_fds(self.qmp, [self.file('unused', os.O_WRONLY)], 'add-fd', **{'fdset-id': 2})
        self.assertEqual(self.add_file('/dev/fdset/1'), {'return': {}})
        other = self.another()
        other.close()
        self.assertEqual(len(self.qmp.command('query-fdsets')), 2)
        self.qmp.close()
        # Its own first: two at a time would keep the sets.
        wait_for(lambda: self.open_files() == self.before + 1, 'the unused one to go')
        self.assertEqual([entry['fdset-id'] for entry in self.another().command('query-fdsets')],
                         [1])

    def test_command_line(self):
        fd = self.file('log', os.O_WRONLY)
        process = self.start('-add-fd', f'fd={fd},set=2,opaque=wr:log', '-chardev',
                             'file,id=c,path=/dev/fdset/2',
                             '-qmp', f'unix:{self.path("q2")},server=on,wait=off', pass_fds=[fd])
        qmp = self.connect(self.path('q2'), process)
        sets = qmp.command('query-fdsets')
        self.assertEqual((sets[0]['fdset-id'], sets[0]['fds'][0]['opaque']), (2, 'wr:log'))
        for option in (f'fd={fd}', 'set=1', 'fd=99,set=1', f'fd={fd},set=-1', f'fd={fd},set=x',
                       'fd=1,set=1', f'fd={fd},set=1,colour=red'):
            self.assert_refused(self.run_program('-add-fd', option, pass_fds=[fd]),
                                f'-add-fd {option}: ')
