# SPDX-License-Identifier: GPL-2.0-or-later
"""Trace points by QMP, and what the program says of its command line."""
from support import CliTest


class Trace(CliTest):
    def setUp(self):
        super().setUp()
        self.process, self.qmp = self.start_with_qmp('-D', self.path('log'), '-d', 'unimp')

    def state(self, name):
        return {info['name']: info['state']
                for info in self.qmp.command('trace-event-get-state', name=name)}

    def log(self):
        with open(self.path('log'), encoding='utf-8') as file:
            return file.read()

    def test_on_and_off(self):
        self.assertEqual(self.state('qmp_send'), {'qmp_send': 'disabled'})
        self.qmp.command('trace-event-set-state', name='qmp_send', enable=True)
        self.assertEqual(self.state('qmp_send'), {'qmp_send': 'enabled'})
        self.assertIn(':qmp_send ', self.log())
        self.assertNotIn(':qmp_receive ', self.log())
        self.qmp.command('trace-event-set-state', name='qmp_send', enable=False)
        before = self.log()
        self.qmp.command('query-status')
        self.assertEqual(self.log(), before)

    def test_patterns(self):
        everything = self.state('*')
        self.assertIn('qmp_receive', everything)
        self.assertEqual(list(everything), sorted(everything))
        some = self.state('qmp_*')
        self.assertTrue(some)
        self.assertTrue(all(name.startswith('qmp_') for name in some))
        self.assertEqual(self.state('no_such_*'), {})
        self.qmp.command('trace-event-set-state', name='qmp_rec?ive', enable=True)
        self.assertEqual(self.state('qmp_receive'), {'qmp_receive': 'enabled'})
        self.qmp.command('trace-event-set-state', name='no_such_*', enable=True)

    def test_unknown(self):
        for command in ('trace-event-get-state', 'trace-event-set-state'):
            arguments = {'name': 'no_such'}
            if 'set' in command:
                arguments['enable'] = True
            reply = self.qmp.execute_with(command, arguments)
            self.assertEqual(reply['error'], {'class': 'GenericError',
                                              'desc': 'unknown event "no_such"'})
        self.qmp.command_with('trace-event-set-state', {
            'name': 'no_such', 'enable': True, 'ignore-unavailable': True})


class CommandLine(CliTest):
    def setUp(self):
        super().setUp()
        self.process, self.qmp = self.start_with_qmp()

    def parameters(self, option):
        entry, = self.qmp.command('query-command-line-options', option=option)
        self.assertEqual(entry['option'], option)
        return {info['name']: info['type'] for info in entry['parameters']}

    def test_against_help(self):
        """The same options as -help has, those with a value."""
        text = self.run_program('-help').stdout.split('\nOptions of QEMU')[0]
        shown = {line.split()[0][1:] for line in text.splitlines()
                 if line.startswith('  -') and ' ' in line.strip()}
        listed = {entry['option'] for entry in self.qmp.command('query-command-line-options')}
        self.assertEqual(shown - listed, set())
        self.assertIn('device', listed)
        self.assertNotIn('S', listed)

    def test_parameters(self):
        chardev = self.parameters('chardev')
        self.assertEqual(chardev['path'], 'string')
        self.assertEqual(chardev['server'], 'boolean')
        self.assertEqual(chardev['reconnect'], 'number')
        machine = self.parameters('machine')
        self.assertEqual(machine['type'], 'string')
        self.assertEqual(machine['vfio-user'], 'boolean')
        self.assertEqual(self.parameters('mon'),
                         {'chardev': 'string', 'mode': 'string', 'pretty': 'boolean'})
        self.assertEqual(self.parameters('device'), {})

    def test_parameters_are_taken(self):
        """What is listed is understood: no 'Invalid parameter' for any of it."""
        values = {'boolean': 'off', 'number': '1', 'string': 'x', 'size': '1M'}
        for option in ('name', 'action', 'mon', 'add-fd', 'msg', 'trace'):
            for name, kind in self.parameters(option).items():
                result = self.run_program(f'-{option}', f'{name}={values[kind]}', '-version')
                self.assertNotIn('Invalid parameter', result.stderr)
                self.assertNotIn('unknown parameter', result.stderr)

    def test_unknown(self):
        reply = self.qmp.execute('query-command-line-options', option='no-such')
        self.assertEqual(reply['error']['desc'], 'invalid option name: no-such')
