/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pool of threads, by QEMU's calls and by embedded work. */
#include "qemu/osdep.h"
#include "block/thread-pool.h"
#include "file-rig.h"

#include "qemu/main-loop.h"

typedef struct Job {
    QemuSemaphore go;           /* the thread waits for it */
    bool began;                 /* atomic */
    bool done;
    int ret;
    AioContext *told_in;
} Job;

static int job_run(void *opaque)
{
    Job *job = opaque;

    qatomic_set(&job->began, true);
    qemu_sem_wait(&job->go);
    return 42;
}

static void job_done(void *opaque, int ret)
{
    Job *job = opaque;

    g_assert_false(job->done);
    job->done = true;
    job->ret = ret;
    job->told_in = qemu_get_current_aio_context();
}

static BlockAIOCB *job_start(Job *job)
{
    *job = (Job) { .ret = -1 };
    qemu_sem_init(&job->go, 0);
    return thread_pool_submit_aio(job_run, job, job_done, job);
}

static void job_end(Job *job)
{
    rig_wait(&job->done);
    qemu_sem_destroy(&job->go);
}

static void test_submit(void)
{
    Job job;

    job_start(&job);
    rig_run_for_ms(1);
    g_assert_false(job.done);
    qemu_sem_post(&job.go);
    job_end(&job);
    g_assert_cmpint(job.ret, ==, 42);
    g_assert_true(job.told_in == aio_context_main());
}

/* As many as THREAD_POOL_MAX at a time, the others later; what waits can be cancelled. */
static void test_bound(void)
{
    enum { JOBS = THREAD_POOL_MAX + 16 };
    g_autofree Job *jobs = g_new(Job, JOBS);
    BlockAIOCB *last = NULL, *first = NULL;
    unsigned began = 0;

    for (unsigned i = 0; i < JOBS; i++) {
        last = job_start(&jobs[i]);
        first = first ?: last;
    }
    for (int i = 0; i < 5000 && began < THREAD_POOL_MAX; i++) {
        rig_run_for_ms(1);
        began = 0;
        for (unsigned j = 0; j < JOBS; j++) {
            began += qatomic_read(&jobs[j].began);
        }
    }
    rig_run_for_ms(5);
    g_assert_cmpuint(began, ==, THREAD_POOL_MAX);
    g_assert_false(qatomic_read(&jobs[JOBS - 1].began));
    last->aiocb_info->cancel_async(last);
    first->aiocb_info->cancel_async(first);
    g_assert_false(jobs[JOBS - 1].done);
    rig_wait(&jobs[JOBS - 1].done);
    g_assert_cmpint(jobs[JOBS - 1].ret, ==, -ECANCELED);
    g_assert_false(jobs[0].done);
    for (unsigned i = 0; i < JOBS; i++) {
        qemu_sem_post(&jobs[i].go);
    }
    for (unsigned i = 0; i < JOBS; i++) {
        job_end(&jobs[i]);
        g_assert_cmpint(jobs[i].ret, ==, i == JOBS - 1 ? -ECANCELED : 42);
    }
}

static int note(void *opaque)
{
    qatomic_set((bool *)opaque, true);
    return 0;
}

static void test_nobody_listens(void)
{
    bool ran = false;

    thread_pool_submit(note, &ran);
    for (int i = 0; i < 5000 && !qatomic_read(&ran); i++) {
        rig_run_for_ms(1);
    }
    g_assert_true(qatomic_read(&ran));
    rig_run_for_ms(5);
}

/* Each context has threads of its own: one whose threads all hang leaves another's alone. */
static void fill(void *opaque)
{
    Job *jobs = opaque;

    for (unsigned i = 0; i < THREAD_POOL_MAX; i++) {
        job_start(&jobs[i]);
    }
}

static void test_contexts(void)
{
    g_autofree Job *jobs = g_new0(Job, THREAD_POOL_MAX);
    AioContext *ctx = aio_context_new_named("full", &error_abort);
    unsigned left = THREAD_POOL_MAX;

    aio_context_start(ctx);
    WITH_AIO_CONTEXT_GUARD(ctx) {
        fill(jobs);
    }
    test_submit();
    for (unsigned i = 0; i < THREAD_POOL_MAX; i++) {
        qemu_sem_post(&jobs[i].go);
    }
    while (left) {
        left = 0;
        g_usleep(1000);
        WITH_AIO_CONTEXT_GUARD(ctx) {
            for (unsigned i = 0; i < THREAD_POOL_MAX; i++) {
                left += !jobs[i].done;
            }
        }
    }
    for (unsigned i = 0; i < THREAD_POOL_MAX; i++) {
        g_assert_true(jobs[i].told_in == ctx);
        qemu_sem_destroy(&jobs[i].go);
    }
    aio_context_stop(ctx);
    aio_context_unref(ctx);
}

static void add_tests(void)
{
    g_test_add_func("/block/thread-pool/submit", test_submit);
    g_test_add_func("/block/thread-pool/bound", test_bound);
    g_test_add_func("/block/thread-pool/nobody-listens", test_nobody_listens);
    g_test_add_func("/block/thread-pool/contexts", test_contexts);
}

int main(int argc, char **argv)
{
    return rig_main(argc, argv, add_tests);
}
