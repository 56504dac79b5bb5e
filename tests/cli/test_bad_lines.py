# SPDX-License-Identifier: GPL-2.0-or-later
"""Command lines that must be refused: one line that names option, value and
remedy, exit status 1, and nothing left behind."""
import os
import socket

from support import CliTest, wait_for

EDU = ('-device', 'edu,id=d0')

# words, what the message must hold; DIR stands for the test's folder
BAD = [
    (['-frobnicate'], ['-frobnicate: ', 'invalid option']),
    (['--frobnicate'], ['--frobnicate: ', 'invalid option']),
    (['disk.img'], ['disk.img: ', '-device']),
    (['-device'], ['-device: ', 'requires an argument']),
    (['-machine', 'q35'], ['-machine q35: ', "'q35'", 'x-remote']),
    (['-accel', 'qtest,bogus=1'], ['-accel qtest,bogus=1: ', 'bogus', 'not found']),
    (['-machine', 'x-remote,bogus=on'], ['-machine x-remote,bogus=on: ', 'bogus', 'not found']),
    (['-machine', 'x-remote,auto-shutdown=maybe'], ['auto-shutdown', 'maybe']),
    (['-device', 'foo'], ["-device foo: 'foo' is not a valid device model name"]),
    (['-device', 'edu,bogus=1'], ['-device edu,bogus=1: ', 'bogus', 'not found']),
    (['-device', 'edu,dma_mask=many'], ['-device edu,dma_mask=many: ', 'dma_mask', 'many']),
    (['-device', 'edu,bus=nowhere.0'], ["'nowhere.0'", 'not found']),
    (['-device', 'edu,id=0bad'], ['id', '0bad']),
    (['-device', 'id=d0'], ['driver', 'missing']),
    (['-device', '{"driver":"edu"'], ['-device {"driver":"edu": ', 'JSON']),
    (['-device', '{"driver":"edu","bogus":1}'], ['bogus', 'not found']),
    (['-device', '{"driver":1}'], ['driver']),
    ([*EDU, *EDU], ['-device edu,id=d0: ', 'd0']),
    (['-device', 'pci-device'], ['pci-device']),
    (['-object', 'foo,id=x'], ['-object foo,id=x: ', "foo; use '-object help'"]),
    (['-object', 'vfio-user-server,type=unix,path=DIR/s,device=d0', *EDU], ['id', 'missing']),
    (['-object', 'id=x'], ['qom-type', 'missing']),
    (['-object', 'vfio-user-server,bogus'], ["Expected '=' after parameter 'bogus'"]),
    (['-object', 'vfio-user-server,id=s,bogus=1,device=d0', *EDU], ['bogus', 'not found']),
    (['-object', 'vfio-user-server,id=s,type=unix,path=DIR/s,device=d9'], ['d9', '-device']),
    (['-object', 'vfio-user-server,id=s,type=unix,path=DIR/s', *EDU], ['device', 'missing']),
    (['-object', 'vfio-user-server,id=s,type=unix,device=d0', *EDU], ['path', 'missing']),
    (['-object', 'vfio-user-server,id=s,type=inet,path=DIR/s,device=d0', *EDU],
     ['inet', 'unix']),
    (['-object', 'vfio-user-server,id=s,type=unix,path=DIR/no/s,device=d0', *EDU],
     ['DIR/no/s', 'No such file']),
    (['-object', '{"qom-type":"vfio-user-server","id":"s","device":"d0","socket":[]}', *EDU],
     ['socket']),
    (['-machine', 'x-remote,vfio-user=off', *EDU, '-object',
      'vfio-user-server,id=s,type=unix,path=DIR/s,device=d0'], ['vfio-user=on']),
    (['-device', 'isolated-rc,id=vmA', '-object',
      'vfio-user-server,id=s,type=unix,path=DIR/s,device=vmA'], ['vmA', 'not a PCI device']),
    (['-device', 'isolated-rc,id=vmA', '-device', 'pcie-root-port,id=rp,bus=vmA.0', '-object',
      'vfio-user-server,id=s,type=unix,path=DIR/s,device=rp'], ['rp', 'bridge']),
    ([*EDU, '-object', 'vfio-user-server,id=a,type=unix,path=DIR/a,device=d0',
      '-object', 'vfio-user-server,id=b,type=unix,path=DIR/b,device=d0'],
     ['-object vfio-user-server,id=b,', 'd0', 'already']),
    ([*EDU, '-object', 'vfio-user-server,id=a,type=unix,path=DIR/a,device=d0',
      '-object', 'vfio-user-server,id=a,type=unix,path=DIR/b,device=d0'],
     ['-object vfio-user-server,id=a,']),
    ([*EDU, '-device', 'edu,id=d1',
      '-object', 'vfio-user-server,id=a,type=unix,path=DIR/a,device=d0',
      '-object', 'vfio-user-server,id=b,type=unix,path=DIR/a,device=d1'],
     ['-object vfio-user-server,id=b,', 'DIR/a', 'in use']),
    (['-qmp', 'nonsense'], ['-qmp nonsense: ', 'unix:PATH']),
    (['-qmp', 'unix:DIR/q'], ['-qmp unix:DIR/q: ', 'server=on,wait=off']),
    (['-qmp', 'unix:DIR/no/q,server=on,wait=off'], ['DIR/no/q', 'No such file']),
    (['-qmp', 'tcp:0.0.0.0:1,server=on,wait=off'], ['0.0.0.0', '127.0.0.1']),
    (['-qmp', 'stdio', '-qmp', 'stdio'], ['-qmp stdio: ', 'another monitor']),
    (['-qmp', 'stdio', '-daemonize'], ['-qmp stdio', '-daemonize']),
    (['-pidfile', 'DIR/no/pid'], ['-pidfile DIR/no/pid: ', 'No such file']),
    (['-pidfile', 'DIR'], ['-pidfile DIR: ', 'cannot create PID file']),
    (['-D', 'DIR/no/log', '-d', 'unimp'], ['DIR/no/log', 'No such file']),
    (['-d', 'everything'], ['-d everything: ', 'help']),
    (['-trace', 'no_such_trace_point'], ['no_such_trace_point']),
    (['-trace', 'events=DIR/no'], ['DIR/no', 'No such file']),
    (['-name', 'x,colour=red'], ["'colour'"]),
    (['-uuid', 'xyz'], ['-uuid xyz: ', 'wrong format']),
    (['-sandbox', 'on'], ['-sandbox on: ', '-sandbox off']),
    (['-kernel', 'vmlinuz'], ['-kernel vmlinuz: ', 'client']),
    (['-hda', 'disk.img'], ['-hda disk.img: ', 'nvme']),
    (['-qmp', 'stdio', '-monitor', 'stdio'], ['-monitor stdio: ', 'another monitor']),
    (['-monitor', 'stdio', '-monitor', 'stdio'], ['-monitor stdio: ', 'another monitor']),
    (['-monitor', 'unix:/tmp/m'], ['-monitor unix:/tmp/m: ', 'server=on']),
    (['-monitor', 'telnet:0.0.0.0:1,server=on,wait=off'], ['-monitor telnet:', 'loopback']),
    (['-monitor', 'nothing'], ['-monitor nothing: ', 'is not a character device']),
    (['-monitor', 'chardev:c'], ['-monitor chardev:c: chardev "c" not found']),
    (['-chardev', 'null,id=c', '-monitor', 'c', '-mon', 'c'], ["'c'", 'in use']),
    (['-monitor', 'stdio', '-daemonize'], ['-monitor stdio cannot be used with -daemonize']),
    (['-display', 'gtk'], ['-display gtk: ', 'client']),
    (['-serial', 'stdio'], ['-serial stdio: ', 'client']),
    (['-chardev', 'vc,id=c'], ['-chardev vc,id=c: ', "'vc' is not a valid char driver name"]),
    (['-chardev', 'id=c'], ['-chardev id=c: ', 'missing backend']),
    (['-chardev', 'socket,path=DIR/c'], ['no id specified']),
    (['-chardev', 'null,id=0'], ['identifier']),
    (['-chardev', 'stdio,id=c', '-chardev', 'stdio,id=c'], ["Duplicate ID 'c'"]),
    (['-chardev', 'stdio,id=c', '-qmp', 'stdio'], ['-qmp stdio: ', 'stdio is used']),
    (['-chardev', 'stdio,id=c', '-daemonize'], ['-chardev stdio', '-daemonize']),
    (['-chardev', 'socket,id=c,colour=red'], ["'colour'"]),
    (['-chardev', 'null,id=c,mux=on'], ['mux=on', 'no multiplexer']),
    (['-chardev', 'socket,id=c'], ['-chardev socket,id=c: ', 'path=']),
    (['-chardev', 'socket,id=c,path=DIR/c'], ['-chardev socket,id=c,', 'cannot connect']),
    (['-chardev', 'socket,id=c,path=DIR/no/c,server=on,wait=off'], ['DIR/no/c', 'No such file']),
    (['-chardev', 'socket,id=c,fd=77,server=on'], ["'77'", 'started with']),
    (['-chardev', 'file,id=c,path=DIR/no/c'], ['DIR/no/c', 'No such file']),
    (['-chardev', 'ringbuf,id=c,size=3'], ['power of two']),
    (['-mon', 'c,mode=control'], ['-mon c,mode=control: ', '"c" not found']),
    (['-mon', 'mode=control'], ["'chardev' is missing"]),
    (['-mon', 'c,mode=graphic'], ['-mon c,mode=graphic: ', 'readline']),
    (['-mon', 'c,colour=red'], ["'colour'"]),
    (['-chardev', 'null,id=c', '-mon', 'c,mode=control,pretty=perhaps'], ['pretty']),
    (['-chardev', 'null,id=c', '-mon', 'c,mode=control', '-mon', 'chardev=c,mode=control'],
     ['-mon chardev=c,mode=control: ', 'already in use']),
    (['-chardev', 'socket,id=c,port=0,server=on,wait=off', '-mon', 'c,mode=control'],
     ['-mon c,', 'full control', 'localhost']),
    (['-incoming', 'defer'], ['-incoming defer: ', 'client']),
    (['-global', 'nodots=1'], ['-global nodots=1: ', 'DRIVER.PROPERTY=VALUE']),
]


class BadLines(CliTest):
    def check(self, words, fragments):
        def here(text):
            return text.replace('DIR', self.dir)
        result = self.run_program(*(here(word) for word in words))
        self.assert_refused(result, *(here(fragment) for fragment in fragments))
        self.assertEqual(self.left(), [])

    def test_table(self):
        for words, fragments in BAD:
            with self.subTest(' '.join(words)):
                self.check(words, fragments)

    def test_table_with_pidfile_and_monitor(self):
        """What was made before the failure is taken back."""
        before = ['-pidfile', 'DIR/pid', '-qmp', 'unix:DIR/qmp,server=on,wait=off']
        for words, fragments in BAD:
            if 'stdio' not in words:
                with self.subTest(' '.join(words)):
                    self.check(before + words, fragments)

    def test_table_in_the_background(self):
        """The parent of a daemon shows the same line and status."""
        for words, fragments in BAD:
            if 'stdio' not in words:
                with self.subTest(' '.join(words)):
                    self.check(['-daemonize'] + words, fragments)


class Paths(CliTest):
    def serve(self, path):
        return ('-device', 'edu,id=d0', '-object',
                f'vfio-user-server,id=s0,type=unix,path={path},device=d0')

    def test_too_long(self):
        """107 bytes fit, 108 do not."""
        name = 'x' * (108 - len(self.dir) - 1)
        self.assertEqual(len(self.path(name)), 108)
        self.assert_refused(self.run_program(*self.serve(self.path(name))),
                            '-object', self.path(name), 'too long')
        self.assert_refused(
            self.run_program('-qmp', f'unix:{self.path(name)},server=on,wait=off'),
            '-qmp', self.path(name), 'too long')
        self.assertEqual(self.left(), [])
        process, _ = self.start_with_qmp(*self.serve(self.path(name[1:])))
        self.assertIn(name[1:], self.left())
        self.assertEqual(self.end(process)[0], 0)
        self.assertEqual(self.left(), [])

    def test_in_use(self):
        path = self.path('busy')
        with socket.socket(socket.AF_UNIX) as owner:
            owner.bind(path)
            owner.listen()
            self.assert_refused(self.run_program(*self.serve(path)), '-object', path, 'in use')
            self.assert_refused(self.run_program('-qmp', f'unix:{path},server=on,wait=off'),
                                '-qmp', path, 'in use')
            # The owner's socket works as before.
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(path)

    def test_two_processes(self):
        path = self.path('s0')
        process, _ = self.start_with_qmp(*self.serve(path))
        self.assert_refused(self.run_program(*self.serve(path)), path, 'in use')
        self.assertEqual(self.end(process)[0], 0)
        self.assertEqual(self.left(), [])

    def test_leftover_is_replaced(self):
        path = self.path('left')
        with socket.socket(socket.AF_UNIX) as owner:
            owner.bind(path)
        process, _ = self.start_with_qmp(*self.serve(path))
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
        self.assertEqual(self.end(process)[0], 0)
        self.assertEqual(self.left(), [])

    def test_race_for_a_leftover(self):
        """Many find one leftover at a time: one gets the path, and works."""
        path = self.path('left')
        for _ in range(5):
            with socket.socket(socket.AF_UNIX) as owner:
                owner.bind(path)
            racers = [self.start('-qmp', f'unix:{path},server=on,wait=off') for _ in range(6)]
            wait_for(lambda: sum(racer.poll() is None for racer in racers) == 1, 'one winner')
            self.assertTrue(all(racer.poll() in (None, 1) for racer in racers))
            client = self.connect(path)
            client.command('quit')
            wait_for(lambda: all(racer.poll() is not None for racer in racers), 'its end')
            self.assertEqual(self.left(), [])

    def test_other_file_is_kept(self):
        path = self.path('file')
        with open(path, 'w', encoding='ascii') as file:
            file.write('precious')
        self.assert_refused(self.run_program(*self.serve(path)), path)
        self.assert_refused(self.run_program('-qmp', f'unix:{path},server=on,wait=off'), path)
        with open(path, encoding='ascii') as file:
            self.assertEqual(file.read(), 'precious')

    def test_relative(self):
        """Found again at exit, in the background too."""
        result = self.run_program('-daemonize', '-pidfile', 'pid', *self.serve('s0'),
                                  cwd=self.dir)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.left(), ['pid', 's0'])
        with open(self.path('pid'), encoding='ascii') as file:
            os.kill(int(file.read()), 15)
        wait_for(lambda: self.left() == [], 'the files to go')
