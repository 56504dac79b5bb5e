#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""vfu's commands as a user calls them, against a running server.

VFU and VFU_SERVER name the two programs.
"""
import hashlib
import json
import os
import signal
import struct
import subprocess
import tempfile
import time
import unittest

VFU = os.environ['VFU']
SERVER = os.environ['VFU_SERVER']
EDU_COPY = ['bar0:0x80/8=0x100000', 'bar0:0x88/8=0x40000', 'bar0:0x90/8=256',
            'bar0:0x98/8=1', 'bar0:0x98/8&1==0',
            'bar0:0x80/8=0x40000', 'bar0:0x88/8=0x100800', 'bar0:0x98/8=3',
            'bar0:0x98/8&1==0']


def wait_for(path):
    """The socket file is there (a server makes it when it listens)."""
    for _ in range(500):
        if os.path.exists(path):
            return
        time.sleep(0.01)
    raise AssertionError(f'{path} does not appear')


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.TemporaryDirectory()
        cls.edu = os.path.join(cls.dir.name, 'edu.sock')
        cls.engine = os.path.join(cls.dir.name, 'engine.sock')
        cls.server = subprocess.Popen([
            SERVER, '-machine', 'x-remote', '-nodefaults', '-display', 'none',
            '-device', 'edu,id=d0', '-object',
            f'vfio-user-server,id=s0,type=unix,path={cls.edu},device=d0,on-disconnect=keep',
            '-device', 'dma-engine,id=d1', '-object',
            f'vfio-user-server,id=s1,type=unix,path={cls.engine},device=d1'],
            stderr=subprocess.DEVNULL)
        wait_for(cls.engine)

    @classmethod
    def tearDownClass(cls):
        cls.server.terminate()
        status = cls.server.wait(10)
        cls.dir.cleanup()
        if status:
            raise AssertionError(f'the server ended with {status}')

    def vfu(self, *args, status=0):
        run = subprocess.run([VFU, *args], capture_output=True, timeout=30, check=False)
        self.assertEqual(run.returncode, status, f'{args}: {run.stdout} {run.stderr}')
        self.assertEqual(bool(run.stderr), status != 0)
        return run.stdout.decode() if status == 0 else run.stderr.decode()

    def json(self, *args):
        return json.loads(self.vfu(args[0], '--json', *args[1:]))

    def test_info(self):
        text = self.vfu('info', self.edu)
        self.assertIn('[1234:11e8]', text)
        self.assertIn('MSI: ', text)
        self.assertIn('Region 0: Memory at', text)
        info = self.json('info', self.engine)
        self.assertEqual(info['config']['device'], '0x11e9')
        self.assertEqual(info['regions'][0]['size'], 16384)
        kinds = [c['kind'] for c in info['config']['capabilities']]
        self.assertIn('msix', kinds)

    def test_info_as_each_client(self):
        for client in ('plain', 'qemu', 'qemu-10.1', 'cloud-hypervisor', 'spdk',
                       'libvfio-user'):
            with self.subTest(client):
                minor = self.json('info', f'--client={client}', self.edu)['protocol']['minor']
                self.assertLessEqual(minor, 0 if client.startswith('qemu') else 2)

    def test_read_and_write(self):
        self.assertEqual(self.vfu('read', self.edu, 'bar0', '0').strip(), '0x010000ed')
        self.vfu('write', self.edu, 'bar0', '4', '0x12345678')
        self.assertEqual(self.json('read', self.edu, 'bar0', '4')['value'], '0xedcba987')
        self.vfu('write', '--posted', self.edu, 'bar0', '4', '0')
        self.assertEqual(self.json('read', self.edu, 'bar0', '4')['value'], '0xffffffff')
        self.assertTrue(self.json('read', self.edu, 'config', '0', '64')['bytes']
                        .startswith('3412e811'))
        run = subprocess.run([VFU, 'read', '--binary', self.edu, 'config', '0', '4'],
                             capture_output=True, timeout=30, check=True)
        self.assertEqual(run.stdout, b'\x34\x12\xe8\x11')

    def test_refused_by_the_server(self):
        self.assertIn('Invalid argument',
                      self.vfu('read', self.edu, 'bar0', '0x100000', status=1))
        self.assertIn('Invalid argument', self.vfu('read', self.edu, 'bar3', '0', status=1))

    def test_dma(self):
        before = b''.join(struct.pack('<I', i) for i in range(0, 65536, 4))
        after = before[:0x800] + before[:256] + before[0x900:]
        for option in ([], ['--no-fd']):
            with self.subTest(option):
                result = self.json('dma', '--fill=count', *option, self.edu, *EDU_COPY)
                self.assertEqual(result['sha256'], hashlib.sha256(after).hexdigest())
                self.assertEqual(result['changed'],
                                 [{'first': '0x100801', 'last': '0x1008fd'}])
                self.assertEqual(result['dma_read_messages'] > 0, bool(option))

    def test_dma_refused(self):
        """To memory that may only be read, and without bus mastering."""
        empty = hashlib.sha256(bytes(65536)).hexdigest()
        for option in ('--access=r', '--no-enable'):
            with self.subTest(option):
                if option == '--no-enable':
                    self.vfu('write', '--width=2', self.edu, 'config', '4', '0')
                result = self.json('dma', option, self.edu, *EDU_COPY)
                self.assertEqual(result['sha256'], empty)

    def test_irq(self):
        lines = self.vfu('irq', '--json', '--count=1', '--seconds=5', self.edu, 'msi',
                         'bar0:0x60=1', 'bar0:0x64=1').splitlines()
        self.assertEqual(json.loads(lines[-1])['type'], 'msi')
        text = self.vfu('irq', '--count=2', '--seconds=5', self.edu, 'intx', 'bar0:0x60=1')
        self.assertEqual(text.count('intx vector 0'), 2)
        self.vfu('write', self.edu, 'bar0', '0x64', '0xffffffff')
        text = self.vfu('irq', '--trigger', '--seconds=0.5', self.engine)
        for vector in range(4):
            self.assertIn(f'msix vector {vector}', text)
        self.assertIn('no interrupt', self.vfu('irq', '--count=1', '--seconds=0.1', self.edu,
                                               'msi', status=1))

    def test_reset(self):
        self.assertIn('reset', self.vfu('reset', self.edu))

    def test_trace(self):
        path = os.path.join(self.dir.name, 'trace.sock')
        capture = os.path.join(self.dir.name, 'trace.pcapng')
        # Not into a pipe: the dialogue stops while nobody reads the output.
        with tempfile.TemporaryFile() as output, \
                subprocess.Popen([VFU, 'trace', '--json', f'--pcapng={capture}', path,
                                  self.edu], stdout=output) as tracer:
            wait_for(path)
            self.vfu('irq', '--count=1', '--seconds=5', path, 'msi', 'bar0:0x60=1',
                     'bar0:0x64=1')
            self.vfu('dma', '--no-fd', '--fill=count', path, *EDU_COPY)
            time.sleep(0.2)
            tracer.send_signal(signal.SIGINT)
            self.assertEqual(tracer.wait(10), 0)
            output.seek(0)
            lines = [json.loads(line) for line in output]
        self.assertFalse(os.path.exists(path))
        messages = [line for line in lines if 'command' in line]
        bind = next(m for m in messages if m['command'] == 'DEVICE_SET_IRQS')
        self.assertEqual((bind['fds'], bind['fields']['irq']), (1, 'msi'))
        dma = [m for m in messages if m['command'] == 'DMA_READ']
        self.assertEqual([m['to'] for m in dma], ['client', 'server'])
        self.assertIn('latency_us', dma[1])
        with open(capture, 'rb') as f:
            data = f.read()
        blocks, at = [], 0
        while at < len(data):
            kind, size = struct.unpack_from('<II', data, at)
            self.assertEqual(struct.unpack_from('<I', data, at + size - 4)[0], size)
            blocks.append(kind)
            at += size
        self.assertEqual(blocks[:2], [0x0a0d0d0a, 1])
        self.assertEqual(blocks[2:], [6] * len(messages))

    def test_bad_command_lines(self):
        """Each names the option or word, the value and what would be right."""
        for args, status, words in (
                (('nosuch',), 2, ('nosuch', 'vfu help')),
                (('info',), 2, ('missing', 'SOCK')),
                (('info', '/nonexistent/x'), 1, ('/nonexistent/x', 'server running')),
                (('info', '--client=vmware', self.edu), 2, ('--client=vmware', 'vfu help')),
                (('info', '--timeout=-1', self.edu), 2, ('--timeout=-1', 'seconds')),
                (('info', '--nosuch', self.edu), 2, ('--nosuch', 'vfu help info')),
                (('read', self.edu, 'bar9', '0'), 2, ('bar9', 'bar0 to bar5')),
                (('read', self.edu, 'bar0', 'zero'), 2, ('offset', 'zero', 'decimal')),
                (('read', '--width=3', self.edu, 'bar0', '0'), 2, ("'3'", '1, 2, 4 or 8')),
                (('write', self.edu, 'bar0', '4', '0x1ffffffff'), 1, ('0x1ffffffff', '--width')),
                (('dma', '--access=x', self.edu), 2, ('--access=x', 'rw')),
                (('dma', '--fill=300', self.edu), 1, ('--fill=300', 'count')),
                (('dma', '--size=0', self.edu), 2, ('--size=0',)),
                (('dma', self.edu, 'bar0'), 2, ("'bar0'", 'REGION:OFFSET')),
                (('irq', self.edu, 'msix'), 1, ('msix', 'vfu info')),
                (('trace', self.edu, self.edu), 1, (self.edu, 'in use')),
                (('trace', 'a' * 108, self.edu), 1, ('aaa', '107')),
                (('bench',), 2, ('--self',)),
                (('bench', '--self', '--only=nosuch'), 2, ('--only=nosuch', 'vfu help')),
                (('bench', '--self', '--server=/nonexistent'), 2, ('/nonexistent', '--server'))):
            with self.subTest(args):
                text = self.vfu(*args, status=status)
                self.assertEqual(text.count('\n'), 1)
                for word in words:
                    self.assertIn(word, text)

    def test_help(self):
        for command in ('info', 'read', 'write', 'dma', 'irq', 'reset', 'bench', 'trace'):
            self.assertIn(f'vfu {command}', self.vfu('help', command))
            self.assertIn(command, self.vfu('help'))


if __name__ == '__main__':
    unittest.main()
