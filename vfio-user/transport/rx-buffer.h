/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that messages are received into: shared by the receiver and by the
 * messages that lie in it, freed with the last of them. Counted without
 * atomics: all users hold one lock.
 */
#ifndef VFIO_USER_TRANSPORT_RX_BUFFER_H
#define VFIO_USER_TRANSPORT_RX_BUFFER_H

#include "qemu/osdep.h"
#include "vfio-user/transport.h"

struct VfuRxBuffer {
    unsigned refs;
    size_t size;
    uint8_t data[];
};

static inline VfuRxBuffer *vfu_rx_buffer_new(size_t size)
{
    VfuRxBuffer *buffer = g_malloc(sizeof(*buffer) + size);

    buffer->refs = 1;
    buffer->size = size;
    return buffer;
}

static inline void vfu_rx_buffer_unref(VfuRxBuffer *buffer)
{
    if (buffer && --buffer->refs == 0) {
        g_free(buffer);
    }
}

#endif
