/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices with clients, in time that the test moves: what a client sees is exact
 * too, two clients never meet, and a test's RAM is not a client's.
 */
#include "qemu/osdep.h"
#include <sys/eventfd.h>
#include "libqtest.h"
#include "vfio-user/client.h"

enum {
    EDU_ID = 0x010000ed, SRC = 0x80, DST = 0x88, COUNT = 0x90, COMMAND = 0x98, ACK = 0x64,
    START = 1, TO_MEMORY = 2, WANT_IRQ = 4, WINDOW = 0x40000, DELAY_NS = 100 * 1000 * 1000,
    IOVA = 0x10000, SIZE = 0x10000,
};

typedef struct Client {
    VfuClient *c;
    VfuMemory *memory;
    int eventfd;
} Client;

static char *socket_path(const char *dir, unsigned n)
{
    return g_strdup_printf("%s/s%u", dir, n);
}

static QTestState *start_two(const char *dir)
{
    g_autofree char *a = socket_path(dir, 0), *b = socket_path(dir, 1);

    return qtest_initf("-device edu,id=d0 -device edu,id=d1"
                       " -object vfio-user-server,id=s0,type=unix,path=%s,device=d0"
                       " -object vfio-user-server,id=s1,type=unix,path=%s,device=d1", a, b);
}

/* Bus master on, memory lent at IOVA, INTx bound. */
static void attach(Client *cl, const char *dir, unsigned n)
{
    g_autofree char *path = socket_path(dir, n);

    cl->c = vfu_client_open(path, NULL, &error_abort);
    cl->memory = vfu_memory_new(SIZE, &error_abort);
    cl->eventfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    g_assert_cmpint(vfu_client_dma_map(cl->c, cl->memory, 0, IOVA, SIZE, 3, true), ==, 0);
    g_assert_cmpint(vfu_client_irq_bind(cl->c, VFU_IRQ_INTX, 0, 1, &cl->eventfd), ==, 0);
    g_assert_cmpint(vfu_client_writen(cl->c, VFU_REGION_CONFIG, 4, 2, 6), ==, 0);
}

static void detach(Client *cl)
{
    vfu_client_free(cl->c);
    vfu_memory_free(cl->memory);
    close(cl->eventfd);
}

static void copy(Client *cl, uint64_t src, uint64_t dst, uint64_t command)
{
    const struct { unsigned reg; uint64_t value; } writes[] = {
        { SRC, src }, { DST, dst }, { COUNT, 64 }, { COMMAND, command | START },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(writes); i++) {
        g_assert_cmpint(vfu_client_writen(cl->c, 0, writes[i].reg, 8, writes[i].value), ==, 0);
    }
}

static bool busy(Client *cl)
{
    return vfu_client_readn(cl->c, 0, COMMAND, 8) & START;
}

static unsigned interrupts(Client *cl)
{
    uint64_t count;

    return read(cl->eventfd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

static uint8_t *data(Client *cl)
{
    return vfu_memory_data(cl->memory);
}

typedef void Check(QTestState *qts, Client cl[2]);

static void with_two(const void *opaque)
{
    Check *check = *(Check *const *)opaque;
    g_autofree char *dir = g_dir_make_tmp("served-XXXXXX", NULL);
    QTestState *qts = start_two(dir);
    Client cl[2];

    attach(&cl[0], dir, 0);
    attach(&cl[1], dir, 1);
    check(qts, cl);
    detach(&cl[0]);
    detach(&cl[1]);
    qtest_quit(qts);
    g_assert_cmpint(rmdir(dir), ==, 0);
}

static void check_exact(QTestState *qts, Client cl[2])
{
    memset(data(&cl[0]), 0x5a, 64);
    copy(&cl[0], IOVA, WINDOW, 0);
    g_assert_cmpint(qtest_clock_step_next(qts), ==, DELAY_NS);
    copy(&cl[0], WINDOW, IOVA + 0x1000, TO_MEMORY | WANT_IRQ);
    qtest_clock_step(qts, DELAY_NS - 1);
    g_assert_true(busy(&cl[0]));
    g_assert_cmphex(data(&cl[0])[0x1000], ==, 0);
    g_assert_cmpuint(interrupts(&cl[0]), ==, 0);
    qtest_clock_step(qts, 1);
    /* the answer came when the domain was at rest: nothing has to be waited for */
    g_assert_cmphex(data(&cl[0])[0x103f], ==, 0x5a);
    g_assert_cmphex(data(&cl[0])[0x1040], ==, 0);
    g_assert_cmpuint(interrupts(&cl[0]), ==, 1);
    g_assert_false(busy(&cl[0]));
    g_assert_cmpuint(interrupts(&cl[1]), ==, 0);
}

/* The same IOVA, the same moment. */
static void check_two(QTestState *qts, Client cl[2])
{
    for (unsigned i = 0; i < 2; i++) {
        memset(data(&cl[i]), 0xa0 + i, 64);
        copy(&cl[i], IOVA, WINDOW, 0);
    }
    g_assert_cmpint(qtest_clock_step_next(qts), ==, DELAY_NS);
    for (unsigned i = 0; i < 2; i++) {
        copy(&cl[i], WINDOW, IOVA + 0x2000, TO_MEMORY | WANT_IRQ);
    }
    g_assert_cmpint(qtest_clock_step_next(qts), ==, 2 * DELAY_NS);
    for (unsigned i = 0; i < 2; i++) {
        g_assert_cmphex(data(&cl[i])[0x2000], ==, 0xa0 + i);
        g_assert_cmpuint(interrupts(&cl[i]), ==, 1);
    }
}

/* What lies at the IOVA in test RAM is nobody's; an unmapped IOVA does not fall through to it. */
static void check_ram(QTestState *qts, Client cl[2])
{
    qtest_memset(qts, 0, 0x77, 0x100000);
    memset(data(&cl[0]), 0x11, SIZE);
    copy(&cl[0], IOVA, WINDOW, 0);
    qtest_clock_step_next(qts);
    copy(&cl[0], WINDOW, IOVA + SIZE, TO_MEMORY);
    qtest_clock_step_next(qts);
    g_assert_false(busy(&cl[0]));
    g_assert_cmphex(qtest_readq(qts, IOVA), ==, 0x7777777777777777);
    g_assert_cmphex(qtest_readq(qts, IOVA + SIZE), ==, 0x7777777777777777);
    copy(&cl[0], IOVA + SIZE, WINDOW, 0);
    qtest_clock_step_next(qts);
    copy(&cl[0], WINDOW, IOVA, TO_MEMORY);
    qtest_clock_step_next(qts);
    g_assert_cmphex(data(&cl[0])[0], !=, 0x77);
}

/* The test looks over a client's shoulder: the same registers from both sides. */
static void check_both_sides(QTestState *qts, Client cl[2])
{
    const uint64_t bar = 0xe0000000;

    qtest_domain(qts, "d1");
    qtest_writel(qts, 0xb0000010, bar);
    g_assert_cmphex(vfu_client_readn(cl[1].c, VFU_REGION_CONFIG, 0x10, 4), ==, bar);
    g_assert_cmphex(vfu_client_readn(cl[0].c, VFU_REGION_CONFIG, 0x10, 4), ==, 0);
    g_assert_cmphex(qtest_readl(qts, bar), ==, EDU_ID);
    vfu_client_writen(cl[1].c, 0, 4, 4, 0x0000ffff);
    vfu_client_writen(cl[0].c, 0, 4, 4, 0);
    g_assert_cmphex(qtest_readl(qts, bar + 4), ==, 0xffff0000);
    /* its interrupt goes to its client, and the root's line shows it */
    qtest_irq_intercept_in(qts, "/machine/peripheral-anon/device[1]");
    vfu_client_writen(cl[1].c, 0, 0x60, 4, 1);
    g_assert_cmpuint(interrupts(&cl[1]), ==, 1);
    g_assert_true(qtest_get_irq(qts, 0));
    vfu_client_writen(cl[1].c, 0, ACK, 4, 1);
    g_assert_false(qtest_get_irq(qts, 0));
}

static Check *const exact = check_exact, *const two = check_two, *const ram = check_ram,
             *const both_sides = check_both_sides;

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_data_func("served/exact", &exact, with_two);
    qtest_add_data_func("served/two", &two, with_two);
    qtest_add_data_func("served/ram", &ram, with_two);
    qtest_add_data_func("served/both-sides", &both_sides, with_two);
    return g_test_run();
}
