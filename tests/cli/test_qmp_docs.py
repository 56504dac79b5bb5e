# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/interop: the conversation of qmp.rst happens as it is written, and the
examples of the reference are what the schema allows."""
import json
import re

import document
from support import CliTest


def dialogue(text):
    """(direction, message) for each arrow; a message may go on over further lines."""
    found, direction, pending = [], None, ''
    for line in text.split('\n'):
        arrow = re.match(r'\s+(->|<-) (.*)', line)
        if arrow:
            assert not pending, f'no JSON: {pending}'
            direction, pending = arrow[1], arrow[2]
        elif pending and line.startswith('    '):
            pending += line
        else:
            assert not pending, f'no JSON: {pending}'
            continue
        try:
            found.append((direction, json.loads(pending)))
            pending = ''
        except ValueError:
            pass
    return found


def without_time(message):
    return {key: value for key, value in message.items() if key != 'timestamp'}


class Conversation(CliTest):
    def setUp(self):
        super().setUp()
        self.text = document.read('interop/qmp.rst').replace('/tmp/', self.dir + '/')

    def test_it_happens(self):
        command = re.search(r'    qemu-system-x86_64 .*?(?=\n\n)', self.text, re.S).group(0)
        words = command.replace('\\\n', '').split()[1:]
        process = self.start(*words)
        client = self.connect(self.path('qmp.sock'), process, negotiate=False)
        steps = dialogue(self.text)
        self.assertGreater(len(steps), 20)
        direction, greeting = steps.pop(0)
        package = greeting['QMP']['version'].pop('package')
        self.assertTrue(package.startswith('x-remote '))
        client.greeting['QMP']['version'].pop('package')
        self.assertEqual((direction, greeting), ('<-', client.greeting))
        for direction, message in steps:
            if direction == '->':
                client.send(json.dumps(message) + '\n')
            elif 'event' in message:
                self.assertEqual(without_time(client.event(message['event'])),
                                 without_time(message))
            else:
                self.assertEqual(client.reply(), message)
        self.assertEqual(process.wait(60), 0)


class Reference(CliTest):
    def test_examples_fit_the_schema(self):
        """Arguments, answers and events; there are some of each."""
        process, client = self.start_with_qmp()
        schema, command, seen = client.schema, None, set()
        for direction, message in dialogue(document.read('interop/qmp-reference.rst')):
            with self.subTest(message):
                if direction == '->':
                    command = message['execute']
                    row = schema.row(command, 'command')
                    if command != 'device_add':     # takes the properties of its device too
                        schema.check(message.get('arguments', {}), row['arg-type'], command)
                    seen.add('command')
                elif 'event' in message:
                    schema.check_event(message)
                    seen.add('event')
                elif 'return' in message:
                    schema.check_reply(command, message['return'])
                    seen.add('return')
        self.assertEqual(seen, {'command', 'event', 'return'})
        self.assertEqual(self.end(process)[0], 0)

    def test_it_is_complete(self):
        """Every command, event and member of an argument is on the page."""
        _, client = self.start_with_qmp()
        page = document.read('interop/qmp-reference.rst')
        for kind in ('command', 'event'):
            for name in client.schema.names(kind):
                self.assertIn(f'\n{name} ({kind})\n', page)
