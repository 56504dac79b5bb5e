/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the device is, and its reset (protocol, sections 3.3 to 3.6 and 3.10).
 */
#include "qemu/osdep.h"
#include "internal.h"

int vfu_cmd_device_get_info(VfuRequest *req)
{
    VfuDeviceInfo *info = vfu_request_reply(req, sizeof(*info));

    info->argsz = sizeof(*info);
    info->flags = VFU_DEVICE_F_PCI | (req->session->shape.can_reset ? VFU_DEVICE_F_RESET : 0);
    info->num_regions = VFU_NUM_REGIONS;
    info->num_irqs = VFU_NUM_IRQS;
    return 0;
}

int vfu_cmd_get_region_info(VfuRequest *req)
{
    VfuSession *s = req->session;
    VfuRegion region = { .fd = -1 };
    uint8_t payload[VFU_REGION_INFO_MAX];
    VfuRegionInfo ask;
    bool with_fd;
    void *reply;
    size_t len;

    memcpy(&ask, req->msg.payload, sizeof(ask));
    s->ops->get_region(s->opaque, ask.index, &region);
    if (!s->peer.max_msg_fds) {
        region.fd = -1;         /* a client that takes no fds cannot map */
    }
    len = vfu_region_info_build(payload, &region, ask.index, ask.argsz, &with_fd);
    reply = vfu_request_reply(req, len);
    if (!reply) {
        return -ENOMEM;
    }
    memcpy(reply, payload, len);
    if (with_fd) {
        req->reply_fds[req->nr_reply_fds++] = region.fd;
    }
    return 0;
}

/* Entries only when all fit what the client has room for; else the size needed. */
static int put_io_fds(VfuRequest *req, VfuRegionIoFds *head, VfuIoFd *fds, unsigned nr)
{
    size_t needed = sizeof(*head) + nr * sizeof(VfuIoEventFd);
    bool complete = head->argsz >= needed;
    uint8_t *reply = vfu_request_reply(req, complete ? needed : sizeof(*head));

    if (!reply) {
        return -ENOMEM;
    }
    head->argsz = needed;
    head->count = nr;
    memcpy(reply, head, sizeof(*head));
    for (unsigned i = 0; i < nr && complete; i++) {
        fds[i].entry.fd_index = i;
        memcpy(reply + sizeof(*head) + i * sizeof(VfuIoEventFd), &fds[i].entry,
               sizeof(VfuIoEventFd));
        req->reply_fds[req->nr_reply_fds++] = fds[i].fd;
    }
    return 0;
}

int vfu_cmd_get_region_io_fds(VfuRequest *req)
{
    VfuSession *s = req->session;
    VfuIoFd fds[VFU_MSG_FDS_MAX];
    VfuRegionIoFds head;
    unsigned nr = 0;

    memcpy(&head, req->msg.payload, sizeof(head));
    if (s->ops->get_io_fds && s->peer.max_msg_fds) {
        nr = s->ops->get_io_fds(s->opaque, head.index, fds, s->peer.max_msg_fds);
        nr = MIN(nr, s->peer.max_msg_fds);
    }
    return put_io_fds(req, &head, fds, nr);
}

int vfu_cmd_get_irq_info(VfuRequest *req)
{
    VfuIrqInfo ask, *info = vfu_request_reply(req, sizeof(*info));
    VfuIrq irq = { 0 };

    memcpy(&ask, req->msg.payload, sizeof(ask));
    req->session->ops->get_irq(req->session->opaque, ask.index, &irq);
    info->argsz = sizeof(*info);
    info->flags = irq.flags;
    info->index = ask.index;
    info->count = req->session->shape.irqs[ask.index];
    return 0;
}

int vfu_cmd_device_reset(VfuRequest *req)
{
    return req->session->ops->reset(req->session->opaque, req);
}
