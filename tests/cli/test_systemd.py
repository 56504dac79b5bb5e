# SPDX-License-Identifier: GPL-2.0-or-later
"""The units of contrib/systemd. Nothing here runs systemd itself: what it says of the
units is checked, and their system call filter is applied by under-filter."""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys

from support import DEADLINE, PROGRAM, CliTest, wait_for
from test_metrics import fetch

HERE = os.path.dirname(os.path.abspath(__file__))
UNDER_FILTER = os.path.join(HERE, 'under-filter')
UNITS = os.path.join(os.path.dirname(os.path.abspath(PROGRAM)), 'contrib', 'systemd')

sys.path.insert(0, os.path.join(HERE, '..', 'vfio-user'))
import dma_engine as engine  # noqa: E402  pylint: disable=wrong-import-position
import wire  # noqa: E402  pylint: disable=wrong-import-position


def unit(name):
    with open(os.path.join(UNITS, name), encoding='utf-8') as file:
        return file.read()


LOOPBACK = '127.0.0.1'


def name_of_loopback():
    """If names are known here: a small root may have no /etc/hosts."""
    try:
        found = socket.getaddrinfo('localhost', None, socket.AF_INET)
    except OSError:
        found = []
    return 'localhost' if any(address[0] == LOOPBACK for *_, address in found) else LOOPBACK


class SystemdTest(CliTest):
    def setUp(self):
        super().setUp()
        if not shutil.which('systemd-analyze'):
            self.skipTest('systemd-analyze is not there: Debian\'s package systemd has it,'
                          ' scripts/install-packages.sh test')


class Units(SystemdTest):
    def analyze(self, *words):
        return subprocess.run(['systemd-analyze', *words], text=True, capture_output=True,
                              check=False, timeout=DEADLINE)

    def test_verify(self):
        """No unknown directive, no bad value; the program is where the unit says."""
        service = re.sub(r'(?m)^ExecStart=\S+', f'ExecStart={os.path.abspath(PROGRAM)}',
                         unit('x-remote@.service'))
        for name, text in (('x-remote@.service', service),
                           ('x-remote@.socket', unit('x-remote@.socket')),
                           ('x-remote@.service.d/nbd-tcp.conf', unit('nbd-tcp.conf'))):
            os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
            with open(self.path(name), 'w', encoding='utf-8') as file:
                file.write(text)
        result = self.analyze('verify', self.path('x-remote@.service'),
                              self.path('x-remote@.socket'))
        self.assertEqual((result.returncode, result.stdout + result.stderr), (0, ''))

    def test_verify_can_fail(self):
        with open(self.path('x@.service'), 'w', encoding='utf-8') as file:
            file.write('[Service]\nExecStart=/bin/true\nNoNewPriviliges=yes\n')
        result = self.analyze('verify', self.path('x@.service'))
        self.assertIn('NoNewPriviliges', result.stdout + result.stderr)

    def test_exposure(self):
        """At most 1.0 of 10 by systemd's own measure."""
        result = self.analyze('security', '--offline=true', '--threshold=10',
                              os.path.join(UNITS, 'x-remote@.service'))
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn('Overall exposure level', result.stdout)

    def test_promises(self):
        text = unit('x-remote@.service')
        for line in ('Type=notify', 'NoNewPrivileges=yes', 'ProtectSystem=strict',
                     'PrivateDevices=yes', 'RestrictAddressFamilies=AF_UNIX',
                     'MemoryDenyWriteExecute=yes', 'RuntimeDirectory=x-remote/%i',
                     'Restart=on-failure'):
            self.assertIn(f'\n{line}\n', text)
        self.assertRegex(text, r'(?m)^WatchdogSec=\d')
        self.assertRegex(text, r'(?m)^ExecReload=kill -HUP \$MAINPID$')
        self.assertRegex(text, r'(?m)^ExecStart=/\S+/qemu-system-x86_64 .*-readconfig \S+/%i\.conf$')


class Example(CliTest):
    def test_starts(self):
        text = unit('example.conf').replace('/run/x-remote/vmA', self.dir)
        with open(self.path('conf'), 'w', encoding='utf-8') as file:
            file.write(text)
        process = self.start('-machine', 'x-remote', '-nodefaults', '-display', 'none',
                             '-readconfig', self.path('conf'))
        qmp = self.connect(self.path('qmp.sock'), process)
        self.assertEqual(qmp.command('query-name')['name'], 'vmA')
        self.assertEqual(self.left(), ['conf', 'd0.sock', 'metrics.sock', 'qmp.sock'])
        self.assertEqual(self.end(process)[0], 0)


class Filter(SystemdTest):
    def setUp(self):
        super().setUp()
        with open(PROGRAM, 'rb') as file:
            sanitized = re.search(b'__(a|t|ub)san_', file.read())
        if sanitized:
            self.skipTest('a sanitizer makes system calls of its own')
        os.environ['X_REMOTE_FILTERED'] = os.path.abspath(PROGRAM)

    def start_filtered(self, *words, **kwargs):
        kwargs.setdefault('stdin', subprocess.DEVNULL)
        process = subprocess.Popen([UNDER_FILTER, *words], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, **kwargs)
        self.processes.append(process)
        return process

    def test_life_of_a_service(self):
        """Start, clients, DMA by all ways, hot plug, metrics, log rotation, the end."""
        log = self.path('log')
        process = self.start_filtered(
            '-machine', 'x-remote', '-D', log, '-trace', 'qmp_receive', '-qmp',
            f'unix:{self.path("qmp")},server=on,wait=off',
            '-object', f'metrics,id=m0,path={self.path("m")}', env={
                **os.environ, 'WATCHDOG_USEC': '200000', 'NOTIFY_SOCKET': self.path('none')})
        qmp = self.connect(self.path('qmp'), process)
        for access in ('auto', 'file', 'message'):
            self.serve_and_use(qmp, access)
        os.rename(log, log + '.1')
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: os.path.exists(log), 'the new log')
        status, err = self.end(process)
        self.assertEqual(status, 0, err)
        self.assertEqual(self.left(), ['log', 'log.1'])

    def test_example(self):
        """With monitors on character devices, whose clients come and go."""
        text = unit('example.conf').replace('/run/x-remote/vmA', self.dir)
        with open(self.path('conf'), 'w', encoding='utf-8') as file:
            file.write(text)
        process = self.start_filtered('-machine', 'x-remote', '-readconfig', self.path('conf'),
                                      '-monitor', f'unix:{self.path("hmp")},server=on,wait=off')
        for _ in range(3):
            qmp = self.connect(self.path('qmp.sock'), process)
            qmp.command('query-chardev')
            qmp.command_with('human-monitor-command', {'command-line': 'info qtree'})
            qmp.close()
        status, err = self.end(process)
        self.assertEqual(status, 0, err)

    def serve_and_use(self, qmp, access):
        qmp.command_with('device_add', {'driver': 'dma-engine', 'id': f'e-{access}'})
        qmp.command_with('object-add', {
            'qom-type': 'vfio-user-server', 'id': f's-{access}', 'device': f'e-{access}',
            'path': self.path('e'), 'dma-access': access})
        memory = wire.Memory(1 << 16)
        with wire.Client(self.path('e')) as client:
            client.hello()
            client.dma_map(0, 1 << 16, memory.fd)
            client.bus_master()
            if access == 'message':
                client.on_request = lambda msg: client.serve_dma(msg, bytearray(1 << 16))
            self.assertEqual(engine.Channel(client).run(engine.FROM_BUFFER, 0, 0x1000, 5000), 0)
            client.dma_unmap(0, 1 << 16)
            client.reset()
        memory.close()
        self.assertEqual(fetch(self.path('m'))[0], 200)
        qmp.command_with('object-del', {'id': f's-{access}'})
        qmp.command_with('device_del', {'id': f'e-{access}'})

    def serve_disk_by_tcp(self):
        """Of qemu-nbd: the port."""
        if not shutil.which('qemu-nbd'):
            self.skipTest('qemu-nbd is not here')
        with open(self.path('disk'), 'wb') as file:
            file.truncate(1 << 20)
        with socket.create_server((LOOPBACK, 0)) as free:
            port = free.getsockname()[1]
        server = self.start_command(['qemu-nbd', '--persistent', '--format=raw', f'--bind={LOOPBACK}',
                                     f'--port={port}', self.path('disk')])

        def answers():
            self.assertIsNone(server.poll(), 'qemu-nbd ended')
            try:
                socket.create_connection((LOOPBACK, port), 1).close()
            except OSError:
                return False
            return True
        wait_for(answers, 'qemu-nbd')
        return port

    def test_disk_by_tcp(self):
        """With the drop-in for it, a server's name is looked up and its disk is there."""
        host, port = name_of_loopback(), self.serve_disk_by_tcp()
        line = ('-machine', 'x-remote', '-qmp', f'unix:{self.path("qmp")},server=on,wait=off',
                '-blockdev', f'driver=nbd,node-name=n0,server.type=inet,server.host={host},'
                f'server.port={port}')
        process = self.start_filtered(*line)
        process.communicate(timeout=DEADLINE)
        self.assertEqual(process.returncode, -signal.SIGSYS)
        process = self.start_filtered(*line, env={**os.environ, 'X_REMOTE_DROP_IN': 'nbd-tcp.conf'})
        qmp = self.connect(self.path('qmp'), process)
        node, = qmp.command('query-named-block-nodes')
        self.assertEqual(node['image']['virtual-size'], 1 << 20)
        status, err = self.end(process)
        self.assertEqual(status, 0, err)

    def test_forbidden(self):
        """The filter is there: what the unit does not allow kills."""
        for words in (('-daemonize',),              # setsid()
                      ('-qmp', 'tcp:127.0.0.1:0,server=on,wait=off')):
            process = self.start_filtered(*words)
            _, err = process.communicate(timeout=DEADLINE)
            self.assertNotEqual(process.returncode, 0, (words, err))
        self.assertEqual(process.returncode, -signal.SIGSYS)
