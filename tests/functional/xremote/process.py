# SPDX-License-Identifier: GPL-2.0-or-later
"""A child process whose output is kept line by line with time stamps."""
import os
import signal
import subprocess
import threading
import time

STARTED = time.monotonic()


class Process:
    """Starts ARGV; its output goes to LOG and can be waited for."""

    def __init__(self, name, argv, log, env=None):
        self.name, self.argv = name, argv
        self.lines = []
        self._changed = threading.Condition()
        self._log = open(log, "a", encoding="utf-8", errors="replace")  # pylint: disable=R1732
        self._note("$ " + " ".join(argv))
        self._child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, env=env,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.pid = self._child.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _note(self, text):
        self._log.write(f"{time.monotonic() - STARTED:9.3f} {text}\n")
        self._log.flush()

    def _read(self):
        for raw in self._child.stdout:
            line = raw.decode(errors="replace").rstrip("\r\n")
            with self._changed:
                self._note(line)
                self.lines.append(line)
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def has_line(self, text):
        """True when some line so far contains TEXT."""
        with self._changed:
            return any(text in line for line in self.lines)

    def wait_line(self, text, seconds):
        """The first line that contains TEXT, or None when none comes."""
        end = time.monotonic() + seconds
        with self._changed:
            while True:
                for line in self.lines:
                    if text in line:
                        return line
                left = end - time.monotonic()
                if left <= 0 or self._child.poll() is not None and not self._reader.is_alive():
                    return None
                self._changed.wait(min(left, 0.5))

    def running(self):
        """True while it has not ended."""
        return self._child.poll() is None

    def wait(self, seconds):
        """Exit status, or None when it still runs after SECONDS."""
        try:
            status = self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self._reader.join(5)
        return status

    def kill(self, number=signal.SIGKILL):
        """Send it a signal."""
        if self.running():
            os.kill(self.pid, number)

    def close(self):
        """End it if need be and close the log; returns the exit status."""
        self.kill()
        status = self._child.wait()
        self._reader.join(5)
        self._child.stdout.close()
        self._note(f"ended with status {status}")
        self._log.close()
        return status
