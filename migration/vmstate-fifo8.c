/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stream of a Fifo8: its bytes, then where they begin and how many count. */
#include "qemu/osdep.h"
#include "qemu/fifo8.h"
#include "migration/vmstate.h"

/* The capacity is the device's own; what came from the stream indexes into it. */
static int fifo8_post_load(void *opaque, int version_id)
{
    const Fifo8 *fifo = opaque;

    return fifo->num <= fifo->capacity && fifo->head < MAX(fifo->capacity, 1) ? 0 : -EINVAL;
}

const VMStateDescription vmstate_fifo8 = {
    .name = "Fifo8",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = fifo8_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_VBUFFER_UINT32(data, Fifo8, 1, NULL, capacity),
        VMSTATE_UINT32(head, Fifo8),
        VMSTATE_UINT32(num, Fifo8),
        VMSTATE_END_OF_LIST()
    },
};
