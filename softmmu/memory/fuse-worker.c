/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See fuse-worker.h. The thread lives until its owner has gone and its call is over. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "fuse-worker.h"

/* A loaded machine answers within that; a domain that waits so long misses no deadline. */
enum { PATIENCE_MS = 250 };

typedef enum CallState { CALL_NONE, CALL_ASKED, CALL_DONE } CallState;

struct FuseWorker {
    QemuMutex lock;             /* everything below */
    QemuCond asked, done;
    CallState state;
    FuseCall call;
    int result;
    bool late;                  /* nobody waits for the call that is under way */
    bool orphan;                /* the owner is gone, or waits for the thread's end */
    bool detached;              /* it is gone: the thread frees this */
    int notify;
    QemuThread thread;
};

static void worker_destroy(FuseWorker *w)
{
    qemu_cond_destroy(&w->asked);
    qemu_cond_destroy(&w->done);
    qemu_mutex_destroy(&w->lock);
    g_free(w);
}

static void close_all(FuseCall *call)
{
    if (call->fd >= 0) {
        close(g_steal_fd(&call->fd));
    }
    if (call->dir >= 0) {
        close(g_steal_fd(&call->dir));
    }
}

static void end_late(FuseWorker *w, FuseCall *call, int result)
{
    static const uint64_t one = 1;

    qemu_mutex_unlock(&w->lock);
    if (call->dir >= 0) {
        close(g_steal_fd(&call->dir));  /* a device whose last user is gone answers by itself */
    }
    if (call->late) {
        call->late(call, result);
    }
    qemu_mutex_lock(&w->lock);
    w->late = false;
    w->state = CALL_NONE;
    if (!w->orphan && write(w->notify, &one, sizeof(one)) < 0) {
        /* It is signalled already. */
    }
}

/* Lock held, released meanwhile. */
static void run_call(FuseWorker *w)
{
    FuseCall call = w->call;
    int result;

    qemu_mutex_unlock(&w->lock);
    result = call.run(&call);
    qemu_mutex_lock(&w->lock);
    if (w->late) {
        end_late(w, &call, result);
        close_all(&call);
        return;
    }
    close_all(&call);
    w->result = result;
    w->state = CALL_DONE;
    qemu_cond_signal(&w->done);
}

static void *work(void *opaque)
{
    FuseWorker *w = opaque;
    bool detached;

    qemu_mutex_lock(&w->lock);
    while (!w->orphan) {
        if (w->state == CALL_ASKED) {
            run_call(w);
        } else {
            qemu_cond_wait(&w->asked, &w->lock);
        }
    }
    detached = w->detached;
    qemu_mutex_unlock(&w->lock);
    if (detached) {
        worker_destroy(w);
    }
    return NULL;
}

FuseWorker *fuse_worker_new(int notify, Error **errp)
{
    FuseWorker *w = g_new0(FuseWorker, 1);
    int err;

    qemu_mutex_init(&w->lock);
    qemu_cond_init(&w->asked);
    qemu_cond_init(&w->done);
    w->notify = notify;
    err = qemu_thread_try_create(&w->thread, "doorbell-waiter", 0, work, w, QEMU_THREAD_JOINABLE);
    if (err) {
        error_setg_errno(errp, err, "cannot start a thread for a file system in user space");
        worker_destroy(w);
        return NULL;
    }
    return w;
}

void fuse_worker_free(FuseWorker *w)
{
    QemuThread thread;
    bool late;

    if (!w) {
        return;
    }
    qemu_mutex_lock(&w->lock);
    thread = w->thread;
    late = w->late;
    w->orphan = true;
    w->detached = late;
    qemu_cond_signal(&w->asked);
    qemu_mutex_unlock(&w->lock);
    if (late) {
        pthread_detach(thread.thread);
        return;
    }
    qemu_thread_join(&thread);
    worker_destroy(w);
}

/* Lock held. */
static bool wait_done(FuseWorker *w)
{
    int64_t end = g_get_monotonic_time() / 1000 + PATIENCE_MS, now;

    while (w->state != CALL_DONE) {
        now = g_get_monotonic_time() / 1000;
        if (now >= end) {
            return false;
        }
        qemu_cond_timedwait(&w->done, &w->lock, end - now);
    }
    return true;
}

int fuse_worker_call(FuseWorker *w, FuseCall call)
{
    int result = -ETIMEDOUT;

    qemu_mutex_lock(&w->lock);
    if (w->late) {
        close_all(&call);
    } else {
        w->call = call;
        w->state = CALL_ASKED;
        qemu_cond_signal(&w->asked);
        w->late = !wait_done(w);
        if (!w->late) {
            w->state = CALL_NONE;
            result = w->result;
        }
    }
    qemu_mutex_unlock(&w->lock);
    return result;
}

bool fuse_worker_is_late(FuseWorker *w)
{
    bool late;

    qemu_mutex_lock(&w->lock);
    late = w->late;
    qemu_mutex_unlock(&w->lock);
    return late;
}
