/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Atomic access: results of each form, and a counter that threads share. */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/bitops.h"
#include "qemu/thread.h"

static void test_values(void)
{
    unsigned v = 5;

    g_assert_cmpuint(qatomic_read(&v), ==, 5);
    qatomic_set(&v, 6);
    g_assert_cmpuint(qatomic_fetch_add(&v, 2), ==, 6);
    g_assert_cmpuint(qatomic_sub_fetch(&v, 1), ==, 7);
    g_assert_cmpuint(qatomic_xchg(&v, 0xf0), ==, 7);
    g_assert_cmpuint(qatomic_fetch_or(&v, 0x0f), ==, 0xf0);
    g_assert_cmpuint(qatomic_fetch_and(&v, 0x3c), ==, 0xff);
    qatomic_or(&v, 1);
    qatomic_and(&v, ~4u);
    g_assert_cmpuint(v, ==, 0x39);
    g_assert_cmpuint(qatomic_cmpxchg(&v, 1, 2), ==, 0x39);
    g_assert_cmpuint(qatomic_cmpxchg(&v, 0x39, 2), ==, 0x39);
    g_assert_cmpuint(v, ==, 2);
    qatomic_inc(&v);
    qatomic_dec(&v);
    smp_mb__after_rmw();
    g_assert_cmpuint(qatomic_load_acquire(&v), ==, 2);
}

static unsigned shared;
static unsigned long bits[4];

static void *bump(void *opaque)
{
    long first = (long)opaque;

    for (int i = 0; i < 10000; i++) {
        qatomic_inc(&shared);
    }
    for (long bit = first; bit < 256; bit += 4) {
        set_bit_atomic(bit, bits);
    }
    return NULL;
}

static void test_threads(void)
{
    QemuThread threads[4];

    for (long i = 0; i < 4; i++) {
        qemu_thread_create(&threads[i], "bump", bump, (void *)i, QEMU_THREAD_JOINABLE);
    }
    for (int i = 0; i < 4; i++) {
        qemu_thread_join(&threads[i]);
    }
    g_assert_cmpuint(shared, ==, 40000);
    g_assert_cmpuint(find_first_zero_bit(bits, 256), ==, 256);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/atomic/values", test_values);
    g_test_add_func("/atomic/threads", test_threads);
    return g_test_run();
}
