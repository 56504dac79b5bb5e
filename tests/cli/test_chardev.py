# SPDX-License-Identifier: GPL-2.0-or-later
"""Character devices from outside: options, QMP, and monitors on all kinds."""
import base64
import json
import os
import pty
import select
import signal
import socket
import stat
import subprocess
import termios

from support import DEADLINE, PROGRAM, CliTest, Qmp, wait_for

BACKENDS = ['file', 'memory', 'null', 'pipe', 'pty', 'ringbuf', 'socket', 'stdio']


class StreamQmp(Qmp):
    """A QMP client on a pair of descriptors."""

    def __init__(self, read_fd, write_fd):
        self.read_fd, self.write_fd = read_fd, write_fd
        self.buffer, self.events = b'', []
        self.greeting = self.message()
        self.command('qmp_capabilities')

    def line(self):
        while b'\n' not in self.buffer:
            if not select.select([self.read_fd], [], [], DEADLINE)[0]:
                raise AssertionError(f'no answer, only {self.buffer}')
            data = os.read(self.read_fd, 65536)
            if not data:
                return None
            self.buffer += data
        line, self.buffer = self.buffer.split(b'\n', 1)
        return line

    def send(self, text):
        os.write(self.write_fd, text if isinstance(text, bytes) else text.encode())

    def close(self):
        pass


class Options(CliTest):
    def test_help(self):
        result = self.run_program('-chardev', 'help')
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stdout.split()[4:], BACKENDS)
        result = self.run_program('-chardev', 'socket,help')
        for option in ('path', 'host', 'port', 'fd', 'server', 'wait', 'reconnect', 'nodelay',
                       'logfile', 'logappend'):
            self.assertIn(f'  {option}=<', result.stdout)
        self.assertEqual(self.run_program('-chardev', 'vc,help').returncode, 1)

    def test_two_users_of_stdio(self):
        self.assert_refused(self.run_program('-chardev', 'stdio,id=c', '-chardev', 'stdio,id=d'),
                            '-chardev stdio,id=d: ', 'stdio is used')

    def test_wait(self):
        """The start goes on when the client is there."""
        path = self.path('c')
        process = self.start('-chardev', f'socket,id=c,path={path},server=on',
                             '-qmp', f'unix:{self.path("qmp")},server=on,wait=off')
        wait_for(lambda: os.path.exists(path), 'the socket')
        self.assertIn(b'waiting for a connection on: disconnected:unix:' + path.encode(),
                      process.stderr.readline())
        self.assertFalse(os.path.exists(self.path('qmp')))
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            qmp = self.connect(self.path('qmp'), process)
            self.assertEqual(qmp.command('query-chardev'),
                             [{'label': 'c', 'filename': f'unix:{path},server=on',
                               'frontend-open': False}])
        self.assertEqual(self.end(process)[0], 0)
        self.assertEqual(self.left(), [])

    def test_end_while_waiting(self):
        path = self.path('c')
        process = self.start('-chardev', f'socket,id=c,path={path},server=on')
        process.stderr.readline()
        self.assertEqual(self.end(process, signal.SIGTERM)[0], 0)
        self.assertEqual(self.left(), [])

    def test_leftover_socket(self):
        """Of a process that was killed: replaced; of one that lives: refused."""
        words = ['-chardev', f'socket,id=c,path={self.path("c")},server=on,wait=off']
        process, _ = self.start_with_qmp(*words)
        self.assertEqual(stat.S_IMODE(os.stat(self.path('c')).st_mode), 0o600)
        self.assert_refused(self.run_program(*words), 'is in use')
        process.kill()
        process.wait()
        self.assertIn('c', self.left())
        process, _ = self.start_with_qmp(*words)
        self.assertEqual(self.end(process)[0], 0)
        self.assertEqual(self.left(), [])

    def test_inherited_descriptor(self):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.path('c'))
        listener.listen()
        with listener:
            fd = listener.fileno()
            process, qmp = self.start_with_qmp(
                '-chardev', f'socket,id=c,fd={fd},server=on,wait=off', '-mon', 'c,mode=control',
                pass_fds=[fd])
            other = self.connect(self.path('c'), process)
            other.command('query-status')
            self.assertEqual(qmp.command('query-chardev')[0]['filename'], f'fd:{fd},server=on')
            # Numbers of descriptors that were not inherited are nobody's to name.
            for number in range(64):
                reply = qmp.execute('chardev-add', id='x', backend={
                    'type': 'socket', 'data': {'server': False, 'addr': {
                        'type': 'fd', 'data': {'str': str(number)}}}})
                self.assertIn('Invalid file descriptor', reply['error']['desc'])
            self.assertEqual(self.end(process)[0], 0)


class Documents(CliTest):
    def test_example(self):
        """The command of docs/system/chardev.rst does what is said there."""
        here = os.path.dirname(os.path.abspath(__file__))
        with open(os.path.join(here, '../../docs/system/chardev.rst'), encoding='utf-8') as file:
            text = file.read()
        command = text.split('    qemu-system-x86_64', 1)[1].split('\n\n')[0]
        words = command.replace('\\\n', ' ').split()
        words = [word.replace('/run/user/1000', self.dir).replace('/tmp/mon', self.path('mon'))
                 for word in words]
        process = self.start(*words)
        client = self.connect(self.path('mon.sock'), process)
        client.command('quit')
        process.wait(DEADLINE)
        with open(self.path('mon.log'), encoding='utf-8') as file:
            self.assertIn('QMP', file.read())

    def test_table(self):
        """Its table has the back ends and options that -chardev help has."""
        here = os.path.dirname(os.path.abspath(__file__))
        with open(os.path.join(here, '../../docs/system/chardev.rst'), encoding='utf-8') as file:
            text = file.read()
        for name in BACKENDS:
            self.assertIn(f'``{name}``', text)
            for line in self.run_program('-chardev', f'{name},help').stdout.splitlines()[1:]:
                option = line.split('=')[0].strip()
                self.assertIn(f'{option}=', text, name)


class Commands(CliTest):
    def setUp(self):
        super().setUp()
        self.process, self.qmp = self.start_with_qmp()

    def add(self, ident, kind, **data):
        return self.qmp.command('chardev-add', id=ident,
                                backend={'type': kind, 'data': data})

    def error(self, command, **arguments):
        return self.qmp.execute(command, **arguments)['error']['desc']

    def socket_data(self, path, **more):
        return {'addr': {'type': 'unix', 'data': {'path': path}}, **more}

    def test_backends(self):
        self.assertEqual(self.qmp.command('query-chardev-backends'),
                         [{'name': name} for name in BACKENDS])
        self.assertEqual(self.qmp.command('query-chardev'), [])

    def test_add_and_remove(self):
        files = len(os.listdir(f'/proc/{self.process.pid}/fd'))
        for name in ('in', 'out'):
            os.mkfifo(self.path(f'p.{name}'))
        self.assertEqual(self.add('n', 'null'), {})
        self.add('f', 'file', out=self.path('out'))
        self.add('s', 'socket', **self.socket_data(self.path('s')))
        self.add('t', 'socket', addr={'type': 'inet', 'data': {'host': 'localhost', 'port': '0'}})
        self.add('p', 'pipe', device=self.path('p'))
        self.add('r', 'ringbuf', size=16)
        self.add('m', 'memory')
        slave = self.add('y', 'pty')['pty']
        self.assertTrue(stat.S_ISCHR(os.stat(slave).st_mode))
        found = {info['label']: info['filename'] for info in self.qmp.command('query-chardev')}
        self.assertEqual(sorted(found), sorted('nfstprmy'))
        self.assertEqual(found['y'], f'pty:{slave}')
        self.assertEqual(found['s'], f'disconnected:unix:{self.path("s")},server=on')
        self.assertRegex(found['t'], r'^disconnected:tcp:127\.0\.0\.1:[1-9]\d*,server=on$')
        for ident in found:
            self.qmp.command('chardev-remove', id=ident)
        self.assertEqual(self.qmp.command('query-chardev'), [])
        self.assertEqual(len(os.listdir(f'/proc/{self.process.pid}/fd')), files)
        self.assertNotIn('s', self.left())

    def test_errors(self):
        self.add('n', 'null')
        self.assertEqual(self.error('chardev-add', id='n', backend={'type': 'null', 'data': {}}),
                         "Chardev with id 'n' already exists")
        self.assertEqual(self.error('chardev-remove', id='x'), "Chardev 'x' not found")
        self.assertIn('power of two', self.error('chardev-add', id='r', backend={
            'type': 'ringbuf', 'data': {'size': 3}}))
        self.assertIn('does not wait', self.error('chardev-add', id='s', backend={
            'type': 'socket', 'data': self.socket_data(self.path('s'), wait=True)}))
        for backend in ({'type': 'vc', 'data': {}}, {'type': 'null'}, {'data': {}}, {},
                        {'type': 'null', 'data': {'size': 3}}, {'type': 'file', 'data': {}},
                        {'type': 'socket', 'data': {'addr': {'type': 'vsock'}}},
                        {'type': 'null', 'data': {}, 'more': 1}):
            self.assertIn('arameter', self.error('chardev-add', id='x', backend=backend))
        for ident in ('', '0', 'a/b', 'a b', '..', 'ü'):
            self.assertIn('identifier', self.error('chardev-add', id=ident, backend={
                'type': 'null', 'data': {}}))
        self.assertEqual(len(self.qmp.command('query-chardev')), 1)
        self.assertEqual(self.left(), ['qmp'])

    def test_busy(self):
        path = self.path('m')
        process = self.start('-chardev', f'socket,id=c,path={path},server=on,wait=off',
                             '-mon', 'c,mode=control')
        qmp = self.connect(path, process)
        self.assertEqual(qmp.execute('chardev-remove', id='c')['error']['desc'],
                         "Chardev 'c' is busy")
        self.assertEqual(qmp.command('query-chardev')[0]['frontend-open'], True)
        # The monitor moves to another socket; this connection ends, as it is the old one's.
        self.assertIsNone(qmp.execute('chardev-change', id='c', backend={
            'type': 'socket', 'data': self.socket_data(self.path('m2'))}))
        other = self.connect(self.path('m2'), process)
        self.assertEqual(len(other.command('query-chardev')), 1)
        self.assertFalse(os.path.exists(path))
        self.assertEqual(self.end(process)[0], 0)

    def test_change_unused(self):
        self.add('c', 'null')
        self.qmp.command('chardev-change', id='c', backend={'type': 'ringbuf', 'data': {}})
        self.qmp.command('ringbuf-write', device='c', data='x')
        self.assertIn('not found', self.error('chardev-change', id='d', backend={
            'type': 'null', 'data': {}}))

    def test_ringbuf(self):
        self.add('r', 'ringbuf', size=8)
        self.add('n', 'null')
        self.qmp.command('ringbuf-write', device='r', data='0123456789')
        self.assertEqual(self.qmp.command('ringbuf-read', device='r', size=3), '234')
        self.assertEqual(self.qmp.command('ringbuf-read', device='r', size=100), '56789')
        self.assertEqual(self.qmp.command('ringbuf-read', device='r', size=100), '')
        binary = bytes([0, 255, 128, 65])
        self.qmp.command('ringbuf-write', device='r', format='base64',
                         data=base64.b64encode(binary).decode())
        self.assertEqual(self.qmp.command('ringbuf-read', device='r', size=4, format='base64'),
                         base64.b64encode(binary).decode())
        self.qmp.command('ringbuf-write', device='r', format='base64',
                         data=base64.b64encode(binary).decode())
        self.assertEqual(self.qmp.command('ringbuf-read', device='r', size=4),
                         '\ufffd\ufffd\ufffdA')
        self.assertIn('base64', self.error('ringbuf-write', device='r', data='?', format='base64'))
        self.assertEqual(self.error('ringbuf-read', device='n', size=1),
                         'n is not a ringbuf device')
        self.assertIn('greater than zero', self.error('ringbuf-read', device='r', size=0))
        self.assertIn('not found', self.error('ringbuf-read', device='x', size=1))

    def test_send_break(self):
        self.add('n', 'null')
        self.qmp.command('chardev-send-break', id='n')
        self.assertIn('not found', self.error('chardev-send-break', id='x'))


class Monitors(CliTest):
    def test_readline(self):
        path = self.path('m')
        self.start_with_qmp('-chardev', f'socket,id=c,path={path},server=on,wait=off',
                            '-mon', 'c')
        for _ in range(2):
            with socket.socket(socket.AF_UNIX) as user:
                user.settimeout(DEADLINE)
                user.connect(path)
                text = b''
                while b'(qemu)' not in text:
                    text += user.recv(4096)
                user.sendall(b'info status\n')
                while b'running' not in text:
                    text += user.recv(4096)

    def test_socket(self):
        """One client after the other; each starts with the negotiation."""
        path = self.path('m')
        process = self.start('-chardev', f'socket,id=c,path={path},server=on,wait=off',
                             '-mon', 'chardev=c,mode=control')
        for _ in range(3):
            client = self.connect(path, process)
            self.assertEqual(client.command('query-status')['status'], 'running')
            client.close()
        waiting = [socket.socket(socket.AF_UNIX) for _ in range(2)]
        for sock in waiting:
            sock.settimeout(DEADLINE)
            sock.connect(path)
        self.assertIn(b'QMP', waiting[0].recv(4096))
        waiting[1].setblocking(False)
        self.assertRaises(BlockingIOError, waiting[1].recv, 1)
        waiting[1].setblocking(True)
        waiting[1].settimeout(DEADLINE)
        waiting[0].close()
        self.assertIn(b'QMP', waiting[1].recv(4096))
        waiting[1].close()
        client = self.connect(path, process)
        client.command('quit')
        self.assertEqual(process.wait(DEADLINE), 0)
        self.assertEqual(self.left(), [])

    def test_half_closed(self):
        """As a script does it: commands, no more to say, then the answers."""
        text = b'{"execute":"qmp_capabilities"}' + b'{"execute":"query-status"}\n' * 10
        path = self.path('m')
        _, qmp = self.start_with_qmp(
            '-chardev', f'socket,id=u,path={path},server=on,wait=off', '-mon', 'u,mode=control',
            '-chardev', 'socket,id=t,host=localhost,port=0,server=on,wait=off',
            '-mon', 't,mode=control')
        port = int({info['label']: info['filename'] for info in qmp.command('query-chardev')}
                   ['t'].split(':')[3].split(',')[0])
        for family, address in ((socket.AF_UNIX, path), (socket.AF_INET, ('127.0.0.1', port))):
            for _ in range(20):
                with socket.socket(family) as client:
                    client.settimeout(DEADLINE)
                    client.connect(address)
                    client.sendall(text)
                    client.shutdown(socket.SHUT_WR)
                    answers = b''
                    while data := client.recv(65536):
                        answers += data
                self.assertEqual(answers.count(b'"return"'), 11)

    def test_events(self):
        path = self.path('m')
        process, qmp = self.start_with_qmp(
            '-chardev', f'socket,id=c,path={path},server=on,wait=off', '-mon', 'c,mode=control')
        client = self.connect(path, process)
        qmp.command('stop')
        client.event('STOP')

    def test_client_socket(self):
        """The program connects, to a listener that comes later, and again."""
        path = self.path('l')
        self.start('-chardev', f'socket,id=c,path={path},reconnect=1', '-mon', 'c,mode=control')
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()
            listener.settimeout(DEADLINE)
            for _ in range(2):
                conn, _ = listener.accept()
                with conn:
                    conn.settimeout(DEADLINE)
                    self.assertIn(b'QMP', conn.recv(4096))

    def test_pty(self):
        process, qmp = self.start_with_qmp('-chardev', 'pty,id=c', '-mon', 'c,mode=control')
        slave = qmp.command('query-chardev')[0]['filename'].removeprefix('pty:')
        fd = os.open(slave, os.O_RDWR | os.O_NOCTTY)
        client = StreamQmp(fd, fd)
        self.assertEqual(client.command('query-status')['status'], 'running')
        os.close(fd)
        self.assertEqual(self.end(process)[0], 0)

    def test_pipe(self):
        for name in ('in', 'out'):
            os.mkfifo(self.path(f'p.{name}'))
        process = self.start('-chardev', f'pipe,id=c,path={self.path("p")}',
                             '-mon', 'c,mode=control')
        reader = os.open(self.path('p.out'), os.O_RDONLY)
        writer = os.open(self.path('p.in'), os.O_WRONLY)
        StreamQmp(reader, writer).command('quit')
        self.assertEqual(process.wait(DEADLINE), 0)
        os.close(reader)
        os.close(writer)

    def test_stdio(self):
        process = self.start('-chardev', 'stdio,id=c', '-mon', 'c,mode=control',
                             stdin=subprocess.PIPE)
        client = StreamQmp(process.stdout.fileno(), process.stdin.fileno())
        client.command('quit')
        self.assertEqual(process.wait(DEADLINE), 0)

    def test_stdio_from_a_file(self):
        """Commands from a file: all are answered although the input has ended."""
        with open(self.path('commands'), 'w', encoding='ascii') as file:
            file.write('{"execute":"qmp_capabilities"}\n' + '{"execute":"query-status"}\n' * 5)
        with open(self.path('commands'), encoding='ascii') as file:
            process = self.start('-chardev', 'stdio,id=c', '-mon', 'c,mode=control', stdin=file)
        lines = [json.loads(process.stdout.readline()) for _ in range(7)]
        self.assertTrue(all('return' in line for line in lines[1:]), lines)
        self.assertEqual(self.end(process)[0], 0)

    def test_terminal(self):
        """A terminal on stdio: no echo while it is used, as before afterwards."""
        fresh = pty.openpty()
        before = termios.tcgetattr(fresh[1])[3]
        os.close(fresh[0])
        os.close(fresh[1])
        pid, fd = pty.fork()
        if pid == 0:
            os.execv(PROGRAM, [PROGRAM, '-chardev', 'stdio,id=c,signal=off',
                               '-mon', 'c,mode=control'])
        client = StreamQmp(fd, fd)
        during = termios.tcgetattr(fd)[3]
        self.assertEqual(during & (termios.ECHO | termios.ICANON | termios.ISIG), 0)
        # Ctrl-C is a byte like any other here; it is no JSON.
        client.send(b'\x03\n')
        self.assertIn('error', client.reply())
        client.command('quit')
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        self.assertEqual(termios.tcgetattr(fd)[3], before)
        os.close(fd)

    def test_tcp_browser(self):
        """As for -qmp: a request of a web page ends the connection."""
        process, qmp = self.start_with_qmp(
            '-chardev', 'socket,id=c,host=127.0.0.1,port=0,server=on,wait=off',
            '-mon', 'c,mode=control')
        port = int(qmp.command('query-chardev')[0]['filename'].split(':')[3].split(',')[0])
        self.assert_web_page_fails(
            port, b'{"execute":"qmp_capabilities"}\n{"execute":"quit"}\n', b'"return"')
        qmp.command('query-status')
        self.assertIsNone(process.poll())

    def test_client_that_never_reads(self):
        """10,000 commands and no reading: bounded, and others are served."""
        path = self.path('m')
        process, qmp = self.start_with_qmp(
            '-chardev', f'socket,id=c,path={path},server=on,wait=off', '-mon', 'c,mode=control')
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(DEADLINE)
            client.connect(path)
            client.setblocking(False)
            text = b'{"execute":"qmp_capabilities"}' + b'{"execute":"query-commands"}' * 10000
            try:
                while text:
                    text = text[client.send(text):]
            except BlockingIOError:
                pass
            self.assertTrue(text)
            qmp.command('query-status')
        self.connect(path, process).command('query-status')
