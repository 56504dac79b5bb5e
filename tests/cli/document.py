# SPDX-License-Identifier: GPL-2.0-or-later
"""Examples in documents: what is written there is what happens.

A command line is a line that begins with "qemu-system-x86_64", with its
continuations. A QMP example is "-> COMMAND" and "<- ANSWER", each JSON that may
go on in following, deeper indented lines; text in which only a newline follows
"<- |" is compared with the answer's human-readable text. An answer fits when
it has what the document shows: "..." in a list or object says that there is
more, "..." as a value that any will do.
"""
import json
import os
import re
import shlex

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'docs')
MORE = '...'


def read(name):
    with open(os.path.join(DOCS, name), encoding='utf-8') as file:
        return file.read()


def command_line(text):
    """The words of the first one, without the program's name."""
    line = re.search(r'^ +qemu-system-x86_64 ((?:.*\\\n)*.*)$', text, re.M).group(1)
    return shlex.split(line.replace('\\\n', ' '))


def literal_blocks(text):
    """Indented blocks, their indentation taken away."""
    for block in re.findall(r'^::\n\n((?:(?: {4}.*)?\n)+)', text, re.M):
        yield re.sub(r'^ {4}', '', block, flags=re.M)


def dialogues(text):
    """Pairs of a command and the answer that is shown, JSON or lines of text."""
    for block in literal_blocks(text):
        parts = re.split(r'^(->|<-) ', block, flags=re.M)[1:]
        for i in range(0, len(parts) - 3, 4):
            command, answer = json.loads(parts[i + 1]), parts[i + 3]
            if answer.startswith('|'):
                yield command, [line[3:] for line in answer.rstrip().split('\n')[1:]]
            else:
                yield command, json.loads(answer)


def fits(shown, real):
    """None, or why not."""
    if shown == MORE:
        return None
    if isinstance(shown, dict) and isinstance(real, dict):
        extra = [k for k in real if k not in shown]
        if extra and MORE not in shown:
            return f'{extra} are not shown'
        missing = [k for k in shown if k not in real and k != MORE]
        if missing:
            return f'{missing} are shown and not there'
        return next((f'{k}: {why}' for k, v in shown.items() if k != MORE
                     for why in [fits(v, real[k])] if why), None)
    if isinstance(shown, list) and isinstance(real, list):
        rest = shown[-1:] == [MORE]
        shown = shown[:-1] if rest else shown
        if len(real) < len(shown) or (not rest and len(real) > len(shown)):
            return f'{len(real)} entries'
        return next((f'{i}: {why}' for i, pair in enumerate(zip(shown, real))
                     for why in [fits(*pair)] if why), None)
    return None if shown == real else f'{real!r} is not {shown!r}'


def text_fits(shown, real):
    """The lines that are shown are there in this order; '...' stands for any."""
    lines, at = real.split('\n'), 0
    for i, line in enumerate(shown):
        if line.strip() == MORE:
            continue
        free = i > 0 and shown[i - 1].strip() == MORE
        while free and at < len(lines) and lines[at].rstrip() != line.rstrip():
            at += 1
        if at == len(lines) or lines[at].rstrip() != line.rstrip():
            return f'{line!r} is shown, not there: {lines[at:at + 1]}'
        at += 1
    return None
