# SPDX-License-Identifier: GPL-2.0-or-later
"""As a service: what the service manager hears, how it ends, log rotation."""
import ctypes
import os
import signal
import socket
import struct
import time

from support import DEADLINE, CliTest, vfio_user_client, wait_for

REGION_READ, REGION_WRITE, DMA_READ = 9, 10, 11
NO_REPLY = 1 << 4


def serve(path, device='edu', number=0):
    return ('-device', f'{device},id=d{number}', '-object',
            f'vfio-user-server,id=s{number},type=unix,path={path},device=d{number}')


def message(command, payload, number=7, flags=0):
    return struct.pack('<HHIII', number, command, 16 + len(payload), flags, 0) + payload


def receive(client):
    """One whole message: (command, flags, errno, payload), or None at the end."""
    def exactly(n):
        data = b''
        while len(data) < n:
            more = client.recv(n - len(data))
            if not more:
                return None
            data += more
        return data
    header = exactly(16)
    if header is None:
        return None
    _, command, size, flags, error = struct.unpack('<HHIII', header)
    return command, flags, error, exactly(size - 16)


class Manager:
    """The service manager's end of NOTIFY_SOCKET."""

    def __init__(self, path):
        self.path = path
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(path)
        self.sock.settimeout(DEADLINE)
        self.heard = []

    def next(self):
        """The lines of the next message as a dict."""
        text = self.sock.recv(65536).decode()
        fields = dict(line.split('=', 1) for line in text.splitlines())
        self.heard.append(fields)
        return fields

    def wait(self, **wanted):
        """Reads until a message has these fields; returns it."""
        while True:
            fields = self.next()
            if all(fields.get(key) == value for key, value in wanted.items()):
                return fields

    def silent_for(self, seconds, key):
        """No message with KEY comes for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.sock.settimeout(max(0.01, end - time.monotonic()))
            try:
                if key in self.next():
                    return False
            except (TimeoutError, BlockingIOError):
                break
            finally:
                self.sock.settimeout(DEADLINE)
        return True


class ServiceTest(CliTest):
    def setUp(self):
        super().setUp()
        self.manager = Manager(self.path('notify'))
        self.addCleanup(self.manager.sock.close)

    def environment(self, **more):
        return {**os.environ, 'NOTIFY_SOCKET': self.manager.path, **more}

    def start_service(self, *words, **environment):
        return self.start(*words, env=self.environment(**environment))


class Notify(ServiceTest):
    def test_ready_means_listening(self):
        path = self.path('s0')
        process = self.start_service(*serve(path))
        first = self.manager.next()
        self.assertEqual(first, {'READY': '1', 'MAINPID': str(process.pid),
                                 'STATUS': '1 device, 1 server, 0 clients'})
        vfio_user_client(path).close()          # no waiting: it listens

    def test_status_follows_changes(self):
        path = self.path('s0')
        _, qmp = self.start_with_qmp(*serve(path), env=self.environment())
        self.manager.wait(READY='1')
        client = vfio_user_client(path)
        self.manager.wait(STATUS='1 device, 1 server, 1 client')
        client.close()
        self.manager.wait(STATUS='1 device, 1 server, 0 clients')
        qmp.command_with('device_add', {'driver': 'edu', 'id': 'd1'})
        self.manager.wait(STATUS='2 devices, 1 server, 0 clients')
        qmp.command_with('object-del', {'id': 's0'})
        self.manager.wait(STATUS='2 devices, 0 servers, 0 clients')

    def test_status_is_not_a_flood(self):
        """Clients that come and go in a loop do not keep the manager busy."""
        path = self.path('s0')
        process = self.start_service(*serve(path))
        self.manager.wait(READY='1')
        begin = time.monotonic()
        for _ in range(200):
            vfio_user_client(path).close()
        seconds = time.monotonic() - begin
        self.end(process)
        while 'STOPPING' not in self.manager.next():
            pass
        told = len([f for f in self.manager.heard if list(f) == ['STATUS']])
        self.assertLessEqual(told, 2 + 2 * seconds)

    def test_stopping(self):
        process = self.start_service(*serve(self.path('s0')))
        self.manager.wait(READY='1')
        self.assertEqual(self.end(process)[0], 0)
        self.assertIn('STOPPING', self.manager.next())
        self.assertEqual(self.left(), ['notify'])

    def test_failed_start_is_not_ready(self):
        process = self.start_service('-device', 'no-such-device')
        self.assertEqual(process.wait(DEADLINE), 1)
        self.manager.sock.settimeout(0)
        with self.assertRaises(BlockingIOError):
            self.manager.next()

    def test_daemon_names_itself(self):
        result = self.run_program('-daemonize', '-pidfile', self.path('pid'),
                                  *serve(self.path('s0')), env=self.environment())
        self.assertEqual(result.returncode, 0, result.stderr)
        with open(self.path('pid'), encoding='ascii') as file:
            pid = int(file.read())
        self.assertEqual(self.manager.wait(READY='1')['MAINPID'], str(pid))
        os.kill(pid, signal.SIGTERM)
        self.manager.wait(STOPPING='1')
        wait_for(lambda: self.left() == ['notify'], 'the daemon to end')

    def test_nobody_listens(self):
        """A socket that is not there costs one warning."""
        process, _ = self.start_with_qmp(env={**os.environ, 'NOTIFY_SOCKET': self.path('none')})
        status, err = self.end(process)
        self.assertEqual(status, 0)
        self.assertIn('NOTIFY_SOCKET', err)


class Watchdog(ServiceTest):
    def watched(self, period='400000', **environment):
        path = self.path('s0')
        process = self.start_service('-name', 'w', *serve(path), WATCHDOG_USEC=period,
                                     **environment)
        self.manager.wait(READY='1')
        return process, path

    def test_pings(self):
        self.watched()
        for _ in range(5):
            self.manager.wait(WATCHDOG='1')

    def test_pings_with_no_domain(self):
        self.start_service('-machine', 'x-remote', WATCHDOG_USEC='400000')
        for _ in range(3):
            self.manager.wait(WATCHDOG='1')

    def test_meant_for_another_process(self):
        self.watched(WATCHDOG_PID='1')
        self.assertTrue(self.manager.silent_for(1, 'WATCHDOG'))

    def test_no_timer_without_it(self):
        """No ping is asked for: the idle process does not wake."""
        process = self.start_service(*serve(self.path('s0')))
        self.manager.wait(READY='1')
        self.assert_idle(process)

    def test_stuck_domain_stops_the_ping(self):
        process, _ = self.watched(period='1000000')
        self.manager.wait(WATCHDOG='1')
        stopped = Stopped(self, process.pid, 'd0')
        line = wait_for(process.stderr.readline, 'a message').decode()
        self.assertIn("the event loop of 'd0' has not turned for 500 ms", line)
        self.manager.sock.setblocking(False)
        try:
            while True:
                self.manager.next()             # what was sent before
        except BlockingIOError:
            self.manager.sock.settimeout(DEADLINE)
        self.assertTrue(self.manager.silent_for(1.5, 'WATCHDOG'))
        stopped.go_on()
        self.manager.wait(WATCHDOG='1')
        self.assertIn("the event loop of 'd0' turns again",
                      process.stderr.readline().decode())

    def test_deleted_domain_is_left_out(self):
        _, qmp = self.start_with_qmp(env=self.environment(WATCHDOG_USEC='200000'))
        for i in range(20):
            qmp.command_with('device_add', {'driver': 'edu', 'id': f'd{i}'})
            qmp.command_with('device_del', {'id': f'd{i}'})
            self.manager.wait(WATCHDOG='1')


class Stopped:
    """One thread of a process, stopped as a debugger does it."""

    ATTACH, DETACH = 16, 17

    def __init__(self, test, pid, name):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p,
                                     ctypes.c_void_p]
        self.tid = wait_for(lambda: self.find(pid, name), f'a thread named {name}')
        if self.libc.ptrace(self.ATTACH, self.tid, None, None) < 0:
            test.skipTest('this place does not allow ptrace: no thread can be stopped alone')
        os.waitpid(self.tid, 0x40000000)        # __WALL
        test.addCleanup(self.go_on)

    @staticmethod
    def find(pid, name):
        for tid in os.listdir(f'/proc/{pid}/task'):
            with open(f'/proc/{pid}/task/{tid}/comm', encoding='ascii') as file:
                if name in file.read():
                    return int(tid)
        return None

    def reap(self):
        """A process that was killed goes when its debugger has seen the end of the thread."""
        if self.tid and os.waitpid(self.tid, os.WNOHANG | 0x40000000)[0]:
            self.tid = None

    def go_on(self):
        if self.tid:
            self.libc.ptrace(self.DETACH, self.tid, None, None)
            self.tid = None


def region_read(offset, count, region=0):
    return message(REGION_READ, struct.pack('<QII', offset, region, count))


class Drain(CliTest):
    def test_client_sees_the_end(self):
        process, qmp = self.start_with_qmp(*serve(self.path('s0')))
        client = vfio_user_client(self.path('s0'))
        begin = time.monotonic()
        process.send_signal(signal.SIGTERM)
        self.assertIsNone(receive(client))
        qmp.event('VFU_CLIENT_HANGUP')
        self.assertEqual(process.wait(DEADLINE), 0)
        # Nothing was under way: the three seconds were not waited for.
        self.assertLess(time.monotonic() - begin, 3)
        self.assertEqual(self.left(), [])

    def test_what_was_asked_is_answered(self):
        """Everything that was sent before the signal has its answer, then the end."""
        process, _ = self.start_with_qmp(*serve(self.path('s0')))
        client = vfio_user_client(self.path('s0'))
        stopped = 200
        client.sendall(region_read(0, 4) * stopped)
        process.send_signal(signal.SIGTERM)
        answers = 0
        while (got := receive(client)) is not None:
            self.assertEqual(got[:3], (REGION_READ, 1, 0))
            self.assertEqual(got[3][16:], struct.pack('<I', 0x010000ed))
            answers += 1
        self.assertEqual(answers, stopped)
        self.assertEqual(process.wait(DEADLINE), 0)

    def busy(self, *machine):
        """A client in the middle of a message: it may never finish that."""
        process, qmp = self.start_with_qmp(*machine, *serve(self.path('s0')))
        client = vfio_user_client(self.path('s0'))
        client.sendall(region_read(0, 4) + region_read(0, 4)[:20])
        receive(client)
        return process, client, qmp

    def test_time_is_bounded(self):
        process, client, _ = self.busy('-machine', 'x-remote,drain-timeout=200')
        status, _ = self.end(process)
        self.assertEqual(status, 0)
        self.assertIsNone(receive(client))
        self.assertEqual(self.left(), [])

    def test_default_time(self):
        process, client, _ = self.busy()
        begin = time.monotonic()
        self.assertEqual(self.end(process)[0], 0)
        self.assertGreaterEqual(time.monotonic() - begin, 2.9)
        self.assertIsNone(receive(client))

    def test_second_signal(self):
        process, _, qmp = self.busy('-machine', 'x-remote,drain-timeout=60000')
        process.send_signal(signal.SIGTERM)
        qmp.event('SHUTDOWN')
        begin = time.monotonic()
        self.assertEqual(self.end(process)[0], 0)
        self.assertLess(time.monotonic() - begin, 50)
        self.assertEqual(self.left(), [])

    def test_the_rest_of_a_message_may_come(self):
        process, client, qmp = self.busy('-machine', 'x-remote,drain-timeout=60000')
        process.send_signal(signal.SIGTERM)
        qmp.event('SHUTDOWN')
        client.sendall(region_read(0, 4)[20:])
        self.assertEqual(receive(client)[:3], (REGION_READ, 1, 0))
        self.assertIsNone(receive(client))
        self.assertEqual(process.wait(DEADLINE), 0)

    def test_nobody_new(self):
        process, _, qmp = self.busy('-machine', 'x-remote,drain-timeout=60000')
        process.send_signal(signal.SIGTERM)
        qmp.event('SHUTDOWN')
        wait_for(lambda: 's0' not in self.left(), 'the socket to go')
        self.end(process)

    def test_flood(self):
        """A client that never pauses is cut off."""
        process, _ = self.start_with_qmp('-machine', 'x-remote,drain-timeout=300',
                                         *serve(self.path('s0')))
        client = vfio_user_client(self.path('s0'))
        write = message(REGION_WRITE, struct.pack('<QII', 4, 0, 4) + b'abcd', flags=NO_REPLY)
        client.sendall(write * 1000)
        process.send_signal(signal.SIGTERM)
        with self.assertRaises(OSError):
            while True:
                client.sendall(write * 1000)
        self.assertEqual(process.wait(DEADLINE), 0)

    def test_quit_does_the_same(self):
        process, qmp = self.start_with_qmp(*serve(self.path('s0')))
        client = vfio_user_client(self.path('s0'))
        client.sendall(region_read(0, 4) * 50)
        qmp.command('quit')
        for _ in range(50):
            self.assertEqual(receive(client)[:3], (REGION_READ, 1, 0))
        self.assertIsNone(receive(client))
        self.assertEqual(process.wait(DEADLINE), 0)

    def test_bad_timeout(self):
        self.assert_refused(self.run_program('-machine', 'x-remote,drain-timeout=60001'),
                            'drain-timeout', '60000', '60001')

    def test_signal_kills_when_something_is_stuck(self):
        """A domain whose thread does not go on: the first signal waits for it."""
        process, qmp = self.start_with_qmp('-machine', 'x-remote,drain-timeout=0',
                                           *serve(self.path('s0')))
        qmp.command('query-status')
        stopped = Stopped(self, process.pid, 'd0')
        process.send_signal(signal.SIGTERM)
        qmp.event('SHUTDOWN')
        begin = time.monotonic()

        def killed():
            process.send_signal(signal.SIGTERM)
            stopped.reap()
            return process.poll() is not None
        wait_for(killed, 'a later signal to kill it')
        self.assertGreater(time.monotonic() - begin, 0.9)


class LogRotation(CliTest):
    def rotate(self, process, qmp, log):
        """mv and HUP; returns the new file's text once a command was traced to it."""
        os.rename(log, log + '.1')
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: os.path.exists(log), 'the new log')
        qmp.command('query-name')
        with open(log, encoding='utf-8') as file:
            return file.read()

    def check(self, *words, **kwargs):
        log = self.path('log')
        process, qmp = self.start_with_qmp(*words, **kwargs)
        qmp.command('query-status')
        for _ in range(3):
            text = self.rotate(process, qmp, log)
            self.assertIn('query-name', text)
            self.assertNotIn('query-status', text)
            with open(log + '.1', encoding='utf-8') as file:
                self.assertIn('query', file.read())
        self.assertEqual(self.end(process)[0], 0)

    def test_log_file(self):
        self.check('-D', self.path('log'), '-trace', 'qmp_receive')

    def test_trace_file(self):
        self.check('-trace', f'qmp_receive,file={self.path("log")}')

    def test_under_nohup(self):
        """Ignored by the parent: it ends nothing in any case, so rotation works."""
        self.check('-D', self.path('log'), '-trace', 'qmp_receive',
                   preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))

    def test_new_file_cannot_be_made(self):
        folder = self.path('logs')
        os.mkdir(folder)
        log = os.path.join(folder, 'log')
        process, qmp = self.start_with_qmp('-D', log, '-trace', 'qmp_receive')
        os.rename(folder, folder + '.old')
        process.send_signal(signal.SIGHUP)
        self.assertIn('goes on in the old file', process.stderr.readline().decode())
        qmp.command('query-name')
        with open(os.path.join(folder + '.old', 'log'), encoding='utf-8') as file:
            self.assertIn('query-name', file.read())
        self.assertEqual(self.end(process)[0], 0)

    def test_manager_hears_of_it(self):
        manager = Manager(self.path('notify'))
        self.addCleanup(manager.sock.close)
        process, _ = self.start_with_qmp('-D', self.path('log'), '-d', 'unimp',
                                         env={**os.environ, 'NOTIFY_SOCKET': manager.path})
        manager.wait(READY='1')
        process.send_signal(signal.SIGHUP)
        self.assertGreater(int(manager.wait(RELOADING='1')['MONOTONIC_USEC']), 0)
        manager.wait(READY='1')

    def test_service_without_log_file(self):
        """A reload of a service that logs to the journal does not end it."""
        manager = Manager(self.path('notify'))
        self.addCleanup(manager.sock.close)
        process, qmp = self.start_with_qmp(env={**os.environ, 'NOTIFY_SOCKET': manager.path})
        process.send_signal(signal.SIGHUP)
        manager.wait(RELOADING='1')
        manager.wait(READY='1')
        qmp.command('query-status')
        status, err = self.end(process)
        self.assertEqual(status, 0)
        self.assertIn('no log file to open anew', err)
