/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libqtest itself: every call that no test of a device makes. */
#include "qemu/osdep.h"
#include "libqtest-single.h"

static void test_widths(void)
{
    qtest_start("-device edu");
    writeb(0x1000, 0x11);
    writew(0x1002, 0x2222);
    writel(0x1004, 0x44444444);
    writeq(0x1008, 0x8877665544332211);
    g_assert_cmphex(readb(0x1000), ==, 0x11);
    g_assert_cmphex(readw(0x1002), ==, 0x2222);
    g_assert_cmphex(readl(0x1004), ==, 0x44444444);
    g_assert_cmphex(readq(0x1008), ==, 0x8877665544332211);
    g_assert_cmphex(readw(0x100b), ==, 0x5544);
    outl(0xcf8, 0x80000000);
    g_assert_cmphex(inl(0xcfc), ==, 0x11e81234);
    g_assert_cmphex(inw(0xcfe), ==, 0x11e8);
    g_assert_cmphex(inb(0xcff), ==, 0x11);
    outl(0xcf8, 0x80000004);
    outw(0xcfc, 6);
    outb(0xcfc, 7);
    g_assert_cmphex(inw(0xcfc), ==, 3 | 4);
    g_assert_false(qtest_big_endian(global_qtest));
    g_assert_true(qtest_module_load(global_qtest, "hw-", "anything"));
    g_assert_cmpint(clock_step(10), ==, 10);
    g_assert_cmpint(clock_step_next(), ==, 10);
    g_assert_cmpint(qtest_clock_set(global_qtest, 77), ==, 77);
    qtest_end();
}

static void test_blocks(void)
{
    enum { SIZE = 3 * 1024 * 1024 + 5 };
    g_autofree uint8_t *out = g_malloc(SIZE);
    g_autofree uint8_t *in = g_malloc(SIZE);
    QTestState *s = qtest_init("-device edu");

    for (unsigned i = 0; i < SIZE; i++) {
        out[i] = i * 7 + (i >> 8);
    }
    qtest_bufwrite(s, 0x12345, out, SIZE);
    qtest_memread(s, 0x12345, in, SIZE);
    g_assert_cmpmem(in, SIZE, out, SIZE);
    qtest_memset(s, 0x12344, 0xcc, SIZE + 2);
    qtest_bufread(s, 0x12345, in, SIZE);
    for (unsigned i = 0; i < SIZE; i++) {
        g_assert_cmphex(in[i], ==, 0xcc);
    }
    qtest_memwrite(s, 0x12345, out, SIZE);
    qtest_bufread(s, 0x12345, in, SIZE);
    g_assert_cmpmem(in, SIZE, out, SIZE);
    g_assert_cmphex(qtest_readb(s, 0x12344), ==, 0xcc);
    g_assert_cmphex(qtest_readb(s, 0x12345 + SIZE), ==, 0xcc);
    qtest_quit(s);
}

/* Two programs at a time, two domains in one. */
static void test_several(void)
{
    QTestState *a = qtest_init("-device edu,id=x -device edu,id=y");
    QTestState *b = qtest_init("-device edu");

    qtest_domain(a, "x");
    qtest_writel(a, 0x100, 1);
    qtest_domain(a, "y");
    g_assert_cmphex(qtest_readl(a, 0x100), ==, 0);
    qtest_writel(a, 0x100, 2);
    qtest_writel(b, 0x100, 3);
    qtest_domain(a, "x");
    g_assert_cmphex(qtest_readl(a, 0x100), ==, 1);
    g_assert_cmphex(qtest_readl(b, 0x100), ==, 3);
    qtest_quit(a);
    qtest_quit(b);
}

static void test_qmp(void)
{
    QTestState *s = qtest_init("");
    g_autoptr(JsonObject) bad = qtest_qmp(s, "{\"execute\": \"%s\"}", "nonsense");
    g_autofree char *answer = NULL;

    g_assert_true(json_object_has_member(bad, "error"));
    qtest_qmp_device_add(s, "edu", "d0", "\"dma_mask\": %u", 0xfffff);
    answer = qtest_command(s, "domain");
    g_assert_cmpstr(answer, ==, "OK d0");
    g_assert_null(qtest_qmp_event_pending(s, "DEVICE_DELETED"));
    qtest_qmp_device_del(s, "d0");
    qtest_quit(s);
}

/* --- how a test ends that something is wrong with --- */

static void test_fails(void)
{
    if (g_test_subprocess()) {
        QTestState *s = qtest_init("-device edu");

        qtest_domain(s, "nobody");
        return;
    }
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*no isolation domain 'nobody'*");
}

static void test_program_dies(void)
{
    if (g_test_subprocess()) {
        QTestState *s = qtest_init("-device edu");

        kill(qtest_pid(s), SIGKILL);
        qtest_readl(s, 0);
        return;
    }
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_failed();
}

static void test_bad_options(void)
{
    if (g_test_subprocess()) {
        qtest_init("-device nonsense");
        return;
    }
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*nonsense*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("libqtest/widths", test_widths);
    qtest_add_func("libqtest/blocks", test_blocks);
    qtest_add_func("libqtest/several", test_several);
    qtest_add_func("libqtest/qmp", test_qmp);
    qtest_add_func("libqtest/fails", test_fails);
    qtest_add_func("libqtest/program-dies", test_program_dies);
    qtest_add_func("libqtest/bad-options", test_bad_options);
    return g_test_run();
}
