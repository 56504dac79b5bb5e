# SPDX-License-Identifier: GPL-2.0-or-later
"""vfio-user in raw bytes: numbers, layouts and a client that hides nothing.

The client sends exactly what it is told, well-formed or not, and returns what
came back. Only hello() and the helpers below it speak the protocol properly.
"""
import array
import errno
import json
import os
import select
import socket
import struct
import time

VERSION, DMA_MAP, DMA_UNMAP, GET_INFO, GET_REGION_INFO, GET_REGION_IO_FDS, GET_IRQ_INFO, \
    SET_IRQS, REGION_READ, REGION_WRITE, DMA_READ, DMA_WRITE, RESET, DIRTY_PAGES, \
    WRITE_MULTI, FEATURE, MIG_DATA_READ, MIG_DATA_WRITE, PRECOPY_INFO = range(1, 20)

COMMAND, REPLY, NO_REPLY, ERROR = 0, 1, 0x10, 0x20
BAR0, BAR1, BAR2, BAR3, BAR4, BAR5, ROM, CONFIG, VGA = range(9)
INTX, MSI, MSIX, ERR, REQ = range(5)
DATA_NONE, DATA_BOOL, DATA_EVENTFD, MASK, UNMASK, TRIGGER = 1, 2, 4, 8, 0x10, 0x20
DMA_R, DMA_W = 1, 2
UNMAP_DIRTY, UNMAP_ALL = 1, 2
REGION_R, REGION_W, REGION_MMAP, REGION_CAPS = 1, 2, 4, 8

HEADER = struct.Struct("=HHIII")
PAGE = 4096

QEMU_CAPS = {"capabilities": {"pgsizes": 4096, "max_msg_fds": 16, "max_dma_maps": 65535,
                              "max_data_xfer_size": 1048576,
                              "migration": {"max_bitmap_size": 268435456, "pgsize": 4096},
                              "write_multiple": True}}


class Closed(Exception):
    """The server closed the connection."""


class VfuError(Exception):
    """The server answered with an error."""

    def __init__(self, code):
        super().__init__(f"error reply {code} ({errno.errorcode.get(code, '?')})")
        self.errno = code


class Message:
    """One message as it came."""

    def __init__(self, header, payload, fds):
        self.id, self.command, self.size, self.flags, self.error = HEADER.unpack(header)
        self.payload, self.fds = payload, fds

    @property
    def is_reply(self):
        return self.flags & 0xf == REPLY

    def close_fds(self):
        for fd in self.fds:
            os.close(fd)
        self.fds = []


class Client:
    """A socket with message framing for reading and none for writing."""

    def __init__(self, path, timeout=10.0):
        self.timeout = timeout
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(timeout)
        deadline = time.monotonic() + timeout
        while True:
            try:
                self.sock.connect(path)
                break
            except (FileNotFoundError, ConnectionRefusedError, BlockingIOError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        self.next_id = 1
        self.requests = []      # commands of the server that came in between
        self.on_request = None  # called with each, instead of keeping it

    def close(self):
        for msg in self.requests:
            msg.close_fds()
        self.requests = []
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    # --- bytes ---

    def send_raw(self, data, fds=()):
        if fds:
            done = self.sock.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                                               array.array("i", fds))])
        else:
            done = self.sock.send(data)
        if done < len(data):
            self.sock.sendall(data[done:])

    def send(self, command, payload=b"", fds=(), flags=COMMAND, msg_id=None, size=None, error=0):
        if msg_id is None:
            msg_id = self.next_id
            self.next_id = self.next_id % 0xffff + 1
        size = HEADER.size + len(payload) if size is None else size
        self.send_raw(HEADER.pack(msg_id, command, size, flags, error) + payload, fds)
        return msg_id

    def _take(self, count, fds):
        data = b""
        while len(data) < count:
            part, ancillary, _, _ = self.sock.recvmsg(count - len(data), 4096)
            for level, kind, body in ancillary:
                if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                    fds.extend(array.array("i", body[:len(body) // 4 * 4]))
            if not part:
                raise Closed()
            data += part
        return data

    def receive(self, timeout=None):
        """The next message of any kind."""
        fds = []
        self.sock.settimeout(self.timeout if timeout is None else timeout)
        try:
            header = self._take(HEADER.size, fds)
            payload = self._take(HEADER.unpack(header)[2] - HEADER.size, fds)
        except ConnectionResetError:
            raise Closed() from None
        finally:
            self.sock.settimeout(self.timeout)
        return Message(header, payload, fds)

    def receive_reply(self, msg_id, command, timeout=None):
        while True:
            msg = self.receive(timeout)
            if msg.is_reply:
                assert (msg.id, msg.command) == (msg_id, command), \
                    f"reply {msg.id}/{msg.command} for {msg_id}/{command}"
                return msg
            if self.on_request:
                self.on_request(msg)
            else:
                self.requests.append(msg)

    def call(self, command, payload=b"", fds=(), **kwargs):
        """Sends a command, returns its reply; VfuError for an error reply."""
        reply = self.receive_reply(self.send(command, payload, fds, **kwargs), command)
        if reply.flags & ERROR:
            assert reply.size == HEADER.size, "an error reply is a header"
            raise VfuError(reply.error)
        return reply

    def is_silent(self, seconds=0.2):
        return not select.select([self.sock], [], [], seconds)[0]

    def is_closed(self, seconds=5.0):
        """Waits for the server to close; replies on the way are dropped."""
        try:
            while True:
                self.receive(seconds).close_fds()
        except Closed:
            return True
        except (TimeoutError, socket.timeout):
            return False

    # --- proper messages ---

    def hello(self, minor=0, caps=QEMU_CAPS):
        text = b"" if caps is None else json.dumps(caps).encode() + b"\0"
        reply = self.call(VERSION, struct.pack("=HH", 0, minor) + text)
        self.version = struct.unpack_from("=HH", reply.payload)
        body = reply.payload[4:]
        self.caps = json.loads(body.rstrip(b"\0")) if body else None
        return self

    def dma_map(self, iova, size, fd=None, offset=0, flags=DMA_R | DMA_W):
        self.call(DMA_MAP, struct.pack("=IIQQQ", 32, flags, offset, iova, size),
                  [] if fd is None else [fd])

    def dma_unmap(self, iova, size, flags=0):
        reply = self.call(DMA_UNMAP, struct.pack("=IIQQ", 24, flags, iova, size))
        return struct.unpack("=IIQQ", reply.payload)[3]

    def info(self):
        return struct.unpack("=IIII", self.call(GET_INFO, struct.pack("=IIII", 16, 0, 0, 0)).payload)

    def region_info(self, index, argsz=32):
        """(argsz, flags, index, cap_offset, size, offset), caps bytes, fds"""
        reply = self.call(GET_REGION_INFO, struct.pack("=IIIIQQ", argsz, 0, index, 0, 0, 0))
        return struct.unpack_from("=IIIIQQ", reply.payload), reply.payload[32:], reply.fds

    def irq_info(self, index):
        reply = self.call(GET_IRQ_INFO, struct.pack("=IIII", 16, 0, index, 0))
        return struct.unpack("=IIII", reply.payload)

    def set_irqs(self, flags, index, start=0, count=0, data=b"", fds=()):
        self.call(SET_IRQS, struct.pack("=IIIII", 20 + len(data), flags, index, start, count) + data,
                  fds)

    def read(self, region, offset, count):
        reply = self.call(REGION_READ, struct.pack("=QII", offset, region, count))
        assert struct.unpack_from("=QII", reply.payload) == (offset, region, count)
        assert len(reply.payload) == 16 + count
        return reply.payload[16:]

    def write(self, region, offset, data):
        reply = self.call(REGION_WRITE, struct.pack("=QII", offset, region, len(data)) + data)
        assert struct.unpack("=QII", reply.payload) == (offset, region, len(data))

    def post(self, region, offset, data):
        self.send(REGION_WRITE, struct.pack("=QII", offset, region, len(data)) + data,
                  flags=COMMAND | NO_REPLY)

    def read32(self, region, offset):
        return struct.unpack("=I", self.read(region, offset, 4))[0]

    def read64(self, region, offset):
        return struct.unpack("=Q", self.read(region, offset, 8))[0]

    def write32(self, region, offset, value):
        self.write(region, offset, struct.pack("=I", value))

    def write64(self, region, offset, value):
        self.write(region, offset, struct.pack("=Q", value))

    def bus_master(self, on=True):
        command = struct.unpack("=H", self.read(CONFIG, 4, 2))[0]
        command = command | 6 if on else command & ~4
        self.write(CONFIG, 4, struct.pack("=H", command))

    def reset(self):
        self.call(RESET)

    # --- the server's requests ---

    def next_request(self, timeout=5.0):
        while not self.requests:
            msg = self.receive(timeout)
            assert not msg.is_reply, "a reply that nobody waits for"
            self.requests.append(msg)
        return self.requests.pop(0)

    def answer(self, request, payload=b"", flags=REPLY, error=0, command=None, msg_id=None):
        self.send_raw(HEADER.pack(request.id if msg_id is None else msg_id,
                                  request.command if command is None else command,
                                  HEADER.size + len(payload), flags, error) + payload)

    def serve_dma(self, request, memory):
        """Answers a DMA_READ or DMA_WRITE from a bytearray that starts at IOVA 0."""
        address, count = struct.unpack_from("=QQ", request.payload)
        if request.command == DMA_READ:
            self.answer(request, request.payload[:16] + bytes(memory[address:address + count]))
        else:
            memory[address:address + count] = request.payload[16:]
            self.answer(request, request.payload[:16])


class Memory:
    """A memfd that a client lends."""

    def __init__(self, size, name="guest"):
        self.fd = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        self.size = size
        os.ftruncate(self.fd, size)

    def write(self, offset, data):
        os.pwrite(self.fd, data, offset)

    def read(self, offset, count):
        return os.pread(self.fd, count, offset)

    def close(self):
        os.close(self.fd)
