/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of the command line, and the steps made of them. */
#include "qemu/osdep.h"
#include "tools/vfu/args.h"
#include "tools/vfu/steps.h"

static void good_number(const char *word, uint64_t expect)
{
    uint64_t value = ~expect;

    g_assert_true(arg_number("n", word, &value, NULL));
    g_assert_cmphex(value, ==, expect);
}

static void bad_number(const char *word)
{
    uint64_t value;
    Error *err = NULL;

    g_assert_false(arg_number("offset", word, &value, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "offset"));
    error_free(err);
}

static void test_numbers(void)
{
    good_number("0", 0);
    good_number("42", 42);
    good_number("0x1f", 0x1f);
    good_number("0b101", 5);
    good_number("4K", 4096);
    good_number("2m", 2 << 20);
    good_number("1G", 1 << 30);
    good_number("0xffffffffffffffff", UINT64_MAX);
    bad_number("");
    bad_number("-1");
    bad_number("+1");
    bad_number(" 1");
    bad_number("1x");
    bad_number("1KB");
    bad_number("0x");
    bad_number("0b2");
    bad_number("18446744073709551616");
    bad_number("99999999999T");
}

static void test_names(void)
{
    uint32_t index;
    unsigned width;

    g_assert_true(arg_region("bar0", &index, NULL));
    g_assert_cmpuint(index, ==, 0);
    g_assert_true(arg_region("CONFIG", &index, NULL));
    g_assert_cmpuint(index, ==, 7);
    g_assert_true(arg_region("12", &index, NULL));
    g_assert_cmpuint(index, ==, 12);
    g_assert_false(arg_region("bar6", &index, NULL));
    g_assert_false(arg_region("4294967296", &index, NULL));
    g_assert_true(arg_irq("msix", &index, NULL));
    g_assert_cmpuint(index, ==, 2);
    g_assert_false(arg_irq("msiy", &index, NULL));
    g_assert_true(arg_width("q", &width, NULL));
    g_assert_cmpuint(width, ==, 8);
    g_assert_true(arg_width("2", &width, NULL));
    g_assert_cmpuint(width, ==, 2);
    g_assert_false(arg_width("3", &width, NULL));
    g_assert_false(arg_width("", &width, NULL));
    g_assert_false(arg_width("44", &width, NULL));
    g_assert_null(region_name(9));
    g_assert_cmpstr(irq_name(4), ==, "req");
    g_assert_null(irq_name(5));
}

static void test_steps(void)
{
    Step s;

    g_assert_true(step_parse("bar0:0x10", &s, NULL));
    g_assert_cmpint(s.kind, ==, STEP_READ);
    g_assert_cmpuint(s.width, ==, 4);
    g_assert_cmpuint(s.offset, ==, 16);
    g_assert_true(step_parse("config:4/2=0x106", &s, NULL));
    g_assert_cmpint(s.kind, ==, STEP_WRITE);
    g_assert_cmpuint(s.region, ==, 7);
    g_assert_cmpuint(s.width, ==, 2);
    g_assert_cmphex(s.value, ==, 0x106);
    g_assert_true(step_parse("bar0:0x98/8&1==0", &s, NULL));
    g_assert_cmpint(s.kind, ==, STEP_UNTIL);
    g_assert_cmphex(s.mask, ==, 1);
    g_assert_cmphex(s.value, ==, 0);
    g_assert_true(step_parse("bar2:0==7", &s, NULL));
    g_assert_cmpint(s.kind, ==, STEP_UNTIL);
    g_assert_cmphex(s.mask, ==, UINT64_MAX);
    g_assert_true(step_parse("wait:0.25", &s, NULL));
    g_assert_cmpfloat(s.seconds, ==, 0.25);
    g_assert_true(step_parse("reset", &s, NULL));
    g_assert_cmpint(s.kind, ==, STEP_RESET);
}

static void test_bad_steps(void)
{
    static const char *const words[] = {
        "", "bar0", "bar9:0", "bar0:", "bar0:x", "bar0:0=", "bar0:0&1=0", "bar0:0&1",
        "bar0:0/3", "wait:", "wait:-1", "wait:nan", "bar0:0/1=256", "bar0:0=0x100000000",
    };
    Step s;

    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        Error *err = NULL;

        if (step_parse(words[i], &s, &err)) {
            g_test_message("'%s' was taken", words[i]);
            g_test_fail();
        }
        error_free(err);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vfu/args/numbers", test_numbers);
    g_test_add_func("/vfu/args/names", test_names);
    g_test_add_func("/vfu/steps/good", test_steps);
    g_test_add_func("/vfu/steps/bad", test_bad_steps);
    return g_test_run();
}
