/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory in which tasks have blocks of their own: to check their protection, to
 * compare, verify and copy them. Each namespace has some buffers of a fixed size;
 * who finds none waits until one comes back, so memory is bounded whatever a host
 * asks for at once.
 *
 * Copies have buffers of their own, because they wait for locks while they have one:
 * a copy's buffer, then a lock, then another's buffer is the order.
 */
#ifndef HW_NVME_BUFFERS_H
#define HW_NVME_BUFFERS_H

#include <stddef.h>
#include <stdint.h>

typedef struct NvmeTask NvmeTask;
typedef struct NvmeBuffers NvmeBuffers;

enum {
    NVME_BUFFERS = 32,                  /* of a namespace */
    NVME_COPY_BUFFERS = 4,
    NVME_BUFFER_DATA = 128 * 1024,
    NVME_BUFFER_META = 64 * 1024,       /* the largest `ms` is less */
};

typedef struct NvmeBuffer {
    uint8_t *data, *meta;
    NvmeBuffers *owner;
    struct NvmeBuffer *next;            /* free ones */
} NvmeBuffer;

NvmeBuffers *nvme_buffers_new(unsigned limit);
void nvme_buffers_free(NvmeBuffers *buffers);

/* Steps: t->buffer. */
uint16_t nvme_step_buffer(NvmeTask *t);
uint16_t nvme_step_copy_buffer(NvmeTask *t);
/* Gives t->buffer back, if it has one. */
void nvme_task_drop_buffer(NvmeTask *t);

#endif
