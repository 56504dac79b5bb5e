# SPDX-License-Identifier: GPL-2.0-or-later
"""Names of the schema as C has them; the conventions are QEMU's."""
import re

# What cannot name a member in C, in C++ or after the headers that everybody includes.
RESERVED = frozenset("""
    auto break case char const continue default do double else enum extern float for goto if
    int long register return short signed sizeof static struct switch typedef union unsigned
    void volatile while inline restrict asm typeof linux unix i386 errno
    and and_eq bitand bitor bool catch class compl const_cast delete dynamic_cast explicit
    export false friend mutable namespace new not not_eq operator or or_eq private protected
    public reinterpret_cast static_cast template this throw true try typeid typename using
    virtual wchar_t xor xor_eq mips sparc hex
""".split())

WORD_START = re.compile(r'(?<=[A-Za-z0-9])(?=[A-Z][a-z])|(?<=[0-9])(?=[A-Z])')


def c_name(name, protect=True):
    """'foo-bar' is foo_bar; what C would not take gets q_ in front."""
    text = re.sub(r'[^A-Za-z0-9_]', '_', name)
    if protect and (text in RESERVED or text[:1].isdigit()):
        return 'q_' + text
    return text


def upper_words(name):
    """'RunState' is RUN_STATE: a capital before a small letter starts a word."""
    return c_name(WORD_START.sub('_', name), False).upper()


def enum_constant(enum_name, value, prefix=None):
    head = upper_words(enum_name) if prefix is None else prefix
    return f'{head}_{c_name(value, False).upper()}'
