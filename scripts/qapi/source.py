# SPDX-License-Identifier: GPL-2.0-or-later
"""The text of a schema file: JSON with single quotes, # comments, ## doc comments.

A file is a sequence of statements, each an object. What stands before a
statement between two lines '##' is its documentation, or free text when it
does not begin with '@NAME:'.
"""
import collections
import re

from .errors import Place, SchemaError

TOKEN = re.compile(r"(?P<space>[ \n]+)|(?P<comment>#[^\n]*)|(?P<string>'[^'\n]*')"
                   r"|(?P<word>true|false)(?![A-Za-z0-9_])|(?P<mark>[{}\[\]:,])")

Token = collections.namedtuple('Token', 'kind value place')


class Object(dict):
    """A parsed object that knows its line and those of its members."""

    def __init__(self, place):
        super().__init__()
        self.place = place
        self.places = {}


class Comment:
    """The lines of a doc comment without '# ', and where it begins."""

    def __init__(self, place, lines):
        self.place = place
        self.lines = lines

    def symbol(self):
        """The NAME of '@NAME:', None for free text."""
        first = next((line.strip() for line in self.lines if line.strip()), '')
        match = re.fullmatch(r'@(\S+):', first)
        return match.group(1) if match else None


class Statement:
    def __init__(self, expr, comment):
        self.expr = expr
        self.comment = comment
        self.place = expr.place


def scan(file, text):
    """Tokens; a doc comment is one of kind 'doc'."""
    at, line = 0, 1
    while at < len(text):
        place = Place(file, line)
        if text.startswith('##\n', at) and (at == 0 or text[at - 1] == '\n'):
            comment = doc_comment(place, text[at:])
            yield Token('doc', comment, place)
            line += len(comment.lines) + 2
            for _ in range(len(comment.lines) + 2):
                at = text.find('\n', at) + 1 or len(text)
            continue
        match = TOKEN.match(text, at)
        if not match:
            raise SchemaError(place, f"stray {text[at]!r}: strings take 'single quotes', "
                              'indentation takes spaces')
        if match.lastgroup not in ('space', 'comment'):
            yield Token(match.lastgroup, match.group(), place)
        at = match.end()
        line += match.group().count('\n')
    yield Token('end', 'the end of the file', Place(file, line))


def doc_comment(place, text):
    lines = []
    for line in text.split('\n')[1:]:
        where = Place(place.file, place.line + 1 + len(lines))
        if line == '##':
            return Comment(place, lines)
        if not line.startswith('#'):
            break
        if line.startswith('##') or (len(line) > 1 and line[1] != ' '):
            raise SchemaError(where, "a documentation line begins with '# '")
        lines.append(line[2:])
    raise SchemaError(place, "this documentation comment is not ended by a line '##'")


class Parser:
    """One file; the result is .parts: Statement and Comment, in their order."""

    def __init__(self, file, text):
        self.tokens = list(scan(file, text))
        self.at = 0
        self.parts = []
        comment = None
        while self.token.kind != 'end':
            if self.token.kind == 'doc':
                self.free_text(comment)
                comment = self.take().value
                continue
            if comment and not comment.symbol():
                self.free_text(comment)
                comment = None
            if self.token.value != '{':
                self.fail("'{'")
            self.parts.append(Statement(self.object(), comment))
            comment = None
        self.free_text(comment)

    @property
    def token(self):
        return self.tokens[self.at]

    def free_text(self, comment):
        if not comment:
            return
        if comment.symbol():
            raise SchemaError(comment.place, f"documentation of '{comment.symbol()}' is not "
                              'followed by its definition')
        self.parts.append(comment)

    def fail(self, wanted):
        found = 'a documentation comment' if self.token.kind == 'doc' else self.token.value
        raise SchemaError(self.token.place, f'expected {wanted}, found {found}')

    def take(self, value=None):
        token = self.token
        if value and token.value != value:
            self.fail(f"'{value}'")
        self.at += 1
        return token

    def object(self):
        result = Object(self.token.place)
        self.take('{')
        while self.token.value != '}':
            if self.token.kind != 'string':
                self.fail("a member's name or '}'")
            token = self.take()
            name = token.value[1:-1]
            if name in result:
                raise SchemaError(token.place, f"'{name}' is given twice")
            self.take(':')
            result.places[name] = token.place
            result[name] = self.anything()
            self.comma('}')
        self.take('}')
        return result

    def array(self):
        result = []
        self.take('[')
        while self.token.value != ']':
            result.append(self.anything())
            self.comma(']')
        self.take(']')
        return result

    def comma(self, closing):
        if self.token.value != closing:
            self.take(',')
            if self.token.value == closing:
                self.fail('a further member')

    def anything(self):
        if self.token.value == '{':
            return self.object()
        if self.token.value == '[':
            return self.array()
        if self.token.kind == 'string':
            return self.take().value[1:-1]
        if self.token.kind == 'word':
            return self.take().value == 'true'
        return self.fail("a string, true, false, '[' or '{'")
