# SPDX-License-Identifier: GPL-2.0-or-later
"""A client of the qtest protocol (docs/devel/qtest.rst).

    test = QTest.connect('/tmp/qtest.sock')
    test.domain('vmA')
    function = PciFunction(test, bus=0, slot=0)
    base = function.place(0, 0xe0000000)
    function.enable()
    assert test.read(base, 4) == 0x010000ed
"""
import base64
import socket

ECAM = 0xb0000000
MSI = 0xfee00000


class QTestError(Exception):
    """The server's answer was no OK; its text is the message."""


class QTest:
    """Each method is one command; answers are numbers or bytes."""

    def __init__(self, sock):
        self.sock = sock
        self.buffer = b''
        self.levels = {}
        self.irqs = []              # (number, level), as they came

    @classmethod
    def connect(cls, path, timeout=60):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(timeout)
        try:
            sock.connect(path)
        except OSError:
            sock.close()
            raise
        return cls(sock)

    def close(self):
        self.sock.close()

    # --- lines ---

    def send(self, line):
        self.sock.sendall(line if isinstance(line, bytes) else line.encode() + b'\n')

    def line(self):
        """The next line; None: the server has hung up."""
        parts = [self.buffer]
        while b'\n' not in parts[-1]:
            try:
                data = self.sock.recv(1 << 20)
            except ConnectionResetError:
                data = b''
            if not data:
                return None
            parts.append(data)
        line, _, self.buffer = b''.join(parts).partition(b'\n')
        return line.decode()

    def answer(self):
        """The next line that is no interrupt; those are noted."""
        while True:
            line = self.line()
            if line is None or not line.startswith('IRQ '):
                return line
            _, what, number = line.split()
            self.irqs.append((int(number), what == 'raise'))
            self.levels[int(number)] = what == 'raise'

    def raw(self, line):
        """Sends a line, returns the whole answer."""
        self.send(line)
        return self.answer()

    def command(self, *words):
        """Returns what follows OK; raises QTestError for any other answer."""
        answer = self.raw(' '.join(str(word) for word in words))
        if answer is None:
            raise QTestError('the server has hung up')
        ok, _, rest = answer.partition(' ')
        if ok != 'OK':
            raise QTestError(answer)
        return rest

    # --- accesses ---

    LETTERS = {1: 'b', 2: 'w', 4: 'l', 8: 'q'}

    def read(self, address, width):
        return int(self.command('read' + self.LETTERS[width], hex(address)), 0)

    def write(self, address, width, value):
        self.command('write' + self.LETTERS[width], hex(address), hex(value))

    def port_in(self, port, width):
        return int(self.command('in' + self.LETTERS[width], hex(port)), 0)

    def port_out(self, port, width, value):
        self.command('out' + self.LETTERS[width], hex(port), hex(value))

    def read_block(self, address, size):
        return bytes.fromhex(self.command('read', hex(address), size)[2:])

    def write_block(self, address, data):
        self.command('write', hex(address), len(data), '0x' + data.hex())

    def b64read(self, address, size):
        return base64.b64decode(self.command('b64read', hex(address), size))

    def b64write(self, address, data):
        self.command('b64write', hex(address), len(data), base64.b64encode(data).decode())

    def memset(self, address, size, value):
        self.command('memset', hex(address), size, hex(value))

    # --- time, interrupts, domains ---

    def clock_step(self, ns=None):
        """ns None: to the next timer. Returns the time."""
        return int(self.command('clock_step', *([] if ns is None else [ns])))

    def clock_set(self, ns):
        return int(self.command('clock_set', ns))

    def intercept_in(self, path):
        self.command('irq_intercept_in', path)

    def intercept_out(self, path, *name):
        self.command('irq_intercept_out', path, *name)

    def level(self, number):
        """By the answers so far; the last one tells of all that came before it."""
        return self.levels.get(number, False)

    def domain(self, name=None):
        """Chooses, or tells which one is chosen."""
        return self.command('domain', *([] if name is None else [name]))


class PciFunction:
    """One function of the chosen domain, by configuration ports or by ECAM."""

    def __init__(self, test, bus=0, slot=0, function=0, ecam=False):
        self.test = test
        self.address = bus << 16 | slot << 11 | function << 8
        self.ecam = ecam

    def _select(self, offset):
        self.test.port_out(0xcf8, 4, 1 << 31 | self.address | offset & 0xfc)
        return 0xcfc + (offset & 3)

    def config_read(self, offset, width):
        if self.ecam:
            return self.test.read(ECAM + (self.address << 4) + offset, width)
        return self.test.port_in(self._select(offset), width)

    def config_write(self, offset, width, value):
        if self.ecam:
            self.test.write(ECAM + (self.address << 4) + offset, width, value)
        else:
            self.test.port_out(self._select(offset), width, value)

    def capability(self, number):
        """Offset; 0: it has none."""
        at = self.config_read(0x34, 1) if self.config_read(6, 2) & 0x10 else 0
        for _ in range(48):
            if not at or self.config_read(at, 1) == number:
                return at
            at = self.config_read(at + 1, 1)
        return 0

    def place(self, bar, address):
        """Puts a 32-bit memory BAR there; returns the address."""
        self.config_write(0x10 + 4 * bar, 4, address)
        return address

    def enable(self, bits=7):
        """I/O, memory and bus master."""
        self.config_write(4, 2, self.config_read(4, 2) & ~7 | bits)
