/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paths: canonical, absolute, partial, ambiguous, typed.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "test-object.h"

static void test_roots(void)
{
    g_autofree char *root = object_get_canonical_path(object_get_root());
    g_autofree char *objects = object_get_canonical_path(object_get_objects_root());

    g_assert_cmpstr(root, ==, "/");
    g_assert_cmpstr(objects, ==, "/objects");
    g_assert_true(object_get_root() == object_resolve_path("/", NULL));
    g_assert_null(object_get_canonical_path(object_get_internal_root()));
}

static void test_absolute(void)
{
    Object *leaf = container_get(object_get_root(), "/m/peripheral/d0");
    g_autofree char *path = object_get_canonical_path(leaf);
    bool ambiguous = true;

    g_assert_cmpstr(path, ==, "/m/peripheral/d0");
    g_assert_true(object_resolve_path(path, &ambiguous) == leaf);
    g_assert_false(ambiguous);
    g_assert_true(object_resolve_path("/m//peripheral/d0/", NULL) == leaf);
    g_assert_true(object_resolve_path_at(object_get_parent(leaf), "d0") == leaf);
    g_assert_true(object_resolve_path_at(leaf, "/m/peripheral/d0") == leaf);
    g_assert_null(object_resolve_path("/m/peripheral/d1", NULL));
    g_assert_null(object_resolve_path("", NULL));
    object_unparent(container_get(object_get_root(), "/m"));
}

static void test_partial(void)
{
    Object *x = container_get(object_get_root(), "/p/one/x");
    bool ambiguous = true;

    g_assert_true(object_resolve_path("x", &ambiguous) == x);
    g_assert_false(ambiguous);
    container_get(object_get_root(), "/p/two/x");
    g_assert_null(object_resolve_path("x", &ambiguous));
    g_assert_true(ambiguous);
    g_assert_true(object_resolve_path("one/x", &ambiguous) == x);
    g_assert_null(object_resolve_path("three/x", &ambiguous));
    g_assert_false(ambiguous);
    object_unparent(container_get(object_get_root(), "/p"));
}

static void test_typed(void)
{
    Object *box = container_get(object_get_root(), "/t/one/y");
    Object *two = container_get(object_get_root(), "/t/two");
    Object *probe = object_new_with_props(TYPE_PROBE, two, "y", &error_abort, NULL);
    bool ambiguous;

    g_assert_null(object_resolve_path("y", &ambiguous));
    g_assert_true(ambiguous);
    g_assert_true(object_resolve_path_type("y", TYPE_PROBE, &ambiguous) == probe);
    g_assert_false(ambiguous);
    g_assert_null(object_resolve_path_type("/t/one/y", TYPE_PROBE, NULL));
    /* an empty path: the only object of the type */
    g_assert_true(object_resolve_path_type("", TYPE_PROBE, &ambiguous) == probe);
    object_property_set_link(probe, "weak", probe, &error_abort);
    g_assert_true(object_resolve_path("/t/two/y/weak/weak", NULL) == probe);
    g_assert_nonnull(box);
    object_unparent(container_get(object_get_root(), "/t"));
    g_assert_cmpint(probes_alive, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    probe_register();
    g_test_add_func("/path/roots", test_roots);
    g_test_add_func("/path/absolute", test_absolute);
    g_test_add_func("/path/partial", test_partial);
    g_test_add_func("/path/typed", test_typed);
    return g_test_run();
}
