# SPDX-License-Identifier: GPL-2.0-or-later
"""What is wrong with a schema, and where."""


class Place:
    """A line of a file."""

    def __init__(self, file, line):
        self.file = file
        self.line = line

    def __str__(self):
        return f'{self.file}:{self.line}'


class SchemaError(Exception):
    def __init__(self, place, text):
        super().__init__(f'{place}: {text}')
        self.place = place
        self.text = text
