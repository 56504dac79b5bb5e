/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Host memory gone through in order, element by element: task.h. What a task
 * asks for is never more than what was mapped, which is what the list holds.
 */
#include "qemu/osdep.h"
#include "hw/nvme/task.h"

typedef struct Piece {
    uint8_t *base;
    size_t length;
} Piece;

/*
 * A piece of up to length bytes, which the cursor passes. Pointer and length come
 * together: an argument list has no order in which one could be set before the other.
 */
static Piece next_piece(NvmeCursor *c, size_t length)
{
    Piece piece;

    while (c->at == c->iov->iov_len) {
        c->iov++;
        c->at = 0;
    }
    piece.base = (uint8_t *)c->iov->iov_base + c->at;
    piece.length = MIN(length, c->iov->iov_len - c->at);
    c->at += piece.length;
    return piece;
}

void nvme_cursor_to_host(NvmeCursor *c, uint8_t *buf, size_t length)
{
    while (length) {
        Piece piece = next_piece(c, length);

        memcpy(piece.base, buf, piece.length);
        buf += piece.length;
        length -= piece.length;
    }
}

void nvme_cursor_from_host(NvmeCursor *c, uint8_t *buf, size_t length)
{
    while (length) {
        Piece piece = next_piece(c, length);

        memcpy(buf, piece.base, piece.length);
        buf += piece.length;
        length -= piece.length;
    }
}

bool nvme_cursor_equals(NvmeCursor *c, uint8_t *buf, size_t length)
{
    bool equal = true;

    while (length) {
        Piece piece = next_piece(c, length);

        equal &= !memcmp(piece.base, buf, piece.length);
        buf += piece.length;
        length -= piece.length;
    }
    return equal;
}
