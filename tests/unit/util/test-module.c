/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registration functions: queued before main(), run once, in order, kinds apart. */
#include "qemu/osdep.h"
#include "qemu/module.h"

module_obj("test-object");
module_dep("test-module");
module_kconfig(TEST);

static GString *trail;

static void first(void)
{
    g_string_append(trail, "1");
}

static void second(void)
{
    g_string_append(trail, "2");
}

static void other_kind(void)
{
    g_string_append(trail, "x");
}

type_init(first)
type_init(second)
block_init(other_kind)

static void test_order(void)
{
    trail = g_string_new(NULL);
    module_call_init(MODULE_INIT_QOM);
    g_assert_cmpstr(trail->str, ==, "12");
    module_call_init(MODULE_INIT_QOM);
    g_assert_cmpstr(trail->str, ==, "12");
    module_call_init(MODULE_INIT_BLOCK);
    g_assert_cmpstr(trail->str, ==, "12x");
    g_string_free(trail, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/module/order", test_order);
    return g_test_run();
}
