/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SET_IRQS in all its forms, and binding many eventfds in the chunks that the
 * server's limit or the persona's habit asks for.
 */
#include "qemu/osdep.h"
#include "internal.h"

int vfu_client_set_irqs(VfuClient *c, uint32_t flags, uint32_t index, uint32_t start,
                        uint32_t count, const uint8_t *bools, const int *fds,
                        unsigned nr_fds)
{
    size_t data = (flags & VFU_SET_DATA_BOOL) ? count : 0;
    VfuSetIrqs ask = {
        .argsz = sizeof(ask) + data, .flags = flags, .index = index, .start = start,
        .count = count,
    };
    struct iovec iov[2] = { { &ask, sizeof(ask) }, { (void *)bools, data } };
    VfuCall call = { .command = VFU_DEVICE_SET_IRQS, .fds = fds, .nr_fds = nr_fds };

    /* As in the kernel's interface, where the descriptors are in the data. */
    if (!c->persona->set_irqs_short_argsz) {
        ask.argsz += nr_fds * sizeof(int);
    }
    return vfu_client_call(c, &call, iov, data ? 2 : 1);
}

/* How many of fds[0..count) go in one message: all valid or all -1. */
static unsigned run_length(VfuClient *c, const int *fds, unsigned count)
{
    unsigned limit = c->persona->irq_fd_chunk ? c->persona->irq_fd_chunk
                                              : c->server.max_msg_fds;
    unsigned n = 1;

    limit = CLAMP(limit, 1, VFU_CLIENT_MAX_FDS);
    if (fds[0] < 0) {
        limit = count;
    }
    while (n < count && n < limit && (fds[n] < 0) == (fds[0] < 0)) {
        n++;
    }
    return n;
}

int vfu_client_irq_bind(VfuClient *c, uint32_t index, uint32_t start, uint32_t count,
                        const int *fds)
{
    while (count) {
        unsigned n = run_length(c, fds, count);
        int ret = vfu_client_set_irqs(c, VFU_SET_DATA_EVENTFD | VFU_SET_ACTION_TRIGGER,
                                      index, start, n, NULL, fds, fds[0] < 0 ? 0 : n);
        if (ret) {
            return ret;
        }
        start += n;
        fds += n;
        count -= n;
    }
    return 0;
}

int vfu_client_irq_disable(VfuClient *c, uint32_t index)
{
    return vfu_client_set_irqs(c, VFU_SET_DATA_NONE | VFU_SET_ACTION_TRIGGER, index, 0, 0,
                               NULL, NULL, 0);
}

int vfu_client_irq_mask(VfuClient *c, uint32_t index, uint32_t start, uint32_t count)
{
    return vfu_client_set_irqs(c, VFU_SET_DATA_NONE | VFU_SET_ACTION_MASK, index, start,
                               count, NULL, NULL, 0);
}

int vfu_client_irq_unmask(VfuClient *c, uint32_t index, uint32_t start, uint32_t count)
{
    return vfu_client_set_irqs(c, VFU_SET_DATA_NONE | VFU_SET_ACTION_UNMASK, index, start,
                               count, NULL, NULL, 0);
}

int vfu_client_irq_trigger(VfuClient *c, uint32_t index, uint32_t start, uint32_t count)
{
    return vfu_client_set_irqs(c, VFU_SET_DATA_NONE | VFU_SET_ACTION_TRIGGER, index, start,
                               count, NULL, NULL, 0);
}

int vfu_client_irq_resample(VfuClient *c, uint32_t index, int fd)
{
    return vfu_client_set_irqs(c, VFU_SET_DATA_EVENTFD | VFU_SET_ACTION_UNMASK, index, 0, 1,
                               NULL, &fd, fd < 0 ? 0 : 1);
}
