/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose device it is: the next client before its turn, at its turn, and when
 * the turn does not come.
 */
#include "qemu/osdep.h"
#include <sys/eventfd.h>
#include "rig.h"

typedef struct Read {
    uint64_t offset;
    uint32_t region, count;
} Read;

static void ask(int fd, uint16_t id, uint32_t region, uint64_t offset)
{
    Read r = { offset, region, 4 };

    client_send(fd, id, VFU_REGION_READ, 0, &r, sizeof(r), NULL, 0);
}

/* The next message is the answer to `id`; its errno. */
static int answer_to(int fd, uint16_t id)
{
    g_auto(Reply) reply = { 0 };

    g_assert_true(client_receive(fd, &reply));
    g_assert_cmpuint(reply.header.id, ==, id);
    return reply.header.flags & VFU_ERROR ? reply.header.error : 0;
}

static int get_irq_info(int fd)
{
    VfuIrqInfo ask_info = { .argsz = sizeof(ask_info), .index = VFU_IRQ_INTX };

    return client_call(fd, VFU_DEVICE_GET_IRQ_INFO, &ask_info, sizeof(ask_info), NULL, 0, NULL);
}

static uint64_t stat_of(Rig *rig, size_t offset)
{
    AIO_CONTEXT_GUARD(rig->ctx);
    return *(const uint64_t *)((const char *)vfu_server_stats(rig->server) + offset);
}

#define STAT(rig, name) stat_of(rig, offsetof(VfuServerStats, name))

static void long_turn(VfuServerConfig *config)
{
    config->turn_timeout_ns = 60 * NANOSECONDS_PER_SECOND;
}

static void test_turn(void)
{
    Rig *rig = rig_new_waiting(long_turn);
    int first = client_connect_ready(rig), second = client_connect_ready(rig);
    VfuDmaMap map = { .argsz = sizeof(map), .flags = 3, .address = 0x1000, .size = 0x1000 };

    rig_await(rig, &rig->begun, 1);
    g_assert_cmpuint(rig->attached, ==, 1);
    g_assert_cmpint(client_call(second, VFU_DMA_MAP, &map, sizeof(map), NULL, 0, NULL), ==, 0);
    g_assert_cmpint(client_call(second, VFU_DEVICE_RESET, NULL, 0, NULL, 0, NULL), ==, 0);
    client_post(second, 4, 0x11);
    client_post(second, 4, 0x22);
    ask(second, 7, 0, 4);
    g_assert_cmpint(get_irq_info(second), ==, 0);       /* answered before the read */
    g_assert_cmpint(client_write(first, 4, 0x33), ==, 0);
    g_assert_cmphex(client_read(first, 4), ==, 0x33);
    WITH_AIO_CONTEXT_GUARD(rig->ctx) {
        g_assert_cmpuint(rig->maps + rig->resets, ==, 0);
        g_assert_cmpuint(rig->writes, ==, 1);
        g_assert_true(vfu_server_session(rig->server) == rig->session);
        g_assert_nonnull(vfu_server_next_session(rig->server));
    }
    close(first);
    g_assert_cmpint(answer_to(second, 7), ==, 0);
    g_assert_cmphex(client_read(second, 4), ==, 0x22);
    g_assert_cmpint(client_call(second, VFU_DMA_MAP, &map, sizeof(map), NULL, 0, NULL), ==, 0);
    WITH_AIO_CONTEXT_GUARD(rig->ctx) {
        g_assert_cmpuint(rig->maps, ==, 1);
        g_assert_cmpuint(rig->detached, ==, 1);
        g_assert_null(vfu_server_next_session(rig->server));
    }
    g_assert_cmpuint(STAT(rig, waits), ==, 1);
    g_assert_cmpuint(STAT(rig, turns), ==, 1);
    close(second);
    rig_free(rig);
}

static void short_turn(VfuServerConfig *config)
{
    config->turn_timeout_ns = 200 * SCALE_MS;
}

/* The answers of commands that are sent in one piece. */
typedef struct QEMU_PACKED Three {
    struct QEMU_PACKED {
        VfuHeader header;
        Read read;
    } ask[3];
} Three;

static void ask_three(int fd, const uint32_t *regions)
{
    Three three;

    for (unsigned i = 0; i < 3; i++) {
        three.ask[i].header = (VfuHeader) { i + 1, VFU_REGION_READ, sizeof(three.ask[0]), 0, 0 };
        three.ask[i].read = (Read) { 0, regions[i], 4 };
    }
    client_send_raw(fd, &three, sizeof(three), NULL, 0);
}

static void test_late(void)
{
    Rig *rig = rig_new_waiting(short_turn);
    int first = client_connect_ready(rig), second = client_connect_ready(rig);

    client_post(second, 4, 0x11);
    ask_three(second, (uint32_t[]) { 0, 0, VFU_REGION_CONFIG });
    g_assert_cmpint(answer_to(second, 1), ==, EBUSY);
    g_assert_cmpint(answer_to(second, 2), ==, EBUSY);
    g_assert_cmpint(answer_to(second, 3), ==, EBUSY);   /* behind them: the order is kept */
    g_assert_cmpuint(STAT(rig, turn_timeouts), ==, 4);
    ask(second, 4, VFU_REGION_CONFIG, 0);       /* nothing waits any more */
    g_assert_cmpint(answer_to(second, 4), ==, 0);
    close(first);
    rig_await(rig, &rig->turned, 1);
    g_assert_cmphex(client_read(second, 4), ==, 0);     /* what was late is never done */
    close(second);
    rig_free(rig);
}

/* More than may wait is not received; it is all the same answered in the end. */
static void test_many(void)
{
    Rig *rig = rig_new_waiting(short_turn);
    int first = client_connect_ready(rig), second = client_connect_ready(rig);

    for (unsigned i = 0; i < 200; i++) {
        ask(second, i, 0, 4);
    }
    for (unsigned i = 0; i < 200; i++) {
        g_assert_cmpint(answer_to(second, i), ==, EBUSY);
    }
    for (unsigned i = 0; i < 300; i++) {
        client_post(second, 4, i);
    }
    g_assert_cmpint(client_write(first, 8, 1), ==, 0);
    close(second);
    rig_await(rig, &rig->ended, 1);
    WITH_AIO_CONTEXT_GUARD(rig->ctx) {
        g_assert_cmpuint(rig->writes, ==, 1);
    }
    close(first);
    rig_free(rig);
}

static void test_multi(void)
{
    Rig *rig = rig_new_waiting(long_turn);
    int first = client_connect_ready(rig), second = client_connect_ready(rig);
    struct {
        uint64_t count;
        VfuWriteMultiEntry entry;
    } multi = { 1, { .offset = 4, .region = 0, .count = 4, .data = { 9 } } };

    client_send(second, 5, VFU_REGION_WRITE_MULTI, 0, &multi, sizeof(multi), NULL, 0);
    g_assert_cmpint(get_irq_info(second), ==, 0);
    close(first);
    g_assert_cmpint(answer_to(second, 5), ==, 0);
    g_assert_cmphex(client_read(second, 4), ==, 9);
    close(second);
    rig_free(rig);
}

/* Descriptors of commands that wait, and of those that are refused late. */
static void test_descriptors(void)
{
    Rig *rig = rig_new_waiting(short_turn);
    int first = client_connect_ready(rig), second = client_connect_ready(rig);
    VfuSetIrqs set = { .argsz = sizeof(set), .index = VFU_IRQ_INTX, .count = 1,
                       .flags = VFU_SET_DATA_EVENTFD | VFU_SET_ACTION_TRIGGER };
    int event = eventfd(0, EFD_CLOEXEC);

    for (unsigned round = 0; round < 2; round++) {
        ask(second, 1, 0, 4);
        for (unsigned i = 0; i < 100; i++) {
            client_send(second, 2, VFU_DEVICE_SET_IRQS, VFU_NO_REPLY, &set, sizeof(set), &event,
                        1);
        }
        g_assert_cmpint(answer_to(second, 1), ==, EBUSY);
    }
    close(second);
    close(first);
    close(event);
    rig_free(rig);              /* counts */
}

static void test_silent_stands_behind(void)
{
    Rig *rig = rig_new_waiting(NULL);
    int silent = client_connect(rig), second, third;

    rig_await(rig, &rig->attached, 0);
    second = client_connect_ready(rig);
    g_assert_cmpint(client_write(second, 4, 1), ==, 0);
    third = client_connect(rig);
    client_expect_eof(third);
    client_hello(silent);
    rig_await(rig, &rig->begun, 1);
    close(second);
    g_assert_cmpint(client_write(silent, 4, 2), ==, 0);
    close(silent);
    close(third);
    rig_free(rig);
}

static void set_ready(Rig *rig, bool ready)
{
    AIO_CONTEXT_GUARD(rig->ctx);
    rig->not_ready = !ready;
    if (ready) {
        vfu_server_turn(rig->server);
    }
}

/* The device needs time after its last client; those who come then queue up. */
static void test_not_ready(void)
{
    Rig *rig = rig_new_waiting(long_turn);
    int first, second;

    set_ready(rig, false);
    first = client_connect_ready(rig);
    second = client_connect_ready(rig);
    rig_await(rig, &rig->begun, 2);
    ask(second, 2, 0, 4);
    ask(first, 1, 0, 4);
    client_expect_silence(first, 20);
    set_ready(rig, true);
    g_assert_cmpint(answer_to(first, 1), ==, 0);
    client_expect_silence(second, 20);
    close(first);
    g_assert_cmpint(answer_to(second, 2), ==, 0);
    g_assert_cmpuint(rig->turned, ==, 2);
    close(second);
    rig_free(rig);
}

/* Each comes while the one before is there; none is turned away, none lost. */
static void test_chain(void)
{
    Rig *rig = rig_new_waiting(long_turn);
    int fd = client_connect_ready(rig);

    for (unsigned i = 0; i < 500; i++) {
        int next = client_connect_ready(rig);

        client_post(next, 4, i);
        close(fd);
        g_assert_cmphex(client_read(next, 4), ==, i);
        fd = next;
    }
    close(fd);
    rig_free(rig);
}

/* The server goes while both are there and something waits. */
static void test_free(void)
{
    Rig *rig = rig_new_waiting(NULL);
    int first = client_connect_ready(rig), second = client_connect_ready(rig);

    ask(second, 1, 0, 4);
    g_assert_cmpint(get_irq_info(second), ==, 0);
    WITH_AIO_CONTEXT_GUARD(rig->ctx) {
        vfu_server_free(g_steal_pointer(&rig->server));
    }
    client_expect_eof(first);
    client_expect_eof(second);
    g_assert_cmpuint(rig->turned, ==, 0);
    close(first);
    close(second);
    rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/turn/turn", test_turn);
    g_test_add_func("/turn/late", test_late);
    g_test_add_func("/turn/many", test_many);
    g_test_add_func("/turn/multi", test_multi);
    g_test_add_func("/turn/descriptors", test_descriptors);
    g_test_add_func("/turn/silent", test_silent_stands_behind);
    g_test_add_func("/turn/not-ready", test_not_ready);
    g_test_add_func("/turn/chain", test_chain);
    g_test_add_func("/turn/free", test_free);
    return g_test_run();
}
