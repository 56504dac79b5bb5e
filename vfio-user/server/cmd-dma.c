/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DMA_MAP and DMA_UNMAP (protocol, sections 3.1 and 3.2).
 */
#include "qemu/osdep.h"
#include "internal.h"

int vfu_cmd_dma_map(VfuRequest *req)
{
    VfuDmaMap map;

    memcpy(&map, req->msg.payload, sizeof(map));
    return req->session->ops->dma_map(req->session->opaque, &map,
                                      vfu_message_steal_fd(&req->msg, 0));
}

int vfu_cmd_dma_unmap(VfuRequest *req)
{
    VfuDmaUnmap unmap, *reply = vfu_request_reply(req, sizeof(unmap));
    uint64_t unmapped = 0;
    int ret;

    memcpy(&unmap, req->msg.payload, sizeof(unmap));
    *reply = unmap;
    reply->argsz = sizeof(unmap);
    ret = req->session->ops->dma_unmap(req->session->opaque, req, &unmap, &unmapped);
    if (ret == 0) {
        reply->size = unmapped;
    }
    return ret;
}
