/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/defer-call.h"

static unsigned calls[32];

static void count(void *opaque)
{
    calls[GPOINTER_TO_UINT(opaque)]++;
}

static void count_and_defer(void *opaque)
{
    count(opaque);
    defer_call(count, GUINT_TO_POINTER(GPOINTER_TO_UINT(opaque) + 1));
}

static void reset(void)
{
    memset(calls, 0, sizeof(calls));
}

static void test_outside(void)
{
    reset();
    defer_call(count, GUINT_TO_POINTER(3));
    g_assert_cmpuint(calls[3], ==, 1);
}

static void test_once(void)
{
    reset();
    defer_call_begin();
    defer_call_begin();
    for (int i = 0; i < 5; i++) {
        defer_call(count, GUINT_TO_POINTER(1));
        defer_call(count, GUINT_TO_POINTER(2));
    }
    defer_call_end();
    g_assert_cmpuint(calls[1] + calls[2], ==, 0);
    defer_call_end();
    g_assert_cmpuint(calls[1], ==, 1);
    g_assert_cmpuint(calls[2], ==, 1);
}

static void test_more_than_fit(void)
{
    reset();
    defer_call_begin();
    for (unsigned i = 0; i < ARRAY_SIZE(calls); i++) {
        defer_call(count, GUINT_TO_POINTER(i));
    }
    defer_call_end();
    for (unsigned i = 0; i < ARRAY_SIZE(calls); i++) {
        g_assert_cmpuint(calls[i], ==, 1);
    }
}

static void test_call_that_defers(void)
{
    reset();
    defer_call_begin();
    defer_call(count_and_defer, GUINT_TO_POINTER(7));
    defer_call_end();
    g_assert_cmpuint(calls[7], ==, 1);
    g_assert_cmpuint(calls[8], ==, 1);
}

static void test_flush(void)
{
    reset();
    defer_call_begin();
    defer_call(count, GUINT_TO_POINTER(4));
    defer_call_flush();
    g_assert_cmpuint(calls[4], ==, 1);
    defer_call(count, GUINT_TO_POINTER(4));
    g_assert_cmpuint(calls[4], ==, 1);
    defer_call_end();
    g_assert_cmpuint(calls[4], ==, 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/defer-call/outside", test_outside);
    g_test_add_func("/defer-call/once", test_once);
    g_test_add_func("/defer-call/more-than-fit", test_more_than_fit);
    g_test_add_func("/defer-call/call-that-defers", test_call_that_defers);
    g_test_add_func("/defer-call/flush", test_flush);
    return g_test_run();
}
