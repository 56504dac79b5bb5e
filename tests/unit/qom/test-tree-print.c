/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The composition tree as text, and that each object is looked at under its protection. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "test-object.h"

static GString *path;           /* of those that are entered now */
static unsigned entered, deepest;

static void *enter(Object *obj)
{
    const char *name = object_get_canonical_path_component(obj);

    entered++;
    g_string_append_printf(path, "/%s", name);
    deepest = MAX(deepest, path->len);
    return (void *)name;
}

static void leave(void *name)
{
    g_autofree char *end = g_strdup_printf("/%s", (char *)name);

    g_assert_true(g_str_has_suffix(path->str, end));
    g_string_truncate(path, path->len - strlen(end));
}

static const ObjectTreeGuard guard = { enter, leave };

static void test_text(void)
{
    Object *root = container_get(object_get_root(), "/tree");
    g_autoptr(GString) out = g_string_new(NULL);

    container_get(object_get_root(), "/tree/b/deep");
    container_get(object_get_root(), "/tree/a");
    path = g_string_new(NULL);
    object_print_tree(root, &guard, out);
    g_assert_cmpstr(out->str, ==,
                    "/tree (container)\n"
                    "  /b (container)\n"
                    "    /deep (container)\n"
                    "  /a (container)\n");
    /* Each once, and as long as what is below it. */
    g_assert_cmpuint(entered, ==, 4);
    g_assert_cmpuint(deepest, ==, strlen("/tree/b/deep"));
    g_assert_cmpstr(path->str, ==, "");
    g_string_free(path, TRUE);
    object_unparent(root);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    g_test_add_func("/tree-print/text", test_text);
    return g_test_run();
}
