/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event queue: order, the bound, delivery once somebody listens, and
 * emission from several threads.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "block/aio.h"
#include "qapi/error.h"
#include "qapi/qmp-event.h"

static GPtrArray *got;

static void sink(JsonObject *event, void *opaque)
{
    g_assert(opaque == &got);
    g_assert_true(json_object_has_member(event, "timestamp"));
    g_ptr_array_add(got, json_object_ref(event));
}

static const char *name_at(unsigned i)
{
    return json_object_get_string_member(g_ptr_array_index(got, i), "event");
}

static void listen_now(void)
{
    got = g_ptr_array_new_with_free_func((GDestroyNotify)json_object_unref);
    qmp_event_set_sink(sink, &got);
}

static void stop_listening(void)
{
    qmp_event_set_sink(NULL, NULL);
    g_clear_pointer(&got, g_ptr_array_unref);
}

static void test_waits_for_sink(void)
{
    JsonObject *data = json_object_new();

    json_object_set_int_member(data, "n", 3);
    qmp_event_emit("FIRST", data);
    qmp_event_emit("SECOND", NULL);
    qmp_event_dispatch();
    listen_now();
    g_assert_cmpuint(got->len, ==, 0);
    while (got->len < 2) {
        aio_poll(aio_context_main(), true);
    }
    g_assert_cmpstr(name_at(0), ==, "FIRST");
    g_assert_cmpstr(name_at(1), ==, "SECOND");
    data = json_object_get_object_member(g_ptr_array_index(got, 0), "data");
    g_assert_cmpint(json_object_get_int_member(data, "n"), ==, 3);
    g_assert_false(json_object_has_member(g_ptr_array_index(got, 1), "data"));
    stop_listening();
}

static void test_bound(void)
{
    uint64_t before = qmp_event_dropped();
    int i;

    for (i = 0; i < QMP_EVENT_QUEUE_MAX; i++) {
        qmp_event_emit("OLD", NULL);
    }
    g_assert_cmpuint(qmp_event_dropped(), ==, before);
    qmp_event_emit("NEW", NULL);
    g_assert_cmpuint(qmp_event_dropped(), ==, before + 1);
    listen_now();
    qmp_event_dispatch();
    g_assert_cmpuint(got->len, ==, QMP_EVENT_QUEUE_MAX);
    g_assert_cmpstr(name_at(got->len - 1), ==, "NEW");
    stop_listening();
}

#define THREADS 4
#define PER_THREAD 200

static void *emit_many(void *opaque)
{
    int i;

    for (i = 0; i < PER_THREAD; i++) {
        qmp_event_emit("FROM_THREAD", NULL);
    }
    return NULL;
}

static void test_threads(void)
{
    GThread *threads[THREADS];
    int i;

    listen_now();
    for (i = 0; i < THREADS; i++) {
        threads[i] = g_thread_new("emit", emit_many, NULL);
    }
    while (got->len < THREADS * PER_THREAD) {
        aio_poll(aio_context_main(), true);
    }
    for (i = 0; i < THREADS; i++) {
        g_thread_join(threads[i]);
    }
    g_assert_cmpuint(got->len, ==, THREADS * PER_THREAD);
    stop_listening();
}

#define ECHOES 100

static void echo_sink(JsonObject *event, void *opaque)
{
    unsigned *n = opaque;

    if (++*n < ECHOES) {
        qmp_event_emit("ECHO", NULL);
    }
}

/* Events that come while others are handed over wait for the loop's next turn. */
static void test_no_end(void)
{
    unsigned n = 0;

    qmp_event_emit("FIRST", NULL);
    qmp_event_set_sink(echo_sink, &n);
    qmp_event_dispatch();
    g_assert_cmpuint(n, ==, 1);
    while (n < ECHOES) {
        aio_poll(aio_context_main(), true);
    }
    qmp_event_set_sink(NULL, NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qemu_init_main_loop(&error_abort);
    g_test_add_func("/qmp-event/waits-for-sink", test_waits_for_sink);
    g_test_add_func("/qmp-event/bound", test_bound);
    g_test_add_func("/qmp-event/threads", test_threads);
    g_test_add_func("/qmp-event/no-end", test_no_end);
    return g_test_run();
}
