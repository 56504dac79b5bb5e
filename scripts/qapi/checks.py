# SPDX-License-Identifier: GPL-2.0-or-later
"""The shape of one statement: which members it has, of which form, and names."""
import re

from .errors import SchemaError

# kind -> (members it must have, members it may have)
SHAPES = {
    'include': ((), ()),
    'pragma': ((), ()),
    'enum': (('data',), ('prefix', 'if', 'features')),
    'struct': (('data',), ('base', 'if', 'features')),
    'union': (('base', 'discriminator', 'data'), ('if', 'features')),
    'alternate': (('data',), ('if', 'features')),
    'command': ((), ('data', 'boxed', 'returns', 'gen', 'success-response', 'allow-oob',
                     'allow-preconfig', 'coroutine', 'if', 'features')),
    'event': ((), ('data', 'boxed', 'if', 'features')),
}
FLAGS = ('boxed', 'gen', 'success-response', 'allow-oob', 'allow-preconfig', 'coroutine')
# Flags whose one value is the default: saying it is a mistake.
ONLY = {'gen': False, 'success-response': False, 'boxed': True, 'allow-oob': True,
        'allow-preconfig': True, 'coroutine': True}

CAMEL = re.compile(r'(__[a-z0-9.-]+_)?[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*')
LOWER = re.compile(r'(__[a-z0-9.-]+_)?[a-z][a-z0-9-]*')
UPPER = re.compile(r'(__[A-Z0-9.-]+_)?[A-Z][A-Z0-9_]*')
VALUE = re.compile(r'(__[a-z0-9.-]+_)?[a-z0-9][a-z0-9-]*')
LOOSE = re.compile(r'[A-Za-z0-9_][A-Za-z0-9._-]*')


def kind_of(expr):
    """Which statement this is; its members are checked."""
    kinds = [key for key in expr if key in SHAPES]
    # 'data' of a union and such never has these names at the top
    if not kinds:
        raise SchemaError(expr.place, 'this statement is none of ' + ', '.join(SHAPES))
    kind = kinds[0]
    needs, may = SHAPES[kind]
    for key in expr:
        if key not in (kind, *needs, *may):
            raise SchemaError(expr.places[key], f"{kind} has an unknown key '{key}'")
    for key in needs:
        if key not in expr:
            raise SchemaError(expr.place, f"{kind} lacks key '{key}'")
    for key in FLAGS:
        if key in expr and expr[key] is not ONLY[key]:
            raise SchemaError(expr.places[key],
                              f"'{key}' is {str(ONLY[key]).lower()} or not given")
    return kind


def check_name(name, pattern, exceptions, what, place):
    style = {CAMEL: 'CamelCase', LOWER: 'lower-case with -', UPPER: 'UPPER_CASE',
             VALUE: 'lower-case with -'}[pattern]
    if not isinstance(name, str) or not name:
        raise SchemaError(place, f'{what} needs a name')
    if not LOOSE.fullmatch(name):
        raise SchemaError(place, f"{what} '{name}' has characters that a name has not")
    if not exceptions and not pattern.fullmatch(name):
        raise SchemaError(place, f"the name of {what} '{name}' must be {style}")


def check_condition(cond, place):
    """'CONFIG_X', {'all': [...]}, {'any': [...]}, {'not': ...}."""
    if cond is None:
        return
    if isinstance(cond, str):
        if not re.fullmatch(r'[A-Z][A-Z0-9_]*', cond):
            raise SchemaError(place, f"'if' condition '{cond}' is no name of a macro")
    elif isinstance(cond, dict) and len(cond) == 1 and list(cond)[0] in ('all', 'any', 'not'):
        (operator, inner), = cond.items()
        if operator != 'not' and not (isinstance(inner, list) and inner):
            raise SchemaError(place, f"'{operator}' of an 'if' needs a list of conditions")
        for one in [inner] if operator == 'not' else inner:
            check_condition(one, place)
    else:
        raise SchemaError(place, "'if' takes a name, or an object with 'all', 'any' or 'not'")


def detailed(value, key, may, place):
    """{'type': X, 'if': ...} or X itself: as a dict."""
    if not isinstance(value, dict):
        return {key: value}
    for name in value:
        if name not in (key, *may):
            raise SchemaError(value.places[name], f"unknown key '{name}'")
    if key not in value:
        raise SchemaError(value.place, f"lacks key '{key}'")
    check_condition(value.get('if'), place)
    return value
