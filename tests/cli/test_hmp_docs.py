# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/system/monitor.rst is true: its process starts, its examples print what
it says, its lists are those of the program, its pipe makes a picture."""
import json
import re
import shutil
import subprocess
import unittest

import document
from hmp_client import HmpSocketUser
from support import DEADLINE, CliTest


def examples(text):
    """(command, lines) for each "(qemu)" of the document."""
    found = []
    inside = False
    for line in text.split('\n'):
        if line.startswith('    (qemu) '):
            found.append((line[len('    (qemu) '):], []))
            inside = True
        elif inside and (line.startswith('    ') or not line):
            found[-1][1].append(line[4:])
        else:
            inside = False
    for _, lines in found:
        while lines and not lines[-1]:
            lines.pop()
    return found


def pattern(lines):
    """A regular expression for the lines; "..." stands for any number of lines."""
    return ''.join('(?:.*\n)*' if line == '...' else re.escape(line) + '\n' for line in lines)


class Docs(CliTest):
    def setUp(self):
        super().setUp()
        self.text = document.read('system/monitor.rst').replace('/tmp/', self.dir + '/')
        command = re.search(r'    qemu-system-x86_64 .*?(?=\n\n)', self.text, re.S).group(0)
        words = command.replace('\\\n', '').split()[1:]
        self.process, self.qmp = self.start_with_qmp(*words)
        self.user = HmpSocketUser(self.path('monitor.sock'))
        self.clients.append(self.user)

    def test_examples(self):
        found = examples(self.text)
        self.assertGreater(len(found), 20)
        for command, lines in found:
            printed = [line.rstrip() for line in self.user.run(command)]
            while printed and not printed[-1]:
                printed.pop()
            self.assertRegex('\n'.join([*printed, '']), rf'\A{pattern(lines)}\Z', command)

    def listed(self, what):
        part = re.search(rf'\.\. begin of the list of {what}:(.*)\.\. end of the list of {what}',
                         self.text, re.S).group(1)
        lines = [line for line in part.split('\n') if line.startswith('``')]
        return [name.replace('`` or ``', '|').replace('`` ``', ' ').strip('`')
                for line in lines for name in line.split('``, ``')]

    def test_lists(self):
        printed = [line.split(' -- ')[0] for line in self.user.run('help')]
        self.assertEqual(self.listed('commands'), printed)
        printed = [line.split(' -- ')[0] for line in self.user.run('info')]
        self.assertEqual(self.listed('subcommands'), printed)

    def test_from_programs(self):
        sent = re.search(r'-> (\{.*?\}) \}\n', self.text, re.S).group(0)[3:]
        returned = re.search(r'<- (\{ "return".*\})\n', self.text).group(1)
        self.qmp.send(sent)
        self.assertEqual(self.qmp.reply(), json.loads(returned))

    @unittest.skipUnless(shutil.which('socat') and shutil.which('dot'),
                         'needs socat and graphviz: scripts/install-packages.sh test')
    def test_pipe_to_graphviz(self):
        line = re.search(r'    (echo .*?isolation\.svg)\n', self.text, re.S).group(1)
        subprocess.run(['sh', '-c', line], cwd=self.dir, check=True, timeout=DEADLINE)
        with open(self.path('isolation.svg'), encoding='utf-8') as file:
            self.assertIn('vmB', file.read())


class Addresses(CliTest):
    def test_every_kind_of_monitor_is_known(self):
        for spec in re.findall(r'``-monitor (\S+)``', document.read('system/monitor.rst')):
            spec = spec.replace('PATH', self.path('m')).replace('PORT', '0')
            process, _ = self.start_with_qmp('-monitor', spec)
            self.assertEqual(self.end(process)[0], 0, spec)
