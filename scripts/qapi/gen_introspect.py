# SPDX-License-Identifier: GPL-2.0-or-later
"""qapi-introspect.[ch]: the answer of query-qmp-schema as JSON text.

Types have numbers for names, so that nobody relies on ours; those that no
command or event leads to are not there.
"""
import json

from . import model
from .output import guarded, header, source


class Introspection:
    def __init__(self, schema):
        self.numbers = {}
        self.rows = []          # (condition, dict)
        self.waiting = []
        for entity in schema.all((model.Command, model.Event)):
            self.entry(entity)
            while self.waiting:
                self.type_entry(self.waiting.pop(0))

    def add(self, entity, name, meta, **members):
        row = {'name': name, 'meta-type': meta, **members}
        names = [f.name for f in entity.features if f.cond is None]
        if names:
            row['features'] = names
        self.rows.append((entity.cond, row))

    def use(self, type_):
        """The name of a type; it will have a row."""
        if type_ is None:
            type_ = EMPTY
        if type_.kind == 'builtin' and type_.json_type == 'int':
            type_ = INT
        if type_.name not in self.numbers:
            if type_.kind == 'builtin':
                name = type_.name
            elif type_.kind == 'list':
                self.numbers[type_.name] = ''
                name = f'[{self.use(type_.element)}]'
            else:
                name = str(sum(not t.startswith('[') and t.isdigit()
                               for t in self.numbers.values()))
            self.numbers[type_.name] = name
            self.waiting.append(type_)
        return self.numbers[type_.name]

    def entry(self, entity):
        if entity.kind == 'event':
            self.add(entity, entity.name, 'event', **{'arg-type': self.use(entity.args)})
            return
        members = {'arg-type': self.use(entity.args), 'ret-type': self.use(entity.returns)}
        if entity.allow_oob:
            members['allow-oob'] = True
        self.add(entity, entity.name, 'command', **members)

    def type_entry(self, type_):
        getattr(self, type_.kind + '_entry')(type_, self.use(type_))

    def builtin_entry(self, type_, name):
        self.add(type_, name, 'builtin', **{'json-type': type_.json_type})

    def list_entry(self, type_, name):
        self.add(type_, name, 'array', **{'element-type': self.use(type_.element)})

    def enum_entry(self, type_, name):
        members = [with_features({'name': v.name}, v) for v in type_.values]
        self.add(type_, name, 'enum', members=members, values=[v.name for v in type_.values])

    def alternate_entry(self, type_, name):
        self.add(type_, name, 'alternate',
                 members=[{'type': self.use(v.type)} for v in type_.variants])

    def struct_entry(self, type_, name):
        members = []
        for member in type_.members():
            entry = {'name': member.name}
            if member.optional:
                entry['default'] = None
            entry['type'] = self.use(member.type)
            members.append(with_features(entry, member))
        more = {}
        if type_.tag:
            more['tag'] = type_.tag.name
            more['variants'] = [{'case': v.name, 'type': self.use(type_.branch(v.name))}
                                for v in type_.tag.type.values]
        self.add(type_, name, 'object', members=members, **more)


INT = model.builtins()['int']
EMPTY = model.Struct('q_empty', None, None)


def with_features(entry, thing):
    if thing.features:
        entry['features'] = [f.name for f in thing.features]
    return entry


def c_string(text):
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'


def gen_header(origin):
    return header('qapi-introspect.h', origin, [],
                  '/* A JSON array of SchemaInfo. */\nextern const char qapi_introspection[];\n')


def gen_source(schema, origin):
    rows = Introspection(schema).rows
    text, comma = '', ''
    # The comma stands before an element; the first one has no condition.
    for cond, row in sorted(rows, key=lambda r: r[0] is not None):
        line = comma + json.dumps(row, separators=(',', ':'))
        text += guarded(cond, f'    {c_string(line)}\n')
        comma = ','
    return source(origin, ['qapi/qapi-introspect.h'],
                  f'const char qapi_introspection[] =\n    "["\n{text}    "]";\n')
