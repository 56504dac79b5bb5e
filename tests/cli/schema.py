# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds what a monitor sends to what its query-qmp-schema says."""

BUILTIN = {
    'int': lambda v: isinstance(v, int) and not isinstance(v, bool),
    'number': lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    'string': lambda v: isinstance(v, str),
    'boolean': lambda v: isinstance(v, bool),
    'null': lambda v: v is None,
    'value': lambda v: True,
}


class Mismatch(AssertionError):
    pass


class QmpSchema:
    def __init__(self, rows):
        self.rows = {}
        for row in rows:
            if row['name'] in self.rows:
                raise Mismatch(f"{row['name']} is there twice")
            self.rows[row['name']] = row
        self.check_references()

    def check_references(self):
        """Every type that is named is there, and every one that is there is named."""
        named = set()
        for row in self.rows.values():
            for key in ('arg-type', 'ret-type', 'element-type'):
                named.update([row[key]] if key in row else [])
            for member in row.get('members', []) + row.get('variants', []):
                named.update([member['type']] if 'type' in member else [])
        types = {name for name, row in self.rows.items()
                 if row['meta-type'] not in ('command', 'event')}
        if named != types:
            raise Mismatch(f'types named but missing, or not used: {sorted(named ^ types)}')

    def names(self, meta):
        return sorted(name for name, row in self.rows.items() if row['meta-type'] == meta)

    def row(self, name, meta):
        row = self.rows.get(name)
        if not row or row['meta-type'] != meta:
            raise Mismatch(f'the schema has no {meta} {name}')
        return row

    def check_reply(self, command, value):
        self.check(value, self.row(command, 'command')['ret-type'], command)

    def check_event(self, message):
        name = message['event']
        self.check(message.get('data', {}), self.row(name, 'event')['arg-type'], name)
        if set(message) - {'event', 'data', 'timestamp'} or 'timestamp' not in message:
            raise Mismatch(f'{name} has the members {sorted(message)}')

    def check(self, value, type_name, where):
        row = self.rows[type_name]
        getattr(self, 'check_' + row['meta-type'])(value, row, where)

    def check_builtin(self, value, row, where):
        if not BUILTIN[row['json-type']](value):
            raise Mismatch(f"{where}: {value!r} is no {row['json-type']}")

    def check_enum(self, value, row, where):
        if value not in [member['name'] for member in row['members']]:
            raise Mismatch(f"{where}: {value!r} is none of {row['values']}")

    def check_array(self, value, row, where):
        if not isinstance(value, list):
            raise Mismatch(f'{where}: {value!r} is no list')
        for i, element in enumerate(value):
            self.check(element, row['element-type'], f'{where}[{i}]')

    def check_alternate(self, value, row, where):
        errors = []
        for member in row['members']:
            try:
                return self.check(value, member['type'], where)
            except Mismatch as error:
                errors.append(str(error))
        raise Mismatch('; '.join(errors))

    def members(self, value, row, where):
        """The members that an object with this value of the tag has."""
        members = list(row['members'])
        if 'tag' in row:
            tag = value.get(row['tag'])
            cases = [v['type'] for v in row['variants'] if v['case'] == tag]
            if not cases:
                raise Mismatch(f'{where}: {tag!r} is no case')
            members += self.rows[cases[0]]['members']
        return members

    def check_object(self, value, row, where):
        if not isinstance(value, dict):
            raise Mismatch(f'{where}: {value!r} is no object')
        members = {m['name']: m for m in self.members(value, row, where)}
        for name in value:
            if name not in members:
                raise Mismatch(f'{where}: {name} is not in the schema')
            self.check(value[name], members[name]['type'], f'{where}.{name}')
        for name, member in members.items():
            if name not in value and 'default' not in member:
                raise Mismatch(f'{where}: {name} is missing')
