/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address spaces: which there are, and what is in them.
 *
 * A domain has two, in which the BARs of its functions are decoded; each
 * function has one, for its DMA. Their names are made here: DOMAIN/mem,
 * DOMAIN/io, FUNCTION/dma.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-isolation.h"
#include "query-memory.h"

/* --- finding them --- */

typedef struct Walk {
    QuerySpaceFn *fn;
    void *opaque;
    const char *domain;         /* only this one, or NULL */
    bool found;
} Walk;

static void visit(const Walk *w, const char *domain, AioContext *ctx, AddressSpace *as,
                  AddressSpaceType type, const char *owner, PCIDevice *dev)
{
    static const char *const suffix[] = {
        [ADDRESS_SPACE_TYPE_MEMORY] = "mem", [ADDRESS_SPACE_TYPE_IO] = "io",
        [ADDRESS_SPACE_TYPE_DMA] = "dma",
    };
    g_autofree char *name = g_strdup_printf("%s/%s", owner, suffix[type]);
    QuerySpace space = { name, domain, ctx, as, type, dev };

    w->fn(&space, w->opaque);
}

static void visit_function(const QueryFunction *f, void *opaque)
{
    visit(opaque, f->domain, f->ctx, &f->dev->bus_master_as, ADDRESS_SPACE_TYPE_DMA, f->name,
          f->dev);
}

static void visit_domain(const char *domain, PCIBus *bus, AioContext *ctx, void *opaque)
{
    Walk *w = opaque;

    if (w->domain && strcmp(w->domain, domain)) {
        return;
    }
    w->found = true;
    visit(w, domain, ctx, bus->isol_as_mem, ADDRESS_SPACE_TYPE_MEMORY, domain, NULL);
    visit(w, domain, ctx, bus->isol_as_io, ADDRESS_SPACE_TYPE_IO, domain, NULL);
    query_foreach_function(domain, bus, ctx, NULL, visit_function, w);
}

bool query_foreach_space(const char *domain, QuerySpaceFn *fn, void *opaque, Error **errp)
{
    Walk w = { .fn = fn, .opaque = opaque, .domain = domain };
    AioContext *ctx;

    isolated_rc_foreach(visit_domain, &w);
    /* Says which there are. */
    return !domain || w.found || isolated_rc_find_bus(domain, &ctx, errp);
}

/* --- x-query-address-spaces --- */

static void copy_figures(const QuerySpace *space, AddressSpaceInfo *info)
{
    AIO_CONTEXT_VISIT(space->ctx);

    info->ranges = address_space_nr_ranges(space->as);
    info->faults = address_space_fault_count(space->as);
}

static void add_space(const QuerySpace *space, void *opaque)
{
    AddressSpaceInfoList ***tail = opaque;
    AddressSpaceInfo *info = g_new0(AddressSpaceInfo, 1);

    info->name = g_strdup(space->name);
    info->domain = g_strdup(space->domain);
    info->type = space->type;
    copy_figures(space, info);
    QAPI_LIST_APPEND(*tail, info);
}

AddressSpaceInfoList *qmp_x_query_address_spaces(Error **errp)
{
    AddressSpaceInfoList *list = NULL, **tail = &list;

    query_foreach_space(NULL, add_space, &tail, NULL);
    return list;
}

/* --- x-query-mtree --- */

typedef struct Mtree {
    GString *out;
    bool flat, dot;
    unsigned spaces;
    const char *domain;         /* that the last space belonged to */
} Mtree;

static MtreeCopy *copy_space(const QuerySpace *space, bool flat)
{
    AIO_CONTEXT_VISIT(space->ctx);

    return flat ? mtree_copy_flat(space->as, space->name)
                : mtree_copy_tree(space->as, space->name);
}

/* Domains stand side by side as clusters of the graph, or under headings. */
static void begin_domain(Mtree *m, const char *domain)
{
    if (m->dot) {
        g_string_append_printf(m->out, "%s  subgraph cluster_%u {\n  label=",
                               m->domain ? "  }\n" : "", m->spaces);
        dot_append_quoted(m->out, domain);
        g_string_append(m->out, ";\n");
    } else {
        g_string_append_printf(m->out, "domain: %s\n\n", domain);
    }
}

static void print_space(const QuerySpace *space, void *opaque)
{
    Mtree *m = opaque;
    g_autoptr(MtreeCopy) copy = copy_space(space, m->flat);

    if (m->domain != space->domain) {
        begin_domain(m, space->domain);
        m->domain = space->domain;
    }
    if (m->dot) {
        g_autofree char *prefix = g_strdup_printf("as%u", m->spaces);

        mtree_print_dot(copy, prefix, m->out);
    } else {
        mtree_print(copy, m->out);
    }
    m->spaces++;
}

HumanReadableText *qmp_x_query_mtree(bool has_flat, bool flat, const char *domain, bool has_dot,
                                     bool dot, Error **errp)
{
    Mtree m = { .out = g_string_new(NULL), .flat = flat, .dot = dot };

    if (dot) {
        g_string_append(m.out, "digraph memory {\n  rankdir=LR;\n  node [fontsize=10];\n");
    }
    if (!query_foreach_space(domain, print_space, &m, errp)) {
        g_string_free(m.out, TRUE);
        return NULL;
    }
    if (dot) {
        g_string_append(m.out, m.domain ? "  }\n}\n" : "}\n");
    }
    return query_text(m.out);
}
