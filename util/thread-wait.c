/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Things to wait on: conditions (deadlines on the monotonic clock, so that
 * setting the wall clock moves none), and semaphores and events made of a mutex
 * and a condition.
 */
#include "qemu/osdep.h"
#include "qemu/lockable.h"
#include "qemu/thread.h"
#include "thread-internal.h"

void qemu_cond_init(QemuCond *cond)
{
    pthread_condattr_t attr;

    thread_check(pthread_condattr_init(&attr), __func__);
    thread_check(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC), __func__);
    thread_check(pthread_cond_init(&cond->cond, &attr), __func__);
    pthread_condattr_destroy(&attr);
    cond->initialized = true;
}

void qemu_cond_destroy(QemuCond *cond)
{
    g_assert(cond->initialized);
    cond->initialized = false;
    thread_check(pthread_cond_destroy(&cond->cond), __func__);
}

void qemu_cond_signal(QemuCond *cond)
{
    g_assert(cond->initialized);
    thread_check(pthread_cond_signal(&cond->cond), __func__);
}

void qemu_cond_broadcast(QemuCond *cond)
{
    g_assert(cond->initialized);
    thread_check(pthread_cond_broadcast(&cond->cond), __func__);
}

void qemu_cond_wait(QemuCond *cond, QemuMutex *mutex)
{
    g_assert(cond->initialized);
    thread_check(pthread_cond_wait(&cond->cond, &mutex->lock), __func__);
}

static struct timespec deadline_in_ms(int ms)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    ts.tv_sec += ms / 1000;
    ts.tv_nsec += (ms % 1000) * 1000000L;
    if (ts.tv_nsec >= 1000000000L) {
        ts.tv_sec++;
        ts.tv_nsec -= 1000000000L;
    }
    return ts;
}

static bool wait_until(QemuCond *cond, QemuMutex *mutex, const struct timespec *deadline)
{
    int err = pthread_cond_timedwait(&cond->cond, &mutex->lock, deadline);

    thread_check(err == ETIMEDOUT ? 0 : err, __func__);
    return err == 0;
}

bool qemu_cond_timedwait(QemuCond *cond, QemuMutex *mutex, int ms)
{
    struct timespec deadline = deadline_in_ms(MAX(ms, 0));

    g_assert(cond->initialized);
    return wait_until(cond, mutex, &deadline);
}

/* ---- semaphore ---- */

void qemu_sem_init(QemuSemaphore *sem, int init)
{
    g_assert(init >= 0);
    qemu_mutex_init(&sem->mutex);
    qemu_cond_init(&sem->cond);
    sem->count = init;
}

void qemu_sem_destroy(QemuSemaphore *sem)
{
    qemu_cond_destroy(&sem->cond);
    qemu_mutex_destroy(&sem->mutex);
}

void qemu_sem_post(QemuSemaphore *sem)
{
    QEMU_LOCK_GUARD(&sem->mutex);

    g_assert(sem->count < UINT_MAX);
    sem->count++;
    qemu_cond_signal(&sem->cond);
}

void qemu_sem_wait(QemuSemaphore *sem)
{
    QEMU_LOCK_GUARD(&sem->mutex);

    while (!sem->count) {
        qemu_cond_wait(&sem->cond, &sem->mutex);
    }
    sem->count--;
}

int qemu_sem_timedwait(QemuSemaphore *sem, int ms)
{
    struct timespec deadline = deadline_in_ms(MAX(ms, 0));
    QEMU_LOCK_GUARD(&sem->mutex);

    while (!sem->count) {
        if (!wait_until(&sem->cond, &sem->mutex, &deadline) && !sem->count) {
            return -1;
        }
    }
    sem->count--;
    return 0;
}

/* ---- event ---- */

void qemu_event_init(QemuEvent *ev, bool init)
{
    qemu_mutex_init(&ev->mutex);
    qemu_cond_init(&ev->cond);
    ev->set = init;
}

void qemu_event_destroy(QemuEvent *ev)
{
    qemu_cond_destroy(&ev->cond);
    qemu_mutex_destroy(&ev->mutex);
}

void qemu_event_set(QemuEvent *ev)
{
    QEMU_LOCK_GUARD(&ev->mutex);

    ev->set = true;
    qemu_cond_broadcast(&ev->cond);
}

void qemu_event_reset(QemuEvent *ev)
{
    QEMU_LOCK_GUARD(&ev->mutex);

    ev->set = false;
}

void qemu_event_wait(QemuEvent *ev)
{
    QEMU_LOCK_GUARD(&ev->mutex);

    while (!ev->set) {
        qemu_cond_wait(&ev->cond, &ev->mutex);
    }
}
