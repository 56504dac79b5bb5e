# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints every public header, relative to the folder that is given."""
import os
import sys

for base, _, names in sorted(os.walk(sys.argv[1])):
    for name in sorted(names):
        if name.endswith(".h") and not name.endswith(".tbl.h"):     # tables need a macro
            print(os.path.relpath(os.path.join(base, name), sys.argv[1]))
