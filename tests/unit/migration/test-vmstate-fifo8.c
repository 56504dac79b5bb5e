/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Fifo8 in a device's state: round trip, and streams that lie about it. */
#include "qemu/osdep.h"
#include "qemu/fifo8.h"
#include "stream.h"

typedef struct Uart {
    Fifo8 rx;
} Uart;

static const VMStateDescription vmstate_uart = {
    .name = "uart",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_FIFO8(rx, Uart),
        VMSTATE_END_OF_LIST()
    },
};

static void test_round_trip(void)
{
    Uart from = { 0 }, to = { 0 };
    g_autoptr(GBytes) bytes = NULL;

    fifo8_create(&from.rx, 8);
    fifo8_create(&to.rx, 8);
    for (int i = 0; i < 6; i++) {
        fifo8_push(&from.rx, i);
    }
    for (int i = 0; i < 4; i++) {
        fifo8_pop(&from.rx);
    }
    for (int i = 6; i < 12; i++) {
        fifo8_push(&from.rx, i);                /* full, and wrapped around */
    }
    bytes = stream_save(&vmstate_uart, &from);
    g_assert_cmpint(stream_load(&vmstate_uart, &to, bytes), ==, 0);
    for (int i = 4; i < 12; i++) {
        g_assert_cmpuint(fifo8_pop(&to.rx), ==, i);
    }
    g_assert_true(fifo8_is_empty(&to.rx));
    fifo8_destroy(&from.rx);
    fifo8_destroy(&to.rx);
}

static void test_lies(void)
{
    static const struct { uint32_t head, num; int ret; } rows[] = {
        { 7, 8, 0 }, { 8, 0, -EINVAL }, { 0, 9, -EINVAL },
        { UINT32_MAX, 1, -EINVAL }, { 0, UINT32_MAX, -EINVAL },
    };
    Uart uart = { 0 };

    fifo8_create(&uart.rx, 8);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        uint32_t tail[2] = { GUINT32_TO_BE(rows[i].head), GUINT32_TO_BE(rows[i].num) };
        uint8_t stream[16] = { 0 };

        memcpy(stream + 8, tail, sizeof(tail));
        g_assert_cmpint(stream_load_bytes(&vmstate_uart, &uart, 1, stream, sizeof(stream), NULL),
                        ==, rows[i].ret);
    }
    fifo8_destroy(&uart.rx);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vmstate-fifo8/round-trip", test_round_trip);
    g_test_add_func("/vmstate-fifo8/lies", test_lies);
    return g_test_run();
}
