# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks from outside: -blockdev and -drive, good and bad, and the commands about them."""
import os

from hmp_client import HmpSocketUser
from support import CliTest, obey_modes

N0 = ('-blockdev', 'null-co,node-name=n0,size=1M')
NVME = ('-device', 'nvme,id=d0,serial=1,drive=n0')

# Words of the command line, and what the one line of the refusal has.
BAD = [
    (['-blockdev', 'file,node-name=n0'], ["'filename' is missing"]),
    (['-blockdev', 'file,node-name=n0,filename=DIR/no.img'], ['DIR/no.img', 'No such file']),
    (['-blockdev', 'file,node-name=n0,filename=DIR'], ['DIR']),
    (['-blockdev', 'file,filename=DIR/disk.img'], ["'node-name' is missing"]),
    (['-blockdev', 'qcow2,node-name=n0,file=f0'], ["'qcow2'"]),
    (['-blockdev', 'null-co,node-name=n0,colour=red'], ["'colour' is unexpected"]),
    (['-blockdev', 'null-co,node-name=n0,size=much'], ["'size'", 'much']),
    (['-blockdev', 'null-co,node-name=n0,read-only=perhaps'], ["'read-only'", 'perhaps']),
    (['-blockdev', 'null-co,node-name=n0,discard=some'], ["'discard'", 'some']),
    (['-blockdev', 'null-co,node-name=0'], ["Invalid node-name: '0'"]),
    (['-blockdev', 'null-co,node-name=n0', '-blockdev', 'null-co,node-name=n0'],
     ["'node-name=n0' is another node's already"]),
    (['-blockdev', 'raw,node-name=n0,file=f0'], ["'file=f0'", '-blockdev before']),
    (['-blockdev', 'null-co,node-name=n0,force-share=on'], ['force-share=on needs read-only=on']),
    (['-blockdev', 'null-co,node-name=n0,detect-zeroes=unmap'], ['discard']),
    (['-blockdev', '{"driver": "null-co", "node-name": "n0", "size": "1M"}'], ["'size'"]),
    (['-blockdev', '{"driver": "null-co"'], ['JSON']),
    (['-device', 'nvme,serial=1,drive=n0'], ["'nvme.drive' can't find value 'n0'"]),
    ([*N0, *NVME, '-device', 'nvme,serial=2,drive=n0'],
     ["'n0' is used by device 'd0' of another isolation domain", '-blockdev of its own']),
    ([*N0, '-device', 'isolated-rc,id=vmA', '-device', 'nvme,id=d0,serial=1,drive=n0,bus=vmA.0',
      '-device', 'nvme,serial=2,drive=n0,bus=vmA.0'],
     ["Conflicts with use by device 'd0'", "'write' on n0"]),
    (['-drive', 'if=none,id=n0,file=null-co://', *NVME, '-device', 'nvme,serial=2,drive=n0'],
     ["Drive 'n0' is already in use by another device"]),
    (['-drive', 'file=DIR/disk.img'], ["'if' is missing", 'if=none']),
    (['-drive', 'if=ide,file=DIR/disk.img'], ["'if'", 'if=none', '-device nvme,drive=ID']),
    (['-drive', 'if=none,file=DIR/no.img'], ['DIR/no.img', 'No such file']),
    (['-drive', 'if=none,file=DIR/disk.img,format=qcow2'], ["'qcow2'", 'qemu-nbd']),
    (['-drive', 'if=none,file=DIR/disk.img,cache=fast'], ["'fast'", 'writeback']),
    (['-drive', 'if=none,file=DIR/disk.img,aio=slow'], ["'slow'"]),
    (['-drive', 'if=none,file=DIR/disk.img,werror=panic'], ["'werror=panic' is no error policy"]),
    (['-drive', 'if=none,file=DIR/disk.img,rerror=enospc'],
     ["'rerror=enospc' is no error policy"]),
    (['-drive', 'if=none,file=DIR/disk.img,snapshot=on'], ["'snapshot'", 'copy']),
    (['-drive', 'if=none,file=DIR/disk.img,readonly=on,read-only=on'], ['the same']),
    (['-drive', 'if=none,file=DIR/disk.img,format=raw,driver=raw'], ['the same']),
    (['-drive', 'if=none,file=DIR/disk.img,colour=red'], ["'colour' is unexpected"]),
    (['-drive', 'if=none,cache=none'], ["'file' is missing"]),
    (['-drive', 'if=none,id=0x'], ["'id' expects an identifier"]),
    (['-drive', 'if=none,id=d', '-drive', 'if=none,id=d'], ["'id=d' is another drive's already"]),
    ([*N0, '-drive', 'if=none,id=n0'], ["'id=n0' is the name of a node already"]),
    (['-drive', 'if=none,id=d', '-device', 'nvme,serial=1,drive=d'], ['nvme']),
    (['-snapshot'], ['copy of the file']),
    (['-hda', 'DIR/disk.img'], ['-blockdev', '-device nvme,drive=NODE']),
]


class Options(CliTest):
    def setUp(self):
        super().setUp()
        with open(self.path('disk.img'), 'wb') as image:
            image.truncate(1 << 20)

    def here(self, text):
        return text.replace('DIR', self.dir)

    def test_bad(self):
        for words, fragments in BAD:
            with self.subTest(' '.join(words)):
                result = self.run_program(*(self.here(word) for word in words))
                self.assert_refused(result, *(self.here(fragment) for fragment in fragments))
                self.assertEqual(self.left(), ['disk.img'])

    def test_read_only_file(self):
        """For a disk that is written it is an error; for one that is not it is none."""
        path = self.path('disk.img')
        os.chmod(path, 0o444)
        obeying = {'preexec_fn': obey_modes}
        for words in (['-blockdev', f'file,node-name=n0,filename={path}'],
                      ['-drive', f'if=none,file={path},format=raw']):
            self.assert_refused(self.run_program(*words, **obeying), path, 'Permission denied')
        for more in ('read-only=on', 'auto-read-only=on'):
            process, qmp = self.start_with_qmp(
                '-blockdev', f'file,node-name=n0,filename={path},{more}', **obeying)
            self.assertTrue(qmp.command('query-named-block-nodes')[0]['ro'])
            self.assertEqual(self.end(process)[0], 0)

    def test_help(self):
        result = self.run_program('-blockdev', 'help')
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stdout.split()[3:],
                         ['file', 'host_device', 'raw', 'null-co', 'null-aio', 'nbd', 'throttle',
                          'error', 'delay'])
        result = self.run_program('-blockdev', 'driver=file,help')
        for text in ('  filename=<str> (required)', '  aio=<threads|native|io_uring>',
                     '  cache.direct=<bool>', '  discard=<ignore|unmap>'):
            self.assertIn(text, result.stdout)
        self.assertIn('  cache=<writeback|none|', self.run_program('-drive', 'help').stdout)
        self.assert_refused(self.run_program('-blockdev', 'qcow2,help'), "Unknown driver 'qcow2'")


class Commands(CliTest):
    @staticmethod
    def refusal(qmp, command, **arguments):
        return qmp.execute(command, **arguments)['error']['desc']

    def node(self, name, nodes):
        return next(node for node in nodes if node['node-name'] == name)

    def test_nodes(self):
        process, qmp = self.start_with_qmp('-blockdev',
                                           'null-co,node-name=f0,size=1M,read-zeroes=on')
        qmp.command('blockdev-add', driver='raw', **{'node-name': 'n0'}, file='f0', offset=512,
                    cache={'no-flush': True}, **{'detect-zeroes': 'on'})
        nodes = qmp.command('query-named-block-nodes')
        self.assertEqual([node['node-name'] for node in nodes], ['f0', 'n0'])
        n0 = self.node('n0', nodes)
        self.assertEqual((n0['drv'], n0['ro'], n0['detect_zeroes']), ('raw', False, 'on'))
        self.assertEqual(n0['image']['virtual-size'], (1 << 20) - 512)
        self.assertEqual(n0['cache'], {'writeback': True, 'direct': False, 'no-flush': True})
        for name, why in (('f0', 'in use'), ('zz', 'no node')):
            self.assertIn(why, self.refusal(qmp, 'blockdev-del', **{'node-name': name}))
        qmp.command('blockdev-del', **{'node-name': 'n0'})
        qmp.command('blockdev-del', **{'node-name': 'f0'})
        self.assertEqual(qmp.command('query-named-block-nodes'), [])
        self.assertEqual(self.end(process)[0], 0)

    def test_device(self):
        process, qmp = self.start_with_qmp(*N0, *NVME)
        info = qmp.command('query-block')
        self.assertEqual(len(info), 1)
        self.assertEqual((info[0]['device'], info[0]['qdev']), ('', 'd0'))
        self.assertEqual(info[0]['inserted']['node-name'], 'n0')
        stats = qmp.command('query-blockstats')
        self.assertEqual(stats[0]['qdev'], '/machine/peripheral/d0')
        self.assertEqual(stats[0]['stats']['rd_operations'], 0)
        self.assertEqual(qmp.command('query-blockstats', **{'query-nodes': True})[0]['node-name'],
                         'n0')
        self.assertIn('in use', self.refusal(qmp, 'blockdev-del', **{'node-name': 'n0'}))
        qmp.command('device_del', id='d0')
        qmp.event('DEVICE_DELETED')
        self.assertEqual(qmp.command('query-block'), [])
        qmp.command('blockdev-del', **{'node-name': 'n0'})
        self.assertEqual(self.end(process)[0], 0)

    def test_drive(self):
        process, qmp = self.start_with_qmp(
            '-drive', 'if=none,id=n0,file=null-co://,size=1M,cache=directsync', '-drive',
            'if=none,id=empty', *NVME)
        info = qmp.command('query-block')
        self.assertEqual([one['device'] for one in info], ['n0', 'empty'])
        self.assertEqual(info[0]['qdev'], 'd0')
        self.assertEqual(info[0]['inserted']['cache'],
                         {'writeback': False, 'direct': True, 'no-flush': False})
        self.assertNotIn('inserted', info[1])
        qmp.command('device_del', id='d0')
        qmp.event('DEVICE_DELETED')
        self.assertNotIn('qdev', qmp.command('query-block')[0])
        qmp.command('device_add', driver='nvme', id='d1', serial='2', drive='n0')
        self.assertEqual(qmp.command('query-block')[0]['qdev'], 'd1')
        self.assertEqual(self.end(process)[0], 0)

    def test_resize(self):
        process, qmp = self.start_with_qmp(
            *N0, *NVME, '-drive', 'if=none,id=e', '-blockdev',
            'raw,node-name=part,size=4096,file.driver=null-co')
        qmp.command('block_resize', size=1 << 21, **{'node-name': 'n0'})
        self.assertEqual(qmp.command('query-block')[1]['inserted']['image']['virtual-size'],
                         1 << 21)
        for args, why in (({'size': -1, 'node-name': 'n0'}, 'size'),
                          ({'size': 512, 'node-name': 'zz'}, "'zz'"),
                          ({'size': 512, 'device': 'e'}, 'no medium'),
                          ({'size': 512}, 'give one of them'),
                          ({'size': 512, 'node-name': 'part'}, 'part')):
            self.assertIn(why, self.refusal(qmp, 'block_resize', **args))
        self.assertEqual(self.end(process)[0], 0)

    def test_human(self):
        process, _ = self.start_with_qmp(
            '-monitor', f'unix:{self.path("hmp")},server=on,wait=off', *N0, *NVME,
            '-drive', 'if=none,id=empty')
        user = HmpSocketUser(self.path('hmp'))
        lines = user.run('info block')
        self.assertEqual(lines[0], 'empty: [not inserted]')
        self.assertEqual(lines[2:5], ['d0 (n0): null-co:// (null-co)',
                                      '    Attached to:      d0',
                                      '    Cache mode:       writeback'])
        self.assertIn('/machine/peripheral/d0: rd_bytes=0 ', user.run('info blockstats')[1])
        user.close()
        self.assertEqual(self.end(process)[0], 0)
