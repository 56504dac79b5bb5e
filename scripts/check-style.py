#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules of docs/devel/style.rst that a program can see.

Each rule is a row: name, files it looks at, what it complains about. A line
may be excused by a trailing comment `style-ok: reason`.
"""
import os
import re
import shutil
import subprocess
import sys

MAX_FILE_LINES = 1000
MAX_FUNCTION_LINES = 100

LINE_RULES = [
    ("tab", r"\.(c|h|py)$", re.compile(r"\t"), "tab character"),
    ("trailing-space", r"\.(c|h|py|build|rst|md|sh)$", re.compile(r"[ \t]+$"), "space at the end of the line"),
    ("cpp-comment", r"\.(c|h)$", re.compile(r"^[^\"']*(?<![:\"'/*])//"), "// comment, use /* */"),
    ("todo", r"\.(c|h|py|sh)$", re.compile(r"\b(TODO|FIXME|XXX)\b"), "unfinished: needs an issue, not a comment"),
    ("wide", r"\.(c|h)$", re.compile(r"^.{101,}$"), "more than 100 columns"),
    ("heading", r"\.rst$", re.compile(r"^([=~-])\1{2,}:+$"), "the line under a heading has another character: no heading"),
    ("raw-sum", r"^(vfio-user|hw/remote|softmmu/memory)/.*\.c$",
     re.compile(r"\b(addr|address|offset|iova)\s*\+\s*(len|size|count|length)\s*[<>]"),
     "sum of untrusted numbers: compare by subtraction"),
]


def tracked():
    out = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout
    return [f for f in out.split("\n") if f and os.path.isfile(f)]


def check_lines(path, text):
    bad = []
    for number, line in enumerate(text.split("\n"), 1):
        if "style-ok:" in line:
            continue
        for name, files, pattern, message in LINE_RULES:
            if re.search(files, path) and pattern.search(line):
                bad.append(f"{path}:{number}: {name}: {message}")
    return bad


def check_file(path, text):
    bad = []
    lines = text.split("\n")
    if re.search(r"\.(c|h|py|sh|build)$", path) and not any("SPDX-License-Identifier" in x for x in lines[:3]):
        bad.append(f"{path}:1: spdx: the licence line is missing")
    if re.search(r"\.(c|h|py)$", path) and len(lines) > MAX_FILE_LINES + 1:
        bad.append(f"{path}:1: size: {len(lines) - 1} lines, at most {MAX_FILE_LINES}")
    if path.startswith("include/") and re.search(r"^\s*(QemuMutex|QemuRecMutex|GMutex)\s+\w+;", text, re.M) \
            and "Lock order:" not in text:
        bad.append(f"{path}:1: lock-order: a header with a lock says 'Lock order:'")
    return bad


def check_tables(path, text):
    """Text in the gaps between a simple table's columns makes it no table."""
    bad, gaps = [], None
    for number, line in enumerate(text.split("\n"), 1):
        if re.fullmatch(r"=+( +=+)+", line):
            gaps = [m.span() for m in re.finditer(" +", line)]
        elif not line:
            gaps = None
        elif gaps and any(line[a:b].strip() for a, b in gaps):
            bad.append(f"{path}:{number}: table: text between two columns")
    return bad


def check_document(path, text):
    """What other pages are named by, exists; each page is in its folder's index."""
    folder = os.path.dirname(path)
    bad = check_tables(path, text)
    for name in re.findall(r":doc:`(?:[^`<]*<)?([^`>]+)>?`", text):
        place = "docs" + name if name.startswith("/") else os.path.join(folder, name)
        if not os.path.exists(place + ".rst"):
            bad.append(f"{path}:1: doc: there is no page {name}")
    for name in re.findall(r"^\.\. image:: (\S+)", text, re.M):
        if not os.path.exists(os.path.join(folder, name)):
            bad.append(f"{path}:1: image: there is no {name}")
    with open(os.path.join(folder, "index.rst"), encoding="utf-8") as index:
        listed = [line.strip() for line in index]
    stem = os.path.basename(path)[:-len(".rst")]
    if stem != "index" and not {stem, "*"} & set(listed):
        bad.append(f"{path}:1: index: not in {folder}/index.rst")
    return bad


def check_functions(files):
    """Function lengths by ctags; silent when it is not installed."""
    ctags = shutil.which("ctags")
    c_files = [f for f in files if f.endswith(".c") and not f.startswith("tests/")]
    if not ctags or not c_files:
        return []
    out = subprocess.run([ctags, "--languages=C", "--kinds-C=f", "--fields=+ne", "-f", "-", "-L", "-"],
                         input="\n".join(c_files), capture_output=True, text=True).stdout
    bad = []
    for row in out.split("\n"):
        start, end = re.search(r"\tline:(\d+)", row), re.search(r"\tend:(\d+)", row)
        if start and end and int(end.group(1)) - int(start.group(1)) + 1 > MAX_FUNCTION_LINES:
            name, path = row.split("\t")[:2]
            bad.append(f"{path}:{start.group(1)}: function: {name} has "
                       f"{int(end.group(1)) - int(start.group(1)) + 1} lines, at most {MAX_FUNCTION_LINES}")
    return bad


def main():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    files = tracked()
    bad = []
    for path in files:
        if not re.search(r"\.(c|h|py|sh|build|rst|md)$", path) or path.endswith("check-style.py"):
            continue
        text = open(path, encoding="utf-8").read()
        bad += check_lines(path, text) + check_file(path, text)
        if path.startswith("docs/") and path.endswith(".rst"):
            bad += check_document(path, text)
    bad += check_functions(files)
    print("\n".join(bad) if bad else f"ok: {len(files)} files keep the style")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
