/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking at an address space: its tree of regions and its flat view, as text
 * or for Graphviz.
 *
 * In two steps, so that whoever works in the domain waits for the first one
 * alone: mtree_copy_*() copies what is there (some tens of nanoseconds for each
 * region), the others write text and need no lock. A copy refers to nothing.
 *
 * Locking: the copying steps under the lock of the space's domain.
 */
#ifndef EXEC_MTREE_H
#define EXEC_MTREE_H

#include "exec/memory.h"

typedef struct MtreeCopy MtreeCopy;

/* name: what the text calls the space. */
MtreeCopy *mtree_copy_tree(AddressSpace *as, const char *name);
MtreeCopy *mtree_copy_flat(AddressSpace *as, const char *name);
void mtree_copy_free(MtreeCopy *copy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MtreeCopy, mtree_copy_free)

void mtree_print(MtreeCopy *copy, GString *out);
/* Statements of a graph; node names begin with prefix, which differs for each copy in it. */
void mtree_print_dot(MtreeCopy *copy, const char *prefix, GString *out);

/* How many pieces the flat view has now. */
unsigned address_space_nr_ranges(AddressSpace *as);

#endif
