/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads for calls that wait. Each AioContext has at most THREAD_POOL_MAX of
 * its own, made when there is work and gone some seconds after the last, so what
 * hangs for one isolation domain leaves the others theirs.
 *
 * Lock order: the context, then the pool's own lock, which is a leaf.
 */
#ifndef BLOCK_THREAD_POOL_H
#define BLOCK_THREAD_POOL_H

#include "block/aio.h"

#define THREAD_POOL_MAX 64

typedef int ThreadPoolFunc(void *opaque);
typedef struct ThreadPool ThreadPool;

/*
 * For the current context: func(arg) in a thread, then cb(opaque, its result) in
 * the context's loop. Cancelled before it has begun: cb() gets -ECANCELED.
 */
BlockAIOCB *thread_pool_submit_aio(ThreadPoolFunc *func, void *arg, BlockCompletionFunc *cb,
                                   void *opaque);
/* The same; nobody hears of the end. */
void thread_pool_submit(ThreadPoolFunc *func, void *arg);

/* ---- ours: work that is embedded in its owner ---- */

typedef struct ThreadWork ThreadWork;
struct ThreadWork {
    int (*run)(ThreadWork *work);               /* in a thread, no lock held */
    void (*done)(ThreadWork *work, int ret);    /* in the pool's context; may free it */
    /* private: */
    int ret;
    bool queued;
    QTAILQ_ENTRY(ThreadWork) link;
};

/* A pool whose ends are told in ctx. Threads come with the first work. */
ThreadPool *thread_pool_new(AioContext *ctx);
/* Nothing is pending in it. Threads that sleep end by themselves. */
void thread_pool_free(ThreadPool *pool);
/* From the pool's context. run and done are set. */
void thread_pool_queue(ThreadPool *pool, ThreadWork *work);
/* true: it has not begun and never will, done() does not come. */
bool thread_pool_withdraw(ThreadPool *pool, ThreadWork *work);
/* Ends are told in ctx from now on. Both contexts' locks held. */
void thread_pool_rehome(ThreadPool *pool, AioContext *ctx);

#endif
