/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x-query-vfio-user: what each server is doing, for whom, and what has happened. */
#include "qemu/osdep.h"
#include "qapi/qapi-commands-isolation.h"
#include "inbound/region.h"
#include "query.h"

/* What belongs to the domain. */
typedef struct ServerCopy {
    VfuServerInfo info;
    VfuRegion regions[VFU_NUM_REGIONS];
    IrqCounts irqs[VFU_NUM_IRQS];
    uint64_t signals, faults;
} ServerCopy;

static void copy_server(const VfioUserServerView *view, ServerCopy *copy)
{
    RemoteFunction *fn = view->fn;
    AIO_CONTEXT_VISIT(view->ctx);

    vfu_server_query(view->server, &copy->info);
    for (unsigned i = 0; i < VFU_NUM_REGIONS; i++) {
        copy->regions[i] = (VfuRegion) { .fd = -1 };
        region_describe(fn, i, &copy->regions[i]);
    }
    for (unsigned i = 0; i < VFU_NUM_IRQS; i++) {
        interrupt_table_count(&fn->irqs, i, &copy->irqs[i]);
    }
    copy->signals = fn->irqs.signals;
    copy->faults = iova_space_stats(fn->space)->faults;
}

/* --- clients --- */

static const struct {
    VfioUserServerState server;
    VfioUserClientState client;
} states[] = {
    [VFU_PHASE_NEGOTIATING] = { VFIO_USER_SERVER_STATE_NEGOTIATING,
                                VFIO_USER_CLIENT_STATE_NEGOTIATING },
    [VFU_PHASE_WAITING] = { VFIO_USER_SERVER_STATE_WAITING_CLIENT,
                            VFIO_USER_CLIENT_STATE_WAITING },
    [VFU_PHASE_ATTACHED] = { VFIO_USER_SERVER_STATE_ATTACHED, VFIO_USER_CLIENT_STATE_ATTACHED },
    [VFU_PHASE_CLOSING] = { VFIO_USER_SERVER_STATE_CLOSING, VFIO_USER_CLIENT_STATE_CLOSING },
};

static VfioUserServerState state_of(const VfuServerInfo *info)
{
    if (info->nr_sessions) {
        return states[info->sessions[0].phase].server;
    }
    return info->listening ? VFIO_USER_SERVER_STATE_LISTENING : VFIO_USER_SERVER_STATE_IDLE;
}

/* What VERSION has settled. */
static void describe_limits(const VfuPeer *peer, VfioUserClientInfo *client)
{
    client->version = g_strdup_printf("%u.%u", VFU_MAJOR, peer->minor);
    client->has_max_msg_fds = client->has_max_data_xfer_size = client->has_pgsizes = true;
    client->max_msg_fds = peer->max_msg_fds;
    client->max_data_xfer_size = peer->max_data_xfer_size;
    client->pgsizes = peer->pgsizes;
}

/* The i-th connection; NULL when there are fewer. */
static VfioUserClientInfo *describe_client(const VfuServerInfo *info, unsigned i)
{
    const VfuSessionInfo *session = &info->sessions[i];
    VfioUserClientInfo *client;

    if (i >= info->nr_sessions) {
        return NULL;
    }
    client = g_new0(VfioUserClientInfo, 1);
    client->state = states[session->phase].client;
    client->pid = session->peer.pid;
    client->uid = session->peer.uid;
    client->gid = session->peer.gid;
    client->in_flight = session->in_flight;
    client->held = session->held;
    client->dma_in_flight = session->dma_in_flight;
    client->queued_bytes = session->queued;
    client->paused = session->paused;
    if (session->peer.max_data_xfer_size) {
        describe_limits(&session->peer, client);
    }
    return client;
}

/* --- lists --- */

static VfioUserRegionList *describe_regions(const ServerCopy *copy)
{
    VfioUserRegionList *list = NULL, **tail = &list;

    for (unsigned i = 0; i < VFU_NUM_REGIONS; i++) {
        const VfuRegion *r = &copy->regions[i];
        VfioUserRegion *region;

        if (!r->size) {
            continue;
        }
        region = g_new0(VfioUserRegion, 1);
        region->index = i;
        region->size = r->size;
        region->read = r->flags & VFU_REGION_F_READ;
        region->write = r->flags & VFU_REGION_F_WRITE;
        region->mmap = r->flags & VFU_REGION_F_MMAP;
        QAPI_LIST_APPEND(tail, region);
    }
    return list;
}

static VfioUserIrqList *describe_irqs(const ServerCopy *copy)
{
    static const VfioUserIrqType types[VFU_NUM_IRQS] = {
        [VFU_IRQ_INTX] = VFIO_USER_IRQ_TYPE_INTX, [VFU_IRQ_MSI] = VFIO_USER_IRQ_TYPE_MSI,
        [VFU_IRQ_MSIX] = VFIO_USER_IRQ_TYPE_MSIX, [VFU_IRQ_ERR] = VFIO_USER_IRQ_TYPE_ERR,
        [VFU_IRQ_REQ] = VFIO_USER_IRQ_TYPE_REQ,
    };
    VfioUserIrqList *list = NULL, **tail = &list;

    for (unsigned i = 0; i < VFU_NUM_IRQS; i++) {
        const IrqCounts *counts = &copy->irqs[i];
        VfioUserIrq *irq;

        if (!counts->count) {
            continue;
        }
        irq = g_new0(VfioUserIrq, 1);
        irq->type = types[i];
        irq->count = counts->count;
        irq->bound = counts->bound;
        irq->masked = counts->masked;
        irq->pending = counts->pending;
        QAPI_LIST_APPEND(tail, irq);
    }
    return list;
}

static VfioUserMessageCountList *describe_messages(const VfuServerStats *stats)
{
    VfioUserMessageCountList *list = NULL, **tail = &list;

    for (unsigned i = 0; i < VFU_COMMAND_COUNT; i++) {
        VfioUserMessageCount *count;

        if (!stats->messages[i]) {
            continue;
        }
        count = g_new0(VfioUserMessageCount, 1);
        count->name = g_strdup(vfu_command_name(i));
        count->count = stats->messages[i];
        count->errors = stats->errors[i];
        QAPI_LIST_APPEND(tail, count);
    }
    return list;
}

static VfioUserLastError *describe_error(const VfuServerInfo *info)
{
    VfioUserLastError *error;

    if (!info->error_us) {
        return NULL;
    }
    error = g_new0(VfioUserLastError, 1);
    error->seconds = info->error_us / G_USEC_PER_SEC;
    error->microseconds = info->error_us % G_USEC_PER_SEC;
    error->text = g_strdup(info->error);
    return error;
}

/* --- the server --- */

static void describe_counters(const ServerCopy *copy, VfioUserServerInfo *info)
{
    const VfuServerStats *stats = &copy->info.stats;

    info->connections = stats->connections;
    info->refused = stats->refused;
    info->waits = stats->waits;
    info->turns = stats->turns;
    info->turn_timeouts = stats->turn_timeouts;
    info->protocol_errors = stats->protocol_errors;
    info->dma_reads = stats->dma_reads;
    info->dma_writes = stats->dma_writes;
    info->dma_failures = stats->dma_failures;
    info->late_replies = stats->late_replies;
    info->interrupts_sent = copy->signals;
    info->bytes_received = copy->info.bytes_in;
    info->bytes_sent = copy->info.bytes_out;
    info->faults = copy->faults;
}

static void add_server(const VfioUserServerView *view, void *opaque)
{
    VfioUserServerInfoList ***tail = opaque;
    VfioUserServerInfo *info = g_new0(VfioUserServerInfo, 1);
    ServerCopy copy;

    copy_server(view, &copy);
    info->id = g_strdup(view->id);
    info->device = g_strdup(view->device);
    info->domain = g_strdup(aio_context_name(view->ctx));
    info->path = g_strdup(copy.info.path);
    info->state = state_of(&copy.info);
    info->client = describe_client(&copy.info, 0);
    info->next_client = describe_client(&copy.info, 1);
    info->regions = describe_regions(&copy);
    info->interrupts = describe_irqs(&copy);
    info->messages = describe_messages(&copy.info.stats);
    info->last_error = describe_error(&copy.info);
    describe_counters(&copy, info);
    QAPI_LIST_APPEND(*tail, info);
}

VfioUserServerInfoList *qmp_x_query_vfio_user(Error **errp)
{
    VfioUserServerInfoList *list = NULL, **tail = &list;

    vfio_user_server_foreach(add_server, &tail);
    return list;
}
