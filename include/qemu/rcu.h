/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Read-copy-update, QEMU's names. Reads are what the domain's lock covers here:
 * device models run under it, so read sections have nothing to mark. What they
 * hand to call_rcu()/g_free_rcu() is freed by a bottom half of the current
 * context, thus after the callback that is running, and synchronize_rcu()
 * waits for nothing: within one domain there is no second reader.
 *
 * A thread of a device's own that reads such data must hold the big lock.
 * Lock order: none of its own.
 */
#ifndef QEMU_RCU_H
#define QEMU_RCU_H

#include "qemu/atomic.h"
#include "qemu/compiler.h"

static inline void rcu_read_lock(void) { barrier(); }
static inline void rcu_read_unlock(void) { barrier(); }
static inline void rcu_init(void) { }
static inline void rcu_register_thread(void) { }
static inline void rcu_unregister_thread(void) { }
static inline void synchronize_rcu(void) { barrier(); }
#define RCU_READ_LOCK_GUARD() do { } while (0)
#define WITH_RCU_READ_LOCK_GUARD() if (1)

struct rcu_head;
typedef void RCUCBFunc(struct rcu_head *head);
struct rcu_head {
    RCUCBFunc *func;
};

/* Runs func from a bottom half of the calling thread's current context. */
void call_rcu1(struct rcu_head *head, RCUCBFunc *func);
/* Waits until what the current context was given so far has run. */
void drain_call_rcu(void);

#define call_rcu(head, func, field) do { \
        QEMU_BUILD_BUG_ON(offsetof(__typeof__(*(head)), field) != 0); \
        call_rcu1(&(head)->field, (RCUCBFunc *)(void (*)(void))(func)); \
    } while (0)
void rcu_free_with_g_free(struct rcu_head *head);
#define g_free_rcu(obj, field) do { \
        QEMU_BUILD_BUG_ON(offsetof(__typeof__(*(obj)), field) != 0); \
        call_rcu1(&(obj)->field, rcu_free_with_g_free); \
    } while (0)

#endif
