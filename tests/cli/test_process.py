# SPDX-License-Identifier: GPL-2.0-or-later
"""The process as its host sees it: pid file, background, signals, files."""
import fcntl
import os
import re
import resource
import signal
import socket
import subprocess

from support import DEADLINE, PROGRAM, CliTest, vfio_user_client, wait_for


def serve(path):
    return ('-device', 'edu,id=d0', '-object',
            f'vfio-user-server,id=s0,type=unix,path={path},device=d0')


class Signals(CliTest):
    def test_each_ends_in_order(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number.name):
                process, _ = self.start_with_qmp('-pidfile', self.path('pid'),
                                                 *serve(self.path('s0')))
                self.assertEqual(self.left(), ['pid', 'qmp', 's0'])
                status, err = self.end(process, number)
                self.assertEqual(status, 0, err)
                self.assertIn(f'terminating on signal {int(number)} from pid {os.getpid()}', err)
                self.assertEqual(self.left(), [])

    def test_many_at_once(self):
        process, _ = self.start_with_qmp(*serve(self.path('s0')))
        for _ in range(5):
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGINT)
        status, err = self.end(process)
        self.assertEqual(status, 0, err)
        self.assertEqual(self.left(), [])

    def test_ignored_by_the_parent(self):
        """As under nohup."""
        process, qmp = self.start_with_qmp(
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        process.send_signal(signal.SIGHUP)
        self.assertEqual(qmp.command('query-status')['status'], 'running')
        self.assertEqual(self.end(process)[0], 0)

    def test_client_connected(self):
        """A monitor that never reads does not keep the process."""
        process, qmp = self.start_with_qmp()
        for _ in range(200):
            qmp.send('{"execute":"query-commands"}\n')
        self.assertEqual(self.end(process)[0], 0)
        self.assertEqual(self.left(), [])


class PidFile(CliTest):
    def test_content_and_removal(self):
        pid = self.path('pid')
        process, _ = self.start_with_qmp('-pidfile', pid)
        with open(pid, encoding='ascii') as file:
            self.assertEqual(file.read(), f'{process.pid}\n')
        self.assertEqual(self.end(process)[0], 0)
        self.assertEqual(self.left(), [])

    def test_second_process(self):
        pid = self.path('pid')
        process, qmp = self.start_with_qmp('-pidfile', pid)
        self.assert_refused(
            self.run_program('-pidfile', pid, '-qmp',
                             f'unix:{self.path("other")},server=on,wait=off'),
            f'-pidfile {pid}: ', 'another process')
        self.assertEqual(self.left(), ['pid', 'qmp'])
        with open(pid, encoding='ascii') as file:
            self.assertEqual(int(file.read()), process.pid)
        qmp.command('query-status')

    def test_after_a_crash(self):
        pid = self.path('pid')
        process, _ = self.start_with_qmp('-pidfile', pid)
        process.kill()
        process.wait()
        self.assertEqual(self.left(), ['pid', 'qmp'])
        process, _ = self.start_with_qmp('-pidfile', pid)
        with open(pid, encoding='ascii') as file:
            self.assertEqual(int(file.read()), process.pid)
        self.assertEqual(self.end(process)[0], 0)
        self.assertEqual(self.left(), [])


class Daemon(CliTest):
    def tidy(self):
        try:
            with open(self.path('pid'), encoding='ascii') as file:
                os.kill(int(file.read()), signal.SIGKILL)
        except (OSError, ValueError):
            pass
        super().tidy()

    def daemonize(self, *words, **kwargs):
        result = self.run_program('-daemonize', '-pidfile', self.path('pid'), '-qmp',
                                  f'unix:{self.path("qmp")},server=on,wait=off', *words,
                                  **kwargs)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stderr, '')
        with open(self.path('pid'), encoding='ascii') as file:
            return int(file.read())

    def test_listens_when_the_parent_is_gone(self):
        """No waiting here: the sockets must be there already."""
        pid = self.daemonize(*serve(self.path('s0')))
        self.assertEqual(self.left(), ['pid', 'qmp', 's0'])
        client = self.connect(self.path('qmp'))
        self.assertEqual(client.command('query-status')['running'], True)
        client.command('quit')
        self.assertIsNone(client.reply())
        wait_for(lambda: not os.path.exists(f'/proc/{pid}'), 'the daemon to end')
        self.assertEqual(self.left(), [])

    def test_detached(self):
        pid = self.daemonize()
        for fd in (0, 1, 2):
            self.assertEqual(os.readlink(f'/proc/{pid}/fd/{fd}'), '/dev/null')
        with open(f'/proc/{pid}/stat', encoding='ascii') as file:
            fields = file.read().rsplit(')', 1)[1].split()
        _, _, group, session, tty = fields[:5]
        self.assertNotEqual(int(session), os.getsid(0))
        self.assertNotEqual(int(group), pid, 'a session leader can get a terminal')
        self.assertEqual(int(tty), 0)
        self.assertEqual(os.readlink(f'/proc/{pid}/cwd'), os.getcwd())
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: self.left() == [], 'the files to go')

    def test_log_file(self):
        log = self.path('log')
        pid = self.daemonize('-D', log, '-trace', 'qmp_*')
        self.connect(self.path('qmp')).command('query-name')
        with open(log, encoding='utf-8') as file:
            self.assertIn('query-name', file.read())
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: self.left() == ['log'], 'the files to go')

    def test_lost_log_is_announced(self):
        result = self.run_program('-daemonize', '-pidfile', self.path('pid'), '-d', 'unimp')
        self.assertEqual(result.returncode, 0)
        self.assertIn('-D FILE', result.stderr)


class Surroundings(CliTest):
    def test_standard_files_closed(self):
        """No socket of ours ends up as stdout."""
        def close_all():
            for fd in (0, 1, 2):
                os.close(fd)
        path = self.path('qmp')
        process = subprocess.Popen([PROGRAM, '-qmp', f'unix:{path},server=on,wait=off'],
                                   preexec_fn=close_all)
        self.processes.append(process)
        qmp = self.connect(path)
        for fd in (0, 1, 2):
            self.assertEqual(os.readlink(f'/proc/{process.pid}/fd/{fd}'), '/dev/null')
        qmp.command('quit')
        self.assertEqual(process.wait(DEADLINE), 0)

    def test_file_limit_is_raised(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        process, _ = self.start_with_qmp(
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard)))
        self.assertEqual(resource.prlimit(process.pid, resource.RLIMIT_NOFILE)[0], hard)

    def test_no_new_privileges(self):
        process, _ = self.start_with_qmp()
        with open(f'/proc/{process.pid}/status', encoding='ascii') as file:
            self.assertRegex(file.read(), r'(?m)^NoNewPrivs:\s*1$')

    def test_descriptors_close_on_exec(self):
        """Nothing but what it was given would leak into a child."""
        process, _ = self.start_with_qmp('-pidfile', self.path('pid'),
                                         *serve(self.path('s0')))
        for fd in os.listdir(f'/proc/{process.pid}/fd'):
            with open(f'/proc/{process.pid}/fdinfo/{fd}', encoding='ascii') as file:
                flags = int(re.search(r'flags:\s*(\d+)', file.read()).group(1), 8)
            if int(fd) > 2:
                self.assertTrue(flags & os.O_CLOEXEC,
                                os.readlink(f'/proc/{process.pid}/fd/{fd}'))

    def test_process_name(self):
        process, qmp = self.start_with_qmp('-name', 'guest7,process=devices7')
        self.assertEqual(qmp.command('query-name'), {'name': 'guest7'})
        with open(f'/proc/{process.pid}/comm', encoding='ascii') as file:
            self.assertEqual(file.read(), 'devices7\n')

    def test_idle_is_idle(self):
        process, qmp = self.start_with_qmp(*serve(self.path('s0')))
        qmp.command('query-status')
        self.assert_idle(process, 2)

    def test_idle_character_devices(self):
        """A terminal that was closed, a client that has written what nobody reads, a monitor
        without a client: nothing to wake up for."""
        process, qmp = self.start_with_qmp(
            '-chardev', 'pty,id=p', '-mon', 'p,mode=control', '-chardev', 'pty,id=unused',
            '-chardev', f'socket,id=s,path={self.path("s")},server=on,wait=off',
            '-chardev', f'socket,id=m,path={self.path("m")},server=on,wait=off', '-mon', 'm')
        names = {info['label']: info['filename'] for info in qmp.command('query-chardev')}
        for label in ('p', 'unused'):
            os.close(os.open(names[label].removeprefix('pty:'), os.O_RDWR | os.O_NOCTTY))
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self.path('s'))
            client.sendall(b'unread')
            client.shutdown(socket.SHUT_WR)
            self.assert_idle(process, 2)


class ForeignOptions(CliTest):
    def test_harmless_ones_warn_once(self):
        process, _ = self.start_with_qmp('-m', '4G', '-smp', '4', '-cpu', 'host',
                                         '-enable-kvm')
        status, err = self.end(process)
        self.assertEqual(status, 0)
        warnings = [line for line in err.splitlines() if 'warning' in line]
        self.assertEqual(len(warnings), 4, err)
        for words in ('-m 4G', '-smp 4', '-cpu host', '-enable-kvm'):
            self.assertEqual(sum(f'{words}: warning: ignored: ' in line for line in warnings), 1,
                             err)

    def test_what_is_so_anyway_says_nothing(self):
        process, _ = self.start_with_qmp(
            '-nodefaults', '-no-user-config', '-nographic', '-display', 'none', '-vga', 'none',
            '-serial', 'none', '-parallel', 'none', '-monitor', 'none', '-net', 'none',
            '-nic', 'none', '-sandbox', 'off', '-machine', 'x-remote,vfio-user=on')
        status, err = self.end(process)
        self.assertEqual(status, 0)
        self.assertEqual(len(err.splitlines()), 1, err)
        self.assertIn('terminating on signal', err)


class Order(CliTest):
    def test_objects_before_their_devices(self):
        """A server may stand before the device it names."""
        self.start_with_qmp('-object', f'vfio-user-server,id=s0,type=unix,path={self.path("s0")},'
                            'device=d0', '-device', 'edu,id=d0')
        self.assertEqual(self.left(), ['qmp', 's0'])

    def test_both_spellings_of_server_and_socket(self):
        words = ['-device', 'isolated-rc,id=vmA']
        for i in range(4):
            words += ['-device', f'edu,id=d{i},bus=vmA.0']
        path = self.path
        self.start_with_qmp(
            *words,
            '-object', f'vfio-user-server,id=s0,type=unix,path={path("s0")},device=d0',
            '-object', f'x-vfio-user-server,id=s1,socket.type=unix,socket.path={path("s1")},'
                       'device=d1',
            '-object', '{"qom-type":"x-vfio-user-server","id":"s2","device":"d2","socket":'
                       '{"type":"unix","path":"%s"}}' % path('s2'),
            '-object', '{"qom-type":"vfio-user-server","id":"s3","device":"d3","type":"unix",'
                       '"path":"%s"}' % path('s3'))
        self.assertEqual(self.left(), ['qmp', 's0', 's1', 's2', 's3'])

    def test_comma_in_a_path(self):
        self.start_with_qmp('-device', 'edu,id=d0', '-object',
                            f'vfio-user-server,id=s0,type=unix,path={self.path("a,,b")},'
                            'device=d0')
        self.assertEqual(self.left(), ['a,b', 'qmp'])


class AutoShutdown(CliTest):
    def words(self, switch):
        return ('-machine', f'x-remote,auto-shutdown={switch}', *serve(self.path('s0')))

    def test_ends_with_the_last_client(self):
        process, _ = self.start_with_qmp(*self.words('on'))
        vfio_user_client(self.path('s0')).close()
        self.assertEqual(process.wait(DEADLINE), 0)
        self.assertEqual(self.left(), [])

    def test_ends_with_the_last_server(self):
        process, qmp = self.start_with_qmp(*self.words('on'))
        qmp.execute_with('object-del', {'id': 's0'})
        self.assertEqual(process.wait(DEADLINE), 0)
        self.assertEqual(self.left(), [])

    def test_off(self):
        process, qmp = self.start_with_qmp(*self.words('off'))
        vfio_user_client(self.path('s0')).close()
        qmp.event('VFU_CLIENT_HANGUP')
        vfio_user_client(self.path('s0')).close()
        qmp.event('VFU_CLIENT_HANGUP')
        qmp.execute_with('object-del', {'id': 's0'})
        qmp.command('query-status')
        self.assertIsNone(process.poll())


class Stdio(CliTest):
    def test_qmp_on_stdio(self):
        """Flags of a shared stdin are put back."""
        read_end, write_end = os.pipe()
        process = self.start('-qmp', 'stdio', stdin=read_end)
        os.write(write_end, b'{"execute":"qmp_capabilities"}{"execute":"quit"}')
        out, _ = process.communicate(timeout=DEADLINE)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(out.count(b'{"return":{}}\r\n'), 2)
        self.assertFalse(fcntl.fcntl(read_end, fcntl.F_GETFL) & os.O_NONBLOCK)
        os.close(read_end)
        os.close(write_end)

    def test_qmp_from_a_file(self):
        """A plain file works as stdin; its end ends the session, not the process."""
        with open(self.path('commands'), 'wb+') as file:
            file.write(b'{"execute":"qmp_capabilities"}\n{"execute":"query-name"}\n')
            file.seek(0)
            process = self.start('-qmp', 'stdio', stdin=file)
        lines = [process.stdout.readline() for _ in range(3)]
        self.assertIn(b'"QMP"', lines[0])
        self.assertEqual(lines[1:], [b'{"return":{}}\r\n'] * 2)
        self.assertIsNone(process.poll())
        self.assertEqual(self.end(process)[0], 0)
