/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sending: straight to the socket while it takes everything, else through a
 * queue of copies. A copy holds duplicates of its file descriptors until its
 * first byte has gone.
 */
#include "qemu/osdep.h"
#include "qemu/fault-inject.h"
#include "vfio-user/transport.h"
#include "control.h"

typedef struct VfuTxChunk {
    size_t len, done;
    unsigned nr_fds;
    int fds[VFU_MSG_FDS_MAX];
    uint8_t data[];
} VfuTxChunk;

static void chunk_close_fds(VfuTxChunk *chunk)
{
    while (chunk->nr_fds) {
        close(chunk->fds[--chunk->nr_fds]);
    }
}

static void chunk_free(gpointer data)
{
    chunk_close_fds(data);
    g_free(data);
}

void vfu_tx_init(VfuTx *tx)
{
    *tx = (VfuTx) { .queue = G_QUEUE_INIT };
}

void vfu_tx_destroy(VfuTx *tx)
{
    g_queue_clear_full(&tx->queue, chunk_free);
    tx->queued = 0;
}

static int chunk_take_fds(VfuTxChunk *chunk, const int *fds, unsigned nr_fds)
{
    for (unsigned i = 0; i < nr_fds; i++) {
        int fd = fault_inject(FAULT_OPEN) ? -1 : fcntl(fds[i], F_DUPFD_CLOEXEC, 3);

        if (fd < 0) {
            return -EMFILE;
        }
        chunk->fds[chunk->nr_fds++] = fd;
    }
    return 0;
}

static size_t iov_bytes(const struct iovec *iov, unsigned iovcnt)
{
    size_t total = 0;

    for (unsigned i = 0; i < iovcnt; i++) {
        total += iov[i].iov_len;
    }
    return total;
}

/* Copies what is left of iov behind its first `skip` bytes to the queue's end. */
static int enqueue(VfuTx *tx, const struct iovec *iov, unsigned iovcnt, size_t skip,
                   const int *fds, unsigned nr_fds)
{
    VfuTxChunk *chunk = g_malloc(sizeof(*chunk) + iov_bytes(iov, iovcnt) - skip);
    int ret;

    *chunk = (VfuTxChunk) { 0 };
    for (unsigned i = 0; i < iovcnt; i++) {
        size_t over = MIN(skip, iov[i].iov_len);
        size_t left = iov[i].iov_len - over;

        if (left) {
            memcpy(chunk->data + chunk->len, (char *)iov[i].iov_base + over, left);
        }
        chunk->len += left;
        skip -= over;
    }
    ret = chunk_take_fds(chunk, fds, nr_fds);
    if (ret < 0) {
        chunk_free(chunk);
        return ret;
    }
    g_queue_push_tail(&tx->queue, chunk);
    tx->queued += chunk->len;
    return 0;
}

int vfu_tx_send(VfuTx *tx, VfuSocket *socket, const struct iovec *iov, unsigned iovcnt,
                const int *fds, unsigned nr_fds)
{
    ssize_t n;

    if (!g_queue_is_empty(&tx->queue)) {
        return enqueue(tx, iov, iovcnt, 0, fds, nr_fds);
    }
    n = vfu_socket_send(socket, iov, iovcnt, fds, nr_fds);
    if (n == -EAGAIN) {
        return enqueue(tx, iov, iovcnt, 0, fds, nr_fds);
    }
    if (n < 0) {
        return n;
    }
    tx->sent += n;
    return (size_t)n == iov_bytes(iov, iovcnt) ? 0 : enqueue(tx, iov, iovcnt, n, NULL, 0);
}

int vfu_tx_flush(VfuTx *tx, VfuSocket *socket)
{
    VfuTxChunk *chunk;

    while ((chunk = g_queue_peek_head(&tx->queue))) {
        struct iovec iov = { chunk->data + chunk->done, chunk->len - chunk->done };
        ssize_t n = vfu_socket_send(socket, &iov, 1, chunk->fds, chunk->nr_fds);

        if (n < 0) {
            return n == -EAGAIN ? 0 : n;
        }
        chunk_close_fds(chunk);
        chunk->done += n;
        tx->queued -= n;
        tx->sent += n;
        if (chunk->done < chunk->len) {
            return 0;
        }
        chunk_free(g_queue_pop_head(&tx->queue));
    }
    return 0;
}
