# SPDX-License-Identifier: GPL-2.0-or-later
"""From qapi/*.json to C, introspection data and the reference manual.

    source.py      text of one file -> statements and doc comments
    doc.py         one doc comment -> description, members, sections
    model.py       what a schema consists of: types, commands, events
    checks.py      the shape of one statement
    schema.py      statements -> a checked model
    names.py       schema names -> C names
    gen_*.py       model -> text; output.py writes it
"""
