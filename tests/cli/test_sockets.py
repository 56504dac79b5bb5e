# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a server listens: paths, modes, users, inherited sockets, those of systemd."""
import fcntl
import os
import re
import socket
import stat
import sys

from support import PROGRAM, CliTest, vfio_user_client, wait_for

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def server(ident, options, device='d0'):
    return ('-object', f'vfio-user-server,id={ident},device={device},{options}')


EDU = ('-device', 'edu,id=d0')


class Documented(CliTest):
    def test_options(self):
        """The table for users has the options that there are."""
        with open(os.path.join(TOP, 'docs/system/vfio-user-server.rst'), encoding='utf-8') as file:
            table = file.read().split('Options\n=====')[1].split('The options are fixed')[0]
        self.assertEqual(set(re.findall(r'^([a-z][a-z-]+) ', table, re.M)) - {'option'},
                         self.options())

    def options(self):
        text = self.run_program('-object', 'vfio-user-server,help').stdout
        return set(re.findall(r'^  ([a-z-]+)=<', text, re.M))

    def test_schema(self):
        """object-add takes all of them."""
        with open(os.path.join(TOP, 'qapi/qom.json'), encoding='utf-8') as file:
            struct = file.read().split("'struct': 'VfioUserServerProperties'")[1].split('} }')[0]
        self.assertEqual(set(re.findall(r"'\*?([a-z-]+)': '", struct)) - {'data'}, self.options())


class Modes(CliTest):
    def mode_of(self, *options, umask=0o022):
        path = self.path('s0')
        process, _ = self.start_with_qmp(
            *EDU, *server('s0', ','.join([f'type=unix,path={path}', *options])), umask=umask)
        mode = stat.S_IMODE(os.stat(path).st_mode)
        self.assertEqual(self.end(process)[0], 0)
        return mode

    def test_mode(self):
        self.assertEqual(self.mode_of(), 0o600)
        self.assertEqual(self.mode_of('mode=0660'), 0o660)
        self.assertEqual(self.mode_of('mode=666', umask=0o077), 0o666)
        self.assertEqual(self.mode_of(umask=0), 0o600)

    def test_bad(self):
        for mode in ('', '8', '0400', '1777', '-1', 'rw', '0x1ff', '0060'):
            self.assert_refused(
                self.run_program(*EDU, *server('s0', f'path={self.path("s")},mode={mode}')),
                f'mode={mode}', '0660')
        self.assertEqual(self.left(), [])


class Users(CliTest):
    def test_own(self):
        path = self.path('s0')
        self.start_with_qmp(*EDU, *server('s0', f'path={path},peer-uid={os.getuid()}'))
        vfio_user_client(path).close()

    def test_other(self):
        path = self.path('s0')
        process, _ = self.start_with_qmp(*EDU, *server('s0', f'path={path},peer-uid={os.getuid() + 1}'))
        for _ in range(3):
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(30)
                client.connect(path)
                self.assertEqual(client.recv(1), b'')
        status, err = self.end(process)
        self.assertEqual(status, 0)
        self.assertIn(f'refused a client of user {os.getuid()} (pid {os.getpid()})', err)

    def test_bad(self):
        for uid in ('', '-1', 'root', '4294967295', '99999999999'):
            self.assert_refused(
                self.run_program(*EDU, *server('s0', f'path={self.path("s")},peer-uid={uid}')),
                f'peer-uid={uid}', 'id -u')


class Types(CliTest):
    def test_what_does_not_belong_together(self):
        path = self.path('s')
        for options, words in (
                (f'type=unix,path={path},fd=3', 'type=unix takes path=PATH'),
                (f'type=unix,path={path},name=x', 'type=unix takes path=PATH'),
                (f'type=fd,path={path}', 'type=fd takes fd=NUMBER|NAME'),
                ('type=fd,fd=0x', 'fd=0x'),
                ('type=fd,fd=3,mode=0660', 'type=fd takes fd=NUMBER|NAME'),
                ('type=systemd,fd=3', 'type=systemd takes name=NAME'),
                ('type=systemd', 'LISTEN_FDS'),
                ('type=vsock', 'type=systemd,name=')):
            self.assert_refused(self.run_program(*EDU, *server('s0', options)), words)

    def test_nested(self):
        path = self.path('s0')
        self.start_with_qmp(*EDU, '-object', '{"qom-type":"vfio-user-server","id":"s0","device":"d0",'
                            f'"socket":{{"type":"unix","path":"{path}","mode":"0620",'
                            f'"peer-uid":"{os.getuid()}"}}}}')
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o620)
        vfio_user_client(path).close()
        self.assert_refused(self.run_program(*EDU, '-object', 'vfio-user-server,id=s0,device=d0,'
                                             'socket.type=unix,socket.colour=red'), 'colour')


class GivenSockets(CliTest):
    def listening(self, name):
        sock = socket.socket(socket.AF_UNIX)
        self.addCleanup(sock.close)
        sock.bind(self.path(name))
        sock.listen()
        return sock


class Inherited(GivenSockets):
    def test_listening(self):
        sock = self.listening('given')
        for spelling in (f'type=fd,fd={sock.fileno()}', f'socket.type=fd,socket.str={sock.fileno()}'):
            process, _ = self.start_with_qmp(*EDU, *server('s0', spelling),
                                             pass_fds=(sock.fileno(),))
            vfio_user_client(self.path('given')).close()
            self.assertEqual(self.end(process)[0], 0)
            self.assertIn('given', self.left())         # whoever made it removes it

    def test_connected(self):
        mine, its = socket.socketpair()
        with mine, its:
            process, qmp = self.start_with_qmp(*EDU, *server('s0', f'type=fd,fd={its.fileno()}'),
                                               pass_fds=(its.fileno(),))
            its.close()
            mine.close()
            qmp.command('query-status')
            self.assertEqual(self.end(process)[0], 0)

    def test_by_name(self):
        """A socket that a monitor's client passes with getfd."""
        sock = self.listening('given')
        process, qmp = self.start_with_qmp(*EDU)
        socket.send_fds(qmp.sock, [b'{"execute": "getfd", "arguments": {"fdname": "listen"}}\n'],
                        [sock.fileno()])
        self.assertEqual(qmp.reply(), {'return': {}})
        add = {'qom-type': 'vfio-user-server', 'id': 's0', 'device': 'd0', 'type': 'fd', 'fd': 'listen'}
        qmp.command_with('object-add', add)
        vfio_user_client(self.path('given')).close()
        qmp.command('object-del', id='s0')
        # The name was used up.
        self.assertIn('fd=listen: ', qmp.execute_with('object-add', add)['error']['desc'])
        self.assertEqual(self.end(process)[0], 0)

    def test_numbers_of_our_own(self):
        """A number that a monitor's client guesses reaches none of the process's own sockets."""
        process, qmp = self.start_with_qmp(*EDU)
        for fd in map(int, os.listdir(f'/proc/{process.pid}/fd')):
            reply = qmp.execute_with('object-add', {'qom-type': 'vfio-user-server', 'id': 's0',
                                                    'device': 'd0', 'type': 'fd', 'fd': str(fd)})
            self.assertIn(f"Invalid file descriptor number '{fd}'", reply['error']['desc'])
        self.assertEqual(self.end(process)[0], 0)

    def test_not_a_socket(self):
        with open('/dev/null', encoding='ascii') as null:
            self.assert_refused(self.run_program(*EDU, *server('s0', f'type=fd,fd={null.fileno()}'),
                                                 pass_fds=(null.fileno(),)), 'not a UNIX stream')
        self.assert_refused(self.run_program(*EDU, *server('s0', 'type=fd,fd=777')), '777')


# What a service manager does between fork and exec: argv is names, pid, fds, program...
ACTIVATE = '''
import os, sys
names, pid, fds, *command = sys.argv[1:]
fds = [int(fd) for fd in fds.split(',')]
for i, fd in enumerate(fds):
    os.dup2(fd, 3 + i)
    os.close(fd)
os.environ.update(LISTEN_FDS=str(len(fds)), LISTEN_FDNAMES=names, LISTEN_PID=pid or str(os.getpid()))
os.execv(command[0], command)
'''


class Activated(GivenSockets):
    """As sd_listen_fds(3) says it: descriptors from 3 on, and three variables."""

    def words(self, socks, names, *words, pid=''):
        high = [fcntl.fcntl(s.fileno(), fcntl.F_DUPFD, 50) for s in socks]
        for fd in high:
            self.addCleanup(os.close, fd)
        return [sys.executable, '-c', ACTIVATE, names, str(pid), ','.join(map(str, high)), PROGRAM,
                *words], tuple(high)

    def start_activated(self, socks, names, *words):
        command, high = self.words(socks, names, '-qmp', f'unix:{self.path("qmp")},server=on,wait=off',
                                   *words)
        process = self.start_command(command, pass_fds=high)
        return process, self.connect(self.path('qmp'), process)

    def run_activated(self, socks, names, *words, **kwargs):
        command, high = self.words(socks, names, *words, **kwargs)
        return self.run_command(command, pass_fds=high)


class Systemd(Activated):
    def test_by_name(self):
        one, two = self.listening('one'), self.listening('two')
        process, qmp = self.start_activated(
            [one, two], 'disk:net', *EDU, '-device', 'edu,id=d1',
            *server('s0', 'type=systemd,name=net'), *server('s1', 'type=systemd,name=disk', 'd1'))
        for name in ('one', 'two'):
            vfio_user_client(self.path(name)).close()
        # The socket outlives its server: a client waits until somebody serves it again.
        qmp.command('object-del', id='s0')
        with socket.socket(socket.AF_UNIX) as early:
            early.settimeout(30)
            early.connect(self.path('two'))
            reply = qmp.execute_with('object-add', {'qom-type': 'vfio-user-server', 'id': 's2',
                                                    'device': 'd0', 'type': 'systemd', 'name': 'disk'})
            self.assertIn("'disk' of the service manager is in use", reply['error']['desc'])
            qmp.command_with('object-add', {'qom-type': 'vfio-user-server', 'id': 's2',
                                            'device': 'd0', 'type': 'systemd', 'name': 'net'})
            early.sendall(b'\1\0\1\0\x14\0\0\0' + bytes(8) + b'\0\0\1\0')
            self.assertNotEqual(early.recv(4096), b'')
        self.assertEqual(self.end(process)[0], 0)
        self.assertEqual(self.left(), ['one', 'two'])

    def test_the_only_one(self):
        process, _ = self.start_activated([self.listening('one')], 'x', *EDU,
                                          *server('s0', 'type=systemd'))
        vfio_user_client(self.path('one')).close()
        self.assertEqual(self.end(process)[0], 0)

    def test_in_the_background(self):
        """The variables are for the process that was started, not the one that stays."""
        result = self.run_activated([self.listening('one')], 'x', '-daemonize', '-pidfile',
                                    self.path('pid'), *EDU, *server('s0', 'type=systemd,name=x'))
        self.assertEqual(result.returncode, 0, result.stderr)
        vfio_user_client(self.path('one')).close()
        with open(self.path('pid'), encoding='ascii') as file:
            os.kill(int(file.read()), 15)
        wait_for(lambda: self.left() == ['one'], 'its end')

    def test_refused(self):
        socks = [self.listening('one'), self.listening('two')]
        for options, words in (('name=nic', "no socket 'nic'"), ('name=nic', 'disk, net'),
                               ('', 'choose one by name: disk, net')):
            self.assert_refused(self.run_activated(
                socks, 'disk:net', *EDU, *server('s0', f'type=systemd,{options}'.rstrip(','))), words)
        self.assert_refused(self.run_activated(
            socks, 'disk:net', *EDU, *server('s0', 'type=systemd,name=net'), pid=1), 'LISTEN_FDS')


class Monitors(Activated):
    def chardev(self, name):
        return ('-chardev', f'socket,id=c0,fd={name},server=on,wait=off',
                '-mon', 'c0,mode=control')

    def test_monitor_of_the_service_manager(self):
        """Clients wait in the socket before the process is there, and come again."""
        sock = self.listening('q')
        process, _ = self.start_activated([sock], 'qmp', *self.chardev('qmp'))
        for _ in range(3):
            qmp = self.connect(self.path('q'), process)
            qmp.command('query-status')
            qmp.close()
        self.assertEqual(self.end(process)[0], 0)
        self.assertIn('q', self.left())         # the manager's: it stays

    def test_wrong_names(self):
        socks = [self.listening('q')]
        self.assert_refused(self.run_activated(socks, 'qmp', *self.chardev('other')), 'other')
        self.assert_refused(self.run_activated(
            socks, 'qmp', *self.chardev('qmp'), *EDU, *server('s0', 'type=systemd,name=qmp')),
            "'qmp'", 'in use')


class Paths(CliTest):
    def test_race_for_a_leftover(self):
        """Many servers find one leftover at a time: one gets the path, and serves it."""
        path = self.path('left')
        for _ in range(5):
            with socket.socket(socket.AF_UNIX) as owner:
                owner.bind(path)
            racers = [self.start(*EDU, *server('s0', f'path={path}')) for _ in range(6)]
            wait_for(lambda racers=racers: sum(r.poll() is None for r in racers) == 1, 'one winner')
            self.assertTrue(all(racer.poll() in (None, 1) for racer in racers))
            vfio_user_client(path).close()
            self.assertEqual(self.end(next(r for r in racers if r.poll() is None))[0], 0)
            self.assertEqual(self.left(), [])

    def test_race_for_a_free_path(self):
        path = self.path('free')
        for _ in range(5):
            racers = [self.start(*EDU, *server('s0', f'path={path}')) for _ in range(6)]
            wait_for(lambda racers=racers: sum(r.poll() is None for r in racers) == 1, 'one winner')
            vfio_user_client(path).close()
            self.end(next(r for r in racers if r.poll() is None))
            self.assertEqual(self.left(), [])

    def test_locked_folder(self):
        """Who keeps the folder's lock keeps nobody from a free path, and us from removing."""
        path = self.path('s0')
        folder = os.open(self.dir, os.O_RDONLY)
        self.addCleanup(os.close, folder)
        fcntl.flock(folder, fcntl.LOCK_EX)
        process = self.start(*EDU, *server('s0', f'path={path}'))
        wait_for(lambda: os.path.exists(path), 'the socket')
        self.assertEqual(self.end(process)[0], 0)
        with socket.socket(socket.AF_UNIX) as owner:
            owner.bind(path)
        self.assert_refused(self.run_program(*EDU, *server('s0', f'path={path}')), path, 'locked')
        fcntl.flock(folder, fcntl.LOCK_UN)
        process, _ = self.start_with_qmp(*EDU, *server('s0', f'path={path}'))
        vfio_user_client(path).close()
