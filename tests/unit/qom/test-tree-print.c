/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The composition tree as text, and that each object is looked at under its protection. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "test-object.h"

static GPtrArray *entered;
static unsigned left, deepest;

static void *enter(Object *obj)
{
    g_ptr_array_add(entered, obj);
    deepest = MAX(deepest, entered->len - left);
    return obj;
}

static void leave(void *obj)
{
    g_assert_true(g_ptr_array_index(entered, entered->len - 1) == obj);
    left++;
}

static const ObjectTreeGuard guard = { enter, leave };

static void test_text(void)
{
    Object *root = container_get(object_get_root(), "/tree");
    g_autoptr(GString) out = g_string_new(NULL);

    container_get(object_get_root(), "/tree/b/deep");
    container_get(object_get_root(), "/tree/a");
    entered = g_ptr_array_new();
    object_print_tree(root, &guard, out);
    g_assert_cmpstr(out->str, ==,
                    "/tree (container)\n"
                    "  /b (container)\n"
                    "    /deep (container)\n"
                    "  /a (container)\n");
    /* Twice for each of the four, one at a time. */
    g_assert_cmpuint(entered->len, ==, 8);
    g_assert_cmpuint(left, ==, 8);
    g_assert_cmpuint(deepest, ==, 1);
    g_ptr_array_unref(entered);
    object_unparent(root);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    g_test_add_func("/tree-print/text", test_text);
    return g_test_run();
}
