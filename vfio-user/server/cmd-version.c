/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VERSION: the two sides agree, the device is told of its client (protocol,
 * section 2). The reply is never longer than the request that it answers:
 * QEMU receives it into the request's memory.
 */
#include "qemu/osdep.h"
#include "internal.h"
#include "trace.h"

static void read_shape(VfuSession *s)
{
    for (unsigned i = 0; i < VFU_NUM_REGIONS; i++) {
        VfuRegion region = { .fd = -1 };

        s->ops->get_region(s->opaque, i, &region);
        s->shape.regions[i].size = region.size;
        s->shape.regions[i].flags = region.size ? region.flags : 0;
    }
    for (unsigned i = 0; i < VFU_NUM_IRQS; i++) {
        VfuIrq irq = { 0 };

        s->ops->get_irq(s->opaque, i, &irq);
        s->shape.irqs[i] = MIN(irq.count, VFU_IRQ_VECTORS_MAX);
    }
    s->shape.can_reset = s->ops->can_reset(s->opaque);
}

static void read_peer(VfuSession *s, const VfuCapabilities *caps, unsigned minor)
{
    vfu_peer_credentials(s->socket.fd, &s->peer);
    s->peer.minor = minor;
    s->peer.max_msg_fds = MIN(caps->max_msg_fds, VFU_MSG_FDS_MAX);
    s->peer.max_data_xfer_size = MIN(caps->max_data_xfer_size,
                                     s->server->config.max_data_xfer_size);
    s->peer.pgsizes = caps->pgsizes;
    s->limits.send_max = s->peer.max_data_xfer_size;
    /* What the rust-vmm crate says of itself, and nobody else (protocol, 2.3). */
    s->rv_client = minor == 1 && caps->max_msg_fds == 1 && caps->has_migration &&
                   !caps->write_multiple && caps->max_data_xfer_size == VFU_DATA_XFER_DEFAULT;
}

static int put_reply(VfuRequest *req, unsigned minor, bool has_text)
{
    const VfuServerConfig *config = &req->session->server->config;
    VfuCapabilities ours;
    VfuVersion version = { .major = VFU_MAJOR, .minor = minor };
    g_autofree char *text = NULL;
    size_t text_len;
    uint8_t *reply;

    vfu_capabilities_init(&ours);
    ours.max_msg_fds = config->max_msg_fds;
    ours.max_data_xfer_size = config->max_data_xfer_size;
    ours.max_dma_maps = config->max_dma_maps;
    ours.pgsizes = config->pgsizes;
    ours.write_multiple = config->write_multiple;
    text = vfu_capabilities_build(&ours, has_text ? req->msg.len - sizeof(version) : 0);
    text_len = text ? strlen(text) + 1 : 0;
    reply = vfu_request_reply(req, sizeof(version) + text_len);
    if (!reply) {
        return -ENOMEM;
    }
    memcpy(reply, &version, sizeof(version));
    if (text) {
        memcpy(reply + sizeof(version), text, text_len);
    }
    return 0;
}

int vfu_cmd_version(VfuRequest *req)
{
    VfuSession *s = req->session;
    const char *text = (const char *)req->msg.payload + sizeof(VfuVersion);
    g_autoptr(Error) err = NULL;
    VfuCapabilities caps;
    VfuVersion version;
    int ret;

    memcpy(&version, req->msg.payload, sizeof(version));
    if (!vfu_capabilities_parse(text, req->msg.len - sizeof(version), &caps, &err)) {
        vfu_session_warn(s, "bad VERSION: %s", error_get_pretty(err));
        vfu_server_note_error(s->server, "bad VERSION: %s", error_get_pretty(err));
        return -EINVAL;
    }
    version.minor = MIN(version.minor, VFU_MINOR_MAX);
    read_peer(s, &caps, version.minor);
    read_shape(s);
    ret = put_reply(req, version.minor, caps.has_text);
    if (ret < 0) {
        return ret;
    }
    trace_vfu_version(s->server->name, version.major, version.minor, s->peer.max_msg_fds,
                      s->peer.max_data_xfer_size, s->peer.pid);
    s->state = VFU_SESSION_READY;
    /* Before the reply: a client that has it may count on what attached() does. */
    vfu_turn_agreed(s);
    if (vfu_session_open(s)) {
        vfu_request_send_reply(req);
    }
    return 0;
}
