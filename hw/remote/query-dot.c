/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x-query-isolation-dot: the process as a graph. Each domain is a box with its
 * buses and functions; servers, their clients and what those have lent hang
 * outside, so that one sees at a glance that no line leads from one box to
 * another.
 *
 * Nodes are numbered: names that users have chosen are text in quotes.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci_bridge.h"
#include "qapi/qapi-commands-isolation.h"
#include "qemu/dot.h"
#include "qemu/error-report.h"
#include "query.h"

typedef struct Graph {
    GString *out;
    GHashTable *servers;
    GHashTable *numbers;        /* bus, function or server -> number of its node */
    unsigned clusters;
} Graph;

static unsigned number_of(Graph *g, const void *thing)
{
    gpointer known = g_hash_table_lookup(g->numbers, thing);

    if (!known) {
        known = GUINT_TO_POINTER(g_hash_table_size(g->numbers) + 1);
        g_hash_table_insert(g->numbers, (void *)thing, known);
    }
    return GPOINTER_TO_UINT(known);
}

static void node(Graph *g, const char *kind, const void *thing, const char *style,
                 const char *label)
{
    g_string_append_printf(g->out, "  %s%u [%s, label=", kind, number_of(g, thing), style);
    dot_append_quoted(g->out, label);
    g_string_append(g->out, "];\n");
}

static void edge(Graph *g, const char *from_kind, const void *from, const char *to_kind,
                 const void *to, const char *style)
{
    g_string_append_printf(g->out, "  %s%u -> %s%u%s;\n", from_kind, number_of(g, from), to_kind,
                           number_of(g, to), style);
}

/* --- inside a domain --- */

static void print_bus(Graph *g, PCIBus *bus)
{
    node(g, "bus", bus, "shape=plaintext", BUS(bus)->name);
}

static void print_function(const QueryFunction *f, void *opaque)
{
    Graph *g = opaque;
    g_autofree char *addr = query_addr(f->dev);
    g_autofree char *label = g_strdup_printf("%s\n%s, addr %s", f->name,
                                             object_get_typename(OBJECT(f->dev)), addr);

    node(g, "dev", f->dev, "shape=box", label);
    edge(g, "bus", f->bus, "dev", f->dev, "");
    if (object_dynamic_cast(OBJECT(f->dev), TYPE_PCI_BRIDGE)) {
        PCIBus *below = pci_bridge_get_sec_bus(PCI_BRIDGE(f->dev));

        print_bus(g, below);
        edge(g, "dev", f->dev, "bus", below, "");
    }
}

static void print_domain(const char *domain, PCIBus *bus, AioContext *ctx, void *opaque)
{
    Graph *g = opaque;

    g_string_append_printf(g->out, "  subgraph cluster_%u {\n  style=rounded;\n  label=",
                           g->clusters++);
    dot_append_quoted(g->out, domain);
    g_string_append(g->out, ";\n");
    print_bus(g, bus);
    query_foreach_function(domain, bus, ctx, g->servers, print_function, g);
    g_string_append(g->out, "  }\n");
    g_string_append_printf(g->out, "  process -> bus%u;\n", number_of(g, bus));
}

/* --- around it --- */

typedef struct ServerCopy {
    VfuServerInfo info;
    unsigned kinds[IOVA_NR_KINDS];
    bool bus_master;
} ServerCopy;

static void copy_server(const VfioUserServerView *view, ServerCopy *copy)
{
    AIO_CONTEXT_VISIT(view->ctx);

    vfu_server_query(view->server, &copy->info);
    for (int kind = 0; kind < IOVA_NR_KINDS; kind++) {
        copy->kinds[kind] = iova_space_nr_kind(view->fn->space, kind);
    }
    copy->bus_master = view->dev->is_master;
}

/* What the client has lent, when it has lent something. */
static void print_maps(Graph *g, const VfioUserServerView *view, const ServerCopy *copy)
{
    static const char *const words[IOVA_NR_KINDS] = {
        [IOVA_MAPPED] = "mapped", [IOVA_FILE] = "by file", [IOVA_MESSAGE] = "by message",
    };
    g_autoptr(GString) label = g_string_new("DMA maps");

    for (int kind = 0; kind < IOVA_NR_KINDS; kind++) {
        if (copy->kinds[kind]) {
            g_string_append_printf(label, "\n%u %s", copy->kinds[kind], words[kind]);
        }
    }
    if (!strchr(label->str, '\n')) {
        return;
    }
    node(g, "maps", view->server, "shape=folder", label->str);
    g_string_append_printf(g->out, "  client%u_0 -> maps%u;\n", number_of(g, view->server),
                           number_of(g, view->server));
    edge(g, "dev", view->dev, "maps", view->server,
         copy->bus_master ? " [style=dotted, label=\"DMA\"]"
                          : " [style=dotted, label=\"DMA off\"]");
}

static void print_client(Graph *g, const VfioUserServerView *view, const ServerCopy *copy,
                         unsigned i)
{
    static const char *const words[] = {
        [VFU_PHASE_NEGOTIATING] = "negotiating", [VFU_PHASE_WAITING] = "waiting",
        [VFU_PHASE_ATTACHED] = "attached", [VFU_PHASE_CLOSING] = "closing",
    };
    const VfuSessionInfo *s = &copy->info.sessions[i];
    unsigned number = number_of(g, view->server);

    g_string_append_printf(g->out, "  client%u_%u [shape=box3d, label=\"client\\npid %d, uid %u"
                           "\\n%s\"];\n", number, i, (int)s->peer.pid, s->peer.uid,
                           words[s->phase]);
    g_string_append_printf(g->out, "  srv%u -> client%u_%u [dir=both%s];\n", number, number, i,
                           s->phase == VFU_PHASE_ATTACHED ? "" : ", style=dashed");
}

static void print_server(const VfioUserServerView *view, void *opaque)
{
    Graph *g = opaque;
    ServerCopy copy;
    g_autofree char *label = NULL;

    copy_server(view, &copy);
    label = g_strdup_printf("%s\n%s", view->id,
                            copy.info.path ? copy.info.path : "a given socket");
    node(g, "srv", view->server, "shape=cds", label);
    edge(g, "dev", view->dev, "srv", view->server, "");
    for (unsigned i = 0; i < copy.info.nr_sessions; i++) {
        print_client(g, view, &copy, i);
    }
    if (copy.info.nr_sessions) {
        print_maps(g, view, &copy);
    }
}

HumanReadableText *qmp_x_query_isolation_dot(Error **errp)
{
    g_autoptr(GHashTable) servers = query_servers();
    g_autoptr(GHashTable) numbers = g_hash_table_new(NULL, NULL);
    g_autofree char *label = g_strdup_printf("%s\npid %d", error_get_progname(), (int)getpid());
    Graph g = { .out = g_string_new(NULL), .servers = servers, .numbers = numbers };

    g_string_append(g.out, "digraph isolation {\n  rankdir=LR;\n  node [fontsize=10];\n"
                    "  process [shape=doubleoctagon, label=");
    dot_append_quoted(g.out, label);
    g_string_append(g.out, "];\n");
    isolated_rc_foreach(print_domain, &g);
    vfio_user_server_foreach(print_server, &g);
    g_string_append(g.out, "}\n");
    return query_text(g.out);
}
