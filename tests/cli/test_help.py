# SPDX-License-Identifier: GPL-2.0-or-later
"""Texts that the program prints about itself and ends."""
import re

from support import CliTest


class Help(CliTest):
    def text_of(self, *words):
        result = self.run_program(*words)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stderr, '')
        return result.stdout

    def test_help_has_three_spellings(self):
        text = self.text_of('-help')
        self.assertEqual(text, self.text_of('-h'))
        self.assertEqual(text, self.text_of('--help'))

    def test_help_lists_every_own_option(self):
        text = self.text_of('-help')
        for option in ('machine', 'device', 'object', 'qmp', 'qmp-pretty', 'monitor', 'daemonize',
                       'pidfile', 'name', 'D', 'd', 'trace', 'nodefaults', 'version'):
            self.assertRegex(text, rf'(?m)^  -{option}( |$)')
        self.assertLess(max(len(line) for line in text.splitlines()), 110)

    def test_help_lists_foreign_options_by_class(self):
        accepted, refused = self.text_of('-help').split('have no place here')
        self.assertIn(' -smp', accepted)
        self.assertNotIn(' -kernel', accepted)
        self.assertIn(' -kernel', refused)

    def test_version(self):
        for spelling in ('-version', '--version'):
            first = self.text_of(spelling).splitlines()[0]
            self.assertRegex(first, r'^QEMU emulator version 8\.2\.0 \(x-remote \d+\.\d+\.\d+\)$')

    def test_machine(self):
        self.assertRegex(self.text_of('-machine', 'help'), r'(?m)^x-remote\s')
        self.assertRegex(self.text_of('-M', 'help'), r'(?m)^x-remote\s')

    def test_devices(self):
        text = self.text_of('-device', 'help')
        for name in ('edu', 'pci-testdev', 'pvpanic-pci', 'i6300esb', 'isolated-rc'):
            self.assertIn(f'name "{name}"', text)

    def test_one_device(self):
        for word in ('edu,help', 'edu,?'):
            text = self.text_of('-device', word)
            self.assertRegex(text, r'^edu options:\n')
            self.assertRegex(text, r'(?m)^  dma_mask=<uint64>')

    def test_objects(self):
        text = self.text_of('-object', 'help')
        self.assertRegex(text, r'(?m)^\s*vfio-user-server$')
        self.assertRegex(text, r'(?m)^\s*x-vfio-user-server$')

    def test_one_object(self):
        for name in ('vfio-user-server', 'x-vfio-user-server'):
            text = self.text_of('-object', f'{name},help')
            for prop in ('device', 'path', 'socket'):
                self.assertRegex(text, rf'(?m)^\s*{prop}=<')

    def test_log_items(self):
        text = self.text_of('-d', 'help')
        self.assertIn('guest_errors', text)
        self.assertIn('unimp', text)

    def test_trace_points(self):
        names = self.text_of('-trace', 'help').split()
        self.assertIn('qmp_receive', names)
        self.assertTrue(all(re.fullmatch(r'\w+', name) for name in names))

    def test_nothing_else_happens(self):
        pid = self.path('pid')
        self.text_of('-pidfile', pid, '-qmp', f'unix:{self.path("q")},server=on,wait=off',
                     '-device', 'help')
        self.assertEqual(self.left(), [])
