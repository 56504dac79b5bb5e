/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DEVICE_SET_IRQS (protocol, section 3.7).
 */
#include "qemu/osdep.h"
#include "internal.h"

int vfu_cmd_set_irqs(VfuRequest *req)
{
    VfuSession *s = req->session;
    union {
        VfuSetIrqs set;
        uint8_t bytes[sizeof(VfuSetIrqs) + VFU_IRQ_VECTORS_MAX];
    } copy;                     /* aligned, and ours however long the operation takes */
    int fds[VFU_MSG_FDS_MAX];
    unsigned nr = req->msg.kept_fds;

    memcpy(copy.bytes, req->msg.payload, req->msg.len);
    for (unsigned i = 0; i < nr; i++) {
        fds[i] = vfu_message_steal_fd(&req->msg, i);
    }
    return s->ops->set_irqs(s->opaque, &copy.set, fds, nr);
}
