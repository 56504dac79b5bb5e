# SPDX-License-Identifier: GPL-2.0-or-later
"""The human monitor: what a user types and what the screen shows, and what a
hostile or broken client must not be able to do."""
import fcntl
import os
import pty
import re
import signal
import socket
import subprocess
import termios
import threading
import time

from hmp_client import PROMPT, HmpSocketUser, HmpUser
from support import DEADLINE, PROGRAM, CliTest, wait_for

UP, DOWN, LEFT = '\033[A', '\033[B', '\033[D'
GREETING = "QEMU 8.2.0 monitor - type 'help' for more information"


class HmpTest(CliTest):
    words = ()

    def setUp(self):
        super().setUp()
        self.monitor = self.path('hmp')
        self.process, self.qmp = self.start_with_qmp(
            '-monitor', f'unix:{self.monitor},server=on,wait=off', *self.words)
        self.user = self.another()

    def another(self):
        user = HmpSocketUser(self.monitor)
        self.clients.append(user)
        return user

    def run_line(self, command):
        return self.user.run(command)

    def assert_runs(self, command, *lines):
        self.assertEqual(self.run_line(command), list(lines))

    def rss_kib(self):
        with open(f'/proc/{self.process.pid}/status', encoding='ascii') as file:
            return int(re.search(r'RssAnon:\s*(\d+)', file.read()).group(1))


class Commands(HmpTest):
    words = ('-name', 'test', '-uuid', '0178a1ec-0dd6-4b0b-8a7f-a1f0e2a4f8d4')

    def test_greeting(self):
        self.user.wait_prompt()
        self.assertEqual(self.user.screen.lines, [GREETING, PROMPT])

    def test_help(self):
        lines = self.run_line('help')
        for name in ('help|?', 'info', 'device_add', 'device_del', 'object_add', 'object_del',
                     'chardev-add', 'chardev-remove', 'qom-list', 'qom-get', 'qom-set', 'stop|s', 'cont|c', 'quit|q', 'log', 'logfile', 'trace-event', 'x|xp'):
            self.assertTrue(any(line.split(' ')[0] == name for line in lines), name)
        self.assertLess(max(len(line) for line in lines), 100)
        self.assertEqual(self.run_line('?'), lines)
        self.assertEqual(self.run_line('help device_del'), ["device_del ID -- remove a device"])
        self.assertEqual(self.run_line('help info'), self.run_line('info'))

    def test_simple_info(self):
        package = self.qmp.command('query-version')['package']
        self.assert_runs('info version', f'8.2.0 ({package})')
        self.assert_runs('info name', 'test')
        self.assert_runs('info uuid', '0178a1ec-0dd6-4b0b-8a7f-a1f0e2a4f8d4')

    def test_run_state(self):
        self.assert_runs('info status', 'VM status: running')
        self.assert_runs('stop')
        self.qmp.event('STOP')
        self.assert_runs('info status', 'VM status: paused')
        self.assert_runs('c')
        self.qmp.event('RESUME')
        self.assert_runs('info status', 'VM status: running')
        self.assert_runs('device_add edu,id=d0')
        self.assert_runs('system_reset')

    def test_help_of_types(self):
        self.assertIn('edu', self.run_line('device_add help'))
        lines = self.run_line('device_add edu,help')
        self.assertEqual(lines[0], 'edu options:')
        self.assertIn('  dma_mask=<uint64>', lines)
        self.assertEqual(lines[1:], sorted(lines[1:]))
        self.assertIn('vfio-user-server', self.run_line('object_add help'))
        self.assertRegex('\n'.join(self.run_line('object_add vfio-user-server,help')),
                         r'(?m)^  device=<')
        self.assertRegex(self.run_line('device_add nothing,help')[0], "^Error: .*'nothing'")

    def test_devices_and_objects(self):
        sock = self.path('d0.sock')
        self.assert_runs('device_add edu,id=d0')
        self.assert_runs(f'object_add vfio-user-server,id=s0,path={sock},device=d0')
        self.assertTrue(os.path.exists(sock))
        self.assert_runs('qom-list /machine/peripheral', 'd0 (child<edu>)')
        self.assert_runs('qom-get /objects/s0 device', '"d0"')
        refused = self.run_line('device_del d0')
        self.assertEqual(len(refused), 1)
        self.assertRegex(refused[0], "^Error: .*s0 must be deleted")
        self.assert_runs('object_del s0')
        self.assertFalse(os.path.exists(sock))
        self.assert_runs('device_del d0')
        self.qmp.event('DEVICE_DELETED')
        self.assert_runs('device_del d0', "Error: Device 'd0' not found")

    def test_json_instead_of_options(self):
        sock = self.path('d0.sock')
        self.assert_runs('device_add {"driver": "edu", "id": "d0", "dma_mask": 4095}')
        self.assert_runs('qom-get /machine/peripheral/d0 dma_mask', '4095')
        self.assert_runs('object_add {"qom-type": "vfio-user-server", "id": "s0", "device": "d0",'
                         f' "socket": {{"type": "unix", "path": "{sock}"}}}}')
        self.assertTrue(os.path.exists(sock))

    def test_qom_set(self):
        self.assert_runs('device_add edu,id=d0')
        self.assert_runs('qom-set /machine/peripheral/d0 dma_mask 0x7f')
        self.assert_runs('qom-get /machine/peripheral/d0 dma_mask', '127')
        self.assert_runs('qom-set -j /machine/peripheral/d0 dma_mask 1023')
        self.assert_runs('qom-get /machine/peripheral/d0 dma_mask', '1023')
        self.assertIn('use device_add and device_del',
                      self.run_line('qom-set /machine/peripheral/d0 realized on')[0])
        self.assert_runs('qom-set /machine/peripheral/d0 none 1',
                         "Error: Property '/machine/peripheral/d0.none' not found")
        self.assertRegex(self.run_line('qom-set /nowhere x 1')[0], "^Error: .*'/nowhere' not found")

    def test_log(self):
        log = self.path('log')
        self.assert_runs(f'logfile {log}')
        self.assert_runs('log trace:qmp_*')
        self.qmp.command('query-status')
        with open(log, encoding='utf-8') as file:
            self.assertIn('qmp_receive', file.read())
        self.assert_runs('log none')
        self.assertIn('unknown log item', self.run_line('log nonsense')[-1])
        self.assertIn('guest_errors', ' '.join(self.run_line('help log')))
        listed = ' '.join(self.run_line('log help'))
        self.assertIn('guest_errors', listed)
        self.assertNotIn('Error', listed)
        os.unlink(log)

    def test_trace_events(self):
        log = self.path('log')
        self.assert_runs('info trace-events hmp_*', 'hmp_line : state 0')
        self.assert_runs(f'logfile {log}')
        self.user.send('trace-event hmp_l\t')
        self.user.wait_line(PROMPT + 'trace-event hmp_line ')
        self.user.send('on\n')
        self.assert_runs('info trace-events hmp_*', 'hmp_line : state 1')
        self.assert_runs('trace-event hmp_line off')
        with open(log, encoding='utf-8') as file:
            self.assertIn('info trace-events hmp_*', file.read())
        every = self.run_line('info trace-events')
        self.assertIn('hmp_line : state 0', every)
        self.assertEqual(every, sorted(every))
        self.assertRegex(self.run_line('trace-event nothing on')[0], "^Error: .*nothing")
        self.assertRegex(self.run_line('trace-event hmp_line maybe')[0], "^Error: .*'maybe'")
        os.unlink(log)

    def test_chardevs(self):
        self.assertIn('  ringbuf', self.run_line('chardev-add help'))
        self.assertIn('ringbuf options:', self.run_line('chardev-add ringbuf,help'))
        self.assert_runs('chardev-add ringbuf,id=r,size=16')
        self.assert_runs('info chardev', 'r: filename=ringbuf')
        self.assert_runs(r'ringbuf_write r "a\\b\nc"')
        self.assert_runs('ringbuf_read r 100', r'a\\b', 'c')
        self.assertEqual(self.qmp.command('query-chardev')[0]['label'], 'r')
        self.assert_runs('chardev-send-break r')
        lines = self.run_line('chardev-add pty,id=p')
        self.assertRegex(lines[0], r'^char device redirected to /dev/pts/\d+ \(label p\)$')
        self.user.send('chardev-r\tp\t')
        self.user.wait_line(PROMPT + 'chardev-remove p ')
        self.user.send('\n')
        self.assert_runs('info chardev', 'r: filename=ringbuf')
        self.assert_runs('chardev-remove p', "Error: Chardev 'p' not found")
        self.assertRegex(self.run_line('chardev-add nothing,id=x')[0], "^Error: 'nothing' is not")
        self.assertRegex(self.run_line('chardev-add null')[0], "^Error: .*no id")

    def test_watchdog_action(self):
        self.assert_runs('watchdog_action none')
        self.assertRegex(self.run_line('watchdog_action dance')[0], "^Error: .*'dance'")

    def test_wrong_usage(self):
        self.assert_runs('nonsense', "unknown command: 'nonsense'")
        self.assert_runs('info nonsense', "unknown command: 'info nonsense'")
        self.assert_runs('device_del', 'device_del: string expected',
                         'Try "help device_del" for more information')
        self.assert_runs('stop now', 'stop: extraneous characters at the end of line',
                         'Try "help stop" for more information')
        self.assert_runs('qom-set -x a b c', 'qom-set: unsupported option -x',
                         'Try "help qom-set" for more information')
        self.assert_runs('device_add', 'device_add: option list expected',
                         'Try "help device_add" for more information')
        self.assertRegex(self.run_line('device_add nothing')[0], "^Error: 'nothing' is not a valid")
        self.assertRegex(self.run_line('object_add nothing,id=x')[0], "^Error: .*'?nothing")

    def test_warnings_go_to_the_user(self):
        """QEMU's old short form is warned about, to the one who used it."""
        lines = self.run_line('device_add edu,id=d0,multifunction')
        self.assertRegex(lines[0], "^warning: 'multifunction' is a deprecated short form")
        self.assertEqual(self.end(self.process)[1].count('deprecated'), 0)

    def test_quit(self):
        self.user.wait_prompt()
        self.user.send('q\n')
        self.user.wait_end()
        self.assertEqual(self.process.wait(DEADLINE), 0)
        self.assertEqual(self.left(), [])

    def test_human_monitor_command(self):
        def run(line):
            return self.qmp.command_with('human-monitor-command', {'command-line': line})
        self.assertEqual(run('info status'), 'VM status: running\n')
        self.assertEqual(run(''), '')
        self.assertEqual(run('nonsense'), "unknown command: 'nonsense'\n")
        self.assertEqual(run('device_add edu,id=d0'), '')
        self.assertRegex(run('device_add edu,id=d0'), "^Error: .*d0")
        self.assertIn('warning: ', run('device_add edu,id=d1,multifunction'))
        self.assertIn('error', self.qmp.execute('human-monitor-command'))
        self.assertEqual(len(run('x' * 100000)), 100000 + len("unknown command: ''\n"))


class Keys(HmpTest):
    def test_editing(self):
        user = self.user
        user.wait_prompt()
        user.send('info stXtus')
        user.wait_line(PROMPT + 'info stXtus')
        user.send(LEFT * 3 + '\x7f' + 'a')
        user.wait_line(PROMPT + 'info status', len(PROMPT) + 8)
        user.send('\r')
        user.wait_printed('VM status: running')

    def test_history(self):
        user = self.user
        user.run('info status')
        user.run('info version')
        user.send(UP)
        user.wait_line(PROMPT + 'info version')
        user.send(UP)
        user.wait_line(PROMPT + 'info status')
        user.send(DOWN + DOWN)
        user.wait_prompt()
        user.send('\x10\x10')
        user.wait_line(PROMPT + 'info status')
        user.send('\x0e\x0e' + '\x12' + 'stat')
        user.wait_line("(reverse-i-search)`stat': info status")
        user.send('\r')
        user.wait_printed('VM status: running')

    def test_history_is_of_one_user(self):
        self.user.run('info status')
        other = self.another()
        other.wait_prompt()
        other.send(UP + 'x')
        other.wait_line(PROMPT + 'x')

    def test_interrupt_drops_the_line(self):
        self.user.wait_prompt()
        self.user.send('quit\x03')
        self.user.wait_printed(PROMPT + 'quit^C')
        self.assertEqual(self.user.run('info status'), ['VM status: running'])

    def test_completion(self):
        user = self.user
        user.run('device_add edu,id=d0')
        user.run('device_add edu,id=d1')
        for typed, shown in (('dev\t', 'device_'), ('device_d\t', 'device_del '),
                             ('device_del d\t', 'device_del d'), ('info st\t', 'info status '),
                             ('qom-get /mach\t/peripheral/d1 dma\t',
                              'qom-get /machine/peripheral/d1 dma_mask '),
                             ('log guest_errors,uni\t', 'log guest_errors,unimp')):
            user.send('\x15' + typed)
            user.wait_line(PROMPT + shown, len(PROMPT) + len(shown))
        user.send('\x15device_del d\t')
        user.wait_line(PROMPT + 'device_del d')
        self.assertEqual(user.screen.lines[-2].split(), ['d0', 'd1'])
        user.send('\x15nothing \t!')
        user.wait_line(PROMPT + 'nothing !')


class Several(CliTest):
    def test_monitors_and_users(self):
        self.process, _ = self.start_with_qmp(
            '-monitor', f'unix:{self.path("a")},server=on,wait=off',
            '-monitor', f'unix:{self.path("b")},server,nowait', '-monitor', 'none')
        users = [HmpSocketUser(self.path(name)) for name in 'aabbab']
        self.clients += users
        for user in users:
            user.wait_prompt()
            user.send('info sta')
        for user in reversed(users):
            user.send('tus\n')
            user.wait_printed('VM status: running')
        self.assertEqual(self.end(self.process)[0], 0)
        self.assertEqual(self.left(), [])

    def test_on_character_devices(self):
        a, b = self.path('a'), self.path('b')
        process, _ = self.start_with_qmp(
            '-chardev', f'socket,id=c,path={a},server=on,wait=off', '-monitor', 'c',
            '-chardev', f'socket,id=d,path={b},server=on,wait=off', '-monitor', 'chardev:d',
            '-monitor', 'pty')
        for path in (a, b, a):
            user = HmpSocketUser(path)
            self.assertEqual(user.run('info status'), ['VM status: running'])
            user.close()
        name = re.search(r'redirected to (/dev/pts/\d+) \(label compat_monitor0\)',
                         process.stderr.readline().decode()).group(1)
        fd = os.open(name, os.O_RDWR | os.O_NOCTTY)
        self.addCleanup(os.close, fd)
        self.assertEqual(HmpUser(fd).run('info status'), ['VM status: running'])

    def test_more_users_than_places_wait(self):
        self.process, _ = self.start_with_qmp(
            '-monitor', f'unix:{self.path("a")},server=on,wait=off')
        users = [HmpSocketUser(self.path('a')) for _ in range(17)]
        self.clients += users
        for user in users[:16]:
            user.wait_prompt()
        self.assertFalse(users[16].read(0.3))
        users[3].close()
        users[16].wait_prompt()

    def free_port(self):
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            return probe.getsockname()[1]

    def start_tcp(self, kind):
        port = self.free_port()
        self.process, _ = self.start_with_qmp(
            '-monitor', f'{kind}:127.0.0.1:{port},server=on,wait=off')
        user = HmpSocketUser(port=port)
        self.clients.append(user)
        return port, user

    def test_tcp(self):
        _, user = self.start_tcp('tcp')
        self.assertEqual(user.run('info status'), ['VM status: running'])

    def test_telnet(self):
        port, user = self.start_tcp('telnet')
        user.wait(lambda s: s.line() == PROMPT, 'the prompt')
        user.close()
        with socket.create_connection(('127.0.0.1', port), DEADLINE) as sock:
            self.assertEqual(sock.recv(6, socket.MSG_WAITALL), b'\xff\xfb\x01\xff\xfb\x03')
            sock.sendall(b'\xff\xfd\x01\xff\xfd\x03\xff\xfa\x18\x00\r\nquit\r\n\xff\xf0info na\r\0')
            data = b''
            while b"unknown command: 'info na'" not in data:
                got = sock.recv(4096)
                self.assertTrue(got)
                data += got

    def test_a_browser_is_sent_away(self):
        port, user = self.start_tcp('tcp')
        user.wait_prompt()
        self.assert_web_page_fails(port, b'quit\r\n', b'unknown command')
        self.assertEqual(user.run('info status'), ['VM status: running'])


class Hostile(HmpTest):
    def test_line_without_end(self):
        self.user.wait_prompt()
        before = self.rss_kib()
        other = self.another()
        for _ in range(200):
            other.send('x' * 65536)
            other.read(0)
        other.send('\n')
        other.wait(lambda s: 'the line is too long: at most 4095 bytes' in s.lines, 'the refusal')
        self.assertLess(self.rss_kib() - before, 8 * 1024)
        self.assertEqual(other.run('info status'), ['VM status: running'])

    def test_noise(self):
        for seed in range(20):
            other = self.another()
            noise = bytes((seed * 7919 + i * i * 31 + (i >> 3)) & 0xff for i in range(20000))
            # Commands that would come out of it by chance must not end the program.
            threading.Thread(target=other.sock.sendall, args=(noise,)).start()
            while other.read(0.2):
                pass
            other.sock.shutdown(socket.SHUT_RDWR)
        self.assertEqual(self.user.run('info status'), ['VM status: running'])

    def test_many_commands_without_reading(self):
        self.user.wait_prompt()
        before = self.rss_kib()
        other = self.another()
        other.sock.setblocking(False)
        text = b'help\n' * 100000
        sent = 0
        deadline = time.monotonic() + 2
        while sent < len(text) and time.monotonic() < deadline:
            try:
                sent += other.sock.send(text[sent:sent + 65536])
            except BlockingIOError:
                time.sleep(0.01)
        # It stopped taking them, and the others are served.
        self.assertLess(sent, len(text))
        self.assertLess(self.rss_kib() - before, 8 * 1024)
        self.assertEqual(self.user.run('info status'), ['VM status: running'])

    def test_ten_thousand_commands(self):
        other = self.another()
        sender = threading.Thread(target=other.sock.sendall, args=(b'info status\n' * 10000,))
        sender.start()
        # Between them the other user gets turns.
        self.assertEqual(self.user.run('info status'), ['VM status: running'])
        other.wait(lambda s: s.lines.count('VM status: running') == 10000 and s.line() == PROMPT,
                   'the last answer')
        sender.join()

    def test_tabs(self):
        other = self.another()
        sender = threading.Thread(target=other.sock.sendall, args=(b'd\t' * 5000 + b'\n',))
        sender.start()
        self.assertEqual(self.user.run('info status'), ['VM status: running'])
        other.wait(lambda s: 'the line is too long: at most 4095 bytes' in s.lines, 'the refusal')
        sender.join()

    def test_closing_at_any_point(self):
        text = b'device_add edu,id=d0\x1b[D\xff\xfa\r\ndevice_del d0\r\ninfo \t\x12st'
        for length in range(len(text) + 1):
            other = self.another()
            other.sock.sendall(text[:length])
            other.close()
        self.user.run('info status')
        # All of them are gone.
        for user in [self.another() for _ in range(15)]:
            user.wait_prompt()


def act_as_shell():
    """Goes on in a child that is a job of its own, in the foreground; waits for its end."""
    child = os.fork()
    if child:
        # Popen() waits for the end of its pipe.
        os.closerange(3, 1024)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xff)
    os.setpgid(0, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)


class Terminal(CliTest):
    """-monitor stdio on a terminal of its own."""

    def start_on_terminal(self, *words, shell=False):
        self.master, self.slave = pty.openpty()
        self.addCleanup(os.close, self.master)
        self.addCleanup(os.close, self.slave)
        self.found = termios.tcgetattr(self.slave)

        def own_terminal():
            # Who runs the tests in the background ignores some, and so would the program.
            for sig in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP):
                signal.signal(sig, signal.SIG_DFL)
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            if shell:
                act_as_shell()

        process = subprocess.Popen(
            [PROGRAM, '-monitor', 'stdio', *words], stdin=self.slave, stdout=self.slave,
            stderr=subprocess.PIPE, preexec_fn=own_terminal)
        self.processes.append(process)
        return process, HmpUser(self.master)

    def settings(self):
        return termios.tcgetattr(self.slave)

    def assert_ends(self, process, status, text=''):
        _, err = process.communicate(timeout=DEADLINE)
        self.assertEqual(process.returncode, status)
        self.assertIn(text, err.decode())
        self.assertEqual(self.settings(), self.found)

    def test_keys(self):
        process, user = self.start_on_terminal()
        user.wait_prompt()
        self.assertNotEqual(self.settings(), self.found)
        user.send('info st\t')
        user.wait_line(PROMPT + 'info status ')
        user.send('\r')
        user.wait_printed('VM status: running')
        user.send(UP)
        user.wait_line(PROMPT + 'info status')
        user.send('\x15' + 'quit\r')
        self.assert_ends(process, 0)

    def test_interrupt(self):
        process, user = self.start_on_terminal()
        user.wait_prompt()
        user.send('\x03')
        self.assert_ends(process, 0, 'terminating on signal 2')

    def test_signals(self):
        for sig, status in ((signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGQUIT, -3),
                            (signal.SIGABRT, -6), (signal.SIGSEGV, None)):
            process, user = self.start_on_terminal()
            user.wait_prompt()
            process.send_signal(sig)
            process.communicate(timeout=DEADLINE)
            if status is not None:
                self.assertEqual(process.returncode, status)
                self.assertEqual(self.settings(), self.found, sig)

    def test_stop_and_continue(self):
        process, user = self.start_on_terminal(shell=True)
        user.wait_prompt()
        with open(f'/proc/{process.pid}/task/{process.pid}/children', encoding='ascii') as file:
            job = int(file.read())
        raw = self.settings()
        for _ in range(2):
            user.send('\x1a')
            wait_for(lambda: self.state(job) == 'T', 'the stop')
            self.assertEqual(self.settings(), self.found)
            os.kill(job, signal.SIGCONT)
            wait_for(lambda: self.settings() == raw, 'the raw terminal')
            self.assertEqual(user.run('info status'), ['VM status: running'])
        user.send('quit\n')
        self.assert_ends(process, 0)

    def test_stop_without_a_shell(self):
        """The kernel does not stop a job that nobody could continue."""
        process, user = self.start_on_terminal()
        user.wait_prompt()
        raw = self.settings()
        user.send('\x1a')
        # While it tries to stop, the terminal is as it was found, and may echo.
        self.assertEqual(user.run('info status')[-1:], ['VM status: running'])
        self.assertEqual(self.settings(), raw)
        user.send('quit\n')
        self.assert_ends(process, 0)

    @staticmethod
    def state(pid):
        with open(f'/proc/{pid}/stat', encoding='ascii') as file:
            return file.read().rsplit(')', 1)[1].split()[0]

    def test_failed_start_leaves_the_terminal(self):
        process, _ = self.start_on_terminal('-device', 'nonsense')
        self.assert_ends(process, 1, 'nonsense')

    def test_pipe(self):
        """Without a terminal: a script's commands; the end of them is not the end of it."""
        process = self.start('-monitor', 'stdio', stdin=subprocess.PIPE)
        process.stdin.write(b'info status\ninfo name\nquit\n')
        process.stdin.close()
        self.assertEqual(process.wait(DEADLINE), 0)
        self.assertIn(b'VM status: running\r\n', process.stdout.read())


if __name__ == '__main__':
    import unittest
    unittest.main()
