/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x-query-isolation: who is kept apart from whom. */
#include "qemu/osdep.h"
#include "qapi/qapi-commands-isolation.h"
#include "query.h"
#include "sysemu/runstate.h"

/* What belongs to the domain. */
typedef struct FunctionCopy {
    bool bus_master, connected;
    unsigned dma_regions, message_regions;
    PCIIORegion regions[PCI_NUM_REGIONS];
} FunctionCopy;

static void copy_function(const QueryFunction *f, FunctionCopy *copy)
{
    AIO_CONTEXT_VISIT(f->ctx);

    *copy = (FunctionCopy) { .bus_master = f->dev->is_master };
    memcpy(copy->regions, f->dev->io_regions, sizeof(copy->regions));
    if (f->server) {
        const IOVASpace *space = f->server->fn->space;

        copy->connected = f->server->fn->session != NULL;
        copy->dma_regions = iova_space_nr_maps(space);
        copy->message_regions = iova_space_nr_kind(space, IOVA_MESSAGE);
    }
}

static IsolationBar *describe_bar(const PCIIORegion *r, int index)
{
    IsolationBar *bar = g_new0(IsolationBar, 1);

    bar->index = index;
    bar->type = g_strdup(r->type & PCI_BASE_ADDRESS_SPACE_IO ? "io" : "memory");
    bar->size = r->size;
    bar->has_address = r->addr != PCI_BAR_UNMAPPED;
    bar->address = bar->has_address ? r->addr : 0;
    return bar;
}

static IsolationBarList *describe_bars(const FunctionCopy *copy)
{
    IsolationBarList *list = NULL, **tail = &list;

    for (int i = 0; i < PCI_NUM_REGIONS; i++) {
        if (copy->regions[i].size) {
            QAPI_LIST_APPEND(tail, describe_bar(&copy->regions[i], i));
        }
    }
    return list;
}

static void add_function(const QueryFunction *f, void *opaque)
{
    IsolationFunctionList ***tail = opaque;
    IsolationFunction *info = g_new0(IsolationFunction, 1);
    FunctionCopy copy;

    copy_function(f, &copy);
    info->device = g_strdup(f->name);
    info->driver = g_strdup(object_get_typename(OBJECT(f->dev)));
    info->bus = g_strdup(BUS(f->bus)->name);
    info->addr = query_addr(f->dev);
    info->server = f->server ? g_strdup(f->server->id) : NULL;
    info->connected = copy.connected;
    info->bus_master = copy.bus_master;
    info->bars = describe_bars(&copy);
    info->dma_regions = copy.dma_regions;
    info->message_regions = copy.message_regions;
    QAPI_LIST_APPEND(*tail, info);
}

typedef struct Query {
    IsolationInfoList *list, **tail;
    GHashTable *servers;
} Query;

static void add_domain(const char *domain, PCIBus *bus, AioContext *ctx, void *opaque)
{
    Query *q = opaque;
    IsolationInfo *info = g_new0(IsolationInfo, 1);
    IsolationFunctionList **tail = &info->functions;

    info->rc = g_strdup(domain);
    info->status = vm_domain_state(ctx);
    info->p2p = PEER_ACCESS_CLIENT;
    query_foreach_function(domain, bus, ctx, q->servers, add_function, &tail);
    QAPI_LIST_APPEND(q->tail, info);
}

IsolationInfoList *qmp_x_query_isolation(Error **errp)
{
    g_autoptr(GHashTable) servers = query_servers();
    Query q = { .servers = servers };

    q.tail = &q.list;
    isolated_rc_foreach(add_domain, &q);
    return q.list;
}
