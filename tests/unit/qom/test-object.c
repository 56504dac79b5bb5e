/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Life of objects: references, children, embedded objects, construction with
 * properties, alignment, and the tree under several threads.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "test-object.h"

static void test_refs(void)
{
    Object *obj = object_new(TYPE_PROBE);

    g_assert_cmpint(probes_alive, ==, 1);
    g_assert_true(object_ref(obj) == obj);
    object_unref(obj);
    g_assert_cmpint(probes_alive, ==, 1);
    object_unref(obj);
    g_assert_cmpint(probes_alive, ==, 0);
    object_unref(NULL);
    g_assert_null(object_ref(NULL));
}

static void test_child(void)
{
    Object *parent = object_new(TYPE_PROBE);
    Object *child = object_new(TYPE_PROBE);
    Error *err = NULL;

    object_property_add_child(parent, "kid", child);
    object_unref(child);
    g_assert_cmpint(probes_alive, ==, 2);
    g_assert_true(object_resolve_path_component(parent, "kid") == child);
    g_assert_cmpstr(object_get_canonical_path_component(child), ==, "kid");
    g_assert_true(object_get_parent(child) == parent);

    child = object_new(TYPE_PROBE);
    g_assert_null(object_property_try_add_child(parent, "kid", child, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "'kid'"));
    error_free_or_abort(&err);
    g_assert_null(object_property_try_add_child(parent, "text", child, &err));
    error_free_or_abort(&err);
    object_unref(child);

    object_unref(parent);
    g_assert_cmpint(probes_alive, ==, 0);
}

static void test_unparent(void)
{
    g_autoptr(Object) parent = object_new(TYPE_PROBE);
    Object *child = object_new(TYPE_PROBE);

    object_property_add_child(parent, "kid", child);
    object_unparent(child);
    g_assert_cmpint(probes_alive, ==, 2);
    g_assert_null(object_get_parent(child));
    g_assert_null(object_resolve_path_component(parent, "kid"));
    /* without a parent it does nothing */
    object_unparent(child);
    object_unref(child);
    g_assert_cmpint(probes_alive, ==, 1);
}

static void test_numbered(void)
{
    g_autoptr(Object) parent = object_new(TYPE_PROBE);
    Object *first = NULL;
    int i;

    for (i = 0; i < 3; i++) {
        Object *child = object_new(TYPE_PROBE);

        object_property_add_child(parent, "n[*]", child);
        first = first ?: child;
        object_unref(child);
    }
    g_assert_nonnull(object_resolve_path_component(parent, "n[2]"));
    object_unparent(first);
    g_assert_null(object_resolve_path_component(parent, "n[0]"));
    first = object_new(TYPE_PROBE);
    object_property_add_child(parent, "n[*]", first);
    object_unref(first);
    g_assert_true(object_resolve_path_component(parent, "n[0]") == first);
}

typedef struct Holder {
    Object parent_obj;
    Probe inner;
} Holder;

static void holder_init(Object *obj)
{
    Holder *h = (Holder *)obj;

    object_initialize_child(obj, "inner", &h->inner, TYPE_PROBE);
}

static void test_embedded(void)
{
    Holder *h = (Holder *)object_new("test-holder");

    g_assert_cmpint(probes_alive, ==, 1);
    g_assert_true(object_resolve_path_component(OBJECT(h), "inner") == OBJECT(&h->inner));
    object_unref(h);
    g_assert_cmpint(probes_alive, ==, 0);
}

static void test_embedded_props(void)
{
    g_autoptr(Object) parent = object_new(TYPE_CONTAINER);
    Probe p;
    Error *err = NULL;

    g_assert_false(object_initialize_child_with_props(parent, "p", &p, sizeof(p),
                                                      TYPE_PROBE, &err, "u8", "999",
                                                      NULL));
    error_free_or_abort(&err);
    g_assert_cmpint(probes_alive, ==, 0);
    g_assert_null(object_resolve_path_component(parent, "p"));

    g_assert_true(object_initialize_child_with_props(parent, "p", &p, sizeof(p),
                                                     TYPE_PROBE, &error_abort,
                                                     "u8", "99", "text", "hey", NULL));
    g_assert_cmpuint(p.u8, ==, 99);
    g_assert_cmpstr(p.text, ==, "hey");
    object_unparent(OBJECT(&p));
    g_assert_cmpint(probes_alive, ==, 0);
}

static void test_new_with_props(void)
{
    g_autoptr(Object) parent = object_new(TYPE_CONTAINER);
    Error *err = NULL;
    Object *obj;

    obj = object_new_with_props(TYPE_PROBE, parent, "x", &error_abort,
                                "flag", "off", "mode", "on", NULL);
    g_assert_false(PROBE(obj)->flag);
    g_assert_cmpint(PROBE(obj)->mode, ==, ON_OFF_AUTO_ON);
    g_assert_true(object_get_parent(obj) == parent);
    g_assert_null(object_new_with_props(TYPE_PROBE, parent, "x", &err, NULL));
    error_free_or_abort(&err);
    g_assert_null(object_new_with_props(TYPE_PROBE, parent, "y", &err, "nope", "1", NULL));
    error_free_or_abort(&err);
    g_assert_null(object_new_with_props("no-such-type", parent, "y", &err, NULL));
    error_free_or_abort(&err);
    g_assert_cmpint(probes_alive, ==, 1);
}

static void test_alignment(void)
{
    Object *obj = object_new("test-aligned");

    g_assert_cmpuint((uintptr_t)obj % 256, ==, 0);
    object_unref(obj);
}

static int unparents;

static void count_unparent(Object *obj)
{
    g_autofree char *path = object_get_canonical_path(obj);

    /* the path still works, and a second unparent from inside is harmless */
    g_assert_nonnull(path);
    object_unparent(obj);
    unparents++;
}

static void leaver_class_init(ObjectClass *oc, void *data)
{
    oc->unparent = count_unparent;
}

static void test_unparent_method(void)
{
    Object *obj = object_new("test-leaver");

    object_property_add_child(object_get_root(), "leaver", obj);
    object_unref(obj);
    object_unparent(obj);
    g_assert_cmpint(unparents, ==, 1);
}

static int stop_at_second(Object *child, void *opaque)
{
    return ++*(int *)opaque == 2 ? 77 : 0;
}

static int remove_child(Object *child, void *opaque)
{
    object_unparent(child);
    return 0;
}

static void test_foreach(void)
{
    g_autoptr(Object) parent = object_new(TYPE_CONTAINER);
    int n = 0;

    container_get(parent, "/a/b");
    container_get(parent, "/c");
    g_assert_cmpint(object_child_foreach(parent, stop_at_second, &n), ==, 77);
    n = -10;
    g_assert_cmpint(object_child_foreach_recursive(parent, stop_at_second, &n), ==, 0);
    g_assert_cmpint(n, ==, -7);
    /* the walk holds what it visits, so it may be taken away */
    g_assert_cmpint(object_child_foreach(parent, remove_child, NULL), ==, 0);
    g_assert_null(object_resolve_path_component(parent, "a"));
}

/* --- several threads at one parent ------------------------------------ */

#define N_THREADS 4
#define N_ROUNDS 200

static void *come_and_go(void *opaque)
{
    Object *shared = object_resolve_path("/shared", NULL);
    int i;

    for (i = 0; i < N_ROUNDS; i++) {
        g_autofree char *name = g_strdup_printf("%s-%d", (char *)opaque, i);
        Object *obj = object_new(TYPE_CONTAINER), *numbered;

        object_property_add_child(shared, name, obj);
        object_unref(obj);
        g_assert_true(object_resolve_path_component(shared, name) == obj);
        g_assert_nonnull(container_get(shared, "/same/for/all"));
        numbered = object_new(TYPE_CONTAINER);
        object_property_add_child(shared, "n[*]", numbered);
        object_unref(numbered);
        object_unparent(numbered);
        object_child_foreach(shared, stop_at_second, &(int) { 10 });
        object_unparent(obj);
    }
    return NULL;
}

static void test_threads(void)
{
    Object *shared = container_get(object_get_root(), "/shared");
    static const char *const names[N_THREADS] = { "a", "b", "c", "d" };
    GThread *threads[N_THREADS];
    int i, left = 0;

    for (i = 0; i < N_THREADS; i++) {
        threads[i] = g_thread_new("tree", come_and_go, (void *)names[i]);
    }
    for (i = 0; i < N_THREADS; i++) {
        g_thread_join(threads[i]);
    }
    object_child_foreach(shared, stop_at_second, &left);
    /* "same" */
    g_assert_cmpint(left, ==, 1);
    object_unparent(shared);
}

static void register_types(void)
{
    static const TypeInfo infos[] = {
        {
            .name = "test-holder",
            .parent = TYPE_OBJECT,
            .instance_size = sizeof(Holder),
            .instance_init = holder_init,
        }, {
            .name = "test-aligned",
            .parent = TYPE_OBJECT,
            .instance_size = sizeof(Object) + 1,
            .instance_align = 256,
        }, {
            .name = "test-leaver",
            .parent = TYPE_CONTAINER,
            .class_init = leaver_class_init,
        },
    };

    type_register_static_array(infos, ARRAY_SIZE(infos));
    probe_register();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    register_types();
    g_test_add_func("/object/refs", test_refs);
    g_test_add_func("/object/child", test_child);
    g_test_add_func("/object/unparent", test_unparent);
    g_test_add_func("/object/numbered", test_numbered);
    g_test_add_func("/object/embedded", test_embedded);
    g_test_add_func("/object/embedded-props", test_embedded_props);
    g_test_add_func("/object/new-with-props", test_new_with_props);
    g_test_add_func("/object/alignment", test_alignment);
    g_test_add_func("/object/unparent-method", test_unparent_method);
    g_test_add_func("/object/foreach", test_foreach);
    g_test_add_func("/object/threads", test_threads);
    return g_test_run();
}
