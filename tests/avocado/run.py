#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run acceptance tests: tests/avocado/run.py [--list] [NAME...]

With avocado installed this is `avocado run FILES`, and NAME a file of this
folder; otherwise unittest runs the same classes, and NAME a part of a test's
name. The last line is "N passed, N failed, N skipped".
"""
import importlib.util
import os
import re
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = ("devices", "disks", "edu", "dma", "events", "lifecycle")


def with_avocado(names):
    """avocado's own runner; its last lines hold the counts."""
    paths = [os.path.join(HERE, f + ".py") for f in FILES if not names or f in names]
    run = subprocess.run(["avocado", "run", "--disable-sysinfo", "--max-parallel-tasks=1", *paths],
                         stdout=subprocess.PIPE, text=True, check=False)
    print(run.stdout)
    count = {k: int(v) for k, v in re.findall(r"(PASS|ERROR|FAIL|SKIP|INTERRUPT|CANCEL) (\d+)",
                                              run.stdout)}
    failed = count.get("ERROR", 0) + count.get("FAIL", 0) + count.get("INTERRUPT", 0)
    skipped = count.get("SKIP", 0) + count.get("CANCEL", 0)
    print(f"{count.get('PASS', 0)} passed, {failed} failed, {skipped} skipped")
    return run.returncode or int(bool(failed))


def tests(names):
    """All tests whose name contains one of NAMES, as a flat list."""
    sys.path.insert(0, HERE)
    found = []

    def walk(suite):
        for item in suite:
            if isinstance(item, unittest.TestSuite):
                walk(item)
            elif not names or any(n in item.id() for n in names):
                found.append(item)
    walk(unittest.TestLoader().loadTestsFromNames(FILES))
    return found


def with_unittest(found):
    """Plain unittest."""
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(unittest.TestSuite(found))
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print(f"{result.testsRun - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not result.testsRun else 0


def main(argv):
    names = [a for a in argv[1:] if a != "--list"]
    if "--list" in argv:
        print("\n".join(t.id() for t in tests(names)))
        return 0
    if importlib.util.find_spec("avocado"):
        return with_avocado(names)
    return with_unittest(tests(names))


if __name__ == "__main__":
    sys.exit(main(sys.argv))
