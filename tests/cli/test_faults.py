# SPDX-License-Identifier: GPL-2.0-or-later
"""The outside fails at any point of the start: X_REMOTE_FAULT (qemu/fault-inject.h)."""
import os
import signal

from support import DEADLINE, CliTest, wait_for

MOST = 40      # questions that a start may ask


class Start(CliTest):
    def words(self):
        return ('-machine', 'x-remote', '-nodefaults', '-D', self.path('log'),
                '-pidfile', self.path('pid'), '-qmp', f'unix:{self.path("qmp")},server=on,wait=off',
                '-device', 'isolated-rc,id=vmA', '-device', 'edu,id=d0,bus=vmA.0',
                '-device', 'dma-engine,id=d1',
                '-object', f'vfio-user-server,id=s0,device=d0,path={self.path("d0")}',
                '-object', f'vfio-user-server,id=s1,device=d1,path={self.path("d1")}')

    def start_with(self, fault):
        return self.start(*self.words(), env={**os.environ, 'X_REMOTE_FAULT': fault})

    def outcome(self, process):
        """'up', or what it said before it ended."""
        wait_for(lambda: process.poll() is not None or os.path.exists(self.path('d1')),
                 'the program to come up or end')
        if process.poll() is None:
            return 'up'
        return process.stderr.read().decode()

    def tidy_up(self):
        if os.path.exists(self.path('log')):
            os.unlink(self.path('log'))
        self.assertEqual(self.left(), [])

    def test_each_point(self):
        """It comes up all the same, or says why not in one line and leaves nothing."""
        refused = 0
        for nth in range(1, MOST + 1):
            process = self.start_with(f'any:{nth}')
            said = self.outcome(process)
            with self.subTest(nth, said=said):
                if said == 'up':
                    status, _ = self.end(process)
                    self.assertEqual(status, 0)
                else:
                    refused += 1
                    self.assertEqual(process.wait(DEADLINE), 1)
                    self.assertRegex(said, r'\Aqemu-system-x86_64: .+\n\Z')
                self.tidy_up()
        self.assertGreater(refused, 5)

    def test_bad_value(self):
        process = self.start_with('nonsense')
        self.assertIn('X_REMOTE_FAULT', self.outcome(process))
        self.assertEqual(process.wait(DEADLINE), 1)
        self.tidy_up()

    def test_nothing_works_any_more(self):
        """From some point on everything fails: it ends, or can be ended."""
        for nth in range(1, MOST + 1, 7):
            process = self.start_with(f'any:{nth}+')
            said = self.outcome(process)
            if said == 'up':
                process.send_signal(signal.SIGTERM)
            self.assertIn(process.wait(DEADLINE), (0, 1), said)
            if os.path.exists(self.path('log')):
                os.unlink(self.path('log'))
            self.assertEqual(self.left(), [], said)
