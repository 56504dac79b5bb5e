/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's names for atomic access, on top of the compiler's builtins. The plain
 * forms (read, set) are relaxed; the read-modify-write forms are sequentially
 * consistent, so smp_mb__after_rmw() has nothing left to do but stop the compiler.
 */
#ifndef QEMU_ATOMIC_H
#define QEMU_ATOMIC_H

#include "qemu/compiler.h"

/*
 * ThreadSanitizer does not model fences (gcc warns about them), hence our own
 * code pairs atomic accesses instead. For device models they are real.
 */
#ifdef QEMU_SANITIZE_THREAD
#define smp_mb() __sync_synchronize()
#define smp_mb_acquire() __sync_synchronize()
#define smp_mb_release() __sync_synchronize()
#else
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_mb_acquire() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_mb_release() __atomic_thread_fence(__ATOMIC_RELEASE)
#endif
#define smp_rmb() smp_mb_acquire()
#define smp_wmb() smp_mb_release()
#define smp_read_barrier_depends() barrier()
#define smp_mb__before_rmw() barrier()
#define smp_mb__after_rmw() barrier()
#define signal_barrier() __atomic_signal_fence(__ATOMIC_SEQ_CST)

/* A value, not an lvalue: drops const and volatile of the pointed-to type. */
#define ATOMIC_LOAD_(ptr, order) __atomic_load_n((ptr), (order))

#define qatomic_read__nocheck(ptr) ATOMIC_LOAD_(ptr, __ATOMIC_RELAXED)
#define qatomic_read(ptr) ATOMIC_LOAD_(ptr, __ATOMIC_RELAXED)
#define qatomic_set__nocheck(ptr, val) qatomic_set(ptr, val)
#define qatomic_set(ptr, val) __atomic_store_n((ptr), (val), __ATOMIC_RELAXED)
#define qatomic_load_acquire(ptr) ATOMIC_LOAD_(ptr, __ATOMIC_ACQUIRE)
#define qatomic_store_release(ptr, val) __atomic_store_n((ptr), (val), __ATOMIC_RELEASE)
#define qatomic_mb_read(ptr) ATOMIC_LOAD_(ptr, __ATOMIC_SEQ_CST)
#define qatomic_mb_set(ptr, val) __atomic_store_n((ptr), (val), __ATOMIC_SEQ_CST)
#define qatomic_set_mb(ptr, val) ((void)qatomic_xchg(ptr, val))
#define qatomic_rcu_read(ptr) ATOMIC_LOAD_(ptr, __ATOMIC_ACQUIRE)
#define qatomic_rcu_set(ptr, val) qatomic_store_release(ptr, val)

#define qatomic_xchg(ptr, val) __atomic_exchange_n((ptr), (val), __ATOMIC_SEQ_CST)

/* Returns what was there; equal to `old` means that the exchange took place. */
#define qatomic_cmpxchg(ptr, old, new) __extension__({ \
        __typeof__((*(ptr)) + 0) expected_ = (old); \
        __atomic_compare_exchange_n((ptr), (__typeof__(*(ptr)) *)&expected_, (new), false, \
                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
        expected_; })

#define qatomic_fetch_add(ptr, n) __atomic_fetch_add((ptr), (n), __ATOMIC_SEQ_CST)
#define qatomic_fetch_sub(ptr, n) __atomic_fetch_sub((ptr), (n), __ATOMIC_SEQ_CST)
#define qatomic_fetch_and(ptr, n) __atomic_fetch_and((ptr), (n), __ATOMIC_SEQ_CST)
#define qatomic_fetch_or(ptr, n) __atomic_fetch_or((ptr), (n), __ATOMIC_SEQ_CST)
#define qatomic_fetch_xor(ptr, n) __atomic_fetch_xor((ptr), (n), __ATOMIC_SEQ_CST)
#define qatomic_fetch_inc(ptr) qatomic_fetch_add(ptr, 1)
#define qatomic_fetch_dec(ptr) qatomic_fetch_sub(ptr, 1)
#define qatomic_add_fetch(ptr, n) __atomic_add_fetch((ptr), (n), __ATOMIC_SEQ_CST)
#define qatomic_sub_fetch(ptr, n) __atomic_sub_fetch((ptr), (n), __ATOMIC_SEQ_CST)
#define qatomic_and_fetch(ptr, n) __atomic_and_fetch((ptr), (n), __ATOMIC_SEQ_CST)
#define qatomic_or_fetch(ptr, n) __atomic_or_fetch((ptr), (n), __ATOMIC_SEQ_CST)
#define qatomic_xor_fetch(ptr, n) __atomic_xor_fetch((ptr), (n), __ATOMIC_SEQ_CST)
#define qatomic_inc_fetch(ptr) qatomic_add_fetch(ptr, 1)
#define qatomic_dec_fetch(ptr) qatomic_sub_fetch(ptr, 1)

#define qatomic_inc(ptr) ((void)qatomic_fetch_add(ptr, 1))
#define qatomic_dec(ptr) ((void)qatomic_fetch_sub(ptr, 1))
#define qatomic_add(ptr, n) ((void)qatomic_fetch_add(ptr, n))
#define qatomic_sub(ptr, n) ((void)qatomic_fetch_sub(ptr, n))
#define qatomic_and(ptr, n) ((void)qatomic_fetch_and(ptr, n))
#define qatomic_or(ptr, n) ((void)qatomic_fetch_or(ptr, n))
#define qatomic_xor(ptr, n) ((void)qatomic_fetch_xor(ptr, n))

typedef int64_t aligned_int64_t QEMU_ALIGNED(8);
typedef uint64_t aligned_uint64_t QEMU_ALIGNED(8);
#define qatomic_read_i64(ptr) ((int64_t)qatomic_read(ptr))
#define qatomic_read_u64(ptr) ((uint64_t)qatomic_read(ptr))
#define qatomic_set_i64(ptr, val) qatomic_set(ptr, val)
#define qatomic_set_u64(ptr, val) qatomic_set(ptr, val)

#endif
