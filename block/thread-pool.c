/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bounded pool of threads. Work goes into one queue; whoever ends some puts it
 * into another, which a bottom half of the owning context empties. Threads keep
 * a reference to the pool, not to its context: one that hangs in a call may
 * outlive both.
 */
#include "qemu/osdep.h"
#include "block/thread-pool.h"
#include "qemu/error-report.h"
#include "qemu/lockable.h"

enum {
    IDLE_MS = 5000,             /* then a thread without work ends */
#if defined(QEMU_SANITIZE_THREAD) || defined(QEMU_SANITIZE_ADDRESS)
    STACK_SIZE = 2 * 1024 * 1024,
#else
    STACK_SIZE = 256 * 1024,
#endif
};

typedef QTAILQ_HEAD(, ThreadWork) WorkQueue;

struct ThreadPool {
    QemuMutex lock;             /* all of this */
    QemuCond more;
    WorkQueue todo, ended;
    unsigned threads, idle;
    bool closing;
    QEMUBH *bh;                 /* NULL once closing */
    unsigned refs;              /* the owner's and one for each thread */
};

static void unref_locked(ThreadPool *pool)
{
    bool last = --pool->refs == 0;

    qemu_mutex_unlock(&pool->lock);
    if (last) {
        qemu_cond_destroy(&pool->more);
        qemu_mutex_destroy(&pool->lock);
        g_free(pool);
    }
}

/* Lock held. NULL: this thread is not needed any more. */
static ThreadWork *next_work(ThreadPool *pool)
{
    ThreadWork *work;

    while (QTAILQ_EMPTY(&pool->todo)) {
        bool woken;

        if (pool->closing) {
            return NULL;
        }
        pool->idle++;
        woken = qemu_cond_timedwait(&pool->more, &pool->lock, IDLE_MS);
        pool->idle--;
        if (!woken && QTAILQ_EMPTY(&pool->todo)) {
            return NULL;
        }
    }
    work = QTAILQ_FIRST(&pool->todo);
    QTAILQ_REMOVE(&pool->todo, work, link);
    work->queued = false;
    return work;
}

static void *thread_main(void *opaque)
{
    ThreadPool *pool = opaque;
    ThreadWork *work;

    qemu_mutex_lock(&pool->lock);
    while ((work = next_work(pool))) {
        qemu_mutex_unlock(&pool->lock);
        work->ret = work->run(work);
        qemu_mutex_lock(&pool->lock);
        QTAILQ_INSERT_TAIL(&pool->ended, work, link);
        qemu_bh_schedule(pool->bh);
    }
    pool->threads--;
    unref_locked(pool);
    return NULL;
}

static ThreadWork *take_ended(ThreadPool *pool)
{
    QEMU_LOCK_GUARD(&pool->lock);
    ThreadWork *work = QTAILQ_FIRST(&pool->ended);

    if (work) {
        QTAILQ_REMOVE(&pool->ended, work, link);
    }
    return work;
}

/* done() may end the owner's interest in the pool. */
static void tell_ends(void *opaque)
{
    ThreadPool *pool = opaque;
    ThreadWork *work;

    qemu_mutex_lock(&pool->lock);
    pool->refs++;
    qemu_mutex_unlock(&pool->lock);
    while ((work = take_ended(pool))) {
        work->done(work, work->ret);
    }
    qemu_mutex_lock(&pool->lock);
    unref_locked(pool);
}

ThreadPool *thread_pool_new(AioContext *ctx)
{
    ThreadPool *pool = g_new0(ThreadPool, 1);

    qemu_mutex_init(&pool->lock);
    qemu_cond_init(&pool->more);
    QTAILQ_INIT(&pool->todo);
    QTAILQ_INIT(&pool->ended);
    pool->refs = 1;
    pool->bh = aio_bh_new(ctx, tell_ends, pool);
    return pool;
}

void thread_pool_free(ThreadPool *pool)
{
    qemu_mutex_lock(&pool->lock);
    g_assert(QTAILQ_EMPTY(&pool->todo) && QTAILQ_EMPTY(&pool->ended));
    pool->closing = true;
    qemu_bh_delete(g_steal_pointer(&pool->bh));
    qemu_cond_broadcast(&pool->more);
    unref_locked(pool);
}

/* Lock held. */
static bool need_thread(const ThreadPool *pool)
{
    unsigned waiting = 0;
    const ThreadWork *work;

    QTAILQ_FOREACH(work, &pool->todo, link) {
        if (++waiting > pool->idle) {
            return pool->threads < THREAD_POOL_MAX;
        }
    }
    return false;
}

static void make_thread(ThreadPool *pool)
{
    QemuThread thread;

    pool->threads++;
    pool->refs++;
    if (qemu_thread_try_create(&thread, "block-worker", STACK_SIZE, thread_main, pool,
                               QEMU_THREAD_DETACHED)) {
        pool->threads--;
        pool->refs--;
    }
}

/* No thread at all could be had: the work ends with that. Lock held. */
static void refuse(ThreadPool *pool, ThreadWork *work)
{
    QTAILQ_REMOVE(&pool->todo, work, link);
    work->queued = false;
    work->ret = -EAGAIN;
    QTAILQ_INSERT_TAIL(&pool->ended, work, link);
    qemu_bh_schedule(pool->bh);
}

void thread_pool_queue(ThreadPool *pool, ThreadWork *work)
{
    QEMU_LOCK_GUARD(&pool->lock);

    work->queued = true;
    QTAILQ_INSERT_TAIL(&pool->todo, work, link);
    if (need_thread(pool)) {
        make_thread(pool);
    }
    if (!pool->threads) {
        refuse(pool, work);
    } else if (pool->idle) {
        qemu_cond_signal(&pool->more);
    }
}

bool thread_pool_withdraw(ThreadPool *pool, ThreadWork *work)
{
    QEMU_LOCK_GUARD(&pool->lock);

    if (!work->queued) {
        return false;
    }
    QTAILQ_REMOVE(&pool->todo, work, link);
    work->queued = false;
    return true;
}

void thread_pool_rehome(ThreadPool *pool, AioContext *ctx)
{
    QEMUBH *old;

    WITH_QEMU_LOCK_GUARD(&pool->lock) {
        old = pool->bh;
        pool->bh = aio_bh_new(ctx, tell_ends, pool);
        if (!QTAILQ_EMPTY(&pool->ended)) {
            qemu_bh_schedule(pool->bh);
        }
    }
    qemu_bh_delete(old);
}
