/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies of region trees and flat views, and their text; see exec/mtree.h.
 *
 * A tree is copied breadth first: the children of a region lie side by side,
 * so they can be sorted afterwards, and nothing recurses while the lock is
 * held. Names go into one buffer. What an alias shows is a tree of its own
 * behind the first one, once, however many aliases show it.
 */
#include "qemu/osdep.h"
#include "qemu/dot.h"
#include "exec/mtree.h"
#include "internal.h"

/* Usual sizes; more is possible and costs a reallocation. */
#define NODES_GUESS 64
#define NAMES_GUESS 2048

typedef struct MtreeNode {
    hwaddr first, last;
    hwaddr alias_first;         /* in the region that it shows */
    size_t name, alias_name;    /* in MtreeCopy.names; 0: none */
    unsigned children, nr_children;
    int priority;
    uint8_t kind;
    bool enabled, readonly, nonvolatile, romd;
} MtreeNode;

struct MtreeCopy {
    char *name;
    bool flat;
    GArray *nodes;              /* of MtreeNode */
    GString *names;
    GArray *roots;              /* guint: the space's own, then what aliases show */
    GPtrArray *regions;         /* while copying: the region of each node */
};

static MtreeNode *node_at(MtreeCopy *copy, guint i)
{
    return &g_array_index(copy->nodes, MtreeNode, i);
}

/* --- copying, under the domain's lock --- */

static MtreeCopy *copy_new(const char *name)
{
    MtreeCopy *copy = g_new0(MtreeCopy, 1);

    copy->name = g_strdup(name);
    copy->nodes = g_array_sized_new(FALSE, FALSE, sizeof(MtreeNode), NODES_GUESS);
    copy->names = g_string_sized_new(NAMES_GUESS);
    g_string_append_c(copy->names, 0);  /* offset 0 is no name */
    copy->roots = g_array_new(FALSE, FALSE, sizeof(guint));
    return copy;
}

static size_t keep_name(MtreeCopy *copy, const MemoryRegion *mr)
{
    const char *name = memory_region_name(mr);
    size_t at = copy->names->len;

    g_string_append_len(copy->names, name, strlen(name) + 1);
    return at;
}

static MtreeNode describe(MtreeCopy *copy, const MemoryRegion *mr, hwaddr first)
{
    hwaddr size = int128_getlo(mr->size);       /* 0: 2^64, or no bytes at all */

    return (MtreeNode) {
        .first = first, .last = int128_nz(mr->size) ? first + (size - 1) : first,
        .alias_first = mr->alias_offset, .name = keep_name(copy, mr),
        .alias_name = mr->alias ? keep_name(copy, mr->alias) : 0,
        .priority = mr->priority, .kind = mr->kind, .enabled = mr->enabled,
        .readonly = mr->readonly, .nonvolatile = mr->nonvolatile, .romd = mr->romd_mode,
    };
}

static void add_node(MtreeCopy *copy, MemoryRegion *mr, hwaddr first)
{
    MtreeNode node = describe(copy, mr, first);

    g_array_append_val(copy->nodes, node);
    g_ptr_array_add(copy->regions, mr);
}

/* What is shown once is not shown again, so this ends. */
static void add_root(MtreeCopy *copy, MemoryRegion *mr, GHashTable *shown)
{
    if (g_hash_table_add(shown, mr)) {
        guint i = copy->nodes->len;

        g_array_append_val(copy->roots, i);
        add_node(copy, mr, 0);
    }
}

static void add_children(MtreeCopy *copy, guint i)
{
    const MemoryRegion *mr = g_ptr_array_index(copy->regions, i);
    hwaddr base = node_at(copy, i)->first;

    if (!mr->children) {
        return;
    }
    node_at(copy, i)->children = copy->nodes->len;
    node_at(copy, i)->nr_children = mr->children->len;
    for (guint n = 0; n < mr->children->len; n++) {
        MemoryRegion *child = g_ptr_array_index(mr->children, n);

        add_node(copy, child, base + child->addr);
    }
}

MtreeCopy *mtree_copy_tree(AddressSpace *as, const char *name)
{
    g_autoptr(GHashTable) shown = g_hash_table_new(NULL, NULL);
    MtreeCopy *copy = copy_new(name);

    copy->regions = g_ptr_array_sized_new(NODES_GUESS);
    add_root(copy, as->root, shown);
    for (guint i = 0; i < copy->nodes->len; i++) {
        MemoryRegion *mr = g_ptr_array_index(copy->regions, i);

        add_children(copy, i);
        if (mr->alias) {
            add_root(copy, mr->alias, shown);
        }
    }
    g_clear_pointer(&copy->regions, g_ptr_array_unref);
    return copy;
}

static void add_range(MtreeCopy *copy, const FlatRange *r)
{
    MtreeNode node = describe(copy, r->mr, r->first);

    node.last = r->last;
    node.alias_first = r->offset;
    node.alias_name = 0;
    node.enabled = true;
    node.readonly |= r->readonly;
    node.nonvolatile |= r->nonvolatile;
    g_array_append_val(copy->nodes, node);
}

MtreeCopy *mtree_copy_flat(AddressSpace *as, const char *name)
{
    g_autoptr(FlatView) view = address_space_get_view(as);
    MtreeCopy *copy = copy_new(name);

    copy->flat = true;
    for (unsigned i = 0; view && i < view->nr; i++) {
        add_range(copy, &view->ranges[i]);
    }
    return copy;
}

void mtree_copy_free(MtreeCopy *copy)
{
    if (copy) {
        g_array_unref(copy->nodes);
        g_array_unref(copy->roots);
        g_string_free(copy->names, TRUE);
        g_free(copy->name);
        g_free(copy);
    }
}

unsigned address_space_nr_ranges(AddressSpace *as)
{
    g_autoptr(FlatView) view = address_space_get_view(as);

    return view ? view->nr : 0;
}

/* --- text --- */

static const char *kind_name(const MtreeNode *n)
{
    switch (n->kind) {
    case MR_CONTAINER:  return "container";
    case MR_RAM:        return n->readonly ? "rom" : "ram";
    case MR_RAM_DEVICE: return "ramd";
    case MR_ROM_DEVICE: return n->romd ? "romd" : "i/o";
    case MR_DMA:        return "dma";
    default:            return "i/o";
    }
}

static const char *text_of(const MtreeCopy *copy, size_t name)
{
    return copy->names->str + name;
}

/* By address; of those at one address the one on top first. */
static gint compare_nodes(gconstpointer a, gconstpointer b)
{
    const MtreeNode *x = a, *y = b;

    if (x->first != y->first) {
        return x->first < y->first ? -1 : 1;
    }
    return x->priority == y->priority ? 0 : x->priority > y->priority ? -1 : 1;
}

static void print_span(GString *out, hwaddr first, hwaddr last)
{
    g_string_append_printf(out, "%016" PRIx64 "-%016" PRIx64, first, last);
}

static void print_node(MtreeCopy *copy, const MtreeNode *n, unsigned indent, GString *out)
{
    g_string_append_printf(out, "%*s", indent, "");
    print_span(out, n->first, n->last);
    g_string_append_printf(out, " (prio %d, %s%s): ", n->priority, n->nonvolatile ? "nv-" : "",
                           kind_name(n));
    if (n->alias_name) {
        g_string_append_printf(out, "alias %s @%s ", text_of(copy, n->name),
                               text_of(copy, n->alias_name));
        print_span(out, n->alias_first, n->alias_first + (n->last - n->first));
    } else {
        g_string_append(out, text_of(copy, n->name));
    }
    if (copy->flat && n->alias_first) {
        g_string_append_printf(out, " @%016" PRIx64, n->alias_first);
    }
    g_string_append(out, n->enabled ? "\n" : " [disabled]\n");
}

static void print_tree(MtreeCopy *copy, guint i, unsigned indent, GString *out)
{
    MtreeNode n = *node_at(copy, i);

    print_node(copy, &n, indent, out);
    if (n.nr_children) {
        qsort(node_at(copy, n.children), n.nr_children, sizeof(n), compare_nodes);
    }
    for (guint c = 0; c < n.nr_children; c++) {
        print_tree(copy, n.children + c, indent + 2, out);
    }
}

static void print_trees(MtreeCopy *copy, GString *out)
{
    for (guint r = 0; r < copy->roots->len; r++) {
        guint i = g_array_index(copy->roots, guint, r);

        g_string_append_printf(out, "%s: %s\n", r ? "memory-region" : "address-space",
                               r ? text_of(copy, node_at(copy, i)->name) : copy->name);
        print_tree(copy, i, 2, out);
        g_string_append_c(out, '\n');
    }
}

static void print_flat(MtreeCopy *copy, GString *out)
{
    g_string_append_printf(out, "FlatView of address-space: %s\n", copy->name);
    for (guint i = 0; i < copy->nodes->len; i++) {
        print_node(copy, node_at(copy, i), 2, out);
    }
    if (!copy->nodes->len) {
        g_string_append(out, "  No rendered FlatView\n");
    }
    g_string_append_c(out, '\n');
}

void mtree_print(MtreeCopy *copy, GString *out)
{
    if (copy->flat) {
        print_flat(copy, out);
    } else {
        print_trees(copy, out);
    }
}

/* --- Graphviz --- */

static void dot_node(MtreeCopy *copy, const char *prefix, guint i, GString *out)
{
    const MtreeNode *n = node_at(copy, i);
    g_autofree char *label = g_strdup_printf("%s\n%" PRIx64 "-%" PRIx64 "\n%s, prio %d%s",
                                             text_of(copy, n->name), n->first, n->last,
                                             kind_name(n), n->priority,
                                             n->enabled ? "" : ", disabled");

    g_string_append_printf(out, "  %s_%u [shape=box, label=", prefix, i);
    dot_append_quoted(out, label);
    g_string_append(out, n->enabled ? "];\n" : ", style=dashed];\n");
    for (guint c = 0; c < n->nr_children; c++) {
        g_string_append_printf(out, "  %s_%u -> %s_%u;\n", prefix, i, prefix, n->children + c);
    }
}

void mtree_print_dot(MtreeCopy *copy, const char *prefix, GString *out)
{
    g_string_append_printf(out, "  %s [shape=plaintext, label=", prefix);
    dot_append_quoted(out, copy->name);
    g_string_append(out, "];\n");
    for (guint i = 0; i < copy->nodes->len; i++) {
        dot_node(copy, prefix, i, out);
    }
    if (copy->nodes->len) {
        g_string_append_printf(out, "  %s -> %s_0;\n", prefix, prefix);
    }
}
