# SPDX-License-Identifier: GPL-2.0-or-later
"""qapi-visit-MODULE.[ch]: each type as a row that qapi/type-table.c walks."""
from . import model
from .gen_types import argument_structs
from .names import c_name
from .output import guarded, header, source


def member_row(owner, member):
    name = c_name(member.name)
    has = (f'offsetof({owner}, has_{c_name(member.name, False)})' if member.has_flag() else '-1')
    return guarded(member.cond,
                   f'    {{ "{member.name}", &{member.type.table()}, offsetof({owner}, {name}),\n'
                   f"      {has}, {'true' if member.optional else 'false'} }},\n")


def struct_rows(struct):
    name = c_name(struct.name, False)
    members, branches, fields = struct.members(), '', ''
    text = ''
    if members:
        text += (f'static const QapiMember {name}_rows[] = {{\n' +
                 ''.join(member_row(name, m) for m in members) + '};\n\n')
        fields += f'    .members = {name}_rows,\n    .n_members = G_N_ELEMENTS({name}_rows),\n'
    if struct.tag and struct.branches:
        enum = struct.tag.type
        for value, variant in struct.branches.items():
            branches += guarded(variant.cond,
                                f'    [{enum.constant(value)}] = &{variant.type.table()},\n')
        text += (f'static const QapiType *const {name}_branches[{enum.constant("_max")}] = {{\n'
                 f'{branches}}};\n\n')
        fields += (f'    .branches = {name}_branches,\n    .n_branches = {enum.constant("_max")},\n'
                   f'    .tag_offset = offsetof({name}, {c_name(struct.tag.name)}),\n'
                   f'    .u_offset = offsetof({name}, u),\n')
    return text + (f'const QapiType {struct.table()} = {{\n    .name = "{struct.name}",\n'
                   f'    .kind = QAPI_KIND_STRUCT,\n    .size = sizeof({name}),\n{fields}}};\n\n')


def enum_rows(enum):
    name = c_name(enum.name, False)
    return (f'G_STATIC_ASSERT(sizeof({name}) == sizeof(int));\n'
            f'const QapiType {enum.table()} = {{\n    .name = "{enum.name}",\n'
            f'    .kind = QAPI_KIND_ENUM,\n    .size = sizeof({name}),\n'
            f'    .lookup = &{name}_lookup,\n}};\n\n')


def alternate_rows(alternate):
    name = c_name(alternate.name, False)
    rows = ''.join(guarded(v.cond, f'    [{v.type.qtype}] = &{v.type.table()},\n')
                   for v in alternate.variants)
    return (f'static const QapiType *const {name}_branches[QTYPE__MAX] = {{\n{rows}}};\n\n'
            f'const QapiType {alternate.table()} = {{\n    .name = "{alternate.name}",\n'
            f'    .kind = QAPI_KIND_ALTERNATE,\n    .size = sizeof({name}),\n'
            f'    .branches = {name}_branches,\n    .n_branches = QTYPE__MAX,\n'
            f'    .tag_offset = offsetof({name}, type),\n    .u_offset = offsetof({name}, u),\n'
            '};\n\n')


def list_rows(entity):
    name = c_name(entity.name, False)
    return (f'const QapiType {entity.table()}List = {{\n    .name = "{entity.name}List",\n'
            f'    .kind = QAPI_KIND_LIST,\n    .size = sizeof({name}List),\n'
            f'    .element = &{entity.table()},\n'
            f'    .value_offset = offsetof({name}List, value),\n}};\n\n')


def visit_functions(entity):
    """(prototype, body) of the functions that hand-written code calls."""
    name = c_name(entity.name, False)
    star = '*' if entity.kind == 'enum' else '**'
    head = 'bool visit_type_{0}(Visitor *v, const char *name, {0} {1}obj, Error **errp)'
    body = '{{\n    return qapi_type_visit(v, name, obj, &qapi_type_{0}, errp);\n}}\n'
    result = [(head.format(name, star), body.format(name)),
              (head.format(name + 'List', '**'), body.format(name + 'List'))]
    if entity.kind == 'struct':
        result.append((f'bool visit_type_{name}_members(Visitor *v, {name} *obj, Error **errp)',
                       '{\n    return qapi_type_visit_members(v, obj, &'
                       f'{entity.table()}, errp);\n}}\n'))
    return result


def rows(entity):
    return {'enum': enum_rows, 'alternate': alternate_rows, 'struct': struct_rows}[entity.kind](entity)


def entities(schema, module):
    return schema.all((model.Enum, model.Struct, model.Alternate), module.name)


def gen_header(schema, module):
    body = ''
    for entity in entities(schema, module):
        text = f'extern const QapiType {entity.table()}, {entity.table()}List;\n'
        text += ''.join(f'{head};\n' for head, _ in visit_functions(entity))
        body += guarded(entity.cond, text)
    for entity in argument_structs(schema, module):
        body += guarded(entity.cond, f'extern const QapiType {entity.table()};\n')
    includes = ['qapi/type-table.h', f'qapi/qapi-types-{module.name}.h']
    includes += [f'qapi/qapi-visit-{name}.h' for name in module.includes]
    return header(f'qapi-visit-{module.name}.h', module.shown, includes, body)


def gen_source(schema, module):
    body = ''
    for entity in entities(schema, module):
        text = rows(entity) + list_rows(entity)
        text += ''.join(f'{head}\n{body_}\n' for head, body_ in visit_functions(entity))
        body += guarded(entity.cond, text)
    for entity in argument_structs(schema, module):
        body += guarded(entity.cond, rows(entity))
    return source(module.shown, [f'qapi/qapi-visit-{module.name}.h'], body)
