/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scatter-gather buffers: plain iovec arrays, and QEMUIOVector, which grows.
 * Sizes are host buffer sizes that we made, so sums of lengths do not wrap.
 */
#ifndef QEMU_IOV_H
#define QEMU_IOV_H

#include <sys/uio.h>

#include "qemu/typedefs.h"

#ifndef IOV_MAX
#define IOV_MAX 1024
#endif

size_t iov_size(const struct iovec *iov, const unsigned int iov_cnt);

/* Copy up to bytes, from byte `offset` of the vector on; returns what was there to copy. */
size_t iov_from_buf_full(const struct iovec *iov, unsigned int iov_cnt, size_t offset,
                         const void *buf, size_t bytes);
size_t iov_to_buf_full(const struct iovec *iov, const unsigned int iov_cnt, size_t offset,
                       void *buf, size_t bytes);

/* The one-element case, which network and block device models meet all the time, stays inline. */
static inline size_t iov_from_buf(const struct iovec *iov, unsigned int iov_cnt, size_t offset,
                                  const void *buf, size_t bytes)
{
    if (iov_cnt && offset <= iov[0].iov_len && bytes <= iov[0].iov_len - offset) {
        if (bytes) {
            memcpy((char *)iov[0].iov_base + offset, buf, bytes);
        }
        return bytes;
    }
    return iov_from_buf_full(iov, iov_cnt, offset, buf, bytes);
}

static inline size_t iov_to_buf(const struct iovec *iov, const unsigned int iov_cnt, size_t offset,
                                void *buf, size_t bytes)
{
    if (iov_cnt && offset <= iov[0].iov_len && bytes <= iov[0].iov_len - offset) {
        if (bytes) {
            memcpy(buf, (const char *)iov[0].iov_base + offset, bytes);
        }
        return bytes;
    }
    return iov_to_buf_full(iov, iov_cnt, offset, buf, bytes);
}

size_t iov_memset(const struct iovec *iov, const unsigned int iov_cnt, size_t offset,
                  int fillc, size_t bytes);

/* Bytes from offset on through a socket; -1 and errno, or how many went. */
ssize_t iov_send_recv(int sockfd, const struct iovec *iov, unsigned iov_cnt, size_t offset,
                      size_t bytes, bool do_send);
#define iov_recv(sockfd, iov, iov_cnt, offset, bytes) \
    iov_send_recv((sockfd), (iov), (iov_cnt), (offset), (bytes), false)
#define iov_send(sockfd, iov, iov_cnt, offset, bytes) \
    iov_send_recv((sockfd), (iov), (iov_cnt), (offset), (bytes), true)

void iov_hexdump(const struct iovec *iov, const unsigned int iov_cnt, FILE *fp,
                 const char *prefix, size_t limit);

/* dst_iov describes `bytes` of iov from offset on, without copying data; returns elements used. */
unsigned iov_copy(struct iovec *dst_iov, unsigned int dst_iov_cnt, const struct iovec *iov,
                  unsigned int iov_cnt, size_t offset, size_t bytes);

/* Drop bytes from one end by moving *iov or shortening elements; returns how many went. */
size_t iov_discard_front(struct iovec **iov, unsigned int *iov_cnt, size_t bytes);
size_t iov_discard_back(struct iovec *iov, unsigned int *iov_cnt, size_t bytes);

typedef struct IOVDiscardUndo {
    struct iovec *modified_iov;
    struct iovec orig;
} IOVDiscardUndo;
void iov_discard_undo(IOVDiscardUndo *undo);
size_t iov_discard_front_undoable(struct iovec **iov, unsigned int *iov_cnt, size_t bytes,
                                  IOVDiscardUndo *undo);
size_t iov_discard_back_undoable(struct iovec *iov, unsigned int *iov_cnt, size_t bytes,
                                 IOVDiscardUndo *undo);

/*
 * nalloc < 0: wraps a foreign array (or local_iov), nothing can be added.
 * size, iov and niov are read by device models.
 */
struct QEMUIOVector {
    struct iovec *iov;
    int niov;
    int nalloc;
    struct iovec local_iov;
    size_t size;
};

#define QEMU_IOVEC_INIT_BUF(self, buf, len) { \
        .iov = &(self).local_iov, \
        .niov = 1, \
        .nalloc = -1, \
        .local_iov = { .iov_base = (void *)(buf), .iov_len = (len) }, \
        .size = (len), \
    }

void qemu_iovec_init(QEMUIOVector *qiov, int alloc_hint);
void qemu_iovec_init_external(QEMUIOVector *qiov, struct iovec *iov, int niov);
void qemu_iovec_init_buf(QEMUIOVector *qiov, void *buf, size_t len);
void qemu_iovec_init_slice(QEMUIOVector *qiov, QEMUIOVector *source, size_t offset, size_t len);
void qemu_iovec_add(QEMUIOVector *qiov, void *base, size_t len);
void qemu_iovec_concat(QEMUIOVector *dst, QEMUIOVector *src, size_t soffset, size_t sbytes);
size_t qemu_iovec_concat_iov(QEMUIOVector *dst, struct iovec *src_iov, unsigned int src_cnt,
                             size_t soffset, size_t sbytes);
bool qemu_iovec_is_zero(QEMUIOVector *qiov, size_t offset, size_t bytes);
void qemu_iovec_destroy(QEMUIOVector *qiov);
void qemu_iovec_reset(QEMUIOVector *qiov);
size_t qemu_iovec_to_buf(QEMUIOVector *qiov, size_t offset, void *buf, size_t bytes);
size_t qemu_iovec_from_buf(QEMUIOVector *qiov, size_t offset, const void *buf, size_t bytes);
size_t qemu_iovec_memset(QEMUIOVector *qiov, size_t offset, int fillc, size_t bytes);
/* Index of the first difference, -1 when equal. */
ssize_t qemu_iovec_compare(QEMUIOVector *a, QEMUIOVector *b);
void qemu_iovec_clone(QEMUIOVector *dest, const QEMUIOVector *src, void *buf);
void qemu_iovec_discard_back(QEMUIOVector *qiov, size_t bytes);
int qemu_iovec_subvec_niov(QEMUIOVector *qiov, size_t offset, size_t len);

static inline void *qemu_iovec_buf(QEMUIOVector *qiov)
{
    /* Only for vectors made by qemu_iovec_init_buf(). */
    assert(qiov->nalloc == -1 && qiov->iov == &qiov->local_iov);
    return qiov->local_iov.iov_base;
}

#endif
