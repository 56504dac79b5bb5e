#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Each identifier of a list must be used in at least one of the sources.

usage: check-identifiers.py LIST SOURCE...

A use in a comment or a string does not count. Prints a TAP line for each
identifier and fails when one is missing.
"""
import re
import sys


def code_words(path):
    with open(path, encoding='utf-8') as source:
        text = source.read()
    text = re.sub(r'/\*.*?\*/', ' ', text, flags=re.S)
    text = re.sub(r'"(\\.|[^"\\])*"', ' ', text)
    text = re.sub(r'^\s*#\s*include.*$', ' ', text, flags=re.M)
    return set(re.findall(r'\w+', text))


def main():
    with open(sys.argv[1], encoding='utf-8') as listing:
        wanted = [line.strip() for line in listing
                  if line.strip() and not line.startswith('#')]
    used = set()
    for path in sys.argv[2:]:
        used |= code_words(path)
    print(f'1..{len(wanted)}')
    missing = 0
    for number, name in enumerate(wanted, 1):
        ok = name in used
        missing += not ok
        print(f"{'ok' if ok else 'not ok'} {number} - {name}")
    return 1 if missing or not wanted else 0


if __name__ == '__main__':
    sys.exit(main())
