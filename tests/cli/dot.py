# SPDX-License-Identifier: GPL-2.0-or-later
"""The part of Graphviz's DOT language that this program writes, as a grammar:

    graph     = "digraph" id "{" statement* "}"
    statement = ( subgraph | id "=" id | id [ "->" id ] [ attributes ] ) [ ";" ]
    subgraph  = "subgraph" id "{" statement* "}"
    attributes= "[" id "=" id { "," id "=" id } "]"

An id is a word, a number or a quoted string. parse() raises ValueError where
the text is something else, and returns the nodes, their labels and the edges.
Where Graphviz is installed its own opinion is asked too.
"""
import re
import shutil
import subprocess

TOKEN = re.compile(r'\s*(?:("(?:[^"\\\n]|\\.)*")|(->)|([A-Za-z_][A-Za-z_0-9]*|[0-9.]+)|'
                   r'([{}\[\];,=]))')


class Graph:
    """What parse() has found."""

    def __init__(self):
        self.nodes = {}         # name: attributes
        self.edges = []         # (from, to)
        self.clusters = []      # labels of subgraphs

    def labels(self):
        return [a['label'] for a in self.nodes.values() if 'label' in a]


def tokens(text):
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise ValueError(f'no DOT: {text[at:at + 60]!r}')
        found.append(match.group(0).strip())
        at = match.end()
    return found


class Parser:
    def __init__(self, text):
        self.left = tokens(text)
        self.graph = Graph()

    def peek(self):
        return self.left[0] if self.left else ''

    def take(self, *wanted):
        if not self.left or (wanted and self.left[0] not in wanted):
            raise ValueError(f'{wanted} wanted, not {self.left[:8]}')
        return self.left.pop(0)

    def ident(self):
        word = self.take()
        if not re.match(r'["A-Za-z_0-9]', word):
            raise ValueError(f'{word} is no id')
        if word[0] == '"':
            return re.sub(r'\\(.)', lambda m: {'n': '\n'}.get(m.group(1), m.group(1)), word[1:-1])
        return word

    def attributes(self):
        found = {}
        if self.peek() == '[':
            while self.take('[', ',', ']') != ']':
                name = self.ident()
                self.take('=')
                found[name] = self.ident()
                if self.peek() not in (',', ']'):
                    raise ValueError(f'"," or "]" wanted, not {self.left[:8]}')
        return found

    def statement(self, cluster):
        name = self.ident()
        if name == 'subgraph':
            self.ident()
            self.block(True)
        elif self.peek() == '=':
            self.take()
            value = self.ident()
            if cluster and name == 'label':
                self.graph.clusters.append(value)
        elif self.peek() == '->':
            self.take()
            self.graph.edges.append((name, self.ident()))
            self.attributes()
        else:
            attributes = self.attributes()
            if name not in ('node', 'edge', 'graph'):
                if name in self.graph.nodes:
                    raise ValueError(f'{name} is there twice')
                self.graph.nodes[name] = attributes
        if self.peek() == ';':
            self.take()

    def block(self, cluster):
        self.take('{')
        while self.peek() != '}':
            self.statement(cluster)
        self.take('}')


def parse(text):
    parser = Parser(text)
    parser.take('digraph')
    parser.ident()
    parser.block(False)
    if parser.left:
        raise ValueError(f'more behind the graph: {parser.left[:8]}')
    for edge in parser.graph.edges:
        for end in edge:
            if end not in parser.graph.nodes:
                raise ValueError(f'an edge to {end}, which is no node')
    if shutil.which('dot'):
        subprocess.run(['dot', '-Tplain'], input=text.encode(), stdout=subprocess.DEVNULL,
                       check=True)
    return parser.graph
