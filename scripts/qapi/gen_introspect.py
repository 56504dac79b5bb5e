# SPDX-License-Identifier: GPL-2.0-or-later
"""qapi-introspect.[ch]: the answer of query-qmp-schema as JSON text.

Types have numbers for names, so that nobody relies on ours; those that no
command or event leads to are not there.
"""
import json

from . import model
from .output import c_condition, header, source


class Introspection:
    def __init__(self, schema):
        self.numbers = {}
        self.rows = []          # Maybe
        self.waiting = []
        for entity in schema.all((model.Command, model.Event)):
            self.entry(entity)
            while self.waiting:
                self.type_entry(self.waiting.pop(0))

    def add(self, entity, name, meta, **members):
        row = with_features({'name': name, 'meta-type': meta, **members}, entity)
        self.rows.append(Maybe(entity.cond, row))

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
        self.add(type_, name, 'enum',
                 members=[Maybe(v.cond, with_features({'name': v.name}, v)) for v in type_.values],
                 values=[Maybe(v.cond, v.name) for v in type_.values])

    def alternate_entry(self, type_, name):
        self.add(type_, name, 'alternate',
                 members=[Maybe(v.cond, {'type': self.use(v.type)}) for v in type_.variants])

    def struct_entry(self, type_, name):
        members = []
        for member in type_.members():
            entry = {'name': member.name}
            if member.optional:
                entry['default'] = None
            entry['type'] = self.use(member.type)
            members.append(Maybe(member.cond, with_features(entry, member)))
        more = {}
        if type_.tag:
            more['tag'] = type_.tag.name
            more['variants'] = [Maybe(v.cond, {'case': v.name,
                                               'type': self.use(type_.branch(v.name))})
                                for v in type_.tag.type.values]
        self.add(type_, name, 'object', members=members, **more)


INT = model.builtins()['int']
EMPTY = model.Struct('q_empty', None, None)


class Maybe:
    """An element of a list that is there only when a condition holds."""

    def __init__(self, cond, value):
        self.cond = cond
        self.value = value


def with_features(entry, thing):
    if thing.features:
        entry['features'] = [Maybe(f.cond, f.name) for f in thing.features]
    return entry


class Writer:
    """JSON as string literals, with #if lines between them."""

    def __init__(self):
        self.lines = []
        self.line = ''

    def end_line(self):
        if self.line:
            self.lines.append(f'    {c_string(self.line)}')
        self.line = ''

    def guarded(self, cond, write):
        if cond is None:
            write()
            return
        self.end_line()
        self.lines.append(f'#if {c_condition(cond)}')
        write()
        self.end_line()
        self.lines.append('#endif')

    def text(self, text):
        self.line += text

    def value(self, value):
        if isinstance(value, dict):
            self.text('{')
            for i, (key, inner) in enumerate(value.items()):
                self.text(f'{"," if i else ""}{json.dumps(key)}:')
                self.value(inner)
            self.text('}')
        elif isinstance(value, list):
            self.list(value)
        else:
            self.text(json.dumps(value))

    def list(self, elements):
        """A comma stands before an element when there is one before that."""
        before = []             # conditions; None: there is one in any case
        self.text('[')
        for element in elements:
            self.guarded(element.cond, lambda: self.element(element.value, before))
            if len(self.line) > 60:
                self.end_line()
            before.append(element.cond)
        self.text(']')

    def element(self, value, before):
        if before:
            self.guarded(None if None in before else {'any': list(before)}, lambda: self.text(','))
        self.value(value)

    def result(self):
        self.end_line()
        return '\n'.join(self.lines)


def c_string(text):
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'


def gen_header(origin):
    return header('qapi-introspect.h', origin, [],
                  '/* A JSON array of SchemaInfo. */\nextern const char qapi_introspection[];\n')


def gen_source(schema, origin):
    writer = Writer()
    writer.list(Introspection(schema).rows)
    return source(origin, ['qapi/qapi-introspect.h'],
                  f'const char qapi_introspection[] =\n{writer.result()};\n')
