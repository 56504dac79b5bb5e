/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads that run event loops. A worker is given a context, runs its loop
 * until it is not the runner any more, and comes back here. A few idle ones are
 * kept, since hand-overs come in bursts; an idle worker sleeps on its condition
 * and costs the touched part of its stack.
 *
 * pool_lock protects the list of idle workers and each one's job. It is a leaf.
 */
#include "qemu/osdep.h"
#include "qemu/lockable.h"
#include "aio-context.h"

enum {
    MAX_IDLE_WORKERS = 8,
#if defined(QEMU_SANITIZE_THREAD) || defined(QEMU_SANITIZE_ADDRESS)
    WORKER_STACK_SIZE = 2 * 1024 * 1024,
#else
    WORKER_STACK_SIZE = 256 * 1024,
#endif
};

struct AioWorker {
    QemuCond wake;
    AioContext *job;            /* a reference, and one of its frames */
    QSLIST_ENTRY(AioWorker) idle;
};

static QemuMutex pool_lock = QEMU_MUTEX_INITIALIZER;
static QSLIST_HEAD(, AioWorker) idle_workers;
static unsigned nr_idle;

/* NULL: there are idle workers enough, the caller shall end. */
static AioContext *next_job(AioWorker *worker)
{
    AioContext *job;
    QEMU_LOCK_GUARD(&pool_lock);

    if (!worker->job) {
        if (nr_idle >= MAX_IDLE_WORKERS) {
            return NULL;
        }
        QSLIST_INSERT_HEAD(&idle_workers, worker, idle);
        nr_idle++;
        while (!worker->job) {
            qemu_cond_wait(&worker->wake, &pool_lock);
        }
    }
    job = worker->job;
    worker->job = NULL;
    return job;
}

static void *worker_main(void *opaque)
{
    AioWorker *worker = opaque;
    AioContext *ctx;

    while ((ctx = next_job(worker))) {
        /* Home is the context at work, not the one whose callback happened to create the thread. */
        aio_context_ref(ctx);
        aio_thread_adopt(ctx);
        aio_thread_set_worker(worker, ctx);
        aio_run(ctx);
        aio_thread_set_worker(NULL, NULL);
        aio_thread_adopt(NULL);
    }
    qemu_cond_destroy(&worker->wake);
    g_free(worker);
    return NULL;
}

static AioWorker *wake_idle_worker(AioContext *job)
{
    AioWorker *worker;
    QEMU_LOCK_GUARD(&pool_lock);

    worker = QSLIST_FIRST(&idle_workers);
    if (worker) {
        QSLIST_REMOVE_HEAD(&idle_workers, idle);
        nr_idle--;
        worker->job = job;
        qemu_cond_signal(&worker->wake);
    }
    return worker;
}

static AioWorker *create_worker(AioContext *job)
{
    AioWorker *worker = g_new0(AioWorker, 1);
    QemuThread thread;

    qemu_cond_init(&worker->wake);
    worker->job = job;
    if (qemu_thread_try_create(&thread, aio_context_name(job), WORKER_STACK_SIZE, worker_main,
                               worker, QEMU_THREAD_DETACHED)) {
        qemu_cond_destroy(&worker->wake);
        g_free(worker);
        return NULL;
    }
    return worker;
}

const void *aio_worker_dispatch(AioContext *ctx)
{
    AioWorker *worker;

    aio_context_ref(ctx);
    ctx->frames++;
    worker = wake_idle_worker(ctx);
    if (!worker) {
        worker = create_worker(ctx);
    }
    if (!worker) {
        ctx->frames--;
        aio_context_unref(ctx);     /* not the last: the caller is in ctx */
    }
    return worker;
}
