/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x-query-dma-maps and x-query-dma-stats: what a client has lent, and how it was used. */
#include "qemu/osdep.h"
#include "qapi/qapi-commands-isolation.h"
#include "query.h"

/* Mappings copied in one go: some tens of microseconds at most. */
#define PORTION 256

static DmaAccess access_of(const IOVAMapInfo *map)
{
    static const DmaAccess access[IOVA_NR_KINDS] = {
        [IOVA_MAPPED] = DMA_ACCESS_MMAP, [IOVA_FILE] = DMA_ACCESS_FILE,
        [IOVA_MESSAGE] = DMA_ACCESS_MESSAGE,
    };

    return map->torn ? DMA_ACCESS_NONE : access[map->kind];
}

static DmaMapInfo *describe_map(const IOVAMapInfo *map)
{
    DmaMapInfo *info = g_new0(DmaMapInfo, 1);

    info->iova = map->first;
    info->size = map->size;
    info->read = map->readable;
    info->write = map->writable;
    info->access = access_of(map);
    info->has_fd_inode = info->has_fd_offset = map->kind != IOVA_MESSAGE;
    info->fd_inode = map->inode;
    info->fd_offset = info->has_fd_offset ? map->offset : 0;
    return info;
}

static unsigned copy_portion(const VfioUserServerView *view, hwaddr from, IOVAMapInfo *maps)
{
    AIO_CONTEXT_VISIT(view->ctx);

    return iova_space_copy_maps(view->fn->space, from, maps, PORTION);
}

DmaMapInfoList *qmp_x_query_dma_maps(const char *server, Error **errp)
{
    DmaMapInfoList *list = NULL, **tail = &list;
    VfioUserServerView view;
    IOVAMapInfo maps[PORTION];
    unsigned n, total = 0;
    hwaddr from = 0;

    if (!vfio_user_server_find(server, &view, errp)) {
        return NULL;
    }
    do {
        n = copy_portion(&view, from, maps);
        for (unsigned i = 0; i < n; i++) {
            QAPI_LIST_APPEND(tail, describe_map(&maps[i]));
        }
        /* 0: the last one ends at the top of the address space. */
        from = n ? maps[n - 1].first + maps[n - 1].size : 0;
        total += n;
        /* A client that goes on mapping ahead of us does not keep us. */
    } while (n == PORTION && from && total < VFU_DMA_MAPS_DEFAULT);
    return list;
}

typedef struct StatsCopy {
    IOVASpaceStats stats;
    VfuServerInfo server;
    uint64_t bounces, stalls;
} StatsCopy;

static void copy_stats(const VfioUserServerView *view, StatsCopy *copy)
{
    AIO_CONTEXT_VISIT(view->ctx);

    copy->stats = *iova_space_stats(view->fn->space);
    vfu_server_query(view->server, &copy->server);
    address_space_bounce_counts(&view->dev->bus_master_as, &copy->bounces, &copy->stalls);
}

static DmaMessageLayout layout_of(VfuDmaLayout layout)
{
    switch (layout) {
    case VFU_DMA_LAYOUT_SPEC:   return DMA_MESSAGE_LAYOUT_SPEC;
    case VFU_DMA_LAYOUT_QEMU28: return DMA_MESSAGE_LAYOUT_QEMU28;
    default:                    return DMA_MESSAGE_LAYOUT_UNKNOWN;
    }
}

DmaStats *qmp_x_query_dma_stats(const char *server, Error **errp)
{
    VfioUserServerView view;
    StatsCopy copy;
    DmaStats *info;

    if (!vfio_user_server_find(server, &view, errp)) {
        return NULL;
    }
    copy_stats(&view, &copy);
    info = g_new0(DmaStats, 1);
    info->direct_bytes = copy.stats.direct_bytes;
    info->file_bytes = copy.stats.file_bytes;
    info->message_reads = copy.stats.message_reads;
    info->message_writes = copy.stats.message_writes;
    info->message_bytes = copy.stats.message_bytes;
    info->bounces = copy.bounces;
    info->bounce_stalls = copy.stalls;
    info->faults = copy.stats.faults;
    info->drains = copy.stats.drains;
    info->drain_timeouts = copy.stats.drain_timeouts;
    info->has_layout = copy.server.nr_sessions &&
                       copy.server.sessions[0].phase == VFU_PHASE_ATTACHED;
    info->layout = info->has_layout ? layout_of(copy.server.sessions[0].dma_layout) : 0;
    return info;
}
