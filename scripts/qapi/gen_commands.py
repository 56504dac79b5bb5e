# SPDX-License-Identifier: GPL-2.0-or-later
"""qapi-commands-MODULE.[ch]: prototypes of handlers, marshallers, registration."""
from . import model
from .names import c_name
from .output import guarded, header, parameters, source

FLAGS = (('allow_oob', 'QMP_COMMAND_ALLOW_OOB'),
         ('allow_preconfig', 'QMP_COMMAND_ALLOW_PRECONFIG'))


def result_type(command):
    return command.returns.c_type() if command.returns else 'void'


def argument_list(command):
    if not command.args:
        return []
    if command.boxed:
        return [f'{c_name(command.args.name, False)} *arg']
    return [declaration for declaration, _, _ in parameters(command.args)]


def prototype(command):
    if not command.gen:
        return f'JsonNode *qmp_{c_name(command.name, False)}(JsonObject *args, Error **errp)'
    kind = result_type(command)
    return (f"{kind}{'' if kind.endswith('*') else ' '}qmp_{c_name(command.name, False)}("
            + ', '.join(argument_list(command) + ['Error **errp']) + ')')


def marshaller_name(command):
    return ('qmp_marshal_' if command.gen else 'qmp_') + c_name(command.name, False)


def call(command):
    if not command.args:
        args = []
    elif command.boxed:
        args = ['&arg']
    else:
        args = [f'arg.has_{c_name(m.name, False)}' if flag else f'arg.{c_name(m.name)}'
                for _, m, flag in parameters(command.args)]
    return f"qmp_{c_name(command.name, False)}({', '.join(args + ['errp'])})"


def marshaller(command):
    """Arguments in, call, result out; the helpers are those of qapi/qmp-marshal.h."""
    table = f'&{command.args.table()}' if command.args else 'NULL'
    place = '&arg' if command.args else 'NULL'
    kind = result_type(command)
    text = f'JsonNode *{marshaller_name(command)}(JsonObject *args, Error **errp)\n{{\n'
    text += '    ERRP_GUARD();\n'
    if command.args:
        text += f'    {c_name(command.args.name, False)} arg = {{ 0 }};\n'
    if command.returns:
        text += f"    {kind}{'' if kind.endswith('*') else ' '}ret;\n    JsonNode *node = NULL;\n"
    text += f'\n    if (!qmp_args_read(args, {table}, {place}, errp)) {{\n        return NULL;\n    }}\n'
    if command.returns:
        text += (f'    ret = {call(command)};\n    if (!*errp) {{\n'
                 f'        node = qmp_result_take(&{command.returns.table()}, &ret);\n    }}\n')
    else:
        text += f'    {call(command)};\n'
    if command.args:
        text += f'    qmp_args_free({table}, {place});\n'
    return text + f"    return {'node' if command.returns else 'NULL'};\n}}\n\n"


def flags(command):
    names = [flag for key, flag in FLAGS if getattr(command, key)]
    if not command.success_response:
        names.append('QMP_COMMAND_NO_REPLY')
    return ' | '.join(names) or '0'


def gen_header(schema, module):
    body = ''
    for command in schema.all(model.Command, module.name):
        text = f'{prototype(command)};\n'
        if command.gen:
            text += f'JsonNode *{marshaller_name(command)}(JsonObject *args, Error **errp);\n'
        body += guarded(command.cond, text)
    includes = ['qapi/error.h', f'qapi/qapi-types-{module.name}.h']
    return header(f'qapi-commands-{module.name}.h', module.shown, includes, body)


def gen_source(schema, module):
    commands = schema.all(model.Command, module.name)
    body = ''.join(guarded(c.cond, marshaller(c)) for c in commands if c.gen)
    if commands:
        rows = ''.join(guarded(c.cond, f'    {{ "{c.name}", {marshaller_name(c)}, {flags(c)} }},\n')
                       for c in commands)
        body += (f'static const QmpCommand commands[] = {{\n{rows}}};\n\n'
                 'static void register_commands(void)\n{\n'
                 '    qmp_register_commands(commands, G_N_ELEMENTS(commands));\n}\n\n'
                 'type_init(register_commands)\n')
    return source(module.shown, ['qapi/qmp-marshal.h', 'qapi/qmp-registry.h', 'qemu/module.h',
                                 f'qapi/qapi-visit-{module.name}.h',
                                 f'qapi/qapi-commands-{module.name}.h'], body)
