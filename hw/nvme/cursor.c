/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Host memory gone through in order, element by element: task.h. What a task
 * asks for is never more than what was mapped, which is what the list holds.
 */
#include "qemu/osdep.h"
#include "hw/nvme/task.h"

/* A piece of up to *length bytes, which the cursor passes. */
static uint8_t *next_piece(NvmeCursor *c, size_t *length)
{
    uint8_t *piece;

    while (c->at == c->iov->iov_len) {
        c->iov++;
        c->at = 0;
    }
    *length = MIN(*length, c->iov->iov_len - c->at);
    piece = (uint8_t *)c->iov->iov_base + c->at;
    c->at += *length;
    return piece;
}

void nvme_cursor_to_host(NvmeCursor *c, uint8_t *buf, size_t length)
{
    for (size_t n; length; length -= n, buf += n) {
        n = length;
        memcpy(next_piece(c, &n), buf, n);
    }
}

void nvme_cursor_from_host(NvmeCursor *c, uint8_t *buf, size_t length)
{
    for (size_t n; length; length -= n, buf += n) {
        n = length;
        memcpy(buf, next_piece(c, &n), n);
    }
}

bool nvme_cursor_equals(NvmeCursor *c, uint8_t *buf, size_t length)
{
    bool equal = true;

    for (size_t n; length; length -= n, buf += n) {
        n = length;
        equal &= !memcmp(next_piece(c, &n), buf, n);
    }
    return equal;
}
