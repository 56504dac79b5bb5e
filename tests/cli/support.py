# SPDX-License-Identifier: GPL-2.0-or-later
"""What the command-line tests share: the program, a folder of its own, QMP.

A test sees the program only from outside: words in, exit status, text, files
and sockets out.
"""
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest

from schema import Mismatch, QmpSchema

PROGRAM = os.environ.get('QEMU_SYSTEM', os.path.join('build', 'qemu-system-x86_64'))
# Generous: under a sanitizer on a busy machine everything takes longer.
DEADLINE = float(os.environ.get('CLI_TEST_DEADLINE', '60'))
ACCEPTS = 1 << 16       # __SO_ACCEPTCON in the flags of /proc/net/unix

SANITIZER_SIGNS = ('AddressSanitizer', 'LeakSanitizer', 'ThreadSanitizer', 'runtime error:')


def wait_for(condition, what, deadline=DEADLINE):
    """Polls until condition() is true; its value is returned."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f'timed out waiting for {what}')
        time.sleep(0.005)


def listening(path):
    """Whether somebody listens there: between bind() and listen() the file is there already."""
    with open('/proc/net/unix', encoding='utf-8', errors='replace') as sockets:
        rows = (line.rstrip('\n').split(None, 7) for line in sockets)
        return any(len(row) == 8 and row[7] == path and int(row[3], 16) & ACCEPTS for row in rows)


class Qmp:
    """A QMP client that shows every message, good or bad.

    What the program says must fit what query-qmp-schema says: every event, every
    error's class, and every answer to a command whose name is known here.
    """

    schema = None           # of the program, for all clients

    def __init__(self, path=None, port=None, negotiate=True):
        if path:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(DEADLINE)
            self.sock.connect(path)
        else:
            self.sock = socket.create_connection(('127.0.0.1', port), DEADLINE)
        self.buffer = b''
        self.events = []
        self.greeting = self.message()
        if negotiate:
            self.command('qmp_capabilities')
            if not Qmp.schema:
                Qmp.schema = QmpSchema(self.command('query-qmp-schema'))

    def line(self):
        """The next line, or None at the end of the stream."""
        while b'\n' not in self.buffer:
            try:
                data = self.sock.recv(65536)
            except ConnectionResetError:
                data = b''
            if not data:
                return None
            self.buffer += data
        line, self.buffer = self.buffer.split(b'\n', 1)
        return line

    def message(self):
        line = self.line()
        message = None if line is None else json.loads(line)
        if message and Qmp.schema:
            if 'event' in message:
                Qmp.schema.check_event(message)
            elif 'error' in message:
                self.check_error(message['error'])
        return message

    def check_error(self, error):
        classes = ('GenericError', 'CommandNotFound', 'DeviceNotActive', 'DeviceNotFound')
        if set(error) != {'class', 'desc'} or error['class'] not in classes or not error['desc']:
            raise Mismatch(f'no error of QMP: {error}')

    def reply(self):
        """The next message that is no event; events are kept."""
        while True:
            message = self.message()
            if message is None or 'event' not in message:
                return message
            self.events.append(message)

    def event(self, name):
        """Waits for an event of this name."""
        for i, message in enumerate(self.events):
            if message['event'] == name:
                return self.events.pop(i)
        while True:
            message = self.message()
            if message is None:
                raise AssertionError(f'connection ended before event {name}')
            if message.get('event') == name:
                return message
            self.events.append(message)

    def send(self, text):
        self.sock.sendall(text if isinstance(text, bytes) else text.encode())

    def execute(self, command, **arguments):
        """The whole reply; underscores in argument names stay as they are."""
        return self.execute_with(command, arguments)

    def execute_with(self, command, arguments):
        request = {'execute': command}
        if arguments:
            request['arguments'] = arguments
        self.send(json.dumps(request) + '\n')
        reply = self.reply()
        if reply and 'return' in reply and Qmp.schema:
            Qmp.schema.check_reply(command, reply['return'])
        return reply

    def command(self, command, **arguments):
        return self.command_with(command, arguments)

    def command_with(self, command, arguments):
        reply = self.execute_with(command, arguments)
        if reply is None or 'return' not in reply:
            raise AssertionError(f'{command} failed: {reply}')
        return reply['return']

    def close(self):
        self.sock.close()


def vfio_user_client(path):
    """The least of a vfio-user client: connected and through VERSION."""
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(DEADLINE)
    client.connect(path)
    # id, command VERSION, size, flags, error; major 0, minor 1
    client.sendall(struct.pack('<HHIIIHH', 1, 1, 20, 0, 0, 0, 1))
    reply = client.recv(65536)
    _, command, size, flags, error = struct.unpack_from('<HHIII', reply)
    assert (command, size, flags & 0xf, error) == (1, len(reply), 1, 0), reply
    return client


def obey_modes():
    """In a child before it runs the program: file modes count, also for root (capabilities(7))."""
    drop, override, read_search = 24, 1, 2
    for capability in (override, read_search):
        ctypes.CDLL(None).prctl(drop, capability, 0, 0, 0)


class CliTest(unittest.TestCase):
    """A test with a folder that must be empty when the program is gone."""

    def setUp(self):
        # Short: a socket's path has at most 107 bytes.
        self.dir = tempfile.mkdtemp(prefix='cli-')
        self.processes = []
        self.clients = []
        self.addCleanup(self.tidy)

    def tidy(self):
        for client in self.clients:
            client.close()
        last_words = [self.put_down(process) for process in self.processes]
        shutil.rmtree(self.dir, ignore_errors=True)
        for words in last_words:
            for sign in SANITIZER_SIGNS:
                self.assertNotIn(sign, words)

    @staticmethod
    def put_down(process):
        """Ends it whatever it does; what it said on stderr that no test has read."""
        if process.poll() is None:
            process.kill()
        process.wait()
        words = ''
        if process.stderr and not process.stderr.closed:
            words = process.stderr.read()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                pipe.close()
        return words if isinstance(words, str) else words.decode(errors='replace')

    def path(self, name):
        return os.path.join(self.dir, name)

    def left(self):
        return sorted(os.listdir(self.dir))

    def run_program(self, *words, **kwargs):
        """Runs to the end."""
        return self.run_command([PROGRAM, *words], **kwargs)

    def run_command(self, command, **kwargs):
        return subprocess.run(command, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=DEADLINE, check=False, **kwargs)

    def start(self, *words, **kwargs):
        """Starts it, to run until it is told to end."""
        return self.start_command([PROGRAM, *words], **kwargs)

    def start_command(self, command, **kwargs):
        kwargs.setdefault('stdin', subprocess.DEVNULL)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   **kwargs)
        self.processes.append(process)
        return process

    def start_with_qmp(self, *words, **kwargs):
        """Starts it with a monitor and waits until that answers."""
        path = self.path('qmp')
        process = self.start('-qmp', f'unix:{path},server=on,wait=off', *words, **kwargs)
        return process, self.connect(path, process)

    def connect(self, path, process=None, **kwargs):
        def attempt():
            if process and process.poll() is not None:
                raise AssertionError(f'the program ended: {process.stderr.read().decode()}')
            try:
                return Qmp(path, **kwargs)
            except (FileNotFoundError, ConnectionRefusedError):
                return None
        client = wait_for(attempt, f'a monitor at {path}')
        self.clients.append(client)
        return client

    def end(self, process, how=signal.SIGTERM):
        """Ends it by a signal; returns (status, stderr)."""
        process.send_signal(how)
        _, err = process.communicate(timeout=DEADLINE)
        return process.returncode, err.decode()

    @staticmethod
    def threads(process):
        """Those of the program: a sanitizer's own thread has the first one's name."""
        folder = f'/proc/{process.pid}/task'
        names = {}
        for task in os.listdir(folder):
            with open(f'{folder}/{task}/comm', encoding='ascii') as file:
                names[task] = file.read()
        first = str(process.pid)
        return [task for task in names if task == first or names[task] != names[first]]

    def switches(self, process):
        """How often its threads have slept or were made to wait."""
        total = 0
        for task in self.threads(process):
            with open(f'/proc/{process.pid}/task/{task}/status', encoding='ascii') as file:
                total += sum(map(int, re.findall(r'ctxt_switches:\s*(\d+)', file.read())))
        return total

    def assert_idle(self, process, seconds=1):
        """Nothing wakes it up, once it has come to rest."""
        def settled():
            before = self.switches(process)
            time.sleep(0.3)
            return self.switches(process) == before

        wait_for(settled, 'it to settle')
        before = self.switches(process)
        time.sleep(seconds)
        self.assertEqual(self.switches(process), before)

    def assert_web_page_fails(self, port, body, sign):
        """A page can make a browser send @body here; no answer has the @sign of success."""
        answer = b''
        with socket.create_connection(('127.0.0.1', port), DEADLINE) as browser:
            browser.sendall(b'POST / HTTP/1.1\r\nHost: localhost\r\n'
                            b'Content-Length: %d\r\n\r\n' % len(body) + body)
            try:
                while data := browser.recv(4096):
                    answer += data
            except ConnectionResetError:
                pass
        self.assertNotIn(sign, answer)

    def assert_refused(self, result, *fragments):
        """One line on stderr that holds all fragments, status 1, nothing else."""
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertEqual(result.stdout, '')
        self.assertEqual(result.stderr.count('\n'), 1, result.stderr)
        self.assertTrue(result.stderr.startswith('qemu-system-x86_64: '), result.stderr)
        for fragment in fragments:
            self.assertIn(fragment, result.stderr)
