# SPDX-License-Identifier: GPL-2.0-or-later
"""A QMP connection, as little as the tests need of it."""
import json
import socket
import time


class QmpError(Exception):
    """The other side answered with an error, or not at all."""


class Qmp:
    """Speaks QMP over a connected socket; keeps the events it sees."""

    def __init__(self, sock, seconds=30):
        self._sock = sock
        self._text = b""
        self.events = []
        greeting = self._message(time.monotonic() + seconds)
        if "QMP" not in greeting:
            raise QmpError(f"no greeting: {greeting}")
        self.greeting = greeting["QMP"]
        self.command("qmp_capabilities", seconds=seconds)

    @classmethod
    def connect(cls, path, seconds=10):
        """Connect to a QMP server that may still be starting."""
        end = time.monotonic() + seconds
        while True:
            sock = socket.socket(socket.AF_UNIX)
            try:
                sock.connect(path)
                return cls(sock)
            except (FileNotFoundError, ConnectionRefusedError):
                sock.close()
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def _message(self, end):
        while b"\n" not in self._text:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError("QMP is silent")
            self._sock.settimeout(left)
            try:
                data = self._sock.recv(65536)
            except socket.timeout as e:
                raise TimeoutError("QMP is silent") from e
            if not data:
                raise QmpError("QMP connection closed")
            self._text += data
        line, self._text = self._text.split(b"\n", 1)
        return json.loads(line)

    def command(self, name, arguments=None, seconds=30):
        """The result of a command."""
        request = {"execute": name}
        if arguments is not None:
            request["arguments"] = arguments
        self._sock.sendall(json.dumps(request).encode() + b"\n")
        end = time.monotonic() + seconds
        while True:
            message = self._message(end)
            if "event" in message:
                self.events.append(message)
            elif "error" in message:
                raise QmpError(message["error"].get("desc", message["error"]))
            else:
                return message["return"]

    def wait_event(self, name, seconds, match=None):
        """Take the first event NAME for which MATCH(data) holds; None if none comes."""
        end = time.monotonic() + seconds
        seen = 0
        while True:
            while seen < len(self.events):
                event = self.events[seen]
                if event["event"] == name and (not match or match(event.get("data", {}))):
                    return self.events.pop(seen)
                seen += 1
            try:
                message = self._message(end)
            except TimeoutError:
                return None
            if "event" in message:
                self.events.append(message)

    def close(self):
        """Hang up."""
        self._sock.close()
