/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes in a ringbuf, for its QMP commands. Home entered. */
#ifndef CHARDEV_RINGBUF_H
#define CHARDEV_RINGBUF_H

#include "internal.h"

/* begin and end count bytes since the start; what is between them is kept. */
typedef struct ChardevRing {
    Chardev parent_obj;

    uint8_t *data;
    uint64_t size;
    uint64_t begin;
    uint64_t end;
} ChardevRing;

DECLARE_INSTANCE_CHECKER(ChardevRing, CHARDEV_RINGBUF, TYPE_CHARDEV_RINGBUF)

void chardev_ringbuf_put(ChardevRing *ring, const uint8_t *buf, size_t len);
/* The oldest bytes, @max at most, which are gone then. */
GByteArray *chardev_ringbuf_take(ChardevRing *ring, size_t max);

#endif
