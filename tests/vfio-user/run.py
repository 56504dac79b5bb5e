#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the wire tests: run.py [-k PATTERN] [test_file ...]; last line counts."""
import argparse
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


class Counted(unittest.TextTestResult):
    """Counts what passed: a class that cannot be set up fails without a test."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-k", dest="pattern", help="only tests whose name has this in it")
    parser.add_argument("-v", action="store_true", help="name every test")
    parser.add_argument("files", nargs="*", help="test files, default all")
    options = parser.parse_args()
    sys.path.insert(0, HERE)
    names = [os.path.basename(f).removesuffix(".py") for f in options.files] or sorted(
        f.removesuffix(".py") for f in os.listdir(HERE) if f.startswith("test_") and f.endswith(".py"))
    loader = unittest.TestLoader()
    if options.pattern:
        loader.testNamePatterns = [f"*{options.pattern}*"]
    suite = unittest.TestSuite(loader.loadTestsFromName(name) for name in names)
    result = unittest.TextTestRunner(verbosity=2 if options.v else 1, resultclass=Counted).run(suite)
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print(f"{result.passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not result.passed else 0


if __name__ == "__main__":
    sys.exit(main())
