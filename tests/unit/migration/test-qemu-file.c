/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The byte stream: order of bytes, what a read beyond the end does, that
 * errors stick, limits, and looking ahead.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "stream.h"

static GBytes *sample(void)
{
    static const uint64_t wide = 0x1122334455667788;
    static const int16_t small = -2;
    g_autoptr(QEMUFile) f = qemu_file_new_writer(0);

    qemu_put_byte(f, 0x1ab);
    qemu_put_be16(f, 0x0102);
    qemu_put_be32(f, 0x03040506);
    qemu_put_be64(f, 0x0708090a0b0c0d0e);
    qemu_put_be64s(f, &wide);
    qemu_put_sbe16s(f, &small);
    qemu_put_buffer(f, (const uint8_t *)"xyz", 3);
    qemu_put_counted_string(f, "name");
    g_assert_true(qemu_file_is_writable(f));
    g_assert_cmpuint(qemu_file_transferred(f), ==, 33);
    return qemu_file_take_bytes(f);
}

static void test_order(void)
{
    g_autoptr(GBytes) bytes = sample();
    g_autoptr(QEMUFile) f = qemu_file_new_reader(bytes);
    uint64_t wide;
    int16_t small;
    uint8_t raw[3];
    char name[256];

    stream_expect(bytes, "ab" "0102" "03040506" "0708090a0b0c0d0e" "1122334455667788" "fffe"
                  "78797a" "046e616d65");
    g_assert_cmphex(qemu_peek_byte(f, 1), ==, 0x01);
    g_assert_cmphex(qemu_get_byte(f), ==, 0xab);
    g_assert_cmphex(qemu_get_be16(f), ==, 0x0102);
    g_assert_cmphex(qemu_get_be32(f), ==, 0x03040506);
    g_assert_cmphex(qemu_get_be64(f), ==, 0x0708090a0b0c0d0e);
    qemu_get_be64s(f, &wide);
    g_assert_cmphex(wide, ==, 0x1122334455667788);
    qemu_get_sbe16s(f, &small);
    g_assert_cmpint(small, ==, -2);
    g_assert_cmpuint(qemu_get_buffer(f, raw, 3), ==, 3);
    g_assert_cmpmem(raw, 3, "xyz", 3);
    g_assert_cmpuint(qemu_get_counted_string(f, name), ==, 4);
    g_assert_cmpstr(name, ==, "name");
    g_assert_cmpuint(qemu_file_remaining(f), ==, 0);
    g_assert_cmpint(qemu_file_get_error(f), ==, 0);
}

static void test_end(void)
{
    static const uint8_t three[] = { 1, 2, 3 };
    g_autoptr(GBytes) bytes = g_bytes_new(three, sizeof(three));
    g_autoptr(QEMUFile) f = qemu_file_new_reader(bytes);
    uint8_t raw[4] = { 9, 9, 9, 9 };

    g_assert_cmpint(qemu_peek_byte(f, 3), ==, 0);
    g_assert_cmpint(qemu_file_get_error(f), ==, 0);
    g_assert_cmpuint(qemu_get_buffer(f, raw, 4), ==, 3);
    g_assert_cmpuint(raw[3], ==, 0);
    g_assert_cmpint(qemu_file_get_error(f), ==, -EIO);
    /* From here on nothing is there, not even what would have been. */
    g_assert_cmpuint(qemu_get_be32(f), ==, 0);
    qemu_file_set_error(f, -EINVAL);
    g_assert_cmpint(qemu_fclose(g_steal_pointer(&f)), ==, -EIO);
}

static void test_skip(void)
{
    static const uint8_t data[8];
    g_autoptr(GBytes) bytes = g_bytes_new_static(data, sizeof(data));
    g_autoptr(QEMUFile) f = qemu_file_new_reader(bytes);

    qemu_file_skip(f, 8);
    g_assert_cmpint(qemu_file_get_error(f), ==, 0);
    qemu_file_skip(f, 1);
    g_assert_cmpint(qemu_file_get_error(f), ==, -EIO);
    f = (qemu_fclose(f), qemu_file_new_reader(bytes));
    qemu_file_skip(f, -1);
    g_assert_cmpint(qemu_file_get_error(f), ==, -EIO);
}

static void test_limit(void)
{
    g_autoptr(QEMUFile) f = qemu_file_new_writer(6);
    g_autoptr(GBytes) bytes = NULL;

    qemu_put_be32(f, 1);
    qemu_put_be16(f, 2);
    g_assert_cmpint(qemu_file_get_error(f), ==, 0);
    qemu_put_byte(f, 3);
    g_assert_cmpint(qemu_file_get_error(f), ==, -ENOSPC);
    bytes = qemu_file_take_bytes(f);
    stream_expect(bytes, "000000010002");
}

static void test_reason(void)
{
    g_autoptr(QEMUFile) f = qemu_file_new_writer(0);
    Error *first = NULL;
    Error *second = NULL;
    Error *got = NULL;

    error_setg(&first, "first");
    error_setg(&second, "second");
    qemu_file_set_error_obj(f, -EINVAL, first);
    qemu_file_set_error_obj(f, -EIO, second);
    g_assert_cmpint(qemu_file_get_error_obj(f, &got), ==, -EINVAL);
    g_assert_cmpstr(error_get_pretty(got), ==, "first");
    error_free(got);
}

static void never(void *opaque)
{
    g_assert_not_reached();
}

static void test_timer(void)
{
    g_autoptr(QEMUTimer) timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, never, NULL);
    g_autoptr(QEMUFile) out = qemu_file_new_writer(0);
    g_autoptr(QEMUFile) in = NULL;
    g_autoptr(GBytes) bytes = NULL;
    int64_t later = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + 3600 * NANOSECONDS_PER_SECOND;

    timer_mod(timer, later);
    timer_put(out, timer);
    timer_del(timer);
    timer_put(out, timer);
    qemu_put_be64(out, 1ull << 63);
    bytes = qemu_file_take_bytes(out);
    in = qemu_file_new_reader(bytes);
    timer_get(in, timer);
    g_assert_cmpuint(timer_expire_time_ns(timer), ==, later);
    timer_get(in, timer);
    g_assert_false(timer_pending(timer));
    timer_get(in, timer);
    g_assert_cmpint(qemu_file_get_error(in), ==, -EINVAL);
    g_assert_false(timer_pending(timer));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qemu_init_main_loop(&error_abort);
    g_test_add_func("/qemu-file/order", test_order);
    g_test_add_func("/qemu-file/end", test_end);
    g_test_add_func("/qemu-file/skip", test_skip);
    g_test_add_func("/qemu-file/limit", test_limit);
    g_test_add_func("/qemu-file/reason", test_reason);
    g_test_add_func("/qemu-file/timer", test_timer);
    return g_test_run();
}
