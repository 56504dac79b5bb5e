/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's calls on the pool of the current context. */
#include "qemu/osdep.h"
#include "block/thread-pool.h"
#include "file-int.h"

typedef struct ThreadAio {
    BlockAIOCB common;
    ThreadWork work;
    ThreadPoolFunc *func;
    void *arg;
    FileLoop *loop;
} ThreadAio;

static int run(ThreadWork *work)
{
    ThreadAio *aio = container_of(work, ThreadAio, work);

    return aio->func(aio->arg);
}

static void done(ThreadWork *work, int ret)
{
    ThreadAio *aio = container_of(work, ThreadAio, work);
    FileLoop *loop = aio->loop;

    loop->in_flight--;
    aio->common.cb(aio->common.opaque, ret);
    qemu_aio_unref(aio);
    file_loop_leave(loop);
}

static void tell_cancelled(void *opaque)
{
    ThreadAio *aio = opaque;

    done(&aio->work, -ECANCELED);
}

/* cb() comes from the loop, as for all others. */
static void cancel_async(BlockAIOCB *acb)
{
    ThreadAio *aio = container_of(acb, ThreadAio, common);

    if (thread_pool_withdraw(aio->loop->pool, &aio->work)) {
        aio_bh_schedule_oneshot(aio->loop->ctx, tell_cancelled, aio);
    }
}

static const AIOCBInfo thread_aio_info = {
    .aiocb_size = sizeof(ThreadAio),
    .cancel_async = cancel_async,
};

BlockAIOCB *thread_pool_submit_aio(ThreadPoolFunc *func, void *arg, BlockCompletionFunc *cb,
                                   void *opaque)
{
    ThreadAio *aio = qemu_aio_get(&thread_aio_info, NULL, cb, opaque);

    aio->func = func;
    aio->arg = arg;
    aio->work = (ThreadWork) { .run = run, .done = done };
    aio->loop = file_loop_join(qemu_get_current_aio_context());
    aio->loop->in_flight++;
    thread_pool_queue(aio->loop->pool, &aio->work);
    return &aio->common;
}

static void nobody_listens(void *opaque, int ret)
{
}

void thread_pool_submit(ThreadPoolFunc *func, void *arg)
{
    thread_pool_submit_aio(func, arg, nobody_listens, NULL);
}
