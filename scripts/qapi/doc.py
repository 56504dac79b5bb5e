# SPDX-License-Identifier: GPL-2.0-or-later
"""One documentation comment, taken apart.

    @NAME:  description  @member: text  Features: @feature: text
    Returns:, Errors:, Since:, Note:, Example: sections, each up to the next one
"""
import re

from .errors import Place, SchemaError

MEMBER = re.compile(r'@(?P<name>[A-Za-z0-9_.*-]+):\s*(?P<text>.*)')
SECTION = re.compile(r'(?P<name>Returns|Errors|Since|Notes?|Examples?):\s*(?P<text>.*)')


class Doc:
    def __init__(self, comment):
        self.place = comment.place
        self.symbol = comment.symbol()
        self.body = []
        self.members = {}           # name -> lines
        self.features = {}          # name -> lines
        self.sections = []          # (title, lines)
        self.places = {}
        self.read(comment)

    def read(self, comment):
        into, in_features, seen_symbol = self.body, False, False
        for number, line in enumerate(comment.lines, comment.place.line + 1):
            place = Place(comment.place.file, number)
            member, section = MEMBER.fullmatch(line), SECTION.fullmatch(line)
            if member and not seen_symbol:
                seen_symbol = True
            elif member:
                into = self.add(member['name'], in_features, place)
                into += [member['text']] if member['text'] else []
            elif line == 'Features:':
                in_features, into = True, []
            elif section:
                into = [section['text']] if section['text'] else []
                self.sections.append((section['name'], into))
            else:
                into.append(line)

    def add(self, name, is_feature, place):
        table = self.features if is_feature else self.members
        if name in table:
            raise SchemaError(place, f"'@{name}' is documented twice")
        table[name] = []
        self.places[name] = place
        return table[name]

    def check(self, members, features, place):
        """Everything there is must be documented, and nothing else."""
        for wanted, table, what in ((members, self.members, 'member'),
                                    (features, self.features, 'feature')):
            for name in wanted:
                if not ''.join(table.get(name, [])).strip():
                    raise SchemaError(place, f"{what} '{name}' of '{self.symbol}' is not documented")
            for name in table:
                if name not in wanted:
                    raise SchemaError(self.places[name],
                                      f"'{self.symbol}' has no {what} '{name}' to document")
        if not ''.join(self.body).strip():
            raise SchemaError(self.place, f"documentation of '{self.symbol}' says nothing about it")
