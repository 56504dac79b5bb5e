# SPDX-License-Identifier: GPL-2.0-or-later
"""The qtest server from outside: its protocol, its clock, its isolation, bad input."""
import glob
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import unittest

from support import DEADLINE, CliTest, vfio_user_client, wait_for

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'qtest'))
from qtest import ECAM, MSI, PciFunction, QTest      # noqa: E402

BAR = 0xe0000000
RAM = 64 << 20
READ_ERROR = 5          # dma-engine's code for memory that cannot be read


class QtestCase(CliTest):
    def start_qtest(self, *words, accel=True, **kwargs):
        path = self.path('qtest')
        process = self.start('-qtest', f'unix:{path},server=on,wait=off', '-qtest-log', 'none',
                             *(('-accel', 'qtest') if accel else ()), *words, **kwargs)
        return process, self.open(process)

    def open(self, process):
        def attempt():
            if process.poll() is not None:
                raise AssertionError(f'the program ended: {process.stderr.read().decode()}')
            try:
                return QTest.connect(self.path('qtest'), DEADLINE)
            except (FileNotFoundError, ConnectionRefusedError):
                return None
        test = wait_for(attempt, 'the qtest socket')
        self.clients.append(test)
        return test

    def edu(self, test, **kwargs):
        """The first function, an edu, with its BAR at BAR."""
        function = PciFunction(test, **kwargs)
        self.assertEqual(function.config_read(0, 4), 0x11e81234)
        function.place(0, BAR)
        function.enable()
        return function

    def assert_answer(self, test, line, *starts):
        answer = test.raw(line)
        self.assertTrue(answer is not None and answer.startswith(starts), f'{line[:80]}: {answer}')

    def assert_ends_well(self, process):
        status, err = self.end(process)
        self.assertEqual(status, 0, err)
        return err


class Accesses(QtestCase):
    def setUp(self):
        super().setUp()
        self.process, self.test = self.start_qtest('-device', 'edu,id=d0')

    def tearDown(self):
        self.assert_ends_well(self.process)

    def test_all_widths(self):
        value = 0x8877665544332211
        for width in (1, 2, 4, 8):
            for address in (0x1000, 0x1001, 0x1fff, RAM - width):
                cut = value & (1 << 8 * width) - 1
                self.test.write(address, width, cut)
                self.assertEqual(self.test.read(address, width), cut)
                self.assertEqual(self.test.read_block(address, width),
                                 cut.to_bytes(width, 'little'))

    def test_answers_look_like_qemu(self):
        self.test.write(0x100, 4, 0xabcd)
        self.assertEqual(self.test.raw('readl 0x100'), 'OK 0x000000000000abcd')
        self.assertEqual(self.test.raw('readb 256'), 'OK 0x00000000000000cd')
        self.assertEqual(self.test.raw('inb 0x80'), 'OK 0x00ff')
        self.assertEqual(self.test.raw('inl 0xcfc'), 'OK 0xffffffff')
        self.assertEqual(self.test.raw('writel 0x100 0'), 'OK')
        self.assertEqual(self.test.raw('read 0x100 3'), 'OK 0x000000')
        self.assertEqual(self.test.raw('endianness'), 'OK little')
        self.assertEqual(self.test.raw('module_load hw- usb'), 'OK')
        self.assertEqual(self.test.raw('clock_step 5'), 'OK 5')
        self.assertEqual(self.test.raw('nonsense'), "FAIL Unknown command 'nonsense'")

    def test_blocks(self):
        data = bytes(range(256)) * 300
        self.test.write_block(0x2345, data)
        self.assertEqual(self.test.read_block(0x2345, len(data)), data)
        self.assertEqual(self.test.b64read(0x2345, len(data)), data)
        self.test.b64write(0x100000, data[::-1])
        self.assertEqual(self.test.read_block(0x100000, len(data)), data[::-1])
        self.test.memset(0x100001, 5, 0x5a)
        self.assertEqual(self.test.read_block(0x100000, 7),
                         data[-1:] + b'\x5a' * 5 + data[-7:-6])
        # too few digits are filled up with zeros
        self.test.memset(0, 16, 0xff)
        self.test.command('write', 0, 8, '0xabcd')
        self.assertEqual(self.test.read_block(0, 9), b'\xab\xcd' + bytes(6) + b'\xff')

    def test_largest_block(self):
        size = 16 << 20
        self.test.b64write(0, bytes(size))
        self.test.write_block(0, b'\x33' * size)
        self.assertEqual(self.test.read_block(0, size), b'\x33' * size)
        self.assert_answer(self.test, f'read 0 {size + 1}', 'ERR')

    def test_config_space_by_both_ways(self):
        ports, memory = PciFunction(self.test), PciFunction(self.test, ecam=True)
        for width in (1, 2, 4):
            for offset in range(0, 64, width):
                self.assertEqual(ports.config_read(offset, width),
                                 memory.config_read(offset, width), offset)
        memory.config_write(0x10, 4, BAR)
        self.assertEqual(ports.config_read(0x10, 4), BAR)
        ports.config_write(0x13, 1, 0xe1)
        self.assertEqual(memory.config_read(0x12, 2), 0xe100)
        # no such function, and ports beyond the four
        self.assertEqual(PciFunction(self.test, slot=31).config_read(0, 4), 0xffffffff)
        self.assertEqual(PciFunction(self.test, bus=7, ecam=True).config_read(0, 4), 0xffffffff)
        self.test.port_out(0xcf8, 4, 0x80000000)
        self.assertEqual(self.test.port_in(0xcfe, 4), 0xffffffff)
        # a byte at 0xcf8 is no configuration address
        self.test.port_out(0xcf8, 1, 0x10)
        self.assertEqual(self.test.port_in(0xcf8, 4), 0x80000000)
        # without the enable bit nothing is addressed
        self.test.port_out(0xcf8, 4, 0)
        self.assertEqual(self.test.port_in(0xcfc, 4), 0xffffffff)

    def test_registers(self):
        self.edu(self.test)
        self.assertEqual(self.test.read(BAR, 4), 0x010000ed)
        self.test.write(BAR + 4, 4, 0x12345678)
        self.assertEqual(self.test.read(BAR + 4, 4), 0xedcba987)
        # what a register write sets off is over when it is answered
        for n, product in ((5, 120), (10, 3628800), (12, 479001600)):
            self.test.write(BAR + 8, 4, n)
            self.assertEqual(self.test.read(BAR + 0x20, 4) & 1, 0)
            self.assertEqual(self.test.read(BAR + 8, 4), product)

    def test_pipelined(self):
        self.edu(self.test)
        self.test.send(b''.join(b'writel 0xe0000004 %d\nreadl 0xe0000004\n' % i
                                for i in range(2000)))
        for i in range(2000):
            self.assertEqual(self.test.answer(), 'OK')
            self.assertEqual(int(self.test.answer().split()[1], 0), i ^ 0xffffffff)

    def test_line_ends_and_pieces(self):
        self.test.send(b'endianness\r\n')
        self.assertEqual(self.test.answer(), 'OK little')
        for byte in b'endianness\n':
            self.test.send(bytes([byte]))
        self.assertEqual(self.test.answer(), 'OK little')


class Clock(QtestCase):
    def test_stands_until_it_is_moved(self):
        process, test = self.start_qtest('-device', 'edu')
        self.assertEqual(test.clock_step(0), 0)
        self.assertEqual(test.clock_step(), 0)          # no timer: nowhere to go
        self.assertEqual(test.clock_step(12345), 12345)
        self.assertEqual(test.clock_set(1000000), 1000000)
        self.assertEqual(test.clock_set(5), 1000000)    # never back
        self.assert_ends_well(process)

    def start_dma(self, test, length=64):
        self.edu(test)
        test.write_block(0x1000, bytes(range(length)))
        for register, value in ((0x80, 0x1000), (0x88, 0x40000), (0x90, length), (0x98, 1)):
            test.write(BAR + register, 8, value)

    def test_exact(self):
        process, test = self.start_qtest('-device', 'edu')
        self.start_dma(test)
        self.assertEqual(test.clock_step(99999999), 99999999)
        self.assertEqual(test.read(BAR + 0x98, 8) & 1, 1)
        self.assertEqual(test.clock_step(1), 100000000)
        self.assertEqual(test.read(BAR + 0x98, 8) & 1, 0)
        self.assert_ends_well(process)

    def test_to_the_next_timer(self):
        process, test = self.start_qtest('-device', 'edu')
        self.start_dma(test)
        self.assertEqual(test.clock_step(), 100000000)
        self.assertEqual(test.read(BAR + 0x98, 8) & 1, 0)
        self.assertEqual(test.clock_step(), 100000000)
        self.assert_ends_well(process)

    def test_every_domain(self):
        process, test = self.start_qtest('-device', 'edu,id=a', '-device', 'edu,id=b')
        test.domain('a')
        self.start_dma(test)
        test.clock_step(50000000)
        test.domain('b')
        self.start_dma(test)
        self.assertEqual(test.clock_step(), 100000000)
        self.assertEqual(test.read(BAR + 0x98, 8) & 1, 1)
        test.domain('a')
        self.assertEqual(test.read(BAR + 0x98, 8) & 1, 0)
        self.assertEqual(test.clock_step(), 150000000)
        test.domain('b')
        self.assertEqual(test.read(BAR + 0x98, 8) & 1, 0)
        self.assert_ends_well(process)

    def test_stop_and_cont_do_not_move_it(self):
        path = self.path('qmp')
        process, test = self.start_qtest('-device', 'edu', '-qmp',
                                         f'unix:{path},server=on,wait=off')
        qmp = self.connect(path)
        qmp.command('stop')
        qmp.command('cont')
        self.assertEqual(test.clock_step(0), 0)
        self.assert_ends_well(process)

    def test_without_the_accelerator(self):
        process, test = self.start_qtest('-device', 'edu', accel=False)
        for line in ('clock_step', 'clock_step 5', 'clock_set 5'):
            self.assertIn('-accel qtest', test.raw(line))
        self.assert_ends_well(process)

    def test_endless_work_leaves_the_process_alive(self):
        """A free-running watchdog of 1 us, and a step of many years."""
        path = self.path('qmp')
        process, test = self.start_qtest('-device', 'i6300esb', '-qmp',
                                         f'unix:{path},server=on,wait=off')
        qmp = self.connect(path)
        function = PciFunction(test)
        function.place(0, BAR)
        function.enable()
        for register, value in ((0x80, 0), (0x86, 0)):
            test.write(BAR + 0xc, 2, register)
        test.write(BAR, 4, 0)
        function.config_write(0x68, 1, 6)       # enabled, free running
        test.send('clock_step 0x1000000000000000')
        self.assertEqual(qmp.command('query-status')['status'], 'running')
        # who hangs up is rid of it
        test.close()
        again = self.open(process)
        self.assertEqual(again.raw('endianness'), 'OK little')
        self.assert_ends_well(process)


class Interrupts(QtestCase):
    DEVICES = ('-device', 'isolated-rc,id=vm', '-device', 'edu,id=a,bus=vm.0,addr=4',
               '-device', 'edu,id=b,bus=vm.0,addr=5')

    def place_both(self, test):
        for slot in (4, 5):
            function = PciFunction(test, slot=slot)
            function.place(0, BAR + slot * 0x100000)
            function.enable()
        return BAR + 4 * 0x100000, BAR + 5 * 0x100000

    def test_root_lines_are_swizzled(self):
        process, test = self.start_qtest(*self.DEVICES)
        a, b = self.place_both(test)
        test.write(a + 0x60, 4, 1)
        self.assertEqual(test.irqs, [])         # nobody listens yet
        test.write(a + 0x64, 4, 1)
        test.intercept_in('/machine/peripheral/vm')
        test.intercept_in('vm')                 # the same again
        self.assert_answer(test, 'irq_intercept_in a', 'FAIL IRQ intercept already enabled')
        test.write(a + 0x60, 4, 1)
        test.write(b + 0x60, 4, 1)
        test.write(b + 0x60, 4, 2)              # high already
        test.write(a + 0x64, 4, 1)
        test.write(b + 0x64, 4, 3)
        self.assertEqual(test.irqs, [(0, True), (1, True), (0, False), (1, False)])
        self.assert_ends_well(process)

    def test_own_pin(self):
        process, test = self.start_qtest(*self.DEVICES)
        a, b = self.place_both(test)
        test.intercept_in('b')
        test.write(a + 0x60, 4, 1)
        test.write(b + 0x60, 4, 1)
        self.assertEqual(test.irqs, [(0, True)])
        # INTx disable takes the level away
        PciFunction(test, slot=5).config_write(4, 2, 0x407)
        self.assertEqual(test.irqs, [(0, True), (0, False)])
        self.assert_ends_well(process)

    def test_a_new_client_starts_afresh(self):
        process, test = self.start_qtest(*self.DEVICES)
        a, _ = self.place_both(test)
        test.intercept_in('vm')
        test.close()
        again = self.open(process)
        again.write(a + 0x60, 4, 1)
        self.assertEqual(again.irqs, [])
        again.intercept_in('a')
        again.write(a + 0x64, 4, 1)
        self.assertEqual(again.irqs, [(0, False)])
        self.assert_ends_well(process)

    def test_listening_to_what_came_in_its_place(self):
        path = self.path('qmp')
        process, test = self.start_qtest('-device', 'edu,id=d0', '-qmp',
                                         f'unix:{path},server=on,wait=off')
        qmp = self.connect(path)
        for _ in range(3):
            self.edu(test)
            test.intercept_in('d0')
            test.write(BAR + 0x60, 4, 1)
            self.assertEqual(test.irqs.pop(0), (0, True))
            qmp.command('device_del', id='d0')
            qmp.event('DEVICE_DELETED')
            wait_for(lambda: test.raw('domain').startswith('FAIL'), 'the end of the domain')
            test.irqs.clear()
            qmp.command('device_add', driver='edu', id='d0')
        self.assert_ends_well(process)

    def test_message(self):
        process, test = self.start_qtest('-device', 'edu')
        function = self.edu(test)
        cap = function.capability(5)
        for address in (0x8000, MSI + 0x1000, RAM - 4):
            function.config_write(cap + 4, 4, address)
            function.config_write(cap + 8, 4, 0)
            function.config_write(cap + 12, 2, 0x4321)
            function.config_write(cap + 2, 2, 1)
            self.assertEqual(test.read(address, 4), 0)
            test.write(BAR + 0x60, 4, 1)
            self.assertEqual(test.read(address, 4), 0x4321)
            test.write(BAR + 0x64, 4, 1)
        # to nowhere: pending until the address is good
        function.config_write(cap + 4, 4, 0x90000000)
        test.write(BAR + 0x60, 4, 1)
        function.config_write(cap + 4, 4, 0x9000)
        self.assertEqual(test.read(0x9000, 4), 0x4321)
        self.assert_ends_well(process)

    def test_bad_paths(self):
        process, test = self.start_qtest(*self.DEVICES)
        for line, start in (('irq_intercept_in nobody', 'FAIL Unknown device'),
                            ('irq_intercept_in /', 'FAIL it has no such lines'),
                            ('irq_intercept_in /machine', 'FAIL it has no such lines'),
                            ('irq_intercept_out vm', 'FAIL it has no such lines'),
                            ('irq_intercept_out a addr', 'FAIL it has no such lines'),
                            ('set_irq_in nobody x 0 1', 'FAIL Unknown device'),
                            ('set_irq_in a unnamed-gpio-in 0 1', 'FAIL it has no such line'),
                            ('set_irq_in a edu-mmio 0 1', 'FAIL it has no such line'),
                            ('set_irq_in a x -1 1', 'ERR'), ('set_irq_in a x 0', 'ERR')):
            self.assert_answer(test, line, start)
        self.assert_ends_well(process)


class Domains(QtestCase):
    def test_choice(self):
        process, test = self.start_qtest('-device', 'edu,id=d0', '-device', 'isolated-rc,id=vmA')
        self.assertEqual(test.domain(), 'd0')
        test.domain('vmA')
        self.assertEqual(test.domain(), 'vmA')
        self.assertEqual(PciFunction(test).config_read(0, 4), 0xffffffff)
        self.assertEqual(test.raw('domain vmX'),
                         "FAIL there is no isolation domain 'vmX': use one of d0, vmA")
        self.assertEqual(test.domain(), 'vmA')
        self.assert_ends_well(process)

    def test_none(self):
        process, test = self.start_qtest()
        for line in ('readb 0', 'inb 0x80', 'read 0 1', 'memset 0 1 1', 'domain'):
            self.assert_answer(test, line, 'FAIL there is no isolation domain')
        self.assertEqual(test.clock_step(5), 5)
        self.assert_ends_well(process)

    def test_same_addresses_never_meet(self):
        process, test = self.start_qtest('-device', 'edu,id=a', '-device', 'edu,id=b')
        for name, pattern in (('a', 0xaa), ('b', 0xbb)):
            test.domain(name)
            self.edu(test)
            test.memset(0, 0x10000, pattern)
            test.write(BAR + 4, 4, pattern)
        for name, pattern in (('a', 0xaa), ('b', 0xbb)):
            test.domain(name)
            self.assertEqual(test.read(BAR + 4, 4), pattern ^ 0xffffffff)
            self.assertEqual(test.read(0x8000, 4), pattern * 0x01010101)
            # through the device and back: its own domain's RAM
            for command, src, dst in ((1, 0x1000, 0x40000), (3, 0x40000, 0x20000)):
                for register, value in ((0x80, src), (0x88, dst), (0x90, 16), (0x98, command)):
                    test.write(BAR + register, 8, value)
                test.clock_step()
            self.assertEqual(test.read_block(0x20000, 17), bytes([pattern] * 16 + [0]))
        self.assert_ends_well(process)

    def test_domain_goes_and_comes(self):
        path = self.path('qmp')
        process, test = self.start_qtest('-device', 'edu,id=a', '-qmp',
                                         f'unix:{path},server=on,wait=off')
        qmp = self.connect(path)
        for cycle in range(20):
            qmp.command('device_add', driver='edu', id='b')
            test.domain('b')
            self.edu(test)
            test.write(0x100, 4, cycle)
            test.write(BAR + 0x60, 4, 1)
            qmp.command('device_del', id='b')
            qmp.event('DEVICE_DELETED')
            wait_for(lambda: test.raw('readb 0').startswith('FAIL there is no isolation domain'),
                     'the end of the domain')
            # what was chosen is gone: no other domain takes its place
            self.assertEqual(test.raw('domain'),
                             "FAIL there is no isolation domain 'b': use one of a")
        test.domain('a')
        self.edu(test)
        self.assert_ends_well(process)

    def test_deleted_in_the_middle_of_a_step(self):
        path = self.path('qmp')
        process, test = self.start_qtest('-device', 'edu,id=a', '-device', 'isolated-rc,id=vm',
                                         '-device', 'i6300esb,id=w,bus=vm.0',
                                         '-qmp', f'unix:{path},server=on,wait=off')
        qmp = self.connect(path)
        test.domain('vm')
        function = PciFunction(test)
        function.place(0, BAR)
        function.enable()
        test.write(BAR + 0xc, 2, 0x80)
        test.write(BAR + 0xc, 2, 0x86)
        test.write(BAR, 4, 0)
        function.config_write(0x68, 1, 6)
        test.send('clock_step 0x100000000000000')
        qmp.command('device_del', id='w')
        qmp.event('DEVICE_DELETED')
        qmp.command('device_del', id='vm')
        # nothing is left that has a timer: the step comes to its end
        self.assertEqual(test.answer(), f'OK {0x100000000000000}')
        self.assert_ends_well(process)


class Memory(QtestCase):
    def dma(self, test, src, command=1):
        for register, value in ((0x80, src), (0x88, 0x40000), (0x90, 8), (0x98, command)):
            test.write(BAR + register, 8, value)

    def test_size(self):
        process, test = self.start_qtest('-device', 'edu', '-m', '2M')
        test.write(0x1ffffc, 4, 0x1234)
        test.write(0x200000, 4, 0x1234)
        self.assertEqual(test.read(0x1ffffc, 8), 0x1234)
        self.assertEqual(test.read(0x200000, 4), 0)
        self.assert_ends_well(process)

    def test_is_lazy(self):
        process, test = self.start_qtest('-m', '2G', *(['-device', 'edu'] * 8))
        test.write(0x70000000, 4, 1)
        with open(f'/proc/{process.pid}/statm', encoding='ascii') as f:
            self.assertLess(int(f.read().split()[1]) * os.sysconf('SC_PAGESIZE'), 1 << 30)
        self.assert_ends_well(process)

    def test_default_deny_without_the_accelerator(self):
        """No RAM, and a function that nobody serves reaches nothing."""
        process, test = self.start_qtest('-device', 'dma-engine', accel=False)
        for address in (0, 0x1000, MSI):
            test.write(address, 4, 0x1234)
            self.assertEqual(test.read(address, 4), 0)
        self.assertEqual(self.engine_copy(test), READ_ERROR)
        self.assert_ends_well(process)

    def test_allowed_with_the_accelerator(self):
        process, test = self.start_qtest('-device', 'dma-engine')
        test.memset(0x1000, 16, 0x77)
        self.assertEqual(self.engine_copy(test), 0)
        self.assertEqual(test.read_block(0x2000, 17), b'\x77' * 16 + b'\0')
        # beyond RAM there is nothing for a function either
        self.assertEqual(self.engine_copy(test, RAM - 8), READ_ERROR)
        # and without the bus master bit there is nothing at all
        PciFunction(test).enable(3)
        self.assertEqual(self.engine_copy(test), READ_ERROR)
        self.assert_ends_well(process)

    def engine_copy(self, test, src=0x1000):
        """16 bytes by dma-engine; its error code."""
        function = PciFunction(test)
        function.place(0, BAR)
        if not function.config_read(4, 2) & 7:
            function.enable()
        for register, width, value in ((0x1000, 8, src), (0x1008, 8, 0x2000), (0x1010, 4, 16),
                                       (0x1018, 4, 1)):
            test.write(BAR + register, width, value)
        wait_for(lambda: not test.read(BAR + 0x101c, 4) & 1, 'the end of the transfer')
        return test.read(BAR + 0x1020, 4)

    def test_served_function_keeps_its_clients_space(self):
        sock = self.path('s')
        qmp_path = self.path('qmp')
        process, test = self.start_qtest(
            '-device', 'edu,id=d0', '-qmp', f'unix:{qmp_path},server=on,wait=off')
        qmp = self.connect(qmp_path)
        function = self.edu(test)
        cap = function.capability(5)
        test.memset(0x1000, 8, 0x11)
        qmp.command_with('object-add', {'qom-type': 'vfio-user-server', 'id': 's0',
                                        'socket': {'type': 'unix', 'path': sock},
                                        'device': 'd0'})
        client = vfio_user_client(sock)
        self.clients.append(client)
        # the client has mapped nothing: a transfer out of the device goes nowhere
        self.dma(test, 0x1000)
        test.clock_step()
        self.dma_back(test)
        self.assertEqual(test.read_block(0x1000, 8), b'\x11' * 8)
        # nor do its interrupts reach test RAM
        function.config_write(cap + 4, 4, 0x8000)
        function.config_write(cap + 12, 2, 0x77)
        function.config_write(cap + 2, 2, 1)
        test.write(BAR + 0x60, 4, 1)
        self.assertEqual(test.read(0x8000, 4), 0)
        self.assert_answer(test, 'irq_intercept_in d0', 'FAIL it has no such lines')
        client.close()
        qmp.command('object-del', id='s0')
        # and is a test's again when the server is gone
        self.edu(test)
        self.dma(test, 0x1000)
        test.clock_step()
        self.dma_back(test)
        self.assertEqual(test.read_block(0x2000, 8), b'\x11' * 8)
        test.intercept_in('d0')
        self.assert_ends_well(process)

    def dma_back(self, test):
        for register, value in ((0x80, 0x40000), (0x88, 0x2000), (0x90, 8), (0x98, 3)):
            test.write(BAR + register, 8, value)
        test.clock_step()


class Options(QtestCase):
    def test_refused(self):
        path = self.path('q')
        for words, fragments in (
                (('-qtest', 'nonsense'), ('nonsense', 'unix:PATH')),
                (('-qtest', f'unix:{path},server=on'), ('wait=off',)),
                (('-qtest', f'unix:{path},server=maybe'), ('server',)),
                (('-qtest', f'unix:{path},frob=1'), ('frob',)),
                (('-qtest', f'unix:{path}'), ('cannot connect',)),
                (('-qtest', 'stdio', '-qmp', 'stdio'), ('stdio',)),
                (('-qtest', 'chardev:nobody'), ('nobody', '-chardev')),
                (('-chardev', 'socket,id=q,port=0,server=on,wait=off', '-qtest', 'chardev:q'),
                 ("'q'", 'other machines', 'host=localhost')),
                (('-chardev', 'null,id=q', '-qtest', 'chardev:q', '-mon', 'q'), ("'q'",)),
                (('-qtest', 'stdio', '-daemonize'), ('-daemonize',)),
                (('-accel', 'qtest', '-m', '4G'), ('2816 MiB',)),
                (('-accel', 'qtest', '-m', 'much'), ("'much' is not a size",)),
                (('-accel', 'qtest', '-m', '0'), ('not a size',)),
                (('-qtest', f'unix:{path},server=on,wait=off', '-qtest-log', '/nowhere/x'),
                 ('/nowhere/x',))):
            with self.subTest(' '.join(words)):
                self.assert_refused(self.run_program(*words), *fragments)
        self.assertEqual(self.left(), [])

    def test_ignored(self):
        process, _ = self.start_with_qmp('-accel', 'kvm', '-m', '512', '-machine',
                                         'x-remote,accel=tcg')
        status, err = self.end(process)
        self.assertEqual(status, 0, err)
        self.assertEqual(err.count('warning: ignored'), 3, err)

    def test_machine_spelling(self):
        process, test = self.start_qtest('-machine', 'x-remote,accel=qtest', '-m', 'size=1M',
                                         '-device', 'edu', accel=False)
        self.assertEqual(test.clock_step(7), 7)
        test.write(0xffffc, 4, 3)
        self.assertEqual(test.read(0xffffc, 4), 3)
        self.assert_ends_well(process)

    def test_chardev(self):
        process = self.start('-chardev', f'socket,id=q,path={self.path("qtest")},server=on,'
                             'wait=off', '-qtest', 'chardev:q', '-qtest-log', 'none',
                             '-accel', 'qtest', '-device', 'edu')
        for _ in range(5):
            test = self.open(process)
            self.edu(test)
            self.assertEqual(test.read(BAR, 4), 0x010000ed)
            test.send('clock_step 1000000')
            test.close()
        self.assert_ends_well(process)

    def test_it_connects(self):
        """As QEMU's own test programs want it: they listen."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(self.path('q'))
            listener.listen()
            listener.settimeout(DEADLINE)
            process = self.start('-qtest', f'unix:path={self.path("q")}', '-accel', 'qtest',
                                 '-qtest-log', 'none', '-device', 'edu')
            sock, _ = listener.accept()
        sock.settimeout(DEADLINE)
        test = QTest(sock)
        self.clients.append(test)
        self.edu(test)
        self.assertEqual(test.read(BAR, 4), 0x010000ed)
        self.assert_ends_well(process)

    def test_stdio(self):
        process = self.start('-qtest', 'stdio', '-accel', 'qtest', '-device', 'edu,id=d0',
                             '-qtest-log', self.path('log'), stdin=subprocess.PIPE)
        process.stdin.write(b'domain\nclock_step 5\n')
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), b'OK d0\n')
        self.assertEqual(process.stdout.readline(), b'OK 5\n')
        self.assert_ends_well(process)
        with open(self.path('log'), encoding='ascii') as f:
            kinds = [line.split('] ')[1] for line in f.read().splitlines()]
        self.assertEqual(kinds, ['OPENED', 'domain', 'OK d0', 'clock_step 5', 'OK 5', 'CLOSED'])

    def test_log_goes_to_stderr(self):
        path = self.path('qtest')
        process = self.start('-qtest', f'unix:{path},server=on,wait=off')
        test = self.open(process)
        test.raw('x' * 5000)
        err = self.assert_ends_well(process)
        self.assertIn('] ' + 'x' * 1024 + '...\n', err)
        self.assertIn("FAIL Unknown command '" + 'x' * 64 + "'\n", err)


class Hostile(QtestCase):
    def setUp(self):
        super().setUp()
        self.process, self.test = self.start_qtest('-device', 'edu,id=d0')

    def tearDown(self):
        if self.process.poll() is None:
            self.test.close()
            again = self.open(self.process)
            self.assertEqual(again.raw('endianness'), 'OK little')
        self.assert_ends_well(self.process)

    def test_bad_lines(self):
        for line in ('', ' ', '  readb 0', 'readb', 'readb ', 'readb  0', 'readb 0 0', 'readb -1',
                     'readb +1', 'readb 0x', 'readb 0b1', 'readb 1e3', 'readb 99999999999999999999',
                     'READB 0', 'inb 65536', 'outl 0xcf8 0x100000000', 'writew 0 65536',
                     'read 0 0', 'read 0 0xffffffffffffffff', 'read 0xffffffffffffffff 2',
                     'memset 0 1 256', 'memset 0xfffffffffffffff0 17 0', 'memset 0 17000000 0',
                     'write 0 4 12345678', 'write 0 4 0x1', 'write 0 4 0xzz', 'write 0 4',
                     'b64write 0 4 AAAA', 'b64write 0 4 ====', 'b64write 0 1 !', 'clock_step x',
                     'clock_step -5', 'clock_step 0x7fffffffffffffff', 'clock_set -1',
                     'clock_step 1 2', 'endianness x', 'domain a b', 'domain  ',
                     'a b c d e f g h', 'module_load', 'irq_intercept_in', 'qom_get / x',
                     'rtas x 1 0 1 0', '%s%n', 'x' * 100000, 'readb ' + '0' * 100000 + 'x',
                     ' ' * 100000):
            with self.subTest(line[:60]):
                self.assert_answer(self.test, line, 'FAIL', 'ERR')

    def test_numbers_of_all_bases(self):
        self.test.memset(0, 16, 7)
        for line in ('readb 0x8', 'readb 8', 'readb 010', 'readb 0X0'):
            self.assertEqual(self.test.raw(line), 'OK 0x0000000000000007')

    def test_bytes(self):
        for line in (b'readb 0\0\n', b'\xff\xfe\n', b'readb\t0\n', b'\x1b[2J\n', b'\0' * 5000 + b'\n',
                     bytes(range(1, 10)) + b'\n'):
            self.test.send(line)
            self.assertTrue(self.test.answer().startswith('FAIL'), line)

    def test_line_without_end(self):
        """Bounded: the connection ends, and so does the memory."""
        try:
            for _ in range(64):
                self.test.send(b'x' * (1 << 20))
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            answer = self.test.answer()
        except OSError:
            answer = None
        self.assertTrue(answer is None or answer.startswith('FAIL a line has at most'), answer)

    def test_hang_up_anywhere(self):
        for data in (b'readb', b'readb 0', b'write 0 100000 0x' + b'a' * 50000,
                     b'readb 0\n' * 5000, b'read 0 16777216\n' * 20, b'clock_step 999999999\n',
                     b'b64read 0 16777216\n'):
            self.test.send(data)
            self.test.close()
            self.test = self.open(self.process)
            self.assertEqual(self.test.raw('endianness'), 'OK little')

    def test_does_not_read(self):
        """Answers are bounded by stopping to look at commands."""
        self.test.sock.settimeout(1)
        try:
            for _ in range(2000):
                self.test.send(b'read 0 1048576\n' * 64)
        except (TimeoutError, socket.timeout):
            pass
        with open(f'/proc/{self.process.pid}/statm', encoding='ascii') as f:
            self.assertLess(int(f.read().split()[1]) * os.sysconf('SC_PAGESIZE'), 1 << 30)

    def test_next_client_waits(self):
        second = QTest.connect(self.path('qtest'), DEADLINE)
        self.clients.append(second)
        second.send('endianness')
        self.assertEqual(self.test.raw('endianness'), 'OK little')
        answered = []
        thread = threading.Thread(target=lambda: answered.append(second.answer()))
        thread.start()
        self.assertEqual(self.test.raw('endianness'), 'OK little')
        self.assertEqual(answered, [])
        self.test.close()
        thread.join(DEADLINE)
        self.assertEqual(answered, ['OK little'])
        second.close()

    def test_everything_everywhere(self):
        """All commands at odd addresses, the bridge of configuration space among them."""
        addresses = (0, 1, 0xfff, RAM - 1, RAM, ECAM - 1, ECAM, ECAM + 3, ECAM + 0xffffffd,
                     MSI - 1, MSI + 0xffffc, 0xffffffff, 1 << 32, (1 << 64) - 8, (1 << 64) - 1)
        for address in addresses:
            for letter in 'bwlq':
                self.assert_answer(self.test, f'read{letter} {address}', 'OK')
                self.assert_answer(self.test, f'write{letter} {address} 0xff', 'OK')
            self.assert_answer(self.test, f'memset {address} 1 0xff', 'OK')
            self.assert_answer(self.test, f'memset {address} 65537 0xff', 'OK', 'ERR')
            self.assert_answer(self.test, f'read {address} 65537', 'OK', 'ERR')
        for port in (0, 0xcf7, 0xcf8, 0xcf9, 0xcfb, 0xcfc, 0xcfe, 0xcff, 0xffff):
            for letter in 'bwl':
                self.assert_answer(self.test, f'out{letter} {port} 0xff', 'OK')
                self.assert_answer(self.test, f'in{letter} {port}', 'OK')


class Documentation(unittest.TestCase):
    def test_every_command_has_a_row(self):
        root = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
        source = ''
        for name in glob.glob(os.path.join(root, 'softmmu', 'qtest', 'command-*.c')):
            with open(name, encoding='utf-8') as f:
                source += f.read()
        commands = set(re.findall(r'^    (?:\{ |READ\(|WRITE\()"(\w+)",', source, re.M))
        self.assertGreater(len(commands), 20)
        documented = set()
        with open(os.path.join(root, 'docs', 'devel', 'qtest.rst'), encoding='utf-8') as f:
            for row in re.findall(r'^``(\w+)[^`]*``(.*?)  ', f.read(), re.M):
                name, more = row
                documented.add(name)
                documented.update(name[:-1] + letter for letter in re.findall('``(.)``', more))
        self.assertEqual(commands, documented)


class Idle(QtestCase):
    def test_no_wake_ups(self):
        """A connection and a standing clock with a timer on it cost nothing."""
        process, test = self.start_qtest('-device', 'edu')
        self.edu(test)
        test.write(BAR + 0x98, 8, 1)
        self.assert_idle(process)
        self.assert_ends_well(process)


class End(QtestCase):
    def test_signal_in_the_middle(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            process, test = self.start_qtest('-device', 'edu')
            test.send(b'readb 0\n' * 1000)
            status, err = self.end(process, number)
            self.assertEqual(status, 0, err)
            self.assertEqual(self.left(), [])
