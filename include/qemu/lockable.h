/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scope guards for anything that can be locked: QEMU_LOCK_GUARD(&mutex) until
 * the end of the block, WITH_QEMU_LOCK_GUARD(&mutex) { ... }.
 *
 * Lock order: none of its own; the guarded lock's order applies.
 */
#ifndef QEMU_LOCKABLE_H
#define QEMU_LOCKABLE_H

#include "qemu/thread.h"

typedef void QemuLockUnlockFunc(void *);

struct QemuLockable {
    void *object;
    QemuLockUnlockFunc *lock;
    QemuLockUnlockFunc *unlock;
};

static inline void qemu_lockable_op_mutex_lock(void *m) { qemu_mutex_lock(m); }
static inline void qemu_lockable_op_mutex_unlock(void *m) { qemu_mutex_unlock(m); }
static inline void qemu_lockable_op_rec_lock(void *m) { qemu_rec_mutex_lock(m); }
static inline void qemu_lockable_op_rec_unlock(void *m) { qemu_rec_mutex_unlock(m); }
static inline void qemu_lockable_op_spin_lock(void *m) { qemu_spin_lock(m); }
static inline void qemu_lockable_op_spin_unlock(void *m) { qemu_spin_unlock(m); }

static inline QemuLockable qemu_lockable_of_mutex(QemuMutex *m)
{
    return (QemuLockable) { m, qemu_lockable_op_mutex_lock, qemu_lockable_op_mutex_unlock };
}

static inline QemuLockable qemu_lockable_of_rec(QemuRecMutex *m)
{
    return (QemuLockable) { m, qemu_lockable_op_rec_lock, qemu_lockable_op_rec_unlock };
}

static inline QemuLockable qemu_lockable_of_spin(QemuSpin *m)
{
    return (QemuLockable) { m, qemu_lockable_op_spin_lock, qemu_lockable_op_spin_unlock };
}

static inline QemuLockable qemu_lockable_of_lockable(QemuLockable *l)
{
    return *l;
}

/* By value, where QEMU has a pointer to a temporary: nothing can dangle. */
#define QEMU_LOCKABLE_VALUE(x) _Generic((x), \
        QemuMutex *: qemu_lockable_of_mutex, \
        QemuRecMutex *: qemu_lockable_of_rec, \
        QemuSpin *: qemu_lockable_of_spin, \
        QemuLockable *: qemu_lockable_of_lockable)(x)

#define QEMU_MAKE_LOCKABLE(x) (&(QemuLockable) { \
        QEMU_LOCKABLE_VALUE(x).object, QEMU_LOCKABLE_VALUE(x).lock, QEMU_LOCKABLE_VALUE(x).unlock })

static inline void qemu_lockable_lock(QemuLockable *l)
{
    l->lock(l->object);
}

static inline void qemu_lockable_unlock(QemuLockable *l)
{
    l->unlock(l->object);
}

static inline QemuLockable qemu_lock_guard_take(QemuLockable l)
{
    l.lock(l.object);
    return l;
}

static inline void qemu_lock_guard_drop(QemuLockable *l)
{
    l->unlock(l->object);
}

#define QEMU_LOCK_GUARD_(x, name) \
    __attribute__((cleanup(qemu_lock_guard_drop), unused)) QemuLockable name = \
        qemu_lock_guard_take(QEMU_LOCKABLE_VALUE(x))
#define QEMU_LOCK_GUARD(x) QEMU_LOCK_GUARD_(x, glue(lock_guard_, __COUNTER__))

/* The loop runs once, as the compiler can see; leaving the block by any way unlocks. */
#define WITH_QEMU_LOCK_GUARD_(x, name) \
    for (QemuLockable name __attribute__((cleanup(qemu_lock_guard_drop))) = \
             qemu_lock_guard_take(QEMU_LOCKABLE_VALUE(x)), *glue(name, _once) = &name; \
         glue(name, _once); glue(name, _once) = NULL)
#define WITH_QEMU_LOCK_GUARD(x) WITH_QEMU_LOCK_GUARD_(x, glue(with_guard_, __COUNTER__))

#endif
