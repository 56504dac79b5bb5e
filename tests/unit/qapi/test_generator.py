# SPDX-License-Identifier: GPL-2.0-or-later
"""What is wrong with a schema is said with file and line; what a name becomes in C."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

TOP = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../..'))
GENERATOR = os.path.join(TOP, 'scripts/qapi-gen.py')
sys.path.insert(0, os.path.join(TOP, 'scripts'))
sys.dont_write_bytecode = True

from qapi.errors import SchemaError  # noqa: E402
from qapi.names import c_name, enum_constant  # noqa: E402
from qapi.schema import Schema  # noqa: E402


def doc(name, *members):
    """A documentation comment of one text line for each member: members + 4 lines."""
    return '\n'.join(['##', f'# @{name}:', '# text', *[f'# @{m}: text' for m in members], '##', ''])


EN = doc('En', 'a', 'b') + "{ 'enum': 'En', 'data': [ 'a', 'b' ] }\n"          # 7 lines
ST = doc('St', 'x') + "{ 'struct': 'St', 'data': { 'x': 'int' } }\n"           # 6 lines

# (text, line of the error, what it says)
BAD = [
    # the text
    ("{ 'enum' 'E' }", 1, "expected ':'"),
    ("\n{ 'enum': 'E', }", 2, "expected a further member"),
    ("[ ]", 1, "expected '{'"),
    ("{ 'enum': \"E\" }", 1, "single quotes"),
    ("{\t'enum': 'E' }", 1, 'spaces'),
    ("{ 'enum': 12 }", 1, 'stray'),
    ("{ 'enum': nope }", 1, 'stray'),
    ("{ 'enum': 'E'", 1, 'the end of the file'),
    ("{ 'enum': 'E', 'data': [ 'a' }", 1, "expected ','"),
    ("{ 'enum': 'E',\n 'enum': 'F' }", 2, "'enum' is given twice"),
    ("{ 'enum':\n##\n# x\n##\n'E' }", 2, 'a documentation comment'),
    ("##\n# @E:\n", 1, "not ended by a line '##'"),
    ("##\n# @E:\nno\n##\n", 1, "not ended by a line '##'"),
    ("##\n#@E:\n##\n", 2, "begins with '# '"),
    (doc('E'), 1, "'E' is not followed by its definition"),
    (doc('E') + doc('F', 'a') + "{ 'enum': 'Fx', 'data': [ 'a' ] }", 1, 'not followed'),
    # statements
    ("{ 'thing': 'X' }", 1, 'none of include'),
    ("{ 'enum': 'Ex' }", 1, "enum lacks key 'data'"),
    ("{ 'enum': 'Ex', 'data': [],\n 'base': 'B' }", 2, "enum has an unknown key 'base'"),
    ("{ 'command': 'c',\n 'boxed': false }", 2, "'boxed' is true or not given"),
    ("{ 'command': 'c',\n 'gen': true }", 2, "'gen' is false or not given"),
    ("{ 'include': [] }", 1, 'name of a file'),
    ("\n\n{ 'include': 'nowhere.json' }", 3, 'cannot read'),
    ("{ 'include': 'test.json' }", 1, 'includes itself'),
    ("{ 'pragma': { 'odd': true } }", 1, "unknown pragma 'odd'"),
    ("{ 'pragma': { 'command-name-exceptions': 'x' } }", 1, 'takes a list of names'),
    (doc('x') + "{ 'pragma': { 'doc-required': true } }", 1, 'documentation of a pragma'),
    # names
    (doc('bad') + "{ 'struct': 'bad', 'data': {} }", 5, "struct 'bad' must be CamelCase"),
    (doc('BadList') + "{ 'struct': 'BadList', 'data': {} }", 5, "must not end in 'List'"),
    (doc('Bad') + "{ 'command': 'Bad' }", 5, "command 'Bad' must be lower-case"),
    (doc('bad') + "{ 'event': 'bad' }", 5, "event 'bad' must be UPPER_CASE"),
    (doc('Ok', 'A') + "{ 'struct': 'Ok',\n 'data': { 'A': 'int' } }", 7, "member of 'Ok' 'A'"),
    (doc('Ok', 'a b') + "{ 'struct': 'Ok', 'data': { 'a b': 'int' } }", 6, 'characters'),
    (doc('Ok', 'has-x') + "{ 'struct': 'Ok', 'data': { 'has-x': 'int' } }", 6, 'reserved'),
    (doc('Ok', 'u') + "{ 'struct': 'Ok', 'data': { 'u': 'int' } }", 6, 'reserved'),
    (EN + EN, 14, "'En' is defined already at"),
    (doc('int') + "{ 'command': 'int' }", 5, 'it is built in'),
    # documentation
    ("{ 'command': 'c' }", 1, "command 'c' is not documented"),
    (doc('d') + "{ 'command': 'c' }", 1, "documentation of 'd' stands before 'c'"),
    (doc('En', 'a') + "{ 'enum': 'En', 'data': [ 'a', 'b' ] }", 6, "member 'b' of 'En' is not"),
    (doc('En', 'a', 'c') + "{ 'enum': 'En', 'data': [ 'a' ] }", 5, "no member 'c' to document"),
    (doc('En', 'a', 'a') + "{ 'enum': 'En', 'data': [ 'a' ] }", 5, 'documented twice'),
    ("##\n# @En:\n# @a: x\n##\n{ 'enum': 'En', 'data': [ 'a' ] }", 1, 'says nothing'),
    ("##\n# @En:\n# x\n# @a:\n##\n{ 'enum': 'En', 'data': [ 'a' ] }", 6, 'not documented'),
    (doc('c') + "{ 'command': 'c', 'features': [ 'f' ] }", 5, "feature 'f' of 'c' is not"),
    # types
    (doc('Ok', 'x') + "{ 'struct': 'Ok',\n 'data': {\n 'x': 'nope' } }", 8, "no type 'nope'"),
    (doc('Ok', 'x') + "{ 'struct': 'Ok', 'data': { 'x': [ 'int', 'str' ] } }", 6, 'one type'),
    (doc('Ok', 'x') + "{ 'struct': 'Ok', 'data': { 'x': [ [ 'int' ] ] } }", 6, 'one type'),
    (doc('Ok', 'x') + "{ 'struct': 'Ok', 'data': { 'x': { 'type': 'int', 'odd': 1 } } }", 6,
     'stray'),
    (doc('Ok', 'x') + "{ 'struct': 'Ok', 'data': { 'x': { 'type': 'int', 'odd': 'a' } } }", 6,
     "unknown key 'odd'"),
    (doc('Ok', 'x') + "{ 'struct': 'Ok', 'data': { 'x': { 'if': 'A' } } }", 6, "lacks key 'type'"),
    (doc('Ok') + "{ 'struct': 'Ok', 'data': [] }", 5, 'are an object'),
    (doc('En') + "{ 'enum': 'En', 'data': {} }", 5, 'a list of names'),
    (doc('En', 'a', 'b') + "{ 'enum': 'En', 'data': [ 'a', 'a' ] }", 7, "clashes with 'a'"),
    (doc('Ok') + "{ 'struct': 'Ok', 'base': 'Ok', 'data': {} }", 5, 'contains itself'),
    (EN + doc('Ok') + "{ 'struct': 'Ok',\n 'base': 'En', 'data': {} }", 13, 'must be a struct'),
    (ST + doc('Ok', 'x') + "{ 'struct': 'Ok', 'base': 'St', 'data': { 'x': 'int' } }", 12,
     "'x' of 'Ok' clashes with 'x' of"),
    (doc('Ok', 'a-b', 'a_b') +
     "{ 'struct': 'Ok', 'data': { 'a-b': 'int', 'a_b': 'int' } }", 7, 'must be lower-case'),
    # conditions and features
    (doc('c') + "{ 'command': 'c', 'if': 'lower' }", 5, 'no name of a macro'),
    (doc('c') + "{ 'command': 'c', 'if': { 'or': [] } }", 5, "'all', 'any' or 'not'"),
    (doc('c') + "{ 'command': 'c', 'if': { 'all': [] } }", 5, 'needs a list'),
    (doc('c') + "{ 'command': 'c', 'features': 'f' }", 5, 'takes a list'),
    (doc('c') + "{ 'command': 'c', 'features': [ 'f', 'f' ] }", 5, 'given twice'),
    # unions and alternates
    (EN + doc('Un', 'k') + "{ 'union': 'Un', 'base': { 'k': 'En' },\n 'discriminator': 'z', "
     "'data': {} }", 14, "'z' is no member of the base"),
    (EN + doc('Un', 'k') + "{ 'union': 'Un', 'base': { 'k': 'str' }, 'discriminator': 'k', "
     "'data': {} }", 13, 'must be an enum'),
    (EN + doc('Un', 'k') + "{ 'union': 'Un', 'base': { '*k': 'En' }, 'discriminator': 'k', "
     "'data': {} }", 13, 'must be an enum that is always there'),
    (EN + ST + doc('Un', 'k') + "{ 'union': 'Un', 'base': { 'k': 'En' }, 'discriminator': 'k',\n"
     " 'data': {\n 'c': 'St' } }", 21, "branch 'c' of 'Un' is no value of 'En'"),
    (EN + doc('Un', 'k') + "{ 'union': 'Un', 'base': { 'k': 'En' }, 'discriminator': 'k', "
     "'data': { 'a': 'str' } }", 13, 'must be a struct'),
    (EN + ST + doc('Un', 'k', 'x') + "{ 'union': 'Un', 'base': { 'k': 'En', 'x': 'int' },"
     " 'discriminator': 'k', 'data': { 'a': 'St' } }", 13, "'x' of 'Un' clashes"),
    (doc('Al', 'a', 'b') + "{ 'alternate': 'Al', 'data': { 'a': 'int',\n 'b': 'number' } }", 8,
     'cannot be told apart'),
    (doc('Al', 'a') + "{ 'alternate': 'Al', 'data': { 'a': 'any' } }", 6, 'told apart'),
    # commands and events
    (doc('c') + "{ 'command': 'c', 'returns': 'str' }", 5, 'must return a struct'),
    (doc('c') + "{ 'command': 'c', 'boxed': true }", 5, "'boxed' without 'data'"),
    (EN + doc('c') + "{ 'command': 'c', 'data': 'En' }", 12, 'must be a struct'),
    (EN + doc('Un', 'k') + "{ 'union': 'Un', 'base': { 'k': 'En' }, 'discriminator': 'k', "
     "'data': {} }\n" + doc('c') + "{ 'command': 'c', 'data': 'Un' }", 18, "must be 'boxed'"),
    (doc('EV') + "{ 'event': 'EV', 'data': [ 'int' ] }", 5, "must be a struct"),
]


class Generator(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='qapi-')
        self.addCleanup(shutil.rmtree, self.dir)

    def run_on(self, text, *options, name='test.json'):
        path = os.path.join(self.dir, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return subprocess.run([sys.executable, GENERATOR, *options, path], cwd=self.dir, text=True,
                              capture_output=True, check=False, timeout=60)

    def test_bad(self):
        for text, line, message in BAD:
            with self.subTest(text=text):
                path = os.path.join(self.dir, 'test.json')
                with open(path, 'w', encoding='utf-8') as file:
                    file.write(text)
                with self.assertRaises(SchemaError) as caught:
                    Schema(path)
                error = str(caught.exception)
                self.assertEqual(caught.exception.place.line, line, error)
                self.assertIn(message, error)
                self.assertNotIn('\n', error)

    def test_error_is_told(self):
        result = self.run_on("\n{ 'enum' 'E' }")
        self.assertEqual((result.returncode, result.stdout), (1, ''))
        self.assertEqual(result.stderr, "test.json:2: expected ':', found 'E'\n")

    def test_error_in_an_included_file(self):
        with open(os.path.join(self.dir, 'inner.json'), 'w', encoding='utf-8') as file:
            file.write("\n{ 'odd': 'x' }\n")
        result = self.run_on("{ 'include': 'inner.json' }")
        self.assertTrue(result.stderr.startswith('inner.json:2: '), result.stderr)

    def test_two_modules_of_one_name(self):
        for folder in ('a', 'b'):
            os.mkdir(os.path.join(self.dir, folder))
            with open(os.path.join(self.dir, folder, 'inner.json'), 'w', encoding='utf-8'):
                pass
        result = self.run_on("{ 'include': 'a/inner.json' }\n{ 'include': 'b/inner.json' }")
        self.assertEqual(result.stderr, "test.json:2: there is a module 'inner' in another folder "
                         'already\n')

    def test_modules(self):
        with open(os.path.join(self.dir, 'inner.json'), 'w', encoding='utf-8') as file:
            file.write(EN)
        out = os.path.join(self.dir, 'out')
        self.assertEqual(self.run_on("{ 'include': 'inner.json' }", '--output', out,
                                     '--modules', 'inner').returncode, 0)
        self.assertIn('qapi-types-inner.h', os.listdir(out))
        result = self.run_on("{ 'include': 'inner.json' }", '--output', out, '--modules', 'a,inner')
        self.assertEqual(result.returncode, 1)
        self.assertIn('differ: a', result.stderr)

    def test_nothing_is_written_for_nothing(self):
        """A file that would be the same is not touched: nothing is compiled again."""
        with open(os.path.join(self.dir, 'inner.json'), 'w', encoding='utf-8') as file:
            file.write(EN)
        out = os.path.join(self.dir, 'out')
        self.run_on("{ 'include': 'inner.json' }", '--output', out)
        before = {name: os.stat(os.path.join(out, name)).st_ino for name in os.listdir(out)}
        self.run_on("{ 'include': 'inner.json' }", '--output', out)
        self.assertEqual(before, {name: os.stat(os.path.join(out, name)).st_ino
                                  for name in os.listdir(out)})

    def test_docs_check(self):
        page = os.path.join(self.dir, 'page.rst')
        self.assertEqual(self.run_on(EN, '--docs', page).returncode, 0)
        self.assertEqual(self.run_on(EN, '--docs', page, '--check').returncode, 0)
        result = self.run_on(EN.replace('text', 'other'), '--docs', page, '--check')
        self.assertEqual(result.returncode, 1)
        self.assertIn('--docs', result.stderr)
        with open(page, encoding='utf-8') as file:
            self.assertTrue(re.search(r'^``a``\n    text$', file.read(), re.M))


class Names(unittest.TestCase):
    """QEMU's, because code that is written for them is compiled here."""

    def test_constants(self):
        for name, constant in (('RunState', 'RUN_STATE_A_B'), ('OnOffAuto', 'ON_OFF_AUTO_A_B'),
                               ('OffAutoPCIBAR', 'OFF_AUTOPCIBAR_A_B'),
                               ('PCIELinkSpeed', 'PCIE_LINK_SPEED_A_B'),
                               ('QKeyCode', 'Q_KEY_CODE_A_B'), ('VncInfo2', 'VNC_INFO2_A_B'),
                               ('S390CrashReason', 'S390_CRASH_REASON_A_B')):
            self.assertEqual(enum_constant(name, 'a-b'), constant)
        self.assertEqual(enum_constant('Any', '2_5', 'PRE_FIX'), 'PRE_FIX_2_5')

    def test_members(self):
        for name, member in (('a-b', 'a_b'), ('x-a.b', 'x_a_b'), ('default', 'q_default'),
                             ('unix', 'q_unix'), ('class', 'q_class'), ('3d', 'q_3d')):
            self.assertEqual(c_name(name), member)


if __name__ == '__main__':
    unittest.main()
