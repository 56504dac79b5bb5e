/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See buffers.h. */
#include "qemu/osdep.h"
#include "hw/nvme/task.h"
#include "qemu/memalign.h"

struct NvmeBuffers {
    NvmeBuffer *free;
    unsigned made, limit;
    NvmeTaskList waiting;
};

NvmeBuffers *nvme_buffers_new(unsigned limit)
{
    NvmeBuffers *buffers = g_new0(NvmeBuffers, 1);

    buffers->limit = limit;
    QTAILQ_INIT(&buffers->waiting);
    return buffers;
}

void nvme_buffers_free(NvmeBuffers *buffers)
{
    NvmeBuffer *buffer;

    g_assert(QTAILQ_EMPTY(&buffers->waiting));
    while ((buffer = buffers->free)) {
        buffers->free = buffer->next;
        qemu_vfree(buffer->data);
        g_free(buffer);
        buffers->made--;
    }
    g_assert(!buffers->made);
    g_free(buffers);
}

static NvmeBuffer *get(NvmeBuffers *buffers)
{
    NvmeBuffer *buffer = buffers->free;

    if (buffer) {
        buffers->free = buffer->next;
    } else if (buffers->made < buffers->limit) {
        buffer = g_new0(NvmeBuffer, 1);
        buffer->data = qemu_memalign(NVME_PAGE_SIZE_MIN, NVME_BUFFER_DATA + NVME_BUFFER_META);
        buffer->owner = buffers;
        buffer->meta = buffer->data + NVME_BUFFER_DATA;
        buffers->made++;
    }
    return buffer;
}

static uint16_t take(NvmeTask *t, NvmeBuffers *buffers)
{
    /* Who came first has it, even when one is free again already. */
    if (QTAILQ_EMPTY(&buffers->waiting)) {
        t->buffer = get(buffers);
    }
    if (!t->buffer) {
        nvme_task_wait(t, &buffers->waiting);
        return NVME_PENDING;
    }
    return NVME_SUCCESS;
}

uint16_t nvme_step_buffer(NvmeTask *t)
{
    return take(t, t->req->ns->io->buffers);
}

uint16_t nvme_step_copy_buffer(NvmeTask *t)
{
    return take(t, t->req->ns->io->copy_buffers);
}

void nvme_task_drop_buffer(NvmeTask *t)
{
    NvmeBuffer *buffer = g_steal_pointer(&t->buffer);
    NvmeBuffers *buffers;
    NvmeTask *next;

    if (!buffer) {
        return;
    }
    buffers = buffer->owner;
    next = QTAILQ_FIRST(&buffers->waiting);
    if (next) {
        nvme_task_unwait(next);
        next->buffer = buffer;
        nvme_task_ready(next);
    } else {
        buffer->next = buffers->free;
        buffers->free = buffer;
    }
}
