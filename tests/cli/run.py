#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the command-line tests: run.py [PROGRAM] [unittest names...]

The last line is `N passed, N failed, N skipped`; the status is 0 when nothing
failed.
"""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


class CountingResult(unittest.TextTestResult):
    """Counts what passed, which unittest does not."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def main(argv):
    words = argv[1:]
    if words and os.path.exists(words[0]):
        os.environ['QEMU_SYSTEM'] = os.path.abspath(words.pop(0))
    program = os.environ.get('QEMU_SYSTEM', os.path.join('build', 'qemu-system-x86_64'))
    if not os.access(program, os.X_OK):
        print(f'{program} is not there: build it, or name it as the first word',
              file=sys.stderr)
        return 1
    sys.path.insert(0, HERE)
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(words) if words else loader.discover(HERE)
    result = unittest.TextTestRunner(resultclass=CountingResult, verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    skipped = len(result.skipped) + len(result.expectedFailures)
    sys.stderr.flush()
    print(f'{result.passed} passed, {failed} failed, {skipped} skipped')
    return 1 if failed or not result.testsRun else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
