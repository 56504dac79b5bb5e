# SPDX-License-Identifier: GPL-2.0-or-later
"""What docs/system/block.rst shows: its commands work, its dialogues happen."""
import os
import re
import shlex
import shutil
import signal
import subprocess

import document
from support import DEADLINE, CliTest, wait_for

PAGE = document.read('system/block.rst')


def scripts():
    """Blocks with a command line of ours: lists of commands."""
    for block in document.literal_blocks(PAGE):
        lines = block.replace('\\\n', ' ').strip().split('\n')
        if any(line.startswith('qemu-system-x86_64 ') for line in lines):
            yield lines


class Examples(CliTest):
    def moved(self, line):
        return re.sub(r'(?<![\w.])/tmp/', self.dir + '/', line)

    def prepare(self, line):
        """A command in front of ours, which brings a file or a server."""
        words = shlex.split(line)
        if not shutil.which(words[0]):
            self.skipTest(f'{words[0]} is not here')
        if words[0] == 'qemu-nbd':
            words.insert(1, f'--pid-file={self.path("nbd.pid")}')
            self.addCleanup(self.end_nbd)
        subprocess.run(words, check=True, timeout=DEADLINE)

    def end_nbd(self):
        if os.path.exists(self.path('nbd.pid')):
            with open(self.path('nbd.pid'), encoding='ascii') as file:
                os.kill(int(file.read()), signal.SIGTERM)

    def start_ours(self, line, *more):
        words = shlex.split(line)[1:]
        process = self.start(*words, *more)
        for path in re.findall(re.escape(self.dir) + r'/[\w.]+\.sock\b', line):
            self.wait_socket(path, process)
        return process

    def wait_socket(self, path, process):
        def there():
            self.assertIsNone(process.poll(), process.stderr.read() if process.poll() else None)
            return path.split('/')[-1] in self.left()
        wait_for(there, path)

    def run_script(self, lines):
        for line in map(self.moved, lines):
            if line.startswith('qemu-system-x86_64 '):
                status, err = self.end(self.start_ours(line))
                self.assertEqual((status, err.count('\n')), (0, 1), err)  # about the signal
            else:
                self.prepare(line)

    def test_commands(self):
        count = 0
        for lines in scripts():
            count += 1
            with self.subTest(lines[-1]):
                self.run_script(lines)
        self.assertGreaterEqual(count, 6)

    def test_dialogues(self):
        """With the devices and nodes of the section about failing on purpose."""
        lines = [s for s in scripts() if 'driver=error' in ' '.join(s)][0]
        for line in lines[:-1]:
            self.prepare(self.moved(line))
        process = self.start_ours(self.moved(lines[-1]), '-qmp',
                                  f'unix:{self.path("qmp")},server=on,wait=off')
        qmp = self.connect(self.path('qmp'), process)
        pairs = list(document.dialogues(PAGE))
        self.assertGreaterEqual(len(pairs), 9)
        for command, answer in pairs:
            with self.subTest(command['execute']):
                reply = qmp.execute_with(command['execute'], command.get('arguments'))
                self.assertIsNone(document.fits(answer, reply), reply)
        inserted = qmp.command('query-block')[0]['inserted']
        self.assertEqual((inserted['iops'], inserted['bps'], inserted['group']), (500, 0, 'nvme0'))
        self.assertEqual(self.end(process)[0], 0)

    def test_every_driver_and_option(self):
        """What -blockdev help knows is on the page."""
        drivers = re.findall(r'^  (\S+)', self.run_program('-blockdev', 'help').stdout, re.M)
        self.assertIn('nbd', drivers)
        for driver in drivers:
            self.assertIn(f'``{driver}``', PAGE)
            text = self.run_program('-blockdev', f'{driver},help').stdout
            options = re.findall(r'^  ([\w-]+)[=.]', text, re.M)
            self.assertIn('node-name', options)
            for option in options:
                self.assertRegex(PAGE, rf'{re.escape(option)}\b', f'{driver}: {option}')
