#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every tracked path has an area in MAINTAINERS, and every pattern there a file."""
import fnmatch
import os
import subprocess
import sys


def areas():
    """(area, pattern) pairs; an area is a line followed by rows `F: pattern`."""
    name, rows = "", []
    for line in open("MAINTAINERS", encoding="utf-8"):
        line = line.rstrip("\n")
        if line.startswith("F:"):
            rows.append((name, line[2:].strip()))
        elif line and line[1:2] != ":" and not line.startswith((" ", "-", "=")):
            name = line
    return rows


def matches(path, pattern):
    if pattern.endswith("/"):
        return path.startswith(pattern)
    return fnmatch.fnmatch(path, pattern) and path.count("/") == pattern.count("/")


def main():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    files = subprocess.run(["git", "ls-files"], capture_output=True, text=True,
                           check=True).stdout.split("\n")
    files = [f for f in files if f]
    rows = areas()
    bad = [f"{f}: no area in MAINTAINERS" for f in files if not any(matches(f, p) for _, p in rows)]
    bad += [f"MAINTAINERS: area '{a}': no file matches {p}" for a, p in rows
            if not any(matches(f, p) for f in files)]
    print("\n".join(bad) if bad else f"ok: {len(files)} paths in {len({a for a, _ in rows})} areas")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
