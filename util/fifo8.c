/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ring of bytes of qemu/fifo8.h. */
#include "qemu/osdep.h"
#include "qemu/fifo8.h"

void fifo8_create(Fifo8 *fifo, uint32_t capacity)
{
    *fifo = (Fifo8) { .data = g_new0(uint8_t, capacity), .capacity = capacity };
}

void fifo8_destroy(Fifo8 *fifo)
{
    g_clear_pointer(&fifo->data, g_free);
}

void fifo8_reset(Fifo8 *fifo)
{
    fifo->head = 0;
    fifo->num = 0;
}

uint32_t fifo8_num_free(Fifo8 *fifo)
{
    return fifo->capacity - fifo->num;
}

uint32_t fifo8_num_used(Fifo8 *fifo)
{
    return fifo->num;
}

bool fifo8_is_empty(Fifo8 *fifo)
{
    return !fifo->num;
}

bool fifo8_is_full(Fifo8 *fifo)
{
    return fifo->num == fifo->capacity;
}

/* Index of the byte that lies `ahead` behind the head; both are below the capacity. */
static uint32_t ring_index(const Fifo8 *fifo, uint32_t ahead)
{
    uint32_t room = fifo->capacity - fifo->head;

    return ahead < room ? fifo->head + ahead : ahead - room;
}

void fifo8_push(Fifo8 *fifo, uint8_t data)
{
    fifo8_push_all(fifo, &data, 1);
}

void fifo8_push_all(Fifo8 *fifo, const uint8_t *data, uint32_t num)
{
    uint32_t start, straight;

    g_assert(num <= fifo8_num_free(fifo));
    if (!num) {
        return;
    }
    start = ring_index(fifo, fifo->num);
    straight = MIN(num, fifo->capacity - start);
    memcpy(fifo->data + start, data, straight);
    memcpy(fifo->data, data + straight, num - straight);
    fifo->num += num;
}

void fifo8_drop(Fifo8 *fifo, uint32_t len)
{
    g_assert(len <= fifo->num);
    if (len) {
        fifo->head = len == fifo->capacity ? fifo->head : ring_index(fifo, len);
        fifo->num -= len;
    }
}

uint8_t fifo8_peek(Fifo8 *fifo)
{
    g_assert(fifo->num);
    return fifo->data[fifo->head];
}

uint8_t fifo8_pop(Fifo8 *fifo)
{
    uint8_t byte = fifo8_peek(fifo);

    fifo8_drop(fifo, 1);
    return byte;
}

const uint8_t *fifo8_peek_bufptr(Fifo8 *fifo, uint32_t max, uint32_t *numptr)
{
    uint32_t num = MIN(MIN(max, fifo->num), fifo->capacity - fifo->head);

    g_assert(max > 0 && max <= fifo->num);
    if (numptr) {
        *numptr = num;
    }
    return fifo->data + fifo->head;
}

const uint8_t *fifo8_pop_bufptr(Fifo8 *fifo, uint32_t max, uint32_t *numptr)
{
    uint32_t num;
    const uint8_t *at = fifo8_peek_bufptr(fifo, max, &num);

    fifo8_drop(fifo, num);
    if (numptr) {
        *numptr = num;
    }
    return at;
}

uint32_t fifo8_peek_copy(Fifo8 *fifo, uint8_t *dest, uint32_t destlen)
{
    uint32_t num = MIN(destlen, fifo->num);
    uint32_t straight = MIN(num, fifo->capacity - fifo->head);

    if (dest && num) {
        memcpy(dest, fifo->data + fifo->head, straight);
        memcpy(dest + straight, fifo->data, num - straight);
    }
    return num;
}

uint32_t fifo8_pop_copy(Fifo8 *fifo, uint8_t *dest, uint32_t destlen)
{
    uint32_t num = fifo8_peek_copy(fifo, dest, destlen);

    fifo8_drop(fifo, num);
    return num;
}
