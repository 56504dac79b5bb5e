# SPDX-License-Identifier: GPL-2.0-or-later
"""-readconfig and -config: the same as the options that they stand for."""
import json
import os
import re
import signal
import threading

from document import read
from support import CliTest


class ConfigTest(CliTest):
    def write(self, text, name='conf'):
        path = self.path(name)
        mode = 'wb' if isinstance(text, bytes) else 'w'
        with open(path, mode, **({} if 'b' in mode else {'encoding': 'utf-8'})) as file:
            file.write(text if isinstance(text, (bytes, str)) else json.dumps(text))
        return path

    def ini(self, text):
        return ('-readconfig', self.write(text))

    def doc(self, document):
        return ('-config', self.write(document, 'conf.json'))

    def assert_refused(self, result, *fragments):
        """Messages about files begin as QEMU's: no blank before the file's name."""
        result.stderr = re.sub(r'^(qemu-system-x86_64:)(?! )', r'\1 ', result.stderr)
        super().assert_refused(result, *fragments)

    def assert_ini_refused(self, text, line, *fragments):
        option, path = self.ini(text)
        result = self.run_program(option, path)
        self.assert_refused(result, *fragments)
        self.assertTrue(result.stderr.startswith(f'qemu-system-x86_64: {path}:{line}: '),
                        result.stderr)

    def assert_doc_refused(self, document, place, *fragments):
        option, path = self.doc(document)
        result = self.run_program(option, path)
        self.assert_refused(result, *fragments)
        self.assertTrue(result.stderr.startswith(f'qemu-system-x86_64: {path}: {place}'),
                        result.stderr)

    def names(self, qmp, path):
        return sorted(entry['name'] for entry in qmp.command_with('qom-list', {'path': path})
                      if entry['type'].startswith('child<'))


class Ini(ConfigTest):
    def test_everything(self):
        s0 = self.path('s0')
        _, qmp = self.start_with_qmp(*self.ini(f'''
# a comment
[machine]
  type = "x-remote"
  auto-shutdown = "off"

[name]
  guest = "vm, with a comma"
[device "vmA"]
  driver = "isolated-rc"
[device "d0"]
  driver = "edu"
  bus = "vmA.0"
[global]
  driver = "edu"
  property = "dma_mask"
  value = "0xfff"
[object "s0"]
  qom-type = "vfio-user-server"
  type = "unix"
\tpath="{s0}"
  device = "d0"
'''))
        self.assertEqual(self.names(qmp, '/machine/peripheral'), ['d0', 'vmA'])
        self.assertEqual(self.names(qmp, '/objects'), ['s0'])
        self.assertEqual(qmp.command('query-name')['name'], 'vm, with a comma')
        self.assertEqual(qmp.command_with('qom-get', {'path': '/machine/peripheral/d0',
                                                      'property': 'dma_mask'}), 0xfff)
        self.assertIn('s0', self.left())

    def test_chardev_and_mon(self):
        path = self.path('q')
        self.start(*self.ini(f'''
[chardev "c0"]
  backend = "socket"
  path = "{path}"
  server = "on"
  wait = "off"
[mon "m0"]
  chardev = "c0"
  mode = "control"
'''))
        self.connect(path).command('query-status')

    def test_several_and_options_between(self):
        first = self.write('[device "d0"]\n driver = "edu"\n', 'a')
        second = self.write('[device "d2"]\r\n driver = "edu"\r\n', 'b')
        _, qmp = self.start_with_qmp('-readconfig', first, '-device', 'edu,id=d1',
                                     '-readconfig', second)
        self.assertEqual(self.names(qmp, '/machine/peripheral'), ['d0', 'd1', 'd2'])

    def test_later_wins(self):
        _, qmp = self.start_with_qmp(*self.ini('[name]\n guest = "first"\n'), '-name', 'second')
        self.assertEqual(qmp.command('query-name')['name'], 'second')

    def test_bad_lines(self):
        for text, line, *fragments in (
                ('\n\nnonsense\n', 3, 'parse error', 'KEY = "VALUE"'),
                ('[device "d0"]\ndriver = edu\n', 2, 'parse error'),
                ('[device "d0"]\ndriver = "edu\n', 2, 'parse error'),
                ('[device "d0"]\ndriver = "e"du"\n', 2, 'parse error'),
                ('[device "d0"]\ndriver = "edu" x\n', 2, 'parse error'),
                ('[device "d0"]\ndriver\n', 2, 'parse error'),
                ('[device "d0"]\n = "edu"\n', 2, "Invalid parameter ''"),
                ('[device "d0"]\na,b = "edu"\n', 2, "Invalid parameter 'a,b'"),
                ('[device "d0\n', 1, 'parse error'),
                ('[device d0]\n', 1, 'expected [GROUP]'),
                ('[device "a" "b"]\n', 1, 'expected [GROUP]'),
                ('driver = "edu"\n', 1, 'no group defined'),
                ('# x\n[nonsense "x"]\n', 2, "no option group 'nonsense'", 'device, object'),
                ('[readconfig]\n', 1, 'no option group'),
                ('[]\n', 1, "no option group ''"),
                ('[machine "x"]\n', 1, 'takes no name'),
                ('[global]\ndriver = "edu"\nproperty = "x"\n', 1, 'needs driver'),
                ('[global]\nfoo = "edu"\n', 2, "Invalid parameter 'foo'"),
        ):
            with self.subTest(text):
                self.assert_ini_refused(text, line, *fragments)

    def test_bad_contents(self):
        """What is wrong with a group is told with the line where it begins."""
        for text, line, *fragments in (
                ('\n[device "d0"]\n\n driver = "no-such"\n', 2, 'no-such'),
                ('\n[device "d0"]\n driver = "edu"\n foo = "bar"\n', 2, 'foo'),
                ('[device "x"]\n driver="edu"\n[device "x"]\n driver="edu"\n', 3, 'x'),
                ('[object "s0"]\n qom-type = "vfio-user-server"\n', 1, "'path' is missing"),
                ('[mon "m0"]\n chardev = "c0"\n mode = "control"\n', 1, 'c0'),
                ('[trace]\n enable = "help"\n', 1, 'command line'),
                ('[trace]\n enable = "qmp*,help"\n', 1, 'command line'),
                ('[name]\n foo = "bar"\n', 1, "Invalid parameter 'foo'"),
                ('[machine]\n type = "pc"\n', 1, 'pc'),
        ):
            with self.subTest(text):
                self.assert_ini_refused(text, line, *fragments)

    def test_bad_files(self):
        self.assert_refused(self.run_program('-readconfig', self.path('none')), 'none',
                            'No such file')
        self.assert_refused(self.run_program('-readconfig', self.dir), 'directory')
        self.assert_refused(self.run_program('-readconfig', '/dev/zero'), 'longer than')
        for data in (b'[device "\xff"]\n', b'[device "d\0"]\n'):
            self.assert_refused(self.run_program('-readconfig', self.write(data)), 'UTF-8')

    def test_huge(self):
        line = '# ' + 'x' * 1021 + '\n'
        self.assert_refused(self.run_program(*self.ini(line * 1025)), 'longer than 1048576')
        long_value = f'[device "d0"]\n driver = "{"x" * 70000}"\n'
        self.assert_ini_refused(long_value, 2, 'longer than')
        many = '[device "d0"]\n' + ' driver = "x"\n' * 10000
        self.assert_ini_refused(many, 7284, 'longer than')
        process, _ = self.start_with_qmp(*self.ini(line * 1000))
        self.assertEqual(self.end(process)[0], 0)

    def test_empty_and_no_newline(self):
        process, _ = self.start_with_qmp(*self.ini(''))
        self.assertEqual(self.end(process)[0], 0)
        _, qmp = self.start_with_qmp(*self.ini('[device "d0"]\ndriver="edu"'))
        self.assertEqual(self.names(qmp, '/machine/peripheral'), ['d0'])

    def test_from_a_pipe(self):
        fifo = self.path('fifo')
        os.mkfifo(fifo)

        def feed():
            with open(fifo, 'w', encoding='ascii') as file:
                file.write('[device "d0"]\ndriver = "edu"\n')
        feeder = threading.Thread(target=feed)
        feeder.start()
        _, qmp = self.start_with_qmp('-readconfig', fifo)
        feeder.join()
        self.assertEqual(self.names(qmp, '/machine/peripheral'), ['d0'])


class Document(ConfigTest):
    def test_everything(self):
        s0, q, log = self.path('s0'), self.path('q2'), self.path('log')
        process, qmp = self.start_with_qmp(*self.doc({
            'objects': [{'qom-type': 'vfio-user-server', 'id': 's0', 'device': 'd0',
                         'socket': {'type': 'unix', 'path': s0}, 'max-dma-maps': 7}],
            'devices': [{'driver': 'isolated-rc', 'id': 'vmA'},
                        {'driver': 'edu', 'id': 'd0', 'bus': 'vmA.0', 'dma_mask': 4095}],
            'machine': {'type': 'x-remote', 'auto-shutdown': False, 'drain-timeout': 100},
            'name': 'vm, with a comma',
            'uuid': '00000000-1111-2222-3333-444444444444',
            'chardevs': [{'backend': 'socket', 'id': 'c0', 'path': q, 'server': True,
                          'wait': False}],
            'monitors': [{'chardev': 'c0', 'mode': 'control', 'pretty': False}],
            'paused': True,
            'pidfile': self.path('pid'),
            'log-file': log, 'log-items': ['unimp'], 'trace': ['qmp_receive'],
        }))
        self.assertEqual(self.names(qmp, '/machine/peripheral'), ['d0', 'vmA'])
        self.assertEqual(qmp.command('query-name')['name'], 'vm, with a comma')
        self.assertEqual(qmp.command('query-status')['status'], 'prelaunch')
        for path, name, value in (('/objects/s0', 'max-dma-maps', 7),
                                  ('/machine/peripheral/d0', 'dma_mask', 4095),
                                  ('/machine', 'drain-timeout', 100)):
            self.assertEqual(qmp.command_with('qom-get', {'path': path, 'property': name}),
                             value)
        self.assertEqual(self.left(), ['conf.json', 'log', 'pid', 'q2', 'qmp', 's0'])
        self.connect(q).command('query-status')
        self.assertEqual(self.end(process)[0], 0)
        self.assertEqual(self.left(), ['conf.json', 'log'])

    def test_globals_and_qmp(self):
        path = self.path('q')
        self.start(*self.doc({
            'globals': [{'driver': 'edu', 'property': 'dma_mask', 'value': 255}],
            'machine': 'x-remote', 'name': {'guest': 'g'}, 'qmp': [f'unix:{path},server=on,wait=off'],
            'devices': [{'driver': 'edu', 'id': 'd0'}]}))
        qmp = self.connect(path)
        self.assertEqual(qmp.command_with('qom-get', {'path': 'd0', 'property': 'dma_mask'}), 255)
        self.assertEqual(qmp.command('query-name')['name'], 'g')

    def test_a_name_that_looks_like_help(self):
        _, qmp = self.start_with_qmp(*self.doc({'name': 'a,help'}))
        self.assertEqual(qmp.command('query-name')['name'], 'a,help')

    def test_switch_off(self):
        _, qmp = self.start_with_qmp(*self.doc({'paused': False, 'daemonize': False}))
        self.assertEqual(qmp.command('query-status')['status'], 'running')

    def test_bad_members(self):
        for document, place, *fragments in (
                ({'nonsense': 1}, "unknown member 'nonsense'", '-config help'),
                ({'devices': {}}, 'devices: ', 'array of objects'),
                ({'devices': [1]}, 'devices[0]: ', 'array of objects'),
                ({'devices': [{'driver': 'edu'}, {'driver': 'no-such'}]}, 'devices[1]: ',
                 'no-such'),
                ({'devices': [{'driver': 'edu', 'foo': 1}]}, 'devices[0]: ', 'foo'),
                ({'objects': [{'qom-type': 'vfio-user-server', 'id': 's0'}]}, 'objects[0]: ',
                 "'path' is missing"),
                ({'machine': 1}, 'machine: ', 'object'),
                ({'machine': {'type': None}}, 'machine: ', 'null'),
                ({'machine': {'a,b': 1}}, 'machine: ', "Invalid parameter 'a,b'"),
                ({'uuid': 5}, 'uuid: ', 'string'),
                ({'uuid': 'x'}, 'uuid: ', 'UUID'),
                ({'uuid': 2**64 - 1}, 'uuid: ', 'string'),
                ({'paused': 'yes'}, 'paused: ', 'boolean'),
                ({'qmp': 'unix:x'}, 'qmp: ', 'array of strings'),
                ({'qmp': ['unix:x', 5]}, 'qmp[1]: ', 'array of strings'),
                ({'globals': [{'driver': 'edu'}]}, 'globals[0]: ', 'driver, property and value'),
                ({'log-items': ['no-such']}, 'log-items[0]: ', 'unknown log item'),
                ({'trace': ['help']}, 'trace[0]: ', 'command line'),
                ({'trace': ['qmp*,help']}, 'trace[0]: ', 'command line'),
                ({'log-items': ['help']}, 'log-items[0]: ', 'command line'),
                ({'monitors': [{'chardev': 'c0', 'mode': 'control'}]}, 'monitors[0]: ', 'c0'),
                ([], 'JSON'),
        ):
            with self.subTest(document):
                self.assert_doc_refused(document, place, *fragments)

    def test_bad_json(self):
        for text, *fragments in (
                ('', 'JSON parse error'),
                ('{', 'JSON parse error at byte 1'),
                ('{\n "devices": [\n  {]\n}', 'line 3'),
                ('{"devices": [], "devices": []}', 'given twice'),
                ('{"a": 1e999}', 'JSON parse error'),
                ('[' * 100000, 'JSON parse error'),
                ('{"devices": [' + '[' * 100 + ']' * 100 + ']}', 'JSON parse error'),
                ('{"devices":[' + '{},' * 70000 + '{}]}', 'too many values'),
                ('// no comments\n{}', 'JSON parse error'),
        ):
            with self.subTest(text[:40]):
                self.assert_refused(self.run_program(*self.doc(text)), 'conf.json', *fragments)

    def test_bad_files(self):
        self.assert_refused(self.run_program('-config', self.path('none')), 'No such file')
        self.assert_refused(self.run_program('-config', '/dev/zero'), 'longer than')
        self.assert_refused(self.run_program('-config', self.write(b'{"name": "\xff"}')),
                            'UTF-8')

    def test_mixed_with_options(self):
        first = self.write({'devices': [{'driver': 'edu', 'id': 'd0'}]}, 'a.json')
        ini = self.write('[device "d1"]\ndriver = "edu"\n', 'b')
        second = self.write({'devices': [{'driver': 'edu', 'id': 'd3'}], 'name': 'x'}, 'c.json')
        _, qmp = self.start_with_qmp('-config', first, '-readconfig', ini, '-device',
                                     'edu,id=d2', '-config', second, '-name', 'last')
        self.assertEqual(self.names(qmp, '/machine/peripheral'), ['d0', 'd1', 'd2', 'd3'])
        self.assertEqual(qmp.command('query-name')['name'], 'last')

    def test_help_and_document_agree(self):
        """The table of docs/system/configuration.rst is that of the program."""
        result = self.run_program('-config', 'help')
        self.assertEqual(result.returncode, 0)
        rows = re.findall(r'^  (\S+)\s+(\S.*?)\s{2,}-(\S+)$', result.stdout, re.M)
        self.assertGreater(len(rows), 10)
        text = read('system/configuration.rst')
        documented = re.findall(r'^``([\w-]+)``\s+(\S.*?)\s{2,}``-([\w-]+)``', text, re.M)
        self.assertEqual(rows, documented)


class Examples(ConfigTest):
    def test_documented(self):
        """Both examples of the document start, and say the same."""
        text = read('system/configuration.rst')
        blocks = dict(re.findall(r'^Example (\S+)::\n\n((?:    .*\n|\n)+)', text, re.M))
        seen = []
        for name, block in sorted(blocks.items()):
            block = re.sub(r'(?m)^    ', '', block).replace('/run/x-remote', self.dir)
            option = '-config' if name.endswith('.json') else '-readconfig'
            process = self.start(option, self.write(block, name))
            qmp = self.connect(self.path('vmA.qmp'), process)
            seen.append((self.names(qmp, '/machine/peripheral'), self.names(qmp, '/objects'),
                         qmp.command('query-name')))
            self.assertIn('d0.sock', self.left())
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(), 0)
        self.assertEqual(len(seen), 2)
        self.assertEqual(seen[0], seen[1])
