#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run functional tests: stock QEMU guests that use our devices.

    tests/functional/run.py [-j N] [--server PATH] [--logs DIR] [NAME...]

NAME selects tests whose name contains it (edu, test_edu.Edu.test_dma ...).
Each test runs in a process of its own with a time limit. The output is TAP
with comments; the last line is "N passed, N failed, N skipped".
"""
import argparse
import concurrent.futures
import os
import signal
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
DEFAULT_SECONDS = 240


def all_tests():
    """Names of all tests, in the order of their files."""
    found = []

    def walk(suite):
        for item in suite:
            if isinstance(item, unittest.TestSuite):
                walk(item)
            else:
                found.append((item.id(), getattr(item, "seconds", DEFAULT_SECONDS)))
    walk(unittest.TestLoader().discover(HERE, pattern="test_*.py", top_level_dir=HERE))
    return found


def run_one(name):
    """Run one test in this process; 0 passed, 1 failed, 77 skipped."""
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=0).run(
        unittest.TestLoader().loadTestsFromName(name))
    if not result.wasSuccessful() or not result.testsRun:
        return 1
    return 77 if result.skipped else 0


def run_in_child(name, seconds):
    """(status, output, time) of a test in a process group of its own."""
    begun = time.monotonic()
    with subprocess.Popen([sys.executable, os.path.abspath(__file__), "--one", name],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", start_new_session=True) as child:
        try:
            output, _ = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            output = child.communicate()[0] + f"\ntime limit of {seconds} s passed\n"
    return child.returncode, output, time.monotonic() - begun


class Report:
    """Prints TAP lines as tests end."""

    def __init__(self, total):
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self.number = 0
        print(f"TAP version 13\n1..{total}", flush=True)

    def add(self, name, status, output, seconds):
        """One finished test."""
        self.number += 1
        kind = {0: "passed", 77: "skipped"}.get(status, "failed")
        self.counts[kind] += 1
        word = "not ok" if kind == "failed" else "ok"
        note = " # SKIP" if kind == "skipped" else f" # {seconds:.1f} s"
        print(f"{word} {self.number} - {name}{note}", flush=True)
        if kind != "passed":
            for line in output.strip().splitlines()[-40:]:
                if kind == "failed" or "kipped" in line:
                    print(f"#   {line}", flush=True)

    def close(self):
        """The closing line."""
        print(", ".join(f"{n} {kind}" for kind, n in self.counts.items()), flush=True)
        return 1 if self.counts["failed"] else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-j", type=int, default=1, help="tests at the same time")
    parser.add_argument("--server", help="the qemu-system-x86_64 under test")
    parser.add_argument("--logs", help="where logs of failed tests are kept")
    parser.add_argument("--list", action="store_true", help="print the names and end")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if options.one:
        return run_one(options.one)
    for name, value in (("X_REMOTE_SERVER", options.server), ("X_REMOTE_LOGS", options.logs)):
        if value:
            os.environ[name] = os.path.abspath(value)
    tests = [t for t in all_tests()
             if not options.names or any(n in t[0] for n in options.names)]
    if options.list:
        print("\n".join(name for name, _ in tests))
        return 0
    if not tests:
        print("no test has such a name", file=sys.stderr)
        return 2
    report = Report(len(tests))
    with concurrent.futures.ThreadPoolExecutor(max(1, options.j)) as pool:
        waiting = {pool.submit(run_in_child, *t): t[0] for t in tests}
        for done in concurrent.futures.as_completed(waiting):
            report.add(waiting[done], *done.result())
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
