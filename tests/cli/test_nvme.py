# SPDX-License-Identifier: GPL-2.0-or-later
"""What is refused of the NVMe devices, each in one line that says what to do."""
from support import CliTest

N0 = ['-blockdev', 'null-co,node-name=n0,size=1M']
N1 = ['-blockdev', 'null-co,node-name=n1,size=1M']
C0 = ['-device', 'nvme,id=c0,serial=1']
TWO_DOMAINS = ['-device', 'isolated-rc,id=vmA', '-device', 'isolated-rc,id=vmB']

# Properties of a controller, and what the line has.
CONTROLLER = [
    ('', ["set property 'serial'"]),
    ('serial=', ["set property 'serial'"]),
    ('serial=123456789012345678901', ["'serial'", '21 characters', 'at most 20']),
    ('serial=1,num_queues=1', ["'num_queues'", '2 to 512, not 1']),
    ('serial=1,num_queues=100000', ["'num_queues'", '2 to 512, not 100000']),
    ('serial=1,max_ioqpairs=0', ["'max_ioqpairs'", '1 to 511, not 0']),
    ('serial=1,msix_qsize=0', ["'msix_qsize'", '1 to 2048, not 0']),
    ('serial=1,msix_qsize=4000', ["'msix_qsize'", '1 to 2048, not 4000']),
    ('serial=1,mdts=17', ["'mdts'", '0 to 16, not 17']),
    ('serial=1,mdts=300', ["'mdts'", '0 to 255, not 300']),
    ('serial=1,mdts=-1', ["'mdts'", "non-negative integer, not '-1'"]),
    ('serial=1,vsl=20', ["'vsl'", '0 to 16, not 20']),
    ('serial=1,mdts=5,zoned.zasl=6', ["'zoned.zasl'", '0 to 5, not 6']),
    ('serial=1,cmb_size_mb=3', ["'cmb_size_mb'", 'power of two up to 1024, not 3']),
    ('serial=1,cmb_size_mb=2048', ["'cmb_size_mb'", 'up to 1024, not 2048']),
    ('serial=1,cmb_size_mb=4294967295', ["'cmb_size_mb'", 'not 4294967295']),
    ('serial=1,cmb_size_mb=many', ["'cmb_size_mb'", "'many'"]),
    ('serial=1,logical_block_size=513', ["'513'", 'power of 2']),
    ('serial=1,logical_block_size=131072', ["'logical_block_size'", '65536, not 131072']),
    ('serial=1,logical_block_size=4096,physical_block_size=512',
     ['logical_block_size > physical_block_size']),
    ('serial=1,mmap-doorbells=perhaps', ["'mmap-doorbells'", "'perhaps'"]),
    ('serial=1,x-doorbell-wakeup=on', ['x-doorbell-wakeup=on', 'mmap-doorbells=on']),
    ('serial=1,subsys=none', ["Device 'none' not found"]),
    ('serial=1,colour=red', ["'nvme.colour' not found", 'nvme,help']),
]

NAMESPACE = [
    ('nsid=257', ["'nsid'", '1 to 256, not 257']),
    ('nsid=4294967295', ["'nsid'", '1 to 256, not 4294967295']),
    ('detached=on', ['detached=on', "'subsys'"]),
    ('pi=4', ["'pi'", '0 to 3, not 4']),
    ('pi=1', ["'pi'", 'set ms=8 or more']),
    ('ms=8,pi=1,pif=1', ["'pi'", 'set ms=16 or more']),
    ('ms=16,pi=1,pif=2', ["'pif'", 'not 2']),
    ('ms=8,mset=2', ["'mset'", '0 or 1, not 2']),
    ('ms=8,pi=1,pil=2', ["'pil'", '0 or 1, not 2']),
    ('ms=129', ["'ms'", 'at most 128, not 129']),
    ('mssrl=0', ["'mssrl'", '1 to mcl=128, not 0']),
    ('mssrl=8,mcl=7', ["'mssrl'", '1 to mcl=7, not 8']),
    ('uuid=zz', ["'nvme-ns.uuid'", "'zz'"]),
]

# Properties of a zoned namespace of 1 MiB.
ZONED = [
    ('', ['1048576 bytes', 'zoned.zone_size=134217728', 'make zones smaller']),
    ('zoned.zone_size=0', ["'zoned.zone_size'", 'multiple of logical_block_size=512, not 0']),
    ('zoned.zone_size=1000', ["'zoned.zone_size'", 'logical_block_size=512, not 1000']),
    ('zoned.zone_size=4T', ["'zoned.zone_size'", 'less than 2^32 blocks']),
    ('zoned.zone_size=64k,zoned.zone_capacity=65k',
     ["'zoned.zone_capacity'", 'up to zoned.zone_size=65536, not 66560']),
    ('zoned.zone_size=64k,zoned.zone_capacity=1000', ["'zoned.zone_capacity'", 'not 1000']),
    ('zoned.zone_size=64k,zoned.max_active=17', ["'zoned.max_active'", 'at most 16', 'not 17']),
    ('zoned.zone_size=64k,zoned.max_open=17', ["'zoned.max_open'", 'at most 16', 'not 17']),
    ('zoned.zone_size=64k,zoned.max_active=2,zoned.max_open=3',
     ["'zoned.max_open'", 'at most zoned.max_active=2, not 3']),
    ('zoned.zone_size=64k,zoned.descr_ext_size=65',
     ["'zoned.descr_ext_size'", 'multiple of 64 up to 16320, not 65']),
    ('zoned.zone_size=64k,zoned.descr_ext_size=16384', ["'zoned.descr_ext_size'", 'not 16384']),
    ('zoned.zone_size=64k,zoned.numzrwa=1', ["'zoned.numzrwa'", 'leave it at 0']),
    ('zoned.zone_size=64k,zoned.zrwas=4k', ["'zoned.zrwas'", 'leave it at 0']),
    ('zoned.zone_size=64k,zoned.zrwafg=4k', ["'zoned.zrwafg'", 'leave it at 0']),
]

# Whole command lines.
TOGETHER = [
    ([*N0, '-device', 'nvme-ns,drive=n0'], ["No 'nvme-bus' bus found"]),
    ([*N0, '-device', 'nvme-ns,drive=n0,bus=none'], ["Bus 'none' not found"]),
    ([*C0, '-device', 'nvme-ns,bus=c0'], ['nvme-ns needs a drive', "set property 'drive'"]),
    ([*C0, '-device', 'nvme-ns,bus=c0,drive=n7'], ["'nvme-ns.drive' can't find value 'n7'"]),
    ([*N0, *N1, '-device', 'nvme,id=c0,serial=1,drive=n0',
      '-device', 'nvme-ns,bus=c0,drive=n1,nsid=1'],
     ['nsid=1 is in use already', 'or none for the next free one']),
    ([*N0, '-device', 'nvme,id=c0,serial=1,drive=n0', '-device', 'nvme-ns,bus=c0,drive=n0'],
     ["Conflicts with use by device 'c0'", "'write' on n0", 'share-rw=on for all of them']),
    ([*TWO_DOMAINS, '-device', 'nvme-subsys,id=ss', '-device', 'nvme,serial=1,subsys=ss,bus=vmA.0',
      '-device', 'nvme,serial=2,subsys=ss,bus=vmB.0'],
     ['subsys=ss has controllers of another isolation domain', 'one isolated-rc']),
    (['-device', 'nvme-subsys,id=ss,nqn=' + 300 * 'a'], ["'nqn'", '300 characters']),
]


class Refused(CliTest):
    def check(self, words, fragments):
        with self.subTest(' '.join(words)):
            self.assert_refused(self.run_program(*words), *fragments)

    def test_controller(self):
        for properties, fragments in CONTROLLER:
            self.check([*N0, '-device', f'nvme,drive=n0,{properties}'.rstrip(',')], fragments)

    def test_namespace(self):
        for properties, fragments in NAMESPACE:
            self.check([*N0, *C0, '-device', f'nvme-ns,bus=c0,drive=n0,{properties}'], fragments)

    def test_zoned(self):
        for properties, fragments in ZONED:
            self.check([*N0, *C0, '-device',
                        f'nvme-ns,bus=c0,drive=n0,zoned=on,{properties}'.rstrip(',')], fragments)

    def test_too_many_zones(self):
        large = ['-blockdev', 'null-co,node-name=n0,size=1G']
        self.check([*large, *C0, '-device', 'nvme-ns,bus=c0,drive=n0,zoned=on,zoned.zone_size=512'],
                   ["'zoned.zone_size'", '2097152 zones', 'at most 65536', 'more than 512'])
        self.check([*large, *C0, '-device', 'nvme-ns,bus=c0,drive=n0,zoned=on,zoned.zone_size=16k,'
                    'zoned.descr_ext_size=1088'],
                   ["'zoned.descr_ext_size'", 'at most 1024 for 65536 zones, not 1088'])

    def test_together(self):
        for words, fragments in TOGETHER:
            self.check(words, fragments)


class Sizes(CliTest):
    def words(self, size, more=''):
        with open(self.path('disk.img'), 'wb') as image:
            image.truncate(size)
        return ['-blockdev', f'file,node-name=n0,filename={self.path("disk.img")}',
                '-device', f'nvme,serial=1,drive=n0{more}']

    def test_no_block(self):
        self.assert_refused(self.run_program(*self.words(0)), 'has 0 bytes', 'make it larger')

    def test_part_of_a_block(self):
        """Sectors are filled up with zeroes; what is left of larger blocks would be lost."""
        large = ',logical_block_size=4096,physical_block_size=4096'
        self.assert_refused(self.run_program(*self.words((1 << 20) + 512, large)),
                            '1049088 bytes', 'logical_block_size=4096', 'smaller blocks')
        for words in (self.words((1 << 20) + 1), self.words(1 << 20, large)):
            process, _ = self.start_with_qmp(*words)
            self.assertEqual(self.end(process)[0], 0)
