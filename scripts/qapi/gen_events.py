# SPDX-License-Identifier: GPL-2.0-or-later
"""qapi-events-MODULE.[ch]: a function for each event that sends it."""
from . import model
from .names import c_name
from .output import guarded, header, parameters, source


def prototype(event):
    if not event.args:
        args = ['void']
    elif event.boxed:
        args = [f'{c_name(event.args.name, False)} *arg']
    else:
        args = [declaration for declaration, _, _ in parameters(event.args)]
    return f"void qapi_event_send_{c_name(event.name, False).lower()}({', '.join(args)})"


def initialiser(event):
    rows = ''
    for _, member, is_flag in parameters(event.args):
        name = c_name(member.name)
        if is_flag:
            flag = f'has_{c_name(member.name, False)}'
            rows += f'        .{flag} = {flag},\n'
        elif member.type.name == 'str':
            rows += f'        .{name} = (char *){name},\n'
        else:
            rows += f'        .{name} = {name},\n'
    return f'    {c_name(event.args.name, False)} arg_ = {{\n{rows}    }};\n\n'


def sender(event):
    text = f'{prototype(event)}\n{{\n'
    if not event.args:
        return text + f'    qmp_event_emit("{event.name}", NULL);\n}}\n\n'
    if not event.boxed:
        text += initialiser(event)
    place = 'arg' if event.boxed else '&arg_'
    return text + (f'    qmp_event_emit("{event.name}",\n'
                   f'                   qmp_event_data(&{event.args.table()}, {place}));\n}}\n\n')


def gen_header(schema, module):
    body = ''.join(guarded(e.cond, f'{prototype(e)};\n')
                   for e in schema.all(model.Event, module.name))
    return header(f'qapi-events-{module.name}.h', module.shown,
                  [f'qapi/qapi-types-{module.name}.h'], body)


def gen_source(schema, module):
    body = ''.join(guarded(e.cond, sender(e)) for e in schema.all(model.Event, module.name))
    return source(module.shown, ['qapi/qmp-event.h', 'qapi/qmp-marshal.h',
                                 f'qapi/qapi-visit-{module.name}.h',
                                 f'qapi/qapi-events-{module.name}.h'], body)
