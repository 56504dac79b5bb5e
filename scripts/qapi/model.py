# SPDX-License-Identifier: GPL-2.0-or-later
"""What a schema consists of, after all names have been resolved.

Types say what they are in C (c_type), what they are on the wire (json_type)
and whether the C value is a pointer, where NULL can say "absent".
"""
from .names import c_name, enum_constant


class Type:
    name = ''
    module = None           # None: built in
    cond = None
    features = ()
    doc = None
    pointer = True
    json_type = 'object'
    kind = ''

    def c_type(self):
        return f'{c_name(self.name, False)} *'

    def c_param(self):
        return self.c_type()

    def table(self):
        """The name of its row for the type walker."""
        return f'qapi_type_{c_name(self.name, False)}'


class Builtin(Type):
    kind = 'builtin'

    def __init__(self, name, ctype, json_type, qtype, pointer=False):
        self.name = name
        self.ctype = ctype
        self.json_type = json_type
        self.qtype = qtype
        self.pointer = pointer

    def c_type(self):
        return self.ctype

    def c_param(self):
        return 'const char *' if self.name == 'str' else self.ctype


INTEGERS = {'int': 'int64_t', 'int8': 'int8_t', 'int16': 'int16_t', 'int32': 'int32_t',
            'int64': 'int64_t', 'uint8': 'uint8_t', 'uint16': 'uint16_t', 'uint32': 'uint32_t',
            'uint64': 'uint64_t', 'size': 'uint64_t'}


def builtins():
    table = [Builtin('str', 'char *', 'string', 'QTYPE_QSTRING', True),
             Builtin('number', 'double', 'number', 'QTYPE_QNUM'),
             Builtin('bool', 'bool', 'boolean', 'QTYPE_QBOOL'),
             Builtin('any', 'JsonNode *', 'value', None, True),
             Builtin('null', 'JsonNode *', 'null', 'QTYPE_QNULL', True)]
    table += [Builtin(name, ctype, 'int', 'QTYPE_QNUM') for name, ctype in INTEGERS.items()]
    return {t.name: t for t in table}


class List(Type):
    kind = 'list'
    json_type = 'array'
    qtype = 'QTYPE_QLIST'

    def __init__(self, element):
        self.element = element
        self.name = f'{element.name}List'
        self.cond = element.cond


class Defined(Type):
    """What a statement defines."""

    def __init__(self, name, module, place, cond=None, features=(), doc=None):
        self.name = name
        self.module = module
        self.place = place
        self.cond = cond
        self.features = list(features)
        self.doc = doc


class Feature:
    def __init__(self, name, cond=None):
        self.name = name
        self.cond = cond


class Value:
    """One value of an enum."""

    def __init__(self, name, place, cond=None, features=()):
        self.name = name
        self.place = place
        self.cond = cond
        self.features = list(features)


class Enum(Defined):
    kind = 'enum'
    pointer = False
    json_type = 'string'
    qtype = 'QTYPE_QSTRING'
    prefix = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.values = []

    def c_type(self):
        return c_name(self.name, False)

    def constant(self, value):
        return enum_constant(self.name, value, self.prefix)


class Member:
    def __init__(self, name, optional, type_, place, cond=None, features=()):
        self.name = name
        self.optional = optional
        self.type = type_
        self.place = place
        self.cond = cond
        self.features = list(features)

    def has_flag(self):
        """NULL says "absent", except of a list, where it is the empty one."""
        return self.optional and (not self.type.pointer or self.type.kind == 'list')


class Variant:
    """A branch of a union or an alternate."""

    def __init__(self, name, type_, place, cond=None, features=()):
        self.name = name
        self.type = type_
        self.place = place
        self.cond = cond
        self.features = list(features)


class Struct(Defined):
    """A struct, or a union when there is a tag: the tag is a member."""
    kind = 'struct'
    qtype = 'QTYPE_QDICT'
    implicit = False        # made for the arguments of a command or event, or a union's base

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.base = None
        self.own = []           # Member
        self.tag = None         # Member
        self.branches = {}      # value of the tag -> Variant

    def members(self):
        """All, those of the base first."""
        return (self.base.members() if self.base else []) + self.own

    def branch(self, value):
        """The type of the branch, None when it adds nothing."""
        variant = self.branches.get(value)
        return variant.type if variant else None


class Alternate(Defined):
    kind = 'alternate'
    json_type = 'value'
    qtype = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.variants = []


class Command(Defined):
    kind = 'command'

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.args = None        # Struct; None: no arguments
        self.boxed = False
        self.returns = None
        self.gen = True
        self.success_response = True
        self.allow_oob = False
        self.allow_preconfig = False


class Event(Defined):
    kind = 'event'

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.args = None
        self.boxed = False
