/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads, locks, guards, and things to wait on. */
#include "qemu/osdep.h"
#include "qemu/lockable.h"
#include "qemu/notify.h"
#include "qemu/thread.h"

static QemuMutex mutex = QEMU_MUTEX_INITIALIZER;
static QemuSpin spin;
static int by_mutex, by_spin;

static void *count(void *opaque)
{
    for (int i = 0; i < 5000; i++) {
        WITH_QEMU_LOCK_GUARD(&mutex) {
            by_mutex++;
        }
        QEMU_LOCK_GUARD(&spin);
        by_spin++;
    }
    return opaque;
}

static void test_locks(void)
{
    QemuThread threads[3];

    qemu_spin_init(&spin);
    for (long i = 0; i < 3; i++) {
        qemu_thread_create(&threads[i], "count", count, (void *)i, QEMU_THREAD_JOINABLE);
    }
    for (long i = 0; i < 3; i++) {
        g_assert_true(qemu_thread_join(&threads[i]) == (void *)i);
    }
    g_assert_cmpint(by_mutex, ==, 15000);
    g_assert_cmpint(by_spin, ==, 15000);
}

static int leave_early(int how)
{
    WITH_QEMU_LOCK_GUARD(&mutex) {
        g_assert_cmpint(qemu_mutex_trylock(&mutex), !=, 0);
        if (how == 1) {
            return 1;
        }
        if (how == 2) {
            break;
        }
    }
    return 0;
}

static void test_guards(void)
{
    QemuRecMutex rec;

    for (int how = 0; how < 3; how++) {
        leave_early(how);
        g_assert_cmpint(qemu_mutex_trylock(&mutex), ==, 0);
        qemu_mutex_unlock(&mutex);
    }
    qemu_rec_mutex_init(&rec);
    {
        QEMU_LOCK_GUARD(&rec);
        QEMU_LOCK_GUARD(&rec);
        g_assert_cmpint(qemu_rec_mutex_trylock(&rec), ==, 0);
        qemu_rec_mutex_unlock(&rec);
    }
    qemu_rec_mutex_destroy(&rec);
    g_assert_false(qemu_spin_locked(&spin));
    g_assert_false(qemu_spin_trylock(&spin));
    g_assert_true(qemu_spin_trylock(&spin));
    qemu_spin_unlock(&spin);
}

typedef struct PingPong {
    QemuSemaphore ping, pong;
    QemuEvent done;
} PingPong;

static void *answer(void *opaque)
{
    PingPong *p = opaque;

    for (int i = 0; i < 500; i++) {
        qemu_sem_wait(&p->ping);
        qemu_sem_post(&p->pong);
    }
    qemu_event_set(&p->done);
    return NULL;
}

static void test_waits(void)
{
    PingPong p;
    QemuThread thread;
    QemuCond cond;

    qemu_sem_init(&p.ping, 0);
    qemu_sem_init(&p.pong, 0);
    qemu_event_init(&p.done, false);
    qemu_thread_create(&thread, "answer", answer, &p, QEMU_THREAD_JOINABLE);
    for (int i = 0; i < 500; i++) {
        qemu_sem_post(&p.ping);
        qemu_sem_wait(&p.pong);
    }
    qemu_event_wait(&p.done);
    qemu_event_wait(&p.done);       /* stays set */
    qemu_event_reset(&p.done);
    qemu_thread_join(&thread);
    g_assert_cmpint(qemu_sem_timedwait(&p.ping, 2), ==, -1);
    qemu_sem_post(&p.ping);
    g_assert_cmpint(qemu_sem_timedwait(&p.ping, 0), ==, 0);

    qemu_cond_init(&cond);
    qemu_mutex_lock(&mutex);
    g_assert_false(qemu_cond_timedwait(&cond, &mutex, 2));
    qemu_mutex_unlock(&mutex);
    qemu_cond_destroy(&cond);
    qemu_sem_destroy(&p.ping);
    qemu_sem_destroy(&p.pong);
    qemu_event_destroy(&p.done);
}

static int exits;

static void on_exit_(Notifier *n, void *data)
{
    exits++;
}

static void *leave_by_exit(void *opaque)
{
    static Notifier n = { .notify = on_exit_ };
    sigset_t blocked;

    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    g_assert_true(sigismember(&blocked, SIGTERM));
    g_assert_false(sigismember(&blocked, SIGBUS));
    qemu_thread_atexit_add(&n);
    qemu_thread_exit((void *)77);
}

static void test_life(void)
{
    QemuThread thread, me;
    unsigned long *cpus = NULL, nbits = 0;

    qemu_thread_create(&thread, "a-rather-long-name-of-a-thread", leave_by_exit, NULL,
                       QEMU_THREAD_JOINABLE);
    g_assert_true(qemu_thread_join(&thread) == (void *)77);
    g_assert_cmpint(exits, ==, 1);
    qemu_thread_get_self(&me);
    g_assert_true(qemu_thread_is_self(&me));
    g_assert_cmpint(qemu_get_thread_id(), ==, getpid());
    g_assert_cmpint(qemu_thread_get_affinity(&me, &cpus, &nbits), ==, 0);
    g_assert_cmpint(qemu_thread_set_affinity(&me, cpus, nbits), ==, 0);
    g_free(cpus);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/thread/locks", test_locks);
    g_test_add_func("/thread/guards", test_guards);
    g_test_add_func("/thread/waits", test_waits);
    g_test_add_func("/thread/life", test_life);
    return g_test_run();
}
