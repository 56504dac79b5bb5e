# SPDX-License-Identifier: GPL-2.0-or-later
"""QMP conversations: what a management program may rely on, and what a hostile
or broken one must not be able to do."""
import json
import os
import re
import socket
import threading

from support import DEADLINE, CliTest, Qmp, vfio_user_client, wait_for


class QmpTest(CliTest):
    def setUp(self):
        super().setUp()
        self.process, self.qmp = self.start_with_qmp()
        self.monitor = self.path('qmp')

    def another(self, **kwargs):
        return self.connect(self.monitor, self.process, **kwargs)

    def assert_error(self, reply, error_class, text):
        self.assertEqual(reply['error']['class'], error_class)
        self.assertIn(text, reply['error']['desc'])

    def rss_kib(self):
        with open(f'/proc/{self.process.pid}/status', encoding='ascii') as file:
            return int(re.search(r'RssAnon:\s*(\d+)', file.read()).group(1))

    def open_files(self):
        return len(os.listdir(f'/proc/{self.process.pid}/fd'))


class Conversation(QmpTest):
    def test_greeting(self):
        version = self.qmp.greeting['QMP']['version']
        self.assertEqual(version['qemu'], {'major': 8, 'minor': 2, 'micro': 0})
        self.assertRegex(version['package'], r'^x-remote \d')
        self.assertEqual(self.qmp.greeting['QMP']['capabilities'], [])
        self.assertEqual(self.qmp.command('query-version'), version)

    def test_negotiation(self):
        other = self.another(negotiate=False)
        self.assert_error(other.execute('query-status'), 'CommandNotFound',
                          "Expecting capabilities negotiation with 'qmp_capabilities'")
        self.assert_error(other.execute('qmp_capabilities', enable=['oob']), 'GenericError', 'oob')
        self.assertEqual(other.command('qmp_capabilities'), {})
        self.assert_error(other.execute('qmp_capabilities'), 'CommandNotFound',
                          'already complete')
        other.command('query-status')

    def test_status_name_uuid(self):
        self.assertEqual(self.qmp.command('query-status'), {'running': True, 'status': 'running'})
        self.assertEqual(self.qmp.command('query-name'), {})
        self.assertEqual(self.qmp.command('query-uuid'),
                         {'UUID': '00000000-0000-0000-0000-000000000000'})

    def test_stop_and_cont(self):
        self.qmp.command('stop')
        self.qmp.event('STOP')
        self.assertEqual(self.qmp.command('query-status')['status'], 'paused')
        self.qmp.command('cont')
        self.qmp.event('RESUME')
        self.assertEqual(self.qmp.command('query-status')['status'], 'running')

    def test_commands_are_listed(self):
        names = [entry['name'] for entry in self.qmp.command('query-commands')]
        self.assertEqual(names, sorted(set(names)))
        for name in ('qmp_capabilities', 'query-version', 'query-status', 'query-commands',
                     'quit', 'object-add', 'object-del', 'device_add', 'device_del',
                     'qom-list', 'qom-get', 'qom-set'):
            self.assertIn(name, names)

    def test_id_comes_back(self):
        for ident in (1, 'x', None, [1, {'a': 'b'}], {'deep': [None, True]}):
            self.qmp.send(json.dumps({'execute': 'query-status', 'id': ident}))
            reply = self.qmp.reply()
            self.assertEqual(reply['id'], ident)
            self.qmp.send(json.dumps({'execute': 'nonsense', 'id': ident}))
            self.assertEqual(self.qmp.reply()['id'], ident)

    def test_quit(self):
        self.assertEqual(self.qmp.execute('quit'), {'return': {}})
        event = self.qmp.event('SHUTDOWN')
        self.assertEqual(event['data'], {'guest': False, 'reason': 'host-qmp-quit'})
        self.assertIn('seconds', event['timestamp'])
        self.assertIsNone(self.qmp.reply())
        self.assertEqual(self.process.wait(DEADLINE), 0)
        self.assertEqual(self.left(), [])

    def test_arguments_are_checked(self):
        qmp = self.qmp
        self.assert_error(qmp.execute('nonsense'), 'CommandNotFound',
                          'The command nonsense has not been found')
        self.assert_error(qmp.execute('query-status', x=1), 'GenericError',
                          "Parameter 'x' is unexpected")
        self.assert_error(qmp.execute('device_del'), 'GenericError', "Parameter 'id' is missing")
        self.assert_error(qmp.execute('device_del', id=1), 'GenericError',
                          "Invalid parameter type for 'id', expected: string")

    def test_several_monitors(self):
        others = [self.another() for _ in range(5)]
        for i, other in enumerate(others):
            other.send('{"execute":"query-name","id":%d}' % i)
        for i, other in reversed(list(enumerate(others))):
            self.assertEqual(other.reply(), {'return': {}, 'id': i})

    def test_more_monitors_than_places_wait(self):
        clients = [self.another() for _ in range(15)]
        with socket.socket(socket.AF_UNIX) as waiting:
            waiting.settimeout(0.3)
            waiting.connect(self.monitor)
            with self.assertRaises(TimeoutError):
                waiting.recv(1)
            clients[7].close()
            waiting.settimeout(DEADLINE)
            self.assertEqual(waiting.recv(1), b'{')


class Objects(QmpTest):
    def serve(self, number):
        self.qmp.command('device_add', driver='edu', id=f'd{number}')
        self.qmp.command_with('object-add', {
            'qom-type': 'vfio-user-server', 'id': f's{number}', 'device': f'd{number}',
            'socket': {'type': 'unix', 'path': self.path(f's{number}')}})

    def test_add_and_delete(self):
        self.serve(0)
        self.assertIn('s0', self.left())
        reply = self.qmp.execute('device_del', id='d0')
        self.assertIn('error', reply)
        self.assertIn('s0', reply['error']['desc'])
        self.assertEqual(self.qmp.execute_with('object-del', {'id': 's0'}), {'return': {}})
        self.assertNotIn('s0', self.left())
        self.qmp.command('device_del', id='d0')
        self.assertEqual(self.qmp.event('DEVICE_DELETED')['data']['device'], 'd0')

    def test_own_root_complex_goes_silently(self):
        """One event for each device that was added, none for what was not."""
        qmp = self.qmp
        qmp.command('device_add', driver='edu', id='d0')
        qmp.command('device_del', id='d0')
        self.assertIn('error', qmp.execute('device_add', driver='edu', id='d1', nonsense=1))
        qmp.command('device_add', driver='isolated-rc', id='rc')
        qmp.command('device_del', id='rc')
        gone = [qmp.event('DEVICE_DELETED')['data'] for _ in range(2)]
        self.assertEqual([data.get('device') for data in gone], ['d0', 'rc'])

    def test_errors(self):
        qmp = self.qmp
        self.assert_error(qmp.execute('device_add', driver='nonsense'), 'GenericError',
                          "'nonsense' is not a valid device model name")
        self.assert_error(qmp.execute('device_del', id='nobody'), 'DeviceNotFound', 'nobody')
        self.assertIn('nobody', qmp.execute_with('object-del', {'id': 'nobody'})['error']['desc'])
        self.assert_error(qmp.execute_with('object-add', {'qom-type': 'nonsense', 'id': 'x'}),
                          'GenericError', 'nonsense')
        qmp.command('device_add', driver='edu', id='d0')
        self.assertIn('error', qmp.execute('device_add', driver='edu', id='d0'))

    def test_failure_leaves_nothing(self):
        before = self.qmp.command_with('qom-list', {'path': '/machine/peripheral'})
        self.assertIn('error', self.qmp.execute('device_add', driver='edu', id='d1',
                                                dma_mask='many'))
        self.assertIn('error', self.qmp.execute_with('object-add', {
            'qom-type': 'vfio-user-server', 'id': 's1', 'device': 'd1', 'type': 'unix',
            'path': self.path('s1')}))
        self.assertEqual(self.qmp.command_with('qom-list', {'path': '/machine/peripheral'}),
                         before)
        self.assertEqual(self.left(), ['qmp'])

    def test_properties(self):
        self.qmp.command_with('device_add', {'driver': 'edu', 'id': 'd0',
                                             'dma_mask': 0xffffffff})
        path = '/machine/peripheral/d0'
        names = [entry['name'] for entry in self.qmp.command('qom-list', path=path)]
        self.assertIn('dma_mask', names)
        self.assertEqual(self.qmp.command('qom-get', path=path, property='dma_mask'), 0xffffffff)
        self.assertEqual(self.qmp.command('qom-get', path='d0', property='realized'), True)
        self.assert_error(self.qmp.execute('qom-get', path=path, property='nothing'),
                          'GenericError', 'not found')
        self.assert_error(self.qmp.execute('qom-list', path='/nowhere'), 'DeviceNotFound',
                          '/nowhere')

    def test_same_id_from_two_monitors(self):
        """Of two that add one id at a time exactly one succeeds."""
        other = self.another()
        for _ in range(50):
            text = '{"execute":"device_add","arguments":{"driver":"edu","id":"d"}}'
            self.qmp.send(text)
            other.send(text)
            replies = [self.qmp.reply(), other.reply()]
            self.assertEqual(sorted('return' in reply for reply in replies), [False, True])
            self.qmp.command('device_del', id='d')

    def test_hot_plug_leaves_nothing(self):
        def cycle():
            self.serve(0)
            self.qmp.command_with('object-del', {'id': 's0'})
            self.qmp.command('device_del', id='d0')

        def threads():
            return len(os.listdir(f'/proc/{self.process.pid}/task'))
        files = self.open_files()
        for _ in range(20):
            cycle()
        before = threads()
        for _ in range(100):
            cycle()
        # The last reference of a domain's loop is its thread's: the files follow the answer.
        wait_for(lambda: self.open_files() == files,
                 f'{self.open_files()} open files to become {files}')
        # A few stay in a pool for the next domain; one for each cycle would not.
        self.assertLessEqual(threads(), before + 4)

    def test_root_complex(self):
        """A domain comes and goes; while devices are in it, it stays."""
        add = lambda **args: self.qmp.command_with('device_add', args)
        for _ in range(10):
            add(driver='isolated-rc', id='vmA')
            add(driver='edu', id='d0', bus='vmA.0')
            add(driver='edu', id='d1', bus='vmA.0')
            for device in ('d1', 'd0', 'vmA'):
                self.qmp.command('device_del', id=device)
        self.assertEqual([entry for entry in
                          self.qmp.command('qom-list', path='/machine/peripheral')
                          if entry['type'].startswith('child<')], [])

    def test_root_complex_in_use(self):
        """Deleting it is refused, or takes its devices along: no crash."""
        self.qmp.command('device_add', driver='isolated-rc', id='vmA')
        self.qmp.command('device_add', driver='edu', id='d0', bus='vmA.0')
        self.assertIsNotNone(self.qmp.execute('device_del', id='vmA'))
        self.qmp.command('query-status')


class Events(QmpTest):
    def test_client_hangup(self):
        """Who left what, by id and by path; the next client may come."""
        self.qmp.command('device_add', driver='edu', id='d0')
        self.qmp.command_with('object-add', {
            'qom-type': 'vfio-user-server', 'id': 's0', 'device': 'd0', 'type': 'unix',
            'path': self.path('s0')})
        silent = self.another(negotiate=False)
        other = self.another()
        for _ in range(3):
            vfio_user_client(self.path('s0')).close()
            for monitor in (self.qmp, other):
                event = monitor.event('VFU_CLIENT_HANGUP')
                self.assertEqual(event['data'], {
                    'vfu-id': 's0', 'vfu-qom-path': '/objects/s0',
                    'dev-id': 'd0', 'dev-qom-path': '/machine/peripheral/d0'})
                self.assertLess(event['timestamp']['microseconds'], 1000000)
        # Before negotiation events are none of its business.
        self.assertEqual(silent.execute('qmp_capabilities'), {'return': {}})
        self.assertEqual(silent.events, [])


    def test_lost(self):
        """A monitor that does not read loses events, and is told how many."""
        total, seen, lost = 12000, 0, 0
        sleeper = self.another()
        for i in range(total):
            self.qmp.command('cont' if i % 2 else 'stop')
        while not lost:
            event = sleeper.message()
            if event['event'] == 'X_EVENTS_LOST':
                lost = event['data']['count']
            else:
                self.assertEqual(event['event'], 'RESUME' if seen % 2 else 'STOP')
                seen += 1
        self.assertEqual(seen + lost, total)
        self.qmp.command('stop')
        self.assertEqual(sleeper.message()['event'], 'STOP')


class BadInput(QmpTest):
    """Nothing here crashes, blocks or grows the process; each gets an error."""

    def tearDown(self):
        self.assertIsNone(self.process.poll(), 'the process is gone')
        self.another().command('query-status')

    def test_not_json(self):
        for text in ('nonsense', '{]', '{"execute":"query-status",}', "{'execute':'quit'}",
                     '{"execute":"quit" x}', '[1,2}', '"open', '}', ']', '{"a":01}',
                     '{"a":1e999}', '{"a":\x01}', '{"execute":"quit\\ud800"}',
                     '{"execute":"qu\\u0000it"}', '{"execute":"quit","execute":"quit"}'):
            with self.subTest(text):
                other = self.another()
                other.send(text + '\n')
                self.assert_error(other.reply(), 'GenericError', 'JSON')
                other.command('query-status')
                other.close()

    def test_not_utf8(self):
        for data in (b'{"execute":"\xff"}\n', b'{"execute":"\xc3"}\n', b'\xff\n',
                     b'{"execute":"\xed\xa0\x80"}\n', b'{"execute":"\xc0\x80"}\n'):
            with self.subTest(data):
                other = self.another()
                other.send(data)
                self.assert_error(other.reply(), 'GenericError', 'JSON')
                other.command('query-status')

    def test_nul(self):
        self.qmp.send(b'{"execute":"query-status\x00"}\n')
        self.assert_error(self.qmp.reply(), 'GenericError', 'JSON parse error')
        self.qmp.command('query-status')

    def test_deep(self):
        self.qmp.send('[' * 100000 + '\n')
        self.assert_error(self.qmp.reply(), 'GenericError', 'depth')
        self.qmp.command('query-status')

    def test_huge(self):
        """64 MiB of one string: one error, and the memory is not kept."""
        before = self.rss_kib()
        self.qmp.send('{"execute":"')
        block = b'x' * (1 << 20)
        for _ in range(64):
            self.qmp.send(block)
        self.qmp.send('"}\n')
        self.assert_error(self.qmp.reply(), 'GenericError', 'size')
        self.qmp.command('query-status')
        self.assertLess(self.rss_kib() - before, 16 * 1024)

    def test_wrong_shapes(self):
        for text, what in (('[]', 'must be a JSON object'), ('1', 'must be a JSON object'),
                           ('null', 'must be a JSON object'), ('{}', "lacks member 'execute'"),
                           ('{"execute":1}', "'execute' must be a string"),
                           ('{"execute":"quit","arguments":[]}', "'arguments' must be an object"),
                           ('{"execute":"quit","x":1}', "'x' is unexpected"),
                           ('{"exec-oob":"quit"}', "'exec-oob' is unexpected")):
            with self.subTest(text):
                self.qmp.send(text + '\n')
                self.assert_error(self.qmp.reply(), 'GenericError', what)

    def test_in_pieces(self):
        for byte in b'  {"execute" :\r\n "query-status"}':
            self.qmp.send(bytes([byte]))
        self.assertIn('return', self.qmp.reply())

    def test_pipelined(self):
        self.qmp.send('{"execute":"query-name"}' * 500)
        for _ in range(500):
            self.assertEqual(self.qmp.reply(), {'return': {}})

    def test_ten_thousand_without_reading(self):
        """The writer is stopped by back-pressure; other monitors go on; when it
        reads, every command has its answer."""
        total = 10000
        other = self.another()
        before = self.rss_kib()
        sender = threading.Thread(target=self.qmp.send,
                                  args=('{"execute":"query-commands"}\n' * total,))
        sender.start()
        for _ in range(20):
            other.command('query-status')
        with open(f'/proc/{self.process.pid}/maps', encoding='utf-8') as file:
            freed_memory_is_kept = 'libasan' in file.read()
        self.assertLess(self.rss_kib() - before, (64 if freed_memory_is_kept else 16) * 1024)
        for _ in range(total):
            self.assertIn('return', self.qmp.reply())
        sender.join()

    def test_large_answers_without_reading(self):
        """The largest answer, over and over; then half of the clients leave."""
        other = self.another()
        before = self.rss_kib()
        slow = [self.another() for _ in range(8)]
        for client in slow:
            client.send('{"execute":"query-qmp-schema"}\n' * 200)
        for _ in range(20):
            other.command('query-status')
        with open(f'/proc/{self.process.pid}/maps', encoding='utf-8') as file:
            freed_memory_is_kept = 'libasan' in file.read()
        self.assertLess(self.rss_kib() - before, (192 if freed_memory_is_kept else 16) * 1024)
        for client in slow[:4]:
            client.close()
        for _ in range(200):
            self.assertIn('return', slow[4].reply())
        other.command('query-status')

    def test_arguments(self):
        """Many, unknown, deep and long ones: one error each, and soon."""
        server = {'qom-type': 'vfio-user-server', 'id': 's', 'device': 'd'}
        deep = []
        for _ in range(28):
            deep = [{'a': deep}]
        self.assert_error(self.qmp.execute_with('object-add', {
            **server, **{f'k{i}': i for i in range(5000)}}), 'GenericError', "' is unexpected")
        self.assert_error(self.qmp.execute_with('object-add', {**server, 'socket': deep}),
                          'GenericError', "type for 'socket', expected: object")
        self.assert_error(self.qmp.execute_with('qom-set', {
            'path': '/machine', 'property': 'no-such', 'value': deep}), 'GenericError', 'not found')
        self.assert_error(self.qmp.execute_with('object-add', {
            **server, 'device': 'd' * 500000, 'path': self.path('s')}),
                          'GenericError', 'no device has this id')
        self.assert_error(self.qmp.execute_with('qom-list-get', {'paths': ['/nowhere'] * 20000}),
                          'DeviceNotFound', '/nowhere')
        for number in ('18446744073709551616', '-9223372036854775809'):
            self.qmp.send('{"execute":"object-add","arguments":{"max-dma-maps":%s}}\n' % number)
            self.assert_error(self.qmp.reply(), 'GenericError', '64 bits')

    def test_never_reads_and_leaves(self):
        for _ in range(20):
            other = self.another()
            other.sock.setblocking(False)
            try:
                while True:
                    other.sock.send(b'{"execute":"query-commands"}\n' * 100)
            except BlockingIOError:
                pass
            other.close()
        wait_for(lambda: self.open_files() < 30, 'the files to be closed')

    def test_leaves_in_the_middle(self):
        files = self.open_files()
        for text in ('', '{"exec', '{"execute":"query-status"}', '{"execute":"device_add",'):
            for _ in range(10):
                other = self.another()
                other.send(text)
                other.close()
        wait_for(lambda: self.open_files() == files, 'the files to be closed')

    def test_random(self):
        """Random pieces of requests from several connections."""
        import random
        rng = random.Random(20)
        pieces = ['{', '}', '[', ']', '"', ':', ',', '\\', '\n', 'execute', '"execute"',
                  '"query-name"', '"arguments"', '{}', '1', 'null', '\x00', 'é', '\x7f']
        for _ in range(30):
            other = self.another()
            text = ''.join(rng.choice(pieces) for _ in range(2000))
            reader = threading.Thread(target=self.read_all, args=(other,))
            reader.start()
            other.send(text)
            other.sock.shutdown(socket.SHUT_WR)
            reader.join(DEADLINE)
            self.assertFalse(reader.is_alive())
            other.close()

    def read_all(self, client):
        while client.message() is not None:
            pass


class Chardev(CliTest):
    def test_long_spelling(self):
        """As libvirt and QEMU's Python library write it."""
        path = self.path('a,b')
        process = self.start('-mon', 'chardev=mon,mode=control', '-chardev',
                             f'socket,id=mon,path={path.replace(",", ",,")},server=on,wait=off')
        client = self.connect(path, process)
        client.command('quit')
        self.assertEqual(process.wait(DEADLINE), 0)
        self.assertEqual(self.left(), [])


class Tcp(CliTest):
    def start_tcp(self):
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            port = probe.getsockname()[1]
        process = self.start('-qmp', f'tcp:127.0.0.1:{port},server=on,wait=off')

        def attempt():
            try:
                return Qmp(port=port)
            except ConnectionRefusedError:
                return None
        client = wait_for(attempt, 'a monitor')
        self.clients.append(client)
        return process, client, port

    def test_conversation(self):
        process, client, _ = self.start_tcp()
        self.assertEqual(client.command('query-status')['running'], True)
        client.command('quit')
        self.assertEqual(process.wait(DEADLINE), 0)

    def test_browser(self):
        """A web page can make a browser send this; it must not work."""
        process, client, port = self.start_tcp()
        self.assert_web_page_fails(
            port, b'{"execute":"qmp_capabilities"}\n{"execute":"quit"}\n', b'"return"')
        client.command('query-status')
        self.assertIsNone(process.poll())


class Pretty(CliTest):
    def test_indented(self):
        path = self.path('pretty')
        process = self.start('-qmp-pretty', f'unix:{path},server=on,wait=off')

        def attempt():
            try:
                sock = socket.socket(socket.AF_UNIX)
                sock.connect(path)
                return sock
            except (FileNotFoundError, ConnectionRefusedError):
                sock.close()
                return None
        with wait_for(attempt, 'a monitor') as sock:
            sock.settimeout(DEADLINE)
            text = b''
            while not text.endswith(b'}\r\n'):
                text += sock.recv(4096)
        self.assertTrue(text.startswith(b'{\n    "QMP": {'), text)
        self.assertIn('capabilities', json.loads(text)['QMP'])
        self.assertEqual(self.end(process)[0], 0)
