/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server object: configuration, listener, sessions.
 */
#include "qemu/osdep.h"
#include "internal.h"

void vfu_server_config_init(VfuServerConfig *config)
{
    *config = (VfuServerConfig) {
        .name = "vfio-user",
        .fd = -1,
        .mode = 0600,
        .max_msg_fds = VFU_MSG_FDS_MAX,
        .max_data_xfer_size = VFU_DATA_XFER_DEFAULT,
        .max_dma_maps = VFU_DMA_MAPS_DEFAULT,
        .pgsizes = VFU_PGSIZES_DEFAULT,
        .message_timeout_ns = 5 * NANOSECONDS_PER_SECOND,
        .write_timeout_ns = 5 * NANOSECONDS_PER_SECOND,
        .dma_timeout_ns = 5 * NANOSECONDS_PER_SECOND,
        .turn_timeout_ns = 3 * NANOSECONDS_PER_SECOND,
        .output_high_water = 4 << 20,
        .dma_layout = VFU_DMA_LAYOUT_SPEC,
    };
}

typedef struct Bound {
    const char *name;
    uint64_t value, least, most;
} Bound;

static bool config_ok(const VfuServerConfig *config, Error **errp)
{
    const Bound bounds[] = {
        { "max_msg_fds", config->max_msg_fds, 1, VFU_MSG_FDS_MAX },
        { "max_data_xfer_size", config->max_data_xfer_size, 4096, VFU_DATA_XFER_MAX },
        { "max_dma_maps", config->max_dma_maps, 1, VFU_DMA_MAPS_DEFAULT },
        { "lowest page size", config->pgsizes & -config->pgsizes, 4096, INT64_MAX },
    };

    for (size_t i = 0; i < ARRAY_SIZE(bounds); i++) {
        if (bounds[i].value < bounds[i].least || bounds[i].value > bounds[i].most) {
            error_setg(errp, "%s is %" PRIu64 ", but must be %" PRIu64 " to %" PRIu64,
                       bounds[i].name, bounds[i].value, bounds[i].least, bounds[i].most);
            return false;
        }
    }
    if (!config->path == (config->fd < 0)) {
        error_setg(errp, "give either a socket path or a file descriptor");
        return false;
    }
    return true;
}

VfuServer *vfu_server_new(AioContext *ctx, const VfuServerConfig *config,
                          const VfuDeviceOps *ops, void *opaque, Error **errp)
{
    g_auto(OwnedFd) fd = config->fd;
    VfuServer *server;

    if (!config_ok(config, errp)) {
        return NULL;
    }
    server = g_new0(VfuServer, 1);
    server->ctx = ctx;
    server->name = g_strdup(config->name);
    server->path = g_strdup(config->path);
    server->config = *config;
    server->ops = ops;
    server->opaque = opaque;
    server->listen_fd = -1;
    aio_context_ref(ctx);
    fd = -1;                    /* the listener has it */
    if (!vfu_listener_start(server, errp)) {
        vfu_server_free(server);
        return NULL;
    }
    return server;
}

void vfu_server_free(VfuServer *server)
{
    if (!server) {
        return;
    }
    vfu_listener_stop(server);
    if (server->next) {         /* before its turn comes */
        vfu_session_end(server->next);
    }
    if (server->session) {
        vfu_session_run_out(server->session);
        vfu_session_end(server->session);
    }
    aio_context_unref(server->ctx);
    g_free(server->latency);
    g_free(server->name);
    g_free(server->path);
    g_free(server);
}

const VfuServerStats *vfu_server_stats(VfuServer *server)
{
    return &server->stats;
}
