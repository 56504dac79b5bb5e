/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ring of bytes with a fixed capacity. Pushing into a full or popping from an
 * empty ring is a mistake of the device model (it has to ask first), so it
 * asserts. All members but `data` are streamed by VMSTATE_FIFO8, which
 * migration/ defines for this layout. No locking.
 */
#ifndef QEMU_FIFO8_H
#define QEMU_FIFO8_H

#include <stdbool.h>
#include <stdint.h>

#include "qemu/typedefs.h"

typedef struct Fifo8 {
    uint8_t *data;
    uint32_t capacity;
    uint32_t head;      /* index of the oldest byte */
    uint32_t num;       /* bytes in use */
} Fifo8;

void fifo8_create(Fifo8 *fifo, uint32_t capacity);
void fifo8_destroy(Fifo8 *fifo);
void fifo8_reset(Fifo8 *fifo);
void fifo8_push(Fifo8 *fifo, uint8_t data);
void fifo8_push_all(Fifo8 *fifo, const uint8_t *data, uint32_t num);
uint8_t fifo8_pop(Fifo8 *fifo);
uint8_t fifo8_peek(Fifo8 *fifo);
/*
 * 8.2: fifo8_pop_buf() pops up to max bytes that lie side by side (maybe fewer than there are) and
 * returns where they are; QEMU >= 9.1 calls that ..._bufptr. Valid until the next push.
 */
const uint8_t *fifo8_pop_bufptr(Fifo8 *fifo, uint32_t max, uint32_t *numptr);
const uint8_t *fifo8_peek_bufptr(Fifo8 *fifo, uint32_t max, uint32_t *numptr);
static inline const uint8_t *fifo8_pop_buf(Fifo8 *fifo, uint32_t max, uint32_t *numptr)
{
    return fifo8_pop_bufptr(fifo, max, numptr);
}
static inline const uint8_t *fifo8_peek_buf(Fifo8 *fifo, uint32_t max, uint32_t *numptr)
{
    return fifo8_peek_bufptr(fifo, max, numptr);
}
/* QEMU >= 9.1's copying pair under names of our own, since 8.2 uses the old ones otherwise. */
uint32_t fifo8_pop_copy(Fifo8 *fifo, uint8_t *dest, uint32_t destlen);
uint32_t fifo8_peek_copy(Fifo8 *fifo, uint8_t *dest, uint32_t destlen);
void fifo8_drop(Fifo8 *fifo, uint32_t len);

/* Defined by migration/; the macro is for code that includes migration/vmstate.h. */
extern const VMStateDescription vmstate_fifo8;
#define VMSTATE_FIFO8_TEST(field, state, test) \
    VMSTATE_STRUCT_TEST(field, state, test, 1, vmstate_fifo8, Fifo8)
#define VMSTATE_FIFO8(field, state) VMSTATE_FIFO8_TEST(field, state, NULL)

bool fifo8_is_empty(Fifo8 *fifo);
bool fifo8_is_full(Fifo8 *fifo);
uint32_t fifo8_num_free(Fifo8 *fifo);
uint32_t fifo8_num_used(Fifo8 *fifo);

#endif
