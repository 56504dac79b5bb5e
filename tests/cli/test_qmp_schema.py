# SPDX-License-Identifier: GPL-2.0-or-later
"""What QMP tells about itself: the schema, types and their properties."""
import os
import time

from schema import Mismatch, QmpSchema
from support import CliTest

# Types of properties that the schema may say more about.
SAME_TYPE = {'int': {'int', 'uint64', 'size', 'uint32', 'int64'}, 'str': {'str', 'string'},
             'boolean': {'bool'}, 'bool': {'bool'}}


class SchemaTest(CliTest):
    def setUp(self):
        super().setUp()
        self.process, self.qmp = self.start_with_qmp()
        self.rows = self.qmp.command('query-qmp-schema')
        self.schema = QmpSchema(self.rows)

    def test_commands(self):
        """What is listed is described, and the other way round."""
        names = [entry['name'] for entry in self.qmp.command('query-commands')]
        self.assertEqual(names, self.schema.names('command'))

    def test_shape(self):
        """The answer fits its own description (check_reply has looked at it)."""
        self.assertEqual(self.schema.row('query-qmp-schema', 'command')['ret-type'][0], '[')
        for name in ('STOP', 'RESUME', 'SHUTDOWN', 'RESET', 'DEVICE_DELETED', 'X_EVENTS_LOST',
                     'VFU_CLIENT_CONNECTED', 'VFU_CLIENT_HANGUP', 'WATCHDOG'):
            self.schema.row(name, 'event')
        for name, row in self.schema.rows.items():
            if row['meta-type'] not in ('command', 'event', 'builtin'):
                self.assertTrue(name.strip('[]').isdigit() or name.startswith('['), name)

    def test_features(self):
        self.assertEqual(self.schema.row('device_add', 'command')['features'],
                         ['json-cli', 'json-cli-hotplug'])

    def test_checker_checks(self):
        """It is no check that cannot fail."""
        good = {'running': True, 'status': 'paused'}
        self.schema.check_reply('query-status', good)
        for bad in ({}, {'running': True}, {**good, 'x': 1}, {**good, 'status': 'odd'},
                    {**good, 'running': 1}, [good]):
            with self.assertRaises(Mismatch):
                self.schema.check_reply('query-status', bad)

    def object_options(self):
        """type of object -> members of object-add for it."""
        row = self.schema.rows[self.schema.row('object-add', 'command')['arg-type']]
        return {v['case']: self.schema.rows[v['type']]['members'] for v in row['variants']}

    def test_object_types(self):
        """object-add describes exactly what can be made."""
        types = self.qmp.command('qom-list-types', implements='user-creatable')
        self.assertEqual(sorted(self.object_options()), sorted(t['name'] for t in types))

    def test_object_properties(self):
        """And of each what can be set, with the same type."""
        for name, members in self.object_options().items():
            with self.subTest(name):
                properties = {p['name']: p['type'] for p in
                              self.qmp.command('qom-list-properties', typename=name)}
                options = {m['name']: m['type'] for m in members}
                self.assertEqual(sorted(options), sorted(properties))
                for option, type_name in options.items():
                    row = self.schema.rows[type_name]
                    if row['meta-type'] == 'builtin':
                        self.assertIn(properties[option], SAME_TYPE[row['name']], option)
                    elif row['meta-type'] == 'enum':
                        self.assertIn(properties[option], ('str', 'string', 'OnOffAuto'), option)


class TypesTest(CliTest):
    def setUp(self):
        super().setUp()
        self.process, self.qmp = self.start_with_qmp()

    def names(self, **arguments):
        return [t['name'] for t in self.qmp.command('qom-list-types', **arguments)]

    def test_list_types(self):
        every, concrete = self.names(abstract=True), self.names()
        self.assertIn('pci-device', every)
        self.assertNotIn('pci-device', concrete)
        self.assertLess(set(concrete), set(every))
        devices = self.names(implements='pci-device')
        self.assertIn('edu', devices)
        self.assertNotIn('isolated-rc', devices)
        self.assertEqual(self.names(implements='no-such-type'), [])
        edu = [t for t in self.qmp.command('qom-list-types', implements='edu')][0]
        self.assertEqual(edu, {'name': 'edu', 'parent': 'pci-device'})

    def test_properties_of_all_types(self):
        """A sample of each type can be made and goes without a trace."""
        files = len(os.listdir(f'/proc/{self.process.pid}/fd'))
        for name in self.names(abstract=True):
            with self.subTest(name):
                properties = self.qmp.command('qom-list-properties', typename=name)
                self.assertTrue(all(p['name'] for p in properties))
        self.assertEqual(len(os.listdir(f'/proc/{self.process.pid}/fd')), files)
        self.assertEqual([p['name'] for p in self.qmp.command('qom-list', path='/machine/peripheral')
                          if p['type'].startswith('child<')], [])

    def test_device_properties(self):
        for name in self.names(implements='device'):
            with self.subTest(name):
                properties = {p['name']: p for p in
                              self.qmp.command('device-list-properties', typename=name)}
                self.assertNotIn('realized', properties)
        edu = {p['name']: p for p in self.qmp.command('device-list-properties', typename='edu')}
        self.assertIn('dma_mask', edu)
        for name, error in (('nothing', 'DeviceNotFound'), ('pci-device', 'GenericError'),
                            ('vfio-user-server', 'GenericError')):
            self.assertEqual(self.qmp.execute('device-list-properties', typename=name)
                             ['error']['class'], error)
        self.assertEqual(self.qmp.execute('qom-list-properties', typename='nothing')
                         ['error']['class'], 'DeviceNotFound')

    def test_list_get(self):
        self.qmp.command('device_add', driver='edu', id='d0')
        paths = ['/machine/peripheral/d0', '/objects', 'd0']
        answer = self.qmp.command('qom-list-get', paths=paths)
        self.assertEqual(len(answer), 3)
        values = {p['name']: p for p in answer[0]['properties']}
        self.assertEqual(values['dma_mask']['value'], 0xfffffff)
        for name in ('realized', 'dma_mask', 'addr'):
            self.assertEqual(values[name]['value'],
                             self.qmp.command('qom-get', path=paths[0], property=name))
        listed = self.qmp.command('qom-list', path=paths[0])
        self.assertEqual(sorted(values), sorted(p['name'] for p in listed))
        self.assertEqual(self.qmp.execute('qom-list-get', paths=['/objects', '/nowhere'])
                         ['error']['class'], 'DeviceNotFound')
        self.assertEqual(self.qmp.command('qom-list-get', paths=[]), [])

    def test_object_add_is_checked(self):
        for arguments, text in (
                ({}, "'qom-type' is missing"),
                ({'qom-type': 'edu', 'id': 'x'}, "'qom-type' does not accept value 'edu'"),
                ({'qom-type': 'vfio-user-server'}, "'id' is missing"),
                ({'qom-type': 'vfio-user-server', 'id': 'x'}, "'device' is missing"),
                ({'qom-type': 'vfio-user-server', 'id': 'x', 'device': 'd', 'odd': 1},
                 "'odd' is unexpected"),
                ({'qom-type': 'vfio-user-server', 'id': 'x', 'device': 'd',
                  'socket': {'type': 'unix', 'path': 3}},
                 "type for 'socket.path', expected: string"),
                ({'qom-type': 'vfio-user-server', 'id': 'x', 'device': 'd',
                  'max-dma-maps': '5'}, "type for 'max-dma-maps', expected: integer"),
                ({'qom-type': 'vfio-user-server', 'id': 'x', 'device': 'd',
                  'on-disconnect': 'odd'}, "'on-disconnect' does not accept value 'odd'")):
            with self.subTest(text):
                error = self.qmp.execute_with('object-add', arguments)['error']
                self.assertIn(text, error['desc'])

    def test_schema_is_quick(self):
        """It is parsed on demand; this only sees that it is not parsed forever."""
        start = time.monotonic()
        for _ in range(5):
            self.qmp.command('query-qmp-schema')
        self.assertLess(time.monotonic() - start, 60)
