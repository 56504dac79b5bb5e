#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/tracetool.py: what it accepts, and what it says about bad lines."""
import pathlib
import subprocess
import sys
import tempfile

TOOL = pathlib.Path(__file__).resolve().parents[3] / 'scripts' / 'tracetool.py'
BAD = [
    ('nonsense', 'not an event'),
    ('ev(int) "x"', 'argument without a name'),
    ('ev(int a) "x\\n"', 'newline'),
    ('odd ev(int a) "x"', "unknown property 'odd'"),
    ('ev(int a) "%d"PRIx64"', 'open quote'),
    ('ev(void) "a"\nev(void) "b"', 'defined twice'),
]


def run(text, form):
    """Exit status, stderr and output of the tool for a file with this text."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, 'trace-events')
        result = pathlib.Path(folder, 'out')
        source.write_text(text, encoding='utf-8')
        done = subprocess.run([sys.executable, TOOL, '--group', 'g', '--format', form,
                               source, result], stderr=subprocess.PIPE, text=True, check=False)
        made = result.read_text(encoding='utf-8') if result.exists() else ''
        return done.returncode, done.stderr, made


def main():
    """TAP."""
    checks = []
    for text, expected in BAD:
        status, stderr, _ = run(text, 'h')
        checks.append((f'refuses {text!r}', status != 0 and expected in stderr
                       and 'trace-events:' in stderr))
    _, _, header = run('ev(const char *s, int i) "s %s i %d"', 'h')
    checks.append(('one test in the inline part',
                   'static inline void trace_ev(const char *s, int i)' in header
                   and header.count('if (') == 1))
    status, _, source = run('# only a comment\n', 'c')
    checks.append(('empty file', status == 0 and 'NULL' in source))
    print(f'1..{len(checks)}')
    for number, (name, passed) in enumerate(checks, 1):
        print(f'{"ok" if passed else "not ok"} {number} - {name}')


main()
