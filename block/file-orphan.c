/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cancelled operations. What no engine has seen is forgotten; what the kernel has
 * becomes an orphan, which ends whenever its medium lets it, perhaps never, and in
 * the loop in which it began, perhaps not the node's any more. Requests that
 * overlap it are held back by their node, and look again when an orphan ended.
 */
#include "qemu/osdep.h"
#include "file-int.h"
#include "qemu/lockable.h"

static bool overlaps(const FileOp *a, const FileOp *b)
{
    return a->offset < b->offset + b->bytes && b->offset < a->offset + a->bytes;
}

bool file_must_hold(FileNode *n, const FileOp *op)
{
    FileMedium *m = n->medium;
    const FileOp *orphan;

    if (likely(!qatomic_read(&m->nr_orphans))) {
        return false;
    }
    WITH_QEMU_LOCK_GUARD(&m->lock) {
        QTAILQ_FOREACH(orphan, &m->orphans, link) {
            if (overlaps(orphan, op)) {
                return true;
            }
        }
    }
    return false;
}

void file_hold(FileNode *n, FileOp *op)
{
    op->place = FILE_OP_HELD;
    QTAILQ_INSERT_TAIL(&n->held, op, link);
}

static void release_held(void *opaque)
{
    FileNode *n = opaque;
    FileOp *op, *next;

    QTAILQ_FOREACH_SAFE(op, &n->held, link, next) {
        if (!file_must_hold(n, op)) {
            QTAILQ_REMOVE(&n->held, op, link);
            file_op_begin(op);
        }
    }
}

void file_op_orphan(FileOp *op)
{
    FileMedium *m = op->medium;

    qatomic_inc(&m->refs);
    m->close_wait_ms = 0;
    op->node = NULL;
    op->req = NULL;
    if (op->changes) {
        WITH_QEMU_LOCK_GUARD(&m->lock) {
            QTAILQ_INSERT_TAIL(&m->orphans, op, link);
            qatomic_set(&m->nr_orphans, m->nr_orphans + 1);
        }
    }
}

void file_orphan_ended(FileOp *op)
{
    FileMedium *m = op->medium;
    FileLoop *loop = op->loop;

    if (op->changes) {
        WITH_QEMU_LOCK_GUARD(&m->lock) {
            QTAILQ_REMOVE(&m->orphans, op, link);
            qatomic_set(&m->nr_orphans, m->nr_orphans - 1);
            if (m->orphan_ended) {
                qemu_bh_schedule(m->orphan_ended);
            }
        }
    }
    file_loop_hold(loop);
    file_op_free(op);
    file_loop_kick(loop);
    file_medium_unref(m);
    file_loop_release(loop);
}

static void take_back(FileOp *op)
{
    FileLoop *loop = op->loop;

    loop->in_flight--;
    file_op_free(op);
    file_loop_kick(loop);
}

void file_cancel(BlockDriverState *bs, BlockRequest *req)
{
    FileOp *op = req->state[0];
    FileLoop *loop = op->loop;

    if (op->place == FILE_OP_HELD) {
        QTAILQ_REMOVE(&op->node->held, op, link);
        file_op_free(op);
    } else if (op->place == FILE_OP_WAITING) {
        QTAILQ_REMOVE(&loop->waiting, op, link);
        file_op_free(op);
        file_loop_kick(loop);
    } else if (op->engine->withdraw(loop, &op->io)) {
        take_back(op);
    } else {
        file_op_orphan(op);
    }
}

/* ---- whose loop is told ---- */

void file_orphans_attach(FileNode *n, AioContext *ctx)
{
    QEMUBH *bh = aio_bh_new(ctx, release_held, n);
    QEMU_LOCK_GUARD(&n->medium->lock);

    n->medium->orphan_ended = bh;
}

void file_orphans_detach(FileNode *n)
{
    QEMUBH *bh;

    WITH_QEMU_LOCK_GUARD(&n->medium->lock) {
        bh = g_steal_pointer(&n->medium->orphan_ended);
    }
    qemu_bh_delete(bh);
}
