# SPDX-License-Identifier: GPL-2.0-or-later
"""From files to a checked model: Schema(path) or a SchemaError with file and line."""
import os

from . import checks, model
from .doc import Doc
from .errors import Place, SchemaError
from .names import c_name
from .source import Parser, Statement

PRAGMAS = ('command-name-exceptions', 'command-returns-exceptions', 'member-name-exceptions')
CLASSES = {'enum': model.Enum, 'struct': model.Struct, 'union': model.Struct,
           'alternate': model.Alternate, 'command': model.Command, 'event': model.Event}


class Module:
    def __init__(self, name, path):
        self.name = name
        self.path = path
        self.shown = os.path.basename(path)
        self.includes = []      # names of modules
        self.parts = []         # Defined and Comment (free text), in the order of the file


class Schema:
    def __init__(self, path):
        self.main = os.path.abspath(path)
        self.folder = os.path.dirname(self.main)
        self.modules = {}       # path -> Module
        self.types = model.builtins()
        self.names = {}         # name -> Defined
        self.exceptions = {key: set() for key in PRAGMAS}
        self.statements = []    # (Defined, kind, expr)
        self.lists = {}
        self.reading = []
        self.read(self.main, None)
        for entity, kind, expr in self.statements:
            getattr(self, 'define_' + kind)(entity, expr)
        self.check_embedding()
        for entity, kind, expr in self.statements:
            self.check_members(entity)
            self.check_doc(entity)

    # --- views ---

    def in_order(self):
        return list(self.modules.values())

    def all(self, cls, module=None):
        return [part for m in self.in_order() if module in (None, m.name)
                for part in m.parts if isinstance(part, cls)]

    # --- reading ---

    def shown(self, path):
        return os.path.relpath(path)

    def read(self, path, place):
        """The module of a file; what it includes comes before it."""
        if path in self.modules:
            return self.modules[path]
        if path in self.reading:
            raise SchemaError(place, f'{self.shown(path)} includes itself')
        try:
            with open(path, encoding='utf-8') as file:
                text = file.read()
        except (OSError, UnicodeDecodeError) as error:
            raise SchemaError(place or Place(self.shown(path), 1),
                              f'cannot read {self.shown(path)}: {error}') from None
        module = Module(os.path.splitext(os.path.basename(path))[0], path)
        if module.name in [m.name for m in self.modules.values()]:
            raise SchemaError(place, f"there is a module '{module.name}' in another folder already")
        self.reading.append(path)
        for part in Parser(self.shown(path), text).parts:
            self.take(module, part)
        self.reading.pop()
        self.modules[path] = module
        return module

    def take(self, module, part):
        if not isinstance(part, Statement):
            module.parts.append(part)
            return
        expr = part.expr
        kind = checks.kind_of(expr)
        if kind == 'include':
            self.include(module, expr)
        elif kind == 'pragma':
            self.pragma(expr)
        else:
            self.declare(module, kind, expr, part.comment)
        if part.comment and kind in ('include', 'pragma'):
            raise SchemaError(part.comment.place, f'documentation of a {kind}')

    def include(self, module, expr):
        if not isinstance(expr['include'], str):
            raise SchemaError(expr.place, "'include' takes the name of a file")
        path = os.path.normpath(os.path.join(os.path.dirname(module.path), expr['include']))
        module.includes.append(self.read(path, expr.place).name)

    def pragma(self, expr):
        if not isinstance(expr['pragma'], dict):
            raise SchemaError(expr.place, "'pragma' takes an object")
        for key, value in expr['pragma'].items():
            if key == 'doc-required' and value is True:
                continue        # it always is
            if key not in PRAGMAS:
                raise SchemaError(expr['pragma'].places[key], f"unknown pragma '{key}'")
            if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
                raise SchemaError(expr['pragma'].places[key], f"pragma '{key}' takes a list of names")
            self.exceptions[key].update(value)

    def declare(self, module, kind, expr, comment):
        name, place = expr[kind], expr.place
        self.check_entity_name(kind, name, place)
        if name in self.names or name in self.types:
            before = self.names.get(name)
            raise SchemaError(place, f"'{name}' is defined already" +
                              (f' at {before.place}' if before else ': it is built in'))
        if not comment:
            raise SchemaError(place, f"{kind} '{name}' is not documented")
        doc = Doc(comment)
        if doc.symbol != name:
            raise SchemaError(doc.place, f"documentation of '{doc.symbol}' stands before '{name}'")
        checks.check_condition(expr.get('if'), place)
        entity = CLASSES[kind](name, module.name, place, expr.get('if'),
                               self.features(expr, place), doc)
        self.names[name] = entity
        if kind not in ('command', 'event'):
            self.types[name] = entity
        module.parts.append(entity)
        self.statements.append((entity, kind, expr))

    def check_entity_name(self, kind, name, place):
        if kind == 'command':
            checks.check_name(name, checks.LOWER, name in self.exceptions['command-name-exceptions'],
                              'command', place)
        elif kind == 'event':
            checks.check_name(name, checks.UPPER, False, 'event', place)
        else:
            checks.check_name(name, checks.CAMEL, False, kind, place)
            if name.endswith('List'):
                raise SchemaError(place, f"the name of {kind} '{name}' must not end in 'List': "
                                  "generated types do")

    def features(self, expr, place):
        result = []
        value = expr.get('features', []) if isinstance(expr, dict) else []
        if not isinstance(value, list):
            raise SchemaError(place, "'features' takes a list")
        for one in value:
            one = checks.detailed(one, 'name', ('if',), place)
            checks.check_name(one['name'], checks.LOWER, False, 'feature', place)
            if one['name'] in [f.name for f in result]:
                raise SchemaError(place, f"feature '{one['name']}' is given twice")
            result.append(model.Feature(one['name'], one.get('if')))
        return result

    # --- types by name ---

    def type(self, value, place):
        if isinstance(value, list):
            if len(value) != 1 or not isinstance(value[0], str):
                raise SchemaError(place, 'a list has one type, by name')
            return self.list_of(self.type(value[0], place))
        if not isinstance(value, str):
            raise SchemaError(place, 'a type is a name or a list with one name')
        if value not in self.types:
            raise SchemaError(place, f"there is no type '{value}'")
        return self.types[value]

    def list_of(self, element):
        return self.lists.setdefault(element.name, model.List(element))

    def struct(self, value, place, what):
        found = self.type(value, place)
        if not isinstance(found, model.Struct):
            raise SchemaError(place, f"{what} must be a struct, '{value}' is none")
        return found

    # --- definitions ---

    def define_enum(self, enum, expr):
        enum.prefix = expr.get('prefix')
        if not isinstance(expr['data'], list):
            raise SchemaError(expr.places['data'], "'data' of an enum is a list of names")
        seen = {}
        for one in expr['data']:
            place = one.place if isinstance(one, dict) else enum.place
            one = checks.detailed(one, 'name', ('if', 'features'), place)
            checks.check_name(one['name'], checks.VALUE,
                              enum.name in self.exceptions['member-name-exceptions'],
                              f"value of '{enum.name}'", place)
            constant = enum.constant(one['name'])
            if constant in seen or one['name'] == '_max':
                raise SchemaError(place, f"value '{one['name']}' of '{enum.name}' clashes with "
                                  f"'{seen.get(constant, '_MAX')}'")
            seen[constant] = one['name']
            enum.values.append(model.Value(one['name'], place, one.get('if'),
                                           self.features(one, place)))

    def members(self, data, owner, place):
        if not isinstance(data, dict):
            raise SchemaError(place, f"members of '{owner}' are an object")
        result = []
        for key, value in data.items():
            where = data.places[key]
            optional, name = key.startswith('*'), key.lstrip('*')
            checks.check_name(name, checks.LOWER,
                              owner in self.exceptions['member-name-exceptions'],
                              f"member of '{owner}'", where)
            if name.startswith('has-'):
                raise SchemaError(where, f"member '{name}' of '{owner}': has- is reserved")
            value = checks.detailed(value, 'type', ('if', 'features'), where)
            result.append(model.Member(name, optional, self.type(value['type'], where), where,
                                       value.get('if'), self.features(value, where)))
        return result

    def define_struct(self, struct, expr):
        if 'base' in expr:
            struct.base = self.struct(expr['base'], expr.places['base'], 'a base')
        struct.own = self.members(expr['data'], struct.name, expr.places['data'])

    def define_union(self, union, expr):
        place = expr.places['base']
        if isinstance(expr['base'], dict):
            union.own = self.members(expr['base'], union.name, place)
        else:
            union.base = self.struct(expr['base'], place, 'a base')
        union.tag = expr['discriminator']
        if not isinstance(expr['data'], dict):
            raise SchemaError(expr.places['data'], f"branches of '{union.name}' are an object")
        for key, value in expr['data'].items():
            where = expr['data'].places[key]
            value = checks.detailed(value, 'type', ('if',), where)
            union.branches[key] = model.Variant(key, self.struct(value['type'], where, 'a branch'),
                                                where, value.get('if'))
        union.tag_place = expr.places['discriminator']

    def define_alternate(self, alternate, expr):
        if not isinstance(expr['data'], dict) or not expr['data']:
            raise SchemaError(expr.places['data'], f"branches of '{alternate.name}' are an object")
        for key, value in expr['data'].items():
            where = expr['data'].places[key]
            checks.check_name(key, checks.LOWER, False, f"branch of '{alternate.name}'", where)
            value = checks.detailed(value, 'type', ('if',), where)
            found = self.type(value['type'], where)
            if not getattr(found, 'qtype', None):
                raise SchemaError(where, f"branch '{key}' cannot be told apart by its JSON type")
            for other in alternate.variants:
                if found.qtype == other.type.qtype:
                    raise SchemaError(where, f"branches '{other.name}' and '{key}' of "
                                      f"'{alternate.name}' cannot be told apart")
            alternate.variants.append(model.Variant(key, found, where, value.get('if')))

    def arguments(self, entity, expr, what):
        if 'data' not in expr:
            if entity.boxed:
                raise SchemaError(expr.places['boxed'], "'boxed' without 'data'")
            return None
        place = expr.places['data']
        if isinstance(expr['data'], dict):
            made = model.Struct(f'q_obj_{entity.name}_arg', entity.module, place, entity.cond)
            made.implicit = True
            made.own = self.members(expr['data'], entity.name, place)
            return made if made.own or entity.boxed else None
        return self.struct(expr['data'], place, f"'data' of {what} '{entity.name}'")

    def define_command(self, command, expr):
        command.boxed = expr.get('boxed', False)
        command.gen = expr.get('gen', True)
        command.success_response = expr.get('success-response', True)
        command.allow_oob = expr.get('allow-oob', False)
        command.allow_preconfig = expr.get('allow-preconfig', False)
        command.args = self.arguments(command, expr, 'command')
        if 'returns' in expr:
            place = expr.places['returns']
            command.returns = self.type(expr['returns'], place)
            inner = command.returns.element if command.returns.kind == 'list' else command.returns
            if inner.kind != 'struct' and \
                    command.name not in self.exceptions['command-returns-exceptions']:
                raise SchemaError(place, f"command '{command.name}' must return a struct or a "
                                  'list of structs, so that it can be extended')

    def define_event(self, event, expr):
        event.boxed = expr.get('boxed', False)
        event.args = self.arguments(event, expr, 'event')

    # --- checks of the whole ---

    def check_embedding(self):
        """No struct is its own base or branch; then the tags of unions can be found."""
        state = {}

        def visit(struct):
            if state.get(struct.name) == 'open':
                raise SchemaError(struct.place, f"'{struct.name}' contains itself")
            if struct.name not in state:
                state[struct.name] = 'open'
                for inner in [struct.base] + [v.type for v in struct.branches.values()]:
                    if inner:
                        visit(inner)
                state[struct.name] = 'done'
        structs = [e for e, _, _ in self.statements if isinstance(e, model.Struct)]
        for struct in structs:
            visit(struct)
        for struct in structs:
            if struct.tag is not None:
                self.find_tag(struct)

    def find_tag(self, union):
        name, place = union.tag, union.tag_place
        union.tag = next((m for m in union.members() if m.name == name), None)
        if not union.tag:
            raise SchemaError(place, f"discriminator '{name}' is no member of the base of "
                              f"'{union.name}'")
        enum = union.tag.type
        if not isinstance(enum, model.Enum) or union.tag.optional or union.tag.cond:
            raise SchemaError(place, f"discriminator '{name}' of '{union.name}' must be an enum "
                              'that is always there')
        values = [v.name for v in enum.values]
        for variant in union.branches.values():
            if variant.name not in values:
                raise SchemaError(variant.place, f"branch '{variant.name}' of '{union.name}' is "
                                  f"no value of '{enum.name}'")

    def check_members(self, entity):
        """No two members with one name, in JSON or in C."""
        struct = entity if isinstance(entity, model.Struct) else getattr(entity, 'args', None)
        if not struct:
            return
        if not isinstance(entity, model.Struct) and struct.tag and not entity.boxed:
            raise SchemaError(entity.place, f"'{entity.name}' takes a union: it must be 'boxed'")
        common = self.clash(struct.members(), {}, entity.name)
        for variant in struct.branches.values():
            if variant.type.tag:
                raise SchemaError(variant.place, f"branch '{variant.name}' is a union itself")
            self.clash(variant.type.members(), dict(common), entity.name)

    def clash(self, members, seen, owner):
        for member in members:
            name = c_name(member.name)
            if name in seen:
                raise SchemaError(member.place, f"member '{member.name}' of '{owner}' clashes with "
                                  f"'{seen[name].name}' of {seen[name].place}")
            if name == 'u':
                raise SchemaError(member.place, f"member 'u' of '{owner}': the name is reserved")
            seen[name] = member
        return seen

    def check_doc(self, entity):
        names, features = [], [f.name for f in entity.features]
        if isinstance(entity, model.Enum):
            names, inner = [v.name for v in entity.values], entity.values
        elif isinstance(entity, model.Alternate):
            names, inner = [v.name for v in entity.variants], []
        else:
            struct = entity if isinstance(entity, model.Struct) else entity.args
            inner = struct.own if struct and (struct is entity or struct.implicit) else []
            names = [m.name for m in inner]
        for member in inner:
            features += [f.name for f in member.features if f.name not in features]
        entity.doc.check(names, features, entity.place)
