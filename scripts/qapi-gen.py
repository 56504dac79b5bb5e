#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Generates C, and the reference manual, from a QAPI schema.

    qapi-gen.py --output FOLDER [--modules A,B,...] SCHEMA.json
    qapi-gen.py --docs FILE.rst [--check] SCHEMA.json

--modules is what the build expects; other modules in the schema are an error.
--check writes nothing and fails when FILE.rst is not what would be written.
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from qapi import gen_commands, gen_docs, gen_events, gen_introspect, gen_types, gen_visit  # noqa: E402
from qapi.errors import Place, SchemaError  # noqa: E402
from qapi.output import write  # noqa: E402
from qapi.schema import Schema  # noqa: E402

PARTS = {'types': gen_types, 'visit': gen_visit, 'commands': gen_commands, 'events': gen_events}


def check_modules(schema, wanted):
    found = [m.name for m in schema.in_order() if m.path != schema.main]
    if wanted is not None and sorted(found) != sorted(wanted.split(',')):
        differ = ', '.join(sorted(set(found) ^ set(wanted.split(','))))
        raise SchemaError(Place(schema.shown(schema.main), 1), 'the modules that are included and '
                          f'those that include/qapi/meson.build lists differ: {differ}')


def generate(schema, folder):
    os.makedirs(folder, exist_ok=True)
    for module in schema.in_order():
        if module.path == schema.main:
            continue
        for part, generator in PARTS.items():
            base = os.path.join(folder, f'qapi-{part}-{module.name}')
            write(base + '.h', generator.gen_header(schema, module))
            write(base + '.c', generator.gen_source(schema, module))
    origin = os.path.basename(schema.main)
    write(os.path.join(folder, 'qapi-introspect.h'), gen_introspect.gen_header(origin))
    write(os.path.join(folder, 'qapi-introspect.c'), gen_introspect.gen_source(schema, origin))


def document(schema, path, check):
    text = gen_docs.gen(schema)
    if not check:
        write(path, text)
        return 0
    with open(path, encoding='utf-8') as file:
        if file.read() == text:
            return 0
    print(f'{path} is not what the schema says: run scripts/qapi-gen.py --docs {path} '
          f'{schema.shown(schema.main)}', file=sys.stderr)
    return 1


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('schema')
    parser.add_argument('--output')
    parser.add_argument('--modules')
    parser.add_argument('--docs')
    parser.add_argument('--check', action='store_true')
    args = parser.parse_args()
    try:
        schema = Schema(args.schema)
        check_modules(schema, args.modules)
    except SchemaError as error:
        print(error, file=sys.stderr)
        return 1
    if args.output:
        generate(schema, args.output)
    return document(schema, args.docs, args.check) if args.docs else 0


if __name__ == '__main__':
    sys.exit(main())
