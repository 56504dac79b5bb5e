/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mutexes and threads on POSIX threads. What may go wrong in here (a destroyed
 * mutex, unlocking what is not locked) is a mistake of ours, so it stops the
 * process. Conditions, semaphores and events are in thread-wait.c.
 */
#include "qemu/osdep.h"
#include "qemu/fault-inject.h"
#include "qemu/notify.h"
#include "qemu/thread.h"
#include "thread-internal.h"
#include <sched.h>
#include <sys/syscall.h>

void thread_check(int err, const char *what)
{
    if (err) {
        fprintf(stderr, "%s: %s\n", what, strerror(err));
        abort();
    }
}

/* ---- mutexes ---- */

void qemu_mutex_init(QemuMutex *mutex)
{
    thread_check(pthread_mutex_init(&mutex->lock, NULL), __func__);
    mutex->initialized = true;
}

void qemu_mutex_destroy(QemuMutex *mutex)
{
    g_assert(mutex->initialized);
    mutex->initialized = false;
    thread_check(pthread_mutex_destroy(&mutex->lock), __func__);
}

void qemu_mutex_lock(QemuMutex *mutex)
{
    g_assert(mutex->initialized);
    thread_check(pthread_mutex_lock(&mutex->lock), __func__);
}

int qemu_mutex_trylock(QemuMutex *mutex)
{
    g_assert(mutex->initialized);
    return pthread_mutex_trylock(&mutex->lock) ? -EBUSY : 0;
}

void qemu_mutex_unlock(QemuMutex *mutex)
{
    g_assert(mutex->initialized);
    thread_check(pthread_mutex_unlock(&mutex->lock), __func__);
}

void qemu_rec_mutex_init(QemuRecMutex *mutex)
{
    pthread_mutexattr_t attr;

    thread_check(pthread_mutexattr_init(&attr), __func__);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    thread_check(pthread_mutex_init(&mutex->m.lock, &attr), __func__);
    pthread_mutexattr_destroy(&attr);
    mutex->m.initialized = true;
}

void qemu_rec_mutex_destroy(QemuRecMutex *mutex)
{
    qemu_mutex_destroy(&mutex->m);
}

void qemu_rec_mutex_lock(QemuRecMutex *mutex)
{
    qemu_mutex_lock(&mutex->m);
}

int qemu_rec_mutex_trylock(QemuRecMutex *mutex)
{
    return qemu_mutex_trylock(&mutex->m);
}

void qemu_rec_mutex_unlock(QemuRecMutex *mutex)
{
    qemu_mutex_unlock(&mutex->m);
}

void qemu_spin_init(QemuSpin *spin)
{
    qatomic_set(&spin->value, 0);
}

bool qemu_spin_trylock(QemuSpin *spin)
{
    return __atomic_exchange_n(&spin->value, 1, __ATOMIC_ACQUIRE) != 0;
}

void qemu_spin_lock(QemuSpin *spin)
{
    /* The holder may have been scheduled out: give it the processor. */
    while (qemu_spin_trylock(spin)) {
        sched_yield();
    }
}

bool qemu_spin_locked(QemuSpin *spin)
{
    return qatomic_read(&spin->value) != 0;
}

void qemu_spin_unlock(QemuSpin *spin)
{
    qatomic_store_release(&spin->value, 0);
}

/* ---- threads ---- */

/* Owned by the creator until pthread_create() succeeds, by the new thread afterwards. */
typedef struct ThreadStart {
    void *(*routine)(void *);
    void *arg;
    char *name;
    void *inherited;
} ThreadStart;

static const QemuThreadInherit *inherit;
static bool name_threads = true;
static __thread NotifierList thread_atexit;

void qemu_thread_set_inherit(const QemuThreadInherit *hooks)
{
    inherit = hooks;
}

void qemu_thread_naming(bool enable)
{
    name_threads = enable;
}

static void thread_end(void *unused)
{
    notifier_list_notify(&thread_atexit, NULL);
    if (inherit) {
        inherit->adopt(NULL);
    }
}

static void set_own_name(const char *wanted)
{
    char name[16];      /* what the kernel keeps */

    if (name_threads && wanted) {
        g_strlcpy(name, wanted, sizeof(name));
        pthread_setname_np(pthread_self(), name);
    }
}

static void *thread_main(void *opaque)
{
    const ThreadStart start = *(ThreadStart *)opaque;
    void *ret;

    /* Nothing of it may be left to free later: pthread_exit() comes back to no caller. */
    g_free(opaque);
    set_own_name(start.name);
    g_free(start.name);
    if (inherit) {
        inherit->adopt(start.inherited);
    }
    pthread_cleanup_push(thread_end, NULL);
    ret = start.routine(start.arg);
    pthread_cleanup_pop(1);
    return ret;
}

static int set_attributes(pthread_attr_t *attr, size_t stack_size, int mode)
{
    int err = 0;

    if (mode == QEMU_THREAD_DETACHED) {
        err = pthread_attr_setdetachstate(attr, PTHREAD_CREATE_DETACHED);
    }
    if (!err && stack_size) {
        err = pthread_attr_setstacksize(attr, MAX(stack_size, (size_t)PTHREAD_STACK_MIN));
    }
    return err;
}

/* Signals are the main thread's business: a new thread starts with all of them blocked. */
static int create_with_signals_blocked(pthread_t *thread, pthread_attr_t *attr, ThreadStart *start)
{
    sigset_t all, old;
    int err;

    sigfillset(&all);
    /* These tell of a mistake (or a truncated mapping) at the very instruction. */
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGFPE);
    sigdelset(&all, SIGILL);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    err = fault_inject(FAULT_THREAD) ? EAGAIN : pthread_create(thread, attr, thread_main, start);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return err;
}

int qemu_thread_try_create(QemuThread *thread, const char *name, size_t stack_size,
                           void *(*start_routine)(void *), void *arg, int mode)
{
    ThreadStart *start = g_new0(ThreadStart, 1);
    pthread_attr_t attr;
    int err;

    start->routine = start_routine;
    start->arg = arg;
    start->name = g_strdup(name);
    start->inherited = inherit ? inherit->capture() : NULL;
    thread_check(pthread_attr_init(&attr), __func__);
    err = set_attributes(&attr, stack_size, mode);
    if (!err) {
        err = create_with_signals_blocked(&thread->thread, &attr, start);
    }
    pthread_attr_destroy(&attr);
    thread->joinable = !err && mode == QEMU_THREAD_JOINABLE;
    if (err) {
        if (inherit) {
            inherit->discard(start->inherited);
        }
        g_free(start->name);
        g_free(start);
    }
    return err;
}

void qemu_thread_create(QemuThread *thread, const char *name,
                        void *(*start_routine)(void *), void *arg, int mode)
{
    thread_check(qemu_thread_try_create(thread, name, 0, start_routine, arg, mode), __func__);
}

void *qemu_thread_join(QemuThread *thread)
{
    void *ret = NULL;

    thread_check(pthread_join(thread->thread, &ret), __func__);
    thread->joinable = false;
    return ret;
}

void qemu_thread_get_self(QemuThread *thread)
{
    *thread = (QemuThread) { .thread = pthread_self() };
}

bool qemu_thread_is_self(QemuThread *thread)
{
    return pthread_equal(pthread_self(), thread->thread);
}

void qemu_thread_exit(void *retval)
{
    pthread_exit(retval);
}

void qemu_thread_atexit_add(Notifier *notifier)
{
    notifier_list_add(&thread_atexit, notifier);
}

void qemu_thread_atexit_remove(Notifier *notifier)
{
    notifier_remove(notifier);
}

/* ---- affinity ---- */

int qemu_thread_set_affinity(QemuThread *thread, unsigned long *host_cpus, unsigned long nbits)
{
    cpu_set_t cpus;

    CPU_ZERO(&cpus);
    for (unsigned long i = 0; i < MIN(nbits, (unsigned long)CPU_SETSIZE); i++) {
        if (host_cpus[i / (8 * sizeof(long))] >> (i % (8 * sizeof(long))) & 1) {
            CPU_SET(i, &cpus);
        }
    }
    return -pthread_setaffinity_np(thread->thread, sizeof(cpus), &cpus);
}

int qemu_thread_get_affinity(QemuThread *thread, unsigned long **host_cpus, unsigned long *nbits)
{
    cpu_set_t cpus;
    int err = pthread_getaffinity_np(thread->thread, sizeof(cpus), &cpus);

    if (!err) {
        *nbits = CPU_SETSIZE;
        *host_cpus = g_malloc0(sizeof(cpus));
        memcpy(*host_cpus, &cpus, sizeof(cpus));
    }
    return -err;
}

int qemu_get_thread_id(void)
{
    return syscall(SYS_gettid);
}
