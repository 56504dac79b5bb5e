# SPDX-License-Identifier: GPL-2.0-or-later
"""qapi-types-MODULE.[ch]: enums with their names, structs, lists, how they are freed."""
from . import model
from .names import c_name
from .output import features_of, guarded, header, source


def enum_text(enum):
    values = ''.join(guarded(v.cond, f'    {enum.constant(v.name)},\n') for v in enum.values)
    name = c_name(enum.name, False)
    return guarded(enum.cond, f"""typedef enum {name} {{
{values}    {enum.constant('_max')},
}} {name};
#define {name}_str(val) qapi_enum_lookup(&{name}_lookup, (val))
extern const QEnumLookup {name}_lookup;

""")


def list_text(type_):
    name = c_name(type_.name, False)
    value = type_.c_type()
    return guarded(type_.cond, f"""struct {name}List {{
    {name}List *next;
    {value}{'' if value.endswith('*') else ' '}value;
}};
void qapi_free_{name}List({name}List *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC({name}List, qapi_free_{name}List)

""")


def member_lines(members):
    text = ''
    for member in members:
        line = f'    bool has_{c_name(member.name, False)};\n' if member.has_flag() else ''
        kind = member.type.c_type()
        line += f"    {kind}{'' if kind.endswith('*') else ' '}{c_name(member.name)};\n"
        text += guarded(member.cond, line)
    return text


def embedded(type_):
    """How a branch holds its value: structs stand in the union themselves."""
    if type_.kind == 'struct':
        return c_name(type_.name, False) + ' '
    kind = type_.c_type()
    return kind if kind.endswith('*') else kind + ' '


def branch_lines(variants):
    return ''.join(guarded(v.cond, f'        {embedded(v.type)}{c_name(v.name)};\n')
                   for v in variants)


def struct_body(struct):
    text = ''
    if struct.base:
        text += f'    /* as in {struct.base.name} */\n{member_lines(struct.base.members())}'
        text += f'    /* its own */\n' if struct.own else ''
    text += member_lines(struct.own)
    if struct.tag and struct.branches:
        text += f'    union {{ /* by {struct.tag.name} */\n'
        text += branch_lines(struct.branches.values()) + '    } u;\n'
    # C has no empty structs
    return text or '    char nothing_;\n'


def struct_text(struct):
    name = c_name(struct.name, False)
    text = f'struct {name} {{\n{struct_body(struct)}}};\n'
    if struct.base:
        base = c_name(struct.base.name, False)
        text += (f'static inline {base} *qapi_{name}_base(const {name} *obj)\n'
                 f'{{\n    return ({base} *)obj;\n}}\n')
    return text


def alternate_text(alternate):
    return (f'struct {c_name(alternate.name, False)} {{\n    QType type;\n    union {{\n'
            f'{branch_lines(alternate.variants)}    }} u;\n}};\n')


def object_text(entity):
    text = alternate_text(entity) if entity.kind == 'alternate' else struct_text(entity)
    name = c_name(entity.name, False)
    if not getattr(entity, 'implicit', False):
        text += (f'void qapi_free_{name}({name} *obj);\n'
                 f'G_DEFINE_AUTOPTR_CLEANUP_FUNC({name}, qapi_free_{name})\n')
    return guarded(entity.cond, text + '\n')


def holds(entity):
    """Types whose C definition must come first."""
    if entity.kind == 'alternate':
        return [v.type for v in entity.variants if v.type.kind == 'struct']
    return [v.type for v in entity.branches.values()]


def in_c_order(entities):
    done, result = set(), []

    def add(entity):
        if entity.name in done or entity not in entities:
            return
        done.add(entity.name)
        for inner in holds(entity):
            add(inner)
        result.append(entity)
    for entity in entities:
        add(entity)
    return result


def argument_structs(schema, module):
    return [e.args for e in schema.all((model.Command, model.Event), module.name)
            if e.args and e.args.implicit]


def gen_header(schema, module):
    enums = schema.all(model.Enum, module.name)
    objects = schema.all((model.Struct, model.Alternate), module.name)
    hidden = argument_structs(schema, module)
    body = ''
    for entity in objects + enums:
        name = c_name(entity.name, False)
        if entity.kind != 'enum':
            body += guarded(entity.cond, f'typedef struct {name} {name};\n')
        body += guarded(entity.cond, f'typedef struct {name}List {name}List;\n')
    for entity in hidden:
        name = c_name(entity.name, False)
        body += guarded(entity.cond, f'typedef struct {name} {name};\n')
    body += '\n' + ''.join(map(enum_text, enums))
    body += ''.join(map(object_text, in_c_order(objects) + hidden))
    body += ''.join(map(list_text, enums + objects))
    includes = ['qapi/qapi-builtin-types.h']
    includes += [f'qapi/qapi-types-{name}.h' for name in module.includes]
    return header(f'qapi-types-{module.name}.h', module.shown, includes, body)


def lookup_text(enum):
    name = c_name(enum.name, False)
    rows = ''.join(guarded(v.cond, f'        [{enum.constant(v.name)}] = "{v.name}",\n')
                   for v in enum.values)
    special = ''.join(guarded(v.cond, f'        [{enum.constant(v.name)}] = {features_of(v)},\n')
                      for v in enum.values if features_of(v))
    if special:
        special = (f'    .special_features = (const unsigned char[{enum.constant("_max")}]) {{\n'
                   f'{special}    }},\n')
    return guarded(enum.cond, f"""const QEnumLookup {name}_lookup = {{
    .array = (const char *const[]) {{
{rows}    }},
{special}    .size = {enum.constant('_max')},
}};

""")


def free_text(entity):
    name = c_name(entity.name, False)
    text = ''
    for one in ([] if entity.kind == 'enum' else [name]) + [name + 'List']:
        text += (f'void qapi_free_{one}({one} *obj)\n'
                 f'{{\n    qapi_type_free(&qapi_type_{one}, obj);\n}}\n\n')
    return guarded(entity.cond, text)


def gen_source(schema, module):
    enums = schema.all(model.Enum, module.name)
    objects = schema.all((model.Struct, model.Alternate), module.name)
    return source(module.shown, [f'qapi/qapi-types-{module.name}.h',
                                 f'qapi/qapi-visit-{module.name}.h'],
                  ''.join(map(lookup_text, enums)) + ''.join(map(free_text, enums + objects)))
