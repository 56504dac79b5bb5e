#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`vfu nvme` against a running server: what it prints, and what it says on the wire.

VFU and VFU_SERVER name the two programs.
"""
import collections
import json
import os
import re
import subprocess
import tempfile
import time
import unittest

VFU = os.environ['VFU']
SERVER = os.environ['VFU_SERVER']


class NvmeCommand(unittest.TestCase):
    DEVICE = 'nvme,serial=1,drive=n0'

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.sock, self.log = (os.path.join(folder.name, n) for n in ('sock', 'log'))
        with open(self.log, 'wb') as log:
            self.server = subprocess.Popen([
                SERVER, '-machine', 'x-remote', '-nodefaults', '-display', 'none',
                '-blockdev', 'driver=null-co,node-name=n0,size=16M,read-zeroes=on',
                '-device', f'{self.DEVICE},id=d0', '-trace', 'vfu_in', '-trace', 'vfu_listen',
                '-object', f'vfio-user-server,id=s0,type=unix,path={self.sock},device=d0'],
                stderr=log)
        self.addCleanup(self.end)
        end = time.monotonic() + 20
        while ': listening on ' not in self.trace():
            self.assertLess(time.monotonic(), end, 'the server does not listen')
            time.sleep(0.01)

    def end(self):
        self.server.terminate()
        self.assertEqual(self.server.wait(10), 0)

    def run_vfu(self, *args):
        return subprocess.run([VFU, 'nvme', *args, self.sock], capture_output=True, text=True,
                              timeout=60, check=False)

    def load(self, *args):
        run = self.run_vfu('--json', '--seconds=0.2', *args)
        self.assertEqual((run.returncode, run.stderr), (0, ''))
        figures = json.loads(run.stdout)
        self.assertGreater(figures['iops'], 10)
        self.assertEqual(figures['errors'], 0)

    def trace(self):
        with open(self.log, encoding='utf-8') as log:
            return log.read()

    def messages(self):
        """How many of each kind the server got: (name, whether without reply)."""
        found = re.findall(r'<- #\d+ (\w+) .* flags (0x\w+)', self.trace())
        return collections.Counter((name, int(flags, 16) >> 4 & 1) for name, flags in found)


class TestPlain(NvmeCommand):

    def test_every_pattern(self):
        for pattern in ('randread', 'randwrite', 'read', 'write'):
            for more in ('--depth=1', '--depth=1024', '--depth=7', '--sleep'):
                with self.subTest(pattern=pattern, more=more):
                    self.load(f'--rw={pattern}', '--bytes=64k', more)

    def test_doorbells_of_both_queues_in_one_message(self):
        self.load('--depth=8')
        seen = self.messages()
        self.assertGreater(seen['REGION_WRITE_MULTI', 1], 10)
        # One is for what is put first; commands of the admin queue, and the last ends.
        self.assertLess(seen['REGION_WRITE', 1], 60)

    def test_clients_that_have_other_habits(self):
        for client, multi, posts in (('qemu', True, True), ('libvfio-user', False, True),
                                     ('cloud-hypervisor', False, False)):
            with self.subTest(client):
                before = self.messages()
                self.load(f'--client={client}')
                seen = self.messages() - before
                self.assertEqual(seen['REGION_WRITE_MULTI', 1] > 0, multi)
                self.assertEqual(seen['REGION_WRITE', 1] > 0, posts)

    def test_refusals(self):
        for option, status, words in (
                ('--depth=0', 2, ('--depth=0', '1024')),
                ('--depth=1025', 2, ('--depth=1025', '1024')),
                ('--bytes=100', 2, ('--bytes=100', '512')),
                ('--rw=trim', 2, ('--rw=trim', 'randread')),
                ('--seconds=0', 2, ('--seconds=0',)),
                ('--nsid=9', 1, ('namespace 9',)),
                ('--mapped', 1, ('mmap-doorbells=on',))):
            with self.subTest(option):
                run = self.run_vfu(option)
                self.assertEqual((run.returncode, run.stdout), (status, ''), run.stderr)
                for word in words:
                    self.assertIn(word, run.stderr)


class TestMapped(NvmeCommand):
    DEVICE = NvmeCommand.DEVICE + ',mmap-doorbells=on'

    def test_no_message_for_a_doorbell(self):
        self.load('--mapped', '--depth=32')
        seen = self.messages()
        self.assertEqual(seen['REGION_WRITE_MULTI', 1], 0)
        self.assertLess(seen['REGION_WRITE', 0] + seen['REGION_WRITE', 1], 40)


if __name__ == '__main__':
    unittest.main()
