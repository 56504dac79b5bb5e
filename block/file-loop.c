/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the nodes of one AioContext share. It comes with the first node and goes
 * with the last; when that one leaves operations behind that no medium ends, the
 * loop moves to the main context, where their ends are seen, whatever becomes of
 * the context.
 */
#include "qemu/osdep.h"
#include "file-int.h"
#include "qemu/lockable.h"

static QemuMutex list_lock = QEMU_MUTEX_INITIALIZER;
static QLIST_HEAD(, FileLoop) loops = QLIST_HEAD_INITIALIZER(loops);

static FileLoop *find(AioContext *ctx)
{
    FileLoop *loop;

    QLIST_FOREACH(loop, &loops, link) {
        if (loop->ctx == ctx) {
            return loop;
        }
    }
    return NULL;
}

static FileLoop *loop_new(AioContext *ctx)
{
    FileLoop *loop = g_new0(FileLoop, 1);

    aio_context_ref(ctx);
    loop->ctx = ctx;
    loop->buffers = file_buffers_new(ctx);
    loop->pool = thread_pool_new(ctx);
    QTAILQ_INIT(&loop->waiting);
    return loop;
}

FileLoop *file_loop_join(AioContext *ctx)
{
    QEMU_LOCK_GUARD(&list_lock);
    FileLoop *loop = find(ctx);

    if (!loop) {
        loop = loop_new(ctx);
        loop->listed = true;
        QLIST_INSERT_HEAD(&loops, loop, link);
    }
    loop->users++;
    return loop;
}

static void unlist(FileLoop *loop)
{
    if (loop->listed) {
        QLIST_REMOVE(loop, link);
        loop->listed = false;
    }
}

static void loop_free(FileLoop *loop)
{
    FileOp *op;

    g_assert(QTAILQ_EMPTY(&loop->waiting));
    uring_free(loop->uring);
    aio_native_free(loop->native);
    file_buffers_free(loop->buffers);
    thread_pool_free(loop->pool);
    while ((op = QSLIST_FIRST(&loop->free_ops))) {
        QSLIST_REMOVE_HEAD(&loop->free_ops, free_link);
        g_free(op);
    }
    aio_context_unref(loop->ctx);
    g_free(loop);
}

/* From the loop's context. */
static void free_if_unused(FileLoop *loop)
{
    WITH_QEMU_LOCK_GUARD(&list_lock) {
        if (loop->users || loop->in_flight || loop->busy) {
            return;
        }
        unlist(loop);
    }
    loop_free(loop);
}

/* In the main context, after the last node has left orphans behind. */
static void move_to_main(void *opaque)
{
    FileLoop *loop = opaque;
    AioContext *old = loop->ctx;
    AioContext *home = aio_context_main();

    aio_context_ref(old);
    aio_context_enter(old);
    loop->busy--;
    WITH_QEMU_LOCK_GUARD(&list_lock) {
        if (!loop->users && loop->in_flight) {
            unlist(loop);
        }
    }
    if (!loop->listed && old != home) {
        uring_rehome(loop->uring, home);
        aio_native_rehome(loop->native, home);
        file_buffers_rehome(loop->buffers, home);
        thread_pool_rehome(loop->pool, home);
        aio_context_ref(home);
        loop->ctx = home;
        aio_context_unref(old);
    } else {
        free_if_unused(loop);
    }
    aio_context_leave(old);
    aio_context_unref(old);
}

void file_loop_leave(FileLoop *loop)
{
    bool stranded;

    WITH_QEMU_LOCK_GUARD(&list_lock) {
        stranded = --loop->users == 0 && loop->in_flight;
    }
    if (stranded) {
        loop->busy++;
        aio_bh_schedule_oneshot(aio_context_main(), move_to_main, loop);
    } else {
        free_if_unused(loop);
    }
}

void file_loop_hold(FileLoop *loop)
{
    loop->busy++;
}

void file_loop_release(FileLoop *loop)
{
    if (--loop->busy == 0 && unlikely(!qatomic_read(&loop->users))) {
        free_if_unused(loop);
    }
}
