/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMUIOVector: an iovec array that knows its total size. It owns its array
 * when nalloc >= 0, and borrows one (or is its own single element) otherwise.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/iov.h"

void qemu_iovec_init(QEMUIOVector *qiov, int alloc_hint)
{
    *qiov = (QEMUIOVector) {
        .iov = g_new(struct iovec, MAX(alloc_hint, 0)),
        .nalloc = MAX(alloc_hint, 0),
    };
}

void qemu_iovec_init_external(QEMUIOVector *qiov, struct iovec *iov, int niov)
{
    *qiov = (QEMUIOVector) {
        .iov = iov,
        .niov = niov,
        .nalloc = -1,
        .size = iov_size(iov, niov),
    };
}

void qemu_iovec_init_buf(QEMUIOVector *qiov, void *buf, size_t len)
{
    *qiov = (QEMUIOVector) QEMU_IOVEC_INIT_BUF(*qiov, buf, len);
}

void qemu_iovec_add(QEMUIOVector *qiov, void *base, size_t len)
{
    g_assert(qiov->nalloc != -1);
    if (qiov->niov == qiov->nalloc) {
        qiov->nalloc = qiov->nalloc ? qiov->nalloc * 2 : 4;
        qiov->iov = g_renew(struct iovec, qiov->iov, qiov->nalloc);
    }
    qiov->iov[qiov->niov++] = (struct iovec) { .iov_base = base, .iov_len = len };
    qiov->size += len;
}

size_t qemu_iovec_concat_iov(QEMUIOVector *dst, struct iovec *src_iov, unsigned int src_cnt,
                             size_t soffset, size_t sbytes)
{
    size_t done = 0;

    for (unsigned i = 0; i < src_cnt && done < sbytes; i++) {
        size_t len = src_iov[i].iov_len;

        if (soffset >= len) {
            soffset -= len;
            continue;
        }
        len = MIN(len - soffset, sbytes - done);
        qemu_iovec_add(dst, (char *)src_iov[i].iov_base + soffset, len);
        done += len;
        soffset = 0;
    }
    return done;
}

void qemu_iovec_concat(QEMUIOVector *dst, QEMUIOVector *src, size_t soffset, size_t sbytes)
{
    qemu_iovec_concat_iov(dst, src->iov, src->niov, soffset, sbytes);
}

void qemu_iovec_init_slice(QEMUIOVector *qiov, QEMUIOVector *source, size_t offset, size_t len)
{
    g_assert(offset <= source->size && len <= source->size - offset);
    qemu_iovec_init(qiov, qemu_iovec_subvec_niov(source, offset, len));
    qemu_iovec_concat(qiov, source, offset, len);
}

int qemu_iovec_subvec_niov(QEMUIOVector *qiov, size_t offset, size_t len)
{
    int pieces = 0;

    for (int i = 0; i < qiov->niov && len; i++) {
        size_t here = qiov->iov[i].iov_len;

        if (offset >= here) {
            offset -= here;
            continue;
        }
        len -= MIN(here - offset, len);
        offset = 0;
        pieces++;
    }
    return pieces;
}

bool qemu_iovec_is_zero(QEMUIOVector *qiov, size_t offset, size_t bytes)
{
    for (int i = 0; i < qiov->niov && bytes; i++) {
        size_t here = qiov->iov[i].iov_len;
        size_t len;

        if (offset >= here) {
            offset -= here;
            continue;
        }
        len = MIN(here - offset, bytes);
        if (!buffer_is_zero((char *)qiov->iov[i].iov_base + offset, len)) {
            return false;
        }
        bytes -= len;
        offset = 0;
    }
    return true;
}

void qemu_iovec_destroy(QEMUIOVector *qiov)
{
    if (qiov->nalloc != -1) {
        g_free(qiov->iov);
    }
    memset(qiov, 0, sizeof(*qiov));
}

void qemu_iovec_reset(QEMUIOVector *qiov)
{
    g_assert(qiov->nalloc != -1);
    qiov->niov = 0;
    qiov->size = 0;
}

size_t qemu_iovec_to_buf(QEMUIOVector *qiov, size_t offset, void *buf, size_t bytes)
{
    return iov_to_buf(qiov->iov, qiov->niov, offset, buf, bytes);
}

size_t qemu_iovec_from_buf(QEMUIOVector *qiov, size_t offset, const void *buf, size_t bytes)
{
    return iov_from_buf(qiov->iov, qiov->niov, offset, buf, bytes);
}

size_t qemu_iovec_memset(QEMUIOVector *qiov, size_t offset, int fillc, size_t bytes)
{
    return iov_memset(qiov->iov, qiov->niov, offset, fillc, bytes);
}

ssize_t qemu_iovec_compare(QEMUIOVector *a, QEMUIOVector *b)
{
    size_t size = MIN(a->size, b->size);
    g_autofree uint8_t *bytes_a = g_malloc(size + 1);
    g_autofree uint8_t *bytes_b = g_malloc(size + 1);

    qemu_iovec_to_buf(a, 0, bytes_a, size);
    qemu_iovec_to_buf(b, 0, bytes_b, size);
    for (size_t i = 0; i < size; i++) {
        if (bytes_a[i] != bytes_b[i]) {
            return i;
        }
    }
    return a->size == b->size ? -1 : (ssize_t)size;
}

void qemu_iovec_clone(QEMUIOVector *dest, const QEMUIOVector *src, void *buf)
{
    char *at = buf;

    for (int i = 0; i < src->niov; i++) {
        qemu_iovec_add(dest, at, src->iov[i].iov_len);
        at += src->iov[i].iov_len;
    }
}

void qemu_iovec_discard_back(QEMUIOVector *qiov, size_t bytes)
{
    unsigned niov = qiov->niov;

    g_assert(bytes <= qiov->size);
    iov_discard_back(qiov->iov, &niov, bytes);
    qiov->niov = niov;
    qiov->size -= bytes;
}
