# SPDX-License-Identifier: GPL-2.0-or-later
"""A user of the human monitor: types keys and looks at the screen."""
import os
import re
import select
import socket
import time

from support import DEADLINE

PROMPT = '(qemu) '


class Screen:
    """The least of a terminal: lines without end, the cursor in the last one."""

    def __init__(self):
        self.lines = ['']
        self.x = 0
        self.rest = ''

    def show(self, text):
        text = self.rest + text
        self.rest = ''
        for part in re.findall(r'\033\[[0-9;]*[A-Za-z]|\033(?:\[[0-9;]*)?\Z|[^\033]', text):
            if part.startswith('\033'):
                self.escape(part)
            elif part == '\r':
                self.x = 0
            elif part == '\n':
                self.lines.append('')
            else:
                line = self.lines[-1].ljust(self.x)
                self.lines[-1] = line[:self.x] + part + line[self.x + 1:]
                self.x += 1

    def escape(self, part):
        count = int(part[2:-1] or 1) if part[-1].isalpha() and ';' not in part else 1
        if part in ('\033', '\033[') or not part[-1].isalpha():
            self.rest = part
        elif part[-1] == 'D':
            self.x -= count
        elif part[-1] == 'C':
            self.x += count
        elif part[-1] == 'K':
            self.lines[-1] = self.lines[-1][:self.x]

    def line(self):
        return self.lines[-1]


class HmpUser:
    """@fd: a connected socket or the master of a pseudo-terminal."""

    def __init__(self, fd):
        self.fd = fd
        self.screen = Screen()
        self.ended = False

    def read(self, timeout):
        if not select.select([self.fd], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b''
        self.ended = not data
        self.screen.show(data.decode(errors='replace'))
        return bool(data)

    def wait(self, condition, what):
        """Reads until condition(screen) is true."""
        end = time.monotonic() + DEADLINE
        while not condition(self.screen):
            if time.monotonic() > end:
                raise AssertionError(f'{what} did not come; the screen: {self.screen.lines[-30:]}')
            if not self.read(0.1) and self.ended:
                raise AssertionError(f'it ended before {what}; the screen: {self.screen.lines}')

    def wait_line(self, text, x=None):
        """The last line is @text (without the spaces at its end), the cursor at @x."""
        self.wait(lambda s: s.line().rstrip() == text.rstrip() and x in (None, s.x), repr(text))

    def wait_prompt(self):
        self.wait(lambda s: s.line() == PROMPT and s.x == len(PROMPT), 'the prompt')

    def wait_printed(self, text):
        """A whole line of @text, and the prompt behind it."""
        self.wait(lambda s: text in s.lines[:-1] and s.line() == PROMPT, repr(text))

    def wait_end(self):
        while not self.ended:
            if not self.read(DEADLINE) and not self.ended:
                raise AssertionError(f'it did not end; the screen: {self.screen.lines[-30:]}')

    def send(self, keys):
        data = keys if isinstance(keys, bytes) else keys.encode()
        while data:
            data = data[os.write(self.fd, data):]

    def run(self, command):
        """The lines that a command prints."""
        self.wait_prompt()
        before = len(self.screen.lines)
        self.send(command + '\n')
        self.wait(lambda s: len(s.lines) > before and s.line() == PROMPT, f'the end of {command}')
        if self.screen.lines[before - 1] != PROMPT + command:
            raise AssertionError(f'echo of {command}: {self.screen.lines[before - 1]}')
        return self.screen.lines[before:-1]


class HmpSocketUser(HmpUser):
    def __init__(self, path=None, port=None):
        if path:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(path)
        else:
            self.sock = socket.create_connection(('127.0.0.1', port), DEADLINE)
            self.sock.settimeout(None)
        super().__init__(self.sock.fileno())

    def close(self):
        self.sock.close()
