/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads and what they wait on, QEMU's names on POSIX threads (which is what
 * the sanitizers understand). An uncontended lock makes no system call.
 *
 * A thread made by qemu_thread_create() inherits the creator's current
 * AioContext: its "big lock", its timers and bottom halves are those of the
 * isolation domain that made it.
 *
 * Lock order: these are the bricks, the order is said where they are used. A
 * mutex that a device model owns is taken after its domain's lock.
 */
#ifndef QEMU_THREAD_H
#define QEMU_THREAD_H

#include <pthread.h>
#include <semaphore.h>

#include "qemu/atomic.h"
#include "qemu/typedefs.h"

struct QemuMutex {
    pthread_mutex_t lock;
    bool initialized;
};

struct QemuRecMutex {
    QemuMutex m;
};

struct QemuCond {
    pthread_cond_t cond;
    bool initialized;
};

struct QemuSemaphore {
    QemuMutex mutex;
    QemuCond cond;
    unsigned int count;
};

/* Manual-reset event: stays set until qemu_event_reset(). */
struct QemuEvent {
    QemuMutex mutex;
    QemuCond cond;
    bool set;
};

struct QemuSpin {
    int value;
};

struct QemuThread {
    pthread_t thread;
    void *start;        /* hand-over to the new thread, owned by util/thread.c */
    bool joinable;
};

#define QEMU_THREAD_JOINABLE 0
#define QEMU_THREAD_DETACHED 1

#define QEMU_MUTEX_INITIALIZER { .lock = PTHREAD_MUTEX_INITIALIZER, .initialized = true }

void qemu_mutex_init(QemuMutex *mutex);
void qemu_mutex_destroy(QemuMutex *mutex);
void qemu_mutex_lock(QemuMutex *mutex);
int qemu_mutex_trylock(QemuMutex *mutex);       /* 0 = got it, as in QEMU */
void qemu_mutex_unlock(QemuMutex *mutex);

void qemu_rec_mutex_init(QemuRecMutex *mutex);
void qemu_rec_mutex_destroy(QemuRecMutex *mutex);
void qemu_rec_mutex_lock(QemuRecMutex *mutex);
int qemu_rec_mutex_trylock(QemuRecMutex *mutex);
void qemu_rec_mutex_unlock(QemuRecMutex *mutex);

void qemu_cond_init(QemuCond *cond);
void qemu_cond_destroy(QemuCond *cond);
void qemu_cond_signal(QemuCond *cond);
void qemu_cond_broadcast(QemuCond *cond);
void qemu_cond_wait(QemuCond *cond, QemuMutex *mutex);
/* ms on the monotonic clock; false = time is over. */
bool qemu_cond_timedwait(QemuCond *cond, QemuMutex *mutex, int ms);

void qemu_sem_init(QemuSemaphore *sem, int init);
void qemu_sem_post(QemuSemaphore *sem);
void qemu_sem_wait(QemuSemaphore *sem);
int qemu_sem_timedwait(QemuSemaphore *sem, int ms);     /* 0 = got it, -1 = time is over */
void qemu_sem_destroy(QemuSemaphore *sem);

void qemu_event_init(QemuEvent *ev, bool init);
void qemu_event_set(QemuEvent *ev);
void qemu_event_reset(QemuEvent *ev);
void qemu_event_wait(QemuEvent *ev);
void qemu_event_destroy(QemuEvent *ev);

void qemu_spin_init(QemuSpin *spin);
static inline void qemu_spin_destroy(QemuSpin *spin) { }
void qemu_spin_lock(QemuSpin *spin);
bool qemu_spin_trylock(QemuSpin *spin);                 /* true = busy, as in QEMU */
bool qemu_spin_locked(QemuSpin *spin);
void qemu_spin_unlock(QemuSpin *spin);

/* Out of threads stops the process, as in QEMU; qemu_thread_try_create() lets the caller decide. */
void qemu_thread_create(QemuThread *thread, const char *name,
                        void *(*start_routine)(void *), void *arg, int mode);
/* ours: stack_size 0 = the C library's default. 0, or an errno value. */
int qemu_thread_try_create(QemuThread *thread, const char *name, size_t stack_size,
                           void *(*start_routine)(void *), void *arg, int mode);
void *qemu_thread_join(QemuThread *thread);
void qemu_thread_get_self(QemuThread *thread);
bool qemu_thread_is_self(QemuThread *thread);
G_NORETURN void qemu_thread_exit(void *retval);
void qemu_thread_naming(bool enable);
int qemu_thread_set_affinity(QemuThread *thread, unsigned long *host_cpus, unsigned long nbits);
int qemu_thread_get_affinity(QemuThread *thread, unsigned long **host_cpus, unsigned long *nbits);

/* Run when the calling thread ends; threads of qemu_thread_create() only. */
void qemu_thread_atexit_add(Notifier *notifier);
void qemu_thread_atexit_remove(Notifier *notifier);

/*
 * ours: one hook with which the event loop lets new threads inherit their
 * context (util/main-loop registers it; util itself knows no loop).
 * capture() runs in the creator; adopt() in the new thread, which owns the
 * token from then on, and once more with NULL at its end; discard() takes the
 * token back where no thread could be made.
 */
typedef struct QemuThreadInherit {
    void *(*capture)(void);
    void (*adopt)(void *token);
    void (*discard)(void *token);
} QemuThreadInherit;
void qemu_thread_set_inherit(const QemuThreadInherit *hooks);

#endif
