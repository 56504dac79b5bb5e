/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations on iovec arrays. All that copy or fill go through one walk, which
 * hands out the pieces of [offset, offset + bytes) that lie in one element.
 */
#include "qemu/osdep.h"
#include "qemu/iov.h"
#include "qemu/cutils.h"
#include <sys/socket.h>

size_t iov_size(const struct iovec *iov, const unsigned int iov_cnt)
{
    size_t size = 0;

    for (unsigned i = 0; i < iov_cnt; i++) {
        size += iov[i].iov_len;
    }
    return size;
}

typedef struct IovWalk {
    const struct iovec *iov;
    const struct iovec *end;
    size_t skip;            /* bytes of iov[0] already passed */
    size_t left;            /* bytes still wanted */
    struct iovec piece;
} IovWalk;

static IovWalk walk_start(const struct iovec *iov, unsigned iov_cnt, size_t offset, size_t bytes)
{
    return (IovWalk) { .iov = iov, .end = iov + iov_cnt, .skip = offset, .left = bytes };
}

static bool walk_next(IovWalk *w)
{
    while (w->iov < w->end && w->skip >= w->iov->iov_len) {
        w->skip -= w->iov->iov_len;
        w->iov++;
    }
    if (w->iov == w->end || !w->left) {
        return false;
    }
    w->piece.iov_base = (char *)w->iov->iov_base + w->skip;
    w->piece.iov_len = MIN(w->iov->iov_len - w->skip, w->left);
    w->skip += w->piece.iov_len;
    w->left -= w->piece.iov_len;
    return true;
}

size_t iov_from_buf_full(const struct iovec *iov, unsigned int iov_cnt, size_t offset,
                         const void *buf, size_t bytes)
{
    const char *from = buf;

    for (IovWalk w = walk_start(iov, iov_cnt, offset, bytes); walk_next(&w);) {
        memcpy(w.piece.iov_base, from, w.piece.iov_len);
        from += w.piece.iov_len;
    }
    return from - (const char *)buf;
}

size_t iov_to_buf_full(const struct iovec *iov, const unsigned int iov_cnt, size_t offset,
                       void *buf, size_t bytes)
{
    char *to = buf;

    for (IovWalk w = walk_start(iov, iov_cnt, offset, bytes); walk_next(&w);) {
        memcpy(to, w.piece.iov_base, w.piece.iov_len);
        to += w.piece.iov_len;
    }
    return to - (char *)buf;
}

size_t iov_memset(const struct iovec *iov, const unsigned int iov_cnt, size_t offset,
                  int fillc, size_t bytes)
{
    size_t done = 0;

    for (IovWalk w = walk_start(iov, iov_cnt, offset, bytes); walk_next(&w);) {
        memset(w.piece.iov_base, fillc, w.piece.iov_len);
        done += w.piece.iov_len;
    }
    return done;
}

unsigned iov_copy(struct iovec *dst_iov, unsigned int dst_iov_cnt, const struct iovec *iov,
                  unsigned int iov_cnt, size_t offset, size_t bytes)
{
    unsigned used = 0;

    for (IovWalk w = walk_start(iov, iov_cnt, offset, bytes);
         used < dst_iov_cnt && walk_next(&w);) {
        dst_iov[used++] = w.piece;
    }
    return used;
}

ssize_t iov_send_recv(int sockfd, const struct iovec *iov, unsigned iov_cnt, size_t offset,
                      size_t bytes, bool do_send)
{
    size_t total = 0;

    while (total < bytes) {
        struct iovec batch[64];
        struct msghdr msg = { .msg_iov = batch };
        ssize_t n;

        msg.msg_iovlen = iov_copy(batch, ARRAY_SIZE(batch), iov, iov_cnt, offset + total,
                                  bytes - total);
        if (!msg.msg_iovlen) {
            break;
        }
        n = do_send ? RETRY_ON_EINTR(sendmsg(sockfd, &msg, MSG_NOSIGNAL))
                    : RETRY_ON_EINTR(recvmsg(sockfd, &msg, 0));
        if (n < 0 && !total) {
            return -1;
        }
        if (n <= 0) {
            break;      /* end of file, or an error that the next call will see again */
        }
        total += n;
    }
    return total;
}

void iov_hexdump(const struct iovec *iov, const unsigned int iov_cnt, FILE *fp,
                 const char *prefix, size_t limit)
{
    size_t size = MIN(iov_size(iov, iov_cnt), limit);
    g_autofree char *buf = g_malloc(size + 1);

    iov_to_buf(iov, iov_cnt, 0, buf, size);
    qemu_hexdump(fp, prefix, buf, size);
}

/* ---- dropping bytes from the ends ---- */

/* What was changed in place, so that it can be put back. */
static void remember(IOVDiscardUndo *undo, struct iovec *iov)
{
    if (undo) {
        *undo = (IOVDiscardUndo) { .modified_iov = iov, .orig = *iov };
    }
}

size_t iov_discard_front_undoable(struct iovec **iov, unsigned int *iov_cnt, size_t bytes,
                                  IOVDiscardUndo *undo)
{
    size_t wanted = bytes;

    if (undo) {
        undo->modified_iov = NULL;
    }
    while (*iov_cnt && bytes >= (*iov)->iov_len) {
        bytes -= (*iov)->iov_len;
        (*iov)++;
        (*iov_cnt)--;
    }
    if (*iov_cnt && bytes) {
        remember(undo, *iov);
        (*iov)->iov_base = (char *)(*iov)->iov_base + bytes;
        (*iov)->iov_len -= bytes;
        bytes = 0;
    }
    return wanted - bytes;
}

size_t iov_discard_back_undoable(struct iovec *iov, unsigned int *iov_cnt, size_t bytes,
                                 IOVDiscardUndo *undo)
{
    size_t wanted = bytes;

    if (undo) {
        undo->modified_iov = NULL;
    }
    while (*iov_cnt && bytes >= iov[*iov_cnt - 1].iov_len) {
        bytes -= iov[--*iov_cnt].iov_len;
    }
    if (*iov_cnt && bytes) {
        remember(undo, &iov[*iov_cnt - 1]);
        iov[*iov_cnt - 1].iov_len -= bytes;
        bytes = 0;
    }
    return wanted - bytes;
}

size_t iov_discard_front(struct iovec **iov, unsigned int *iov_cnt, size_t bytes)
{
    return iov_discard_front_undoable(iov, iov_cnt, bytes, NULL);
}

size_t iov_discard_back(struct iovec *iov, unsigned int *iov_cnt, size_t bytes)
{
    return iov_discard_back_undoable(iov, iov_cnt, bytes, NULL);
}

void iov_discard_undo(IOVDiscardUndo *undo)
{
    if (undo->modified_iov) {
        *undo->modified_iov = undo->orig;
    }
}
