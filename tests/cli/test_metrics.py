# SPDX-License-Identifier: GPL-2.0-or-later
"""-object metrics: what Prometheus is told, compared with what clients did."""
import os
import re
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading
import time

from support import DEADLINE, CliTest, wait_for

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'vfio-user'))
import edu  # noqa: E402  pylint: disable=wrong-import-position
import wire  # noqa: E402  pylint: disable=wrong-import-position
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'functional'))
from xremote import stock  # noqa: E402  pylint: disable=wrong-import-position

try:
    from prometheus_client import parser
except ImportError:
    # Debian's package is for Debian's own python3.
    sys.path.append('/usr/lib/python3/dist-packages')
    try:
        from prometheus_client import parser
    except ImportError:
        parser = None

DOC = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../docs/system/metrics.rst')
GET = b'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'


def connect(path):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(DEADLINE)
    sock.connect(path)
    return sock


def hear(sock):
    """Everything until the other end closes, which is closed here too."""
    data = b''
    try:
        while chunk := sock.recv(1 << 16):
            data += chunk
    except ConnectionResetError:
        pass
    sock.close()
    return data


def fetch(path, request=GET):
    """(status, header lines, body)"""
    sock = connect(path)
    sock.sendall(request)
    head, _, body = hear(sock).partition(b'\r\n\r\n')
    lines = head.decode().split('\r\n')
    return int(lines[0].split()[1]), lines[1:], body.decode()


class MetricsTest(CliTest):
    def setUp(self):
        super().setUp()
        if parser is None:
            self.skipTest('python3-prometheus-client is not installed:'
                          ' scripts/install-packages.sh test')
        self.page_path = self.path('m')

    def start_served(self, *more, devices=1):
        words = ['-object', f'metrics,id=m0,path={self.page_path}']
        for n in range(devices):
            words += ['-device', f'edu,id=d{n}', '-object',
                      f'vfio-user-server,id=s{n},path={self.path("d")}{n},device=d{n}']
        return self.start_with_qmp(*words, *more)

    def client(self, n=0):
        client = wire.Client(self.path(f'd{n}'))
        self.addCleanup(client.close)
        return client

    def samples(self, server='s0'):
        """name or (name, further labels...) -> value"""
        status, _, body = fetch(self.page_path)
        self.assertEqual(status, 200)
        values = {}
        for family in parser.text_string_to_metric_families(body):
            for sample in family.samples:
                labels = dict(sample.labels)
                if labels.pop('server', server) != server:
                    continue
                labels.pop('device', None)
                key = (sample.name.replace('xremote_server_', ''), *labels.values())
                self.assertNotIn(key, values, 'the same sample twice')
                values[key if len(key) > 1 else key[0]] = sample.value
        return values


class Counts(MetricsTest):
    def test_messages(self):
        self.start_served()
        before = self.samples()
        self.assertEqual(before['attached'], 0)
        client = self.client().hello()
        for _ in range(3):
            client.info()
        for n in range(9):
            client.region_info(n)
        for _ in range(7):
            client.read(wire.BAR0, 0, 4)
        client.read(wire.CONFIG, 0, 64)
        client.write32(wire.BAR0, edu.LIVENESS, 5)
        for _ in range(4):
            client.post(wire.BAR0, edu.LIVENESS, b'abcd')
        client.dma_map(0, 4096)
        client.dma_map(8192, 4096)
        client.dma_unmap(0, 4096)
        for _ in range(2):
            with self.assertRaises(wire.VfuError):
                client.region_info(100)
        with self.assertRaises(wire.VfuError):
            client.read(wire.BAR0, 1 << 30, 4)
        client.reset()
        after = self.samples()
        for command, count in (('VERSION', 1), ('DEVICE_GET_INFO', 3),
                               ('DEVICE_GET_REGION_INFO', 11), ('REGION_READ', 9),
                               ('REGION_WRITE', 5), ('DMA_MAP', 2), ('DMA_UNMAP', 1),
                               ('DEVICE_RESET', 1), ('DEVICE_SET_IRQS', 0)):
            self.assertEqual(after['messages_total', command], count, command)
        self.assertEqual(after['errors_total', 'DEVICE_GET_REGION_INFO'], 2)
        self.assertEqual(after['errors_total', 'REGION_READ'], 1)
        self.assertEqual(after['errors_total', 'REGION_WRITE'], 0)
        self.assertEqual(after['region_bytes_total', 'read'], 7 * 4 + 64)
        self.assertEqual(after['region_bytes_total', 'write'], 5 * 4)
        self.assertEqual((after['attached'], after['connections_total'], after['dma_maps']),
                         (1, 1, 1))
        client.close()
        wait_for(lambda: self.samples()['attached'] == 0, 'the client to be gone')
        self.assertEqual(self.samples()['dma_maps'], 0)

    def test_connections(self):
        self.start_served()
        first, second, third = (self.client() for _ in range(3))
        first.hello()
        second.hello()
        self.assertTrue(third.is_closed())
        first.send_raw(b'\xff' * 16)
        self.assertTrue(first.is_closed())
        wait_for(lambda: self.samples()['protocol_errors_total'] == 1, 'the first to be dropped')
        values = self.samples()
        self.assertEqual((values['connections_total'], values['refused_total']), (2, 1))

    def test_dma_and_interrupts(self):
        self.start_served()
        client = self.client().hello()
        memory = wire.Memory(1 << 16)
        self.addCleanup(memory.close)
        client.dma_map(0, 1 << 16, memory.fd)
        client.bus_master()
        edu.to_edu(client, 0x1000, 300)
        edu.from_edu(client, 0x2000, 500)
        values = self.samples()
        self.assertEqual(values['dma_bytes_total', 'direct'], 800)
        self.assertEqual(values['dma_bytes_total', 'message'], 0)
        self.assertEqual(values['dma_faults_total'], 0)
        edu.to_edu(client, 0x20000, 16)         # nothing is lent there
        self.assertGreaterEqual(self.samples()['dma_faults_total'], 1)
        eventfd = os.eventfd(0)
        self.addCleanup(os.close, eventfd)
        client.set_irqs(wire.DATA_EVENTFD | wire.TRIGGER, wire.INTX, 0, 1, fds=[eventfd])
        client.write32(wire.BAR0, edu.IRQ_RAISE, 1)
        self.assertEqual(os.eventfd_read(eventfd), 1)
        self.assertEqual(self.samples()['interrupts_total'], 1)

    def test_dma_messages(self):
        self.start_served()
        client = self.client().hello()
        client.dma_map(0, 1 << 16)
        client.bus_master()
        memory = bytearray(1 << 16)
        edu.start_dma(client, 0x1000, edu.BUFFER, 64, 0)
        client.serve_dma(client.next_request(), memory)
        edu.wait_dma(client)
        values = self.samples()
        self.assertEqual(values['dma_messages_total', 'read'], 1)
        self.assertEqual(values['dma_messages_total', 'write'], 0)
        self.assertEqual(values['dma_bytes_total', 'message'], 64)
        self.assertEqual(values['answer_seconds_count', 'dma_read'], 1)

    def test_several_servers(self):
        self.start_served(devices=3)
        self.client(1).hello().info()
        self.assertEqual([self.samples(f's{n}')['messages_total', 'DEVICE_GET_INFO']
                          for n in range(3)], [0, 1, 0])

    def test_histogram(self):
        """Buckets rise, agree with the count, and the sum with the time."""
        self.start_served()
        client = self.client().hello()
        begin = time.monotonic()
        for _ in range(50):
            client.read32(wire.BAR0, edu.ID)
        seconds = time.monotonic() - begin
        values = self.samples()
        buckets = [v for k, v in values.items()
                   if k[:2] == ('answer_seconds_bucket', 'region_read')]
        self.assertEqual(len(buckets), 21)
        self.assertEqual(buckets, sorted(buckets))
        self.assertEqual(buckets[-1], 50)
        self.assertEqual(values['answer_seconds_count', 'region_read'], 50)
        self.assertGreater(values['answer_seconds_sum', 'region_read'], 0)
        self.assertLess(values['answer_seconds_sum', 'region_read'], seconds)
        self.assertEqual(values['answer_seconds_count', 'region_write'], 0)

    def test_process(self):
        process, _ = self.start_served()
        values = self.samples()
        self.assertAlmostEqual(values['process_start_time_seconds'], time.time(), delta=600)
        self.assertEqual(values['process_threads'], len(os.listdir(f'/proc/{process.pid}/task')))
        # One for the connection that asks, which is gone by now.
        self.assertAlmostEqual(values['process_open_fds'],
                               len(os.listdir(f'/proc/{process.pid}/fd')) + 1, delta=2)
        self.assertGreater(values['process_resident_memory_bytes'], 1 << 20)

    def test_names_are_lowercase_and_have_help(self):
        self.start_served()
        for family in parser.text_string_to_metric_families(fetch(self.page_path)[2]):
            self.assertRegex(family.name, r'^(xremote_server|process)_[a-z_]+$')
            self.assertTrue(family.documentation.endswith('.'), family.name)
            self.assertIn(family.type, ('counter', 'gauge', 'histogram'))


class Object(MetricsTest):
    def test_measures_only_while_it_exists(self):
        """Without the object nobody times answers, with it later servers are timed too."""
        _, qmp = self.start_served()
        client = self.client().hello()
        client.info()
        self.assertGreater(self.samples()['answer_seconds_count', 'setup'], 1)
        qmp.command_with('object-del', {'id': 'm0'})
        self.assertFalse(os.path.exists(self.page_path))
        client.read32(wire.BAR0, 0)
        qmp.command_with('object-add', {'qom-type': 'metrics', 'id': 'm1',
                                        'path': f'unix:{self.page_path}'})
        self.assertEqual(self.samples()['answer_seconds_count', 'region_read'], 0)
        self.assertEqual(self.samples()['messages_total', 'REGION_READ'], 1)
        qmp.command_with('device_add', {'driver': 'edu', 'id': 'd9'})
        qmp.command_with('object-add', {'qom-type': 'vfio-user-server', 'id': 's9',
                                        'path': self.path('d9'), 'device': 'd9'})
        self.client(9).hello()
        self.assertEqual(self.samples('s9')['answer_seconds_count', 'setup'], 1)

    def test_two_objects(self):
        other = self.path('m2')
        _, qmp = self.start_served('-object', f'metrics,id=m2,path={other}')
        client = self.client().hello()
        qmp.command_with('object-del', {'id': 'm0'})
        client.read32(wire.BAR0, 0)
        self.page_path = other
        self.assertEqual(self.samples()['answer_seconds_count', 'region_read'], 1)

    def test_mode_and_end(self):
        old = os.umask(0)
        self.addCleanup(os.umask, old)
        process, _ = self.start_served()
        self.assertEqual(stat.S_IMODE(os.stat(self.page_path).st_mode), 0o600)
        self.assertEqual(self.end(process)[0], 0)
        self.assertEqual(self.left(), [])

    def test_leftover_and_taken(self):
        process, _ = self.start_served()
        self.assert_refused(self.run_program('-object', f'metrics,id=m,path={self.page_path}'),
                            'in use')
        process.kill()
        process.wait()
        self.start_with_qmp('-object', f'metrics,id=m0,path={self.page_path}')
        self.assertEqual(fetch(self.page_path)[0], 200)

    def test_bad_options(self):
        plain = self.path('file')
        with open(plain, 'w', encoding='ascii'):
            pass
        for options, *fragments in (('id=m0', "'path' is missing"),
                                    ('id=m0,path=', "'path' is missing"),
                                    ('id=m0,path=tcp:127.0.0.1:9469', 'UNIX socket only'),
                                    (f'id=m0,path={"x" * 200}', 'too long'),
                                    (f'id=m0,path={plain}', 'file', 'in use'),
                                    (f'id=m0,path={self.path("no/m")}', 'No such file'),
                                    ('id=m0,path=x,foo=bar', 'foo')):
            with self.subTest(options):
                self.assert_refused(self.run_program('-object', f'metrics,{options}'), *fragments)

    def test_no_change_later(self):
        _, qmp = self.start_served()
        reply = qmp.execute_with('qom-set', {'path': '/objects/m0', 'property': 'path',
                                             'value': 'x'})
        self.assertIn('cannot be changed', reply['error']['desc'])


class Http(MetricsTest):
    def test_head_and_others(self):
        self.start_served()
        status, lines, body = fetch(self.page_path, b'HEAD /metrics HTTP/1.0\r\n\r\n')
        self.assertEqual((status, body), (200, ''))
        self.assertIn('Content-Type: text/plain; version=0.0.4; charset=utf-8', lines)
        self.assertEqual(fetch(self.page_path, b'GET / HTTP/1.1\r\n\r\n')[0], 404)
        self.assertEqual(fetch(self.page_path, b'POST /metrics HTTP/1.1\r\n\r\n')[0], 405)
        self.assertEqual(fetch(self.page_path, b'garbage\r\n\r\n')[0], 400)

    def test_length(self):
        self.start_served()
        _, lines, body = fetch(self.page_path)
        self.assertIn(f'Content-Length: {len(body)}', lines)
        self.assertIn('Connection: close', lines)

    def test_endless_header(self):
        self.start_served()
        sock = connect(self.page_path)
        sock.sendall(b'GET /metrics HTTP/1.1\r\nX: ')
        try:
            for _ in range(1000):
                sock.sendall(b'x' * 1024)
        except (BrokenPipeError, ConnectionResetError):
            pass
        self.assertTrue(hear(sock).startswith(b'HTTP/1.1 431 '))

    def test_slow_and_many(self):
        """Those who say nothing keep neither others nor a device from being served."""
        _, qmp = self.start_served()
        client = self.client().hello()
        idle = [connect(self.page_path) for _ in range(7)]
        for sock in idle:
            sock.send(b'GET /met')
        for _ in range(5):
            self.assertEqual(fetch(self.page_path)[0], 200)
        full = connect(self.page_path)
        qmp.command('query-status')
        client.read32(wire.BAR0, 0)
        idle[0].close()
        full.sendall(GET)
        self.assertTrue(hear(full).startswith(b'HTTP/1.1 200 '))
        for sock in idle[1:]:
            sock.close()

    def test_time_is_bounded(self):
        """A client that says nothing is dropped after ten seconds."""
        self.start_served()
        sock = connect(self.page_path)
        begin = time.monotonic()
        self.assertEqual(hear(sock), b'')
        self.assertGreater(time.monotonic() - begin, 9)

    def test_never_read(self):
        """A page that nobody takes is not kept for long, and holds nobody up."""
        self.start_served(devices=24)
        socks = [connect(self.page_path) for _ in range(4)]
        for sock in socks:
            sock.sendall(GET)
        self.assertEqual(fetch(self.page_path)[0], 200)
        for sock in socks:
            sock.close()
        self.assertEqual(fetch(self.page_path)[0], 200)

    def test_end_with_connections(self):
        process, _ = self.start_served()
        socks = [connect(self.page_path) for _ in range(4)]
        socks[0].sendall(GET)
        self.assertEqual(self.end(process)[0], 0)
        for sock in socks:
            sock.close()

    def test_storm(self):
        """Pages are asked for, objects come and go, clients work."""
        process, qmp = self.start_served(devices=2)
        stop = threading.Event()
        failures = []

        def ask():
            while not stop.is_set():
                try:
                    fetch(self.page_path)
                except (OSError, IndexError):
                    pass                # it is away just now

        def work():
            try:
                while not stop.is_set():
                    with wire.Client(self.path('d1')) as client:
                        client.hello().info()
                        client.post(wire.BAR0, edu.LIVENESS, b'abcd')
            except Exception as e:      # pylint: disable=broad-except
                failures.append(e)
        threads = [threading.Thread(target=f) for f in (ask, ask, work)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(20):
                qmp.command_with('object-del', {'id': 'm0'})
                qmp.command_with('object-add', {'qom-type': 'metrics', 'id': 'm0',
                                                'path': self.page_path})
                qmp.command_with('object-del', {'id': 's0'})
                qmp.command_with('object-add', {
                    'qom-type': 'vfio-user-server', 'id': 's0', 'device': 'd0',
                    'path': self.path('d0')})
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(self.end(process)[0], 0)


class Tools(MetricsTest):
    def test_promtool(self):
        try:
            promtool = stock.promtool()
        except stock.StockError as e:
            self.skipTest(str(e))
        self.start_served(devices=2)
        self.client().hello().read32(wire.BAR0, 0)
        page = fetch(self.page_path)[2]
        result = subprocess.run([promtool, 'check', 'metrics'], input=page, text=True,
                                capture_output=True, check=False, timeout=DEADLINE)
        self.assertEqual((result.returncode, result.stdout + result.stderr), (0, ''))

    def test_documented(self):
        """The examples of the document run, and its table has every family."""
        with open(DOC, encoding='utf-8') as file:
            text = file.read()
        self.start_served()
        blocks = [re.sub(r'(?m)^    ', '', block)
                  for block in re.findall(r'::\n\n((?:    .*\n|\n)+)', text)]
        curl = next(block for block in blocks if block.startswith('curl '))
        if not shutil.which('curl'):
            self.skipTest('curl is not installed: scripts/install-packages.sh test')
        command = curl.strip().replace('/run/x-remote/metrics.sock', self.page_path)
        page = subprocess.run(command, shell=True, text=True, capture_output=True, check=True,
                              timeout=DEADLINE).stdout
        shown = {f'{m[0]} {m[1]}' for m in re.findall(r'(?m)^# TYPE (\S+) (\S+)$', page)}
        documented = {f'{name} {kind}' for name, kind in
                      re.findall(r'(?m)^``((?:xremote|process)_\w+)``\s+(\w+)', text)}
        self.assertEqual(documented, shown)


class Stuck(MetricsTest):
    def test_signal_during_a_page(self):
        process, _ = self.start_served(devices=8)
        sock = connect(self.page_path)
        sock.sendall(GET)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(DEADLINE), 0)
        sock.close()
