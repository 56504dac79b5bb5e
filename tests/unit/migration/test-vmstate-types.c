/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scalars, timers and bytes: every VMSTATE_ macro that carries them, its exact
 * stream, its way back, and every truncation of it.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "stream.h"

static bool yes(void *opaque, int version_id)
{
    return true;
}

static bool no(void *opaque, int version_id)
{
    return false;
}

static void wipe_nothing(void *state)
{
}

/* ---- one of each integer, in each of its forms ---- */

typedef struct Ints {
    bool b[3];
    int8_t i8[3];
    int16_t i16[3];
    int32_t i32[3];
    int64_t i64[3];
    uint8_t u8[3];
    uint16_t u16[3];
    uint32_t u32[3];
    uint64_t u64[3];
} Ints;

/* Plain, versioned and tested forms; the tested ones once in and once out. */
#define FORMS(TYPE, field) \
    VMSTATE_##TYPE(field[0], Ints), VMSTATE_##TYPE##_V(field[1], Ints, 1), \
    VMSTATE_##TYPE##_TEST(field[2], Ints, yes), VMSTATE_##TYPE##_TEST(field[2], Ints, no)

static const VMStateDescription vmsd_ints = {
    .name = "ints",
    .version_id = 1,
    .fields = (const VMStateField[]) {
        FORMS(BOOL, b),
        FORMS(INT8, i8), FORMS(INT16, i16), FORMS(INT32, i32), FORMS(INT64, i64),
        FORMS(UINT8, u8), FORMS(UINT16, u16), FORMS(UINT32, u32), FORMS(UINT64, u64),
        VMSTATE_END_OF_LIST()
    }
};

static const Ints ints_sample = {
    .b = { true, false, true },
    .i8 = { -1, 2, INT8_MIN },
    .i16 = { -1, 2, INT16_MIN },
    .i32 = { -1, 2, INT32_MIN },
    .i64 = { -1, 2, INT64_MIN },
    .u8 = { 0xff, 2, 0x80 },
    .u16 = { 0xffff, 2, 0x8001 },
    .u32 = { 0xffffffff, 2, 0x80000001 },
    .u64 = { UINT64_MAX, 2, 0x8000000000000001 },
};

static void test_integers(void)
{
    Ints in = ints_sample;
    Ints out = { 0 };
    g_autoptr(GBytes) bytes = stream_save(&vmsd_ints, &in);
    g_autoptr(GBytes) again = NULL;

    stream_expect(bytes, "010001" "ff0280" "ffff00028000" "ffffffff0000000280000000"
                  "ffffffffffffffff00000000000000028000000000000000"
                  "ff0280" "ffff00028001" "ffffffff0000000280000001"
                  "ffffffffffffffff00000000000000028000000000000001");
    g_assert_cmpint(stream_load(&vmsd_ints, &out, bytes), ==, 0);
    g_assert_cmpint(out.i64[2], ==, INT64_MIN);
    /* Not the structs: they have padding. */
    again = stream_save(&vmsd_ints, &out);
    g_assert_true(g_bytes_equal(again, bytes));
    stream_truncate_everywhere(&vmsd_ints, &out, bytes, wipe_nothing);
}

/* A bool from a stream is 0 or 1 whatever the byte. */
static void test_bool_bytes(void)
{
    const VMStateDescription vmsd = {
        .name = "bool",
        .fields = (const VMStateField[]) { VMSTATE_BOOL(b[0], Ints), VMSTATE_END_OF_LIST() }
    };
    Ints out = { 0 };
    uint8_t raw;

    g_assert_cmpint(stream_load_bytes(&vmsd, &out, 0, "\x42", 1, NULL), ==, 0);
    memcpy(&raw, &out.b[0], 1);
    g_assert_cmpuint(raw, ==, 1);
}

/* ---- arrays ---- */

typedef struct Arrays {
    bool b[4];
    uint8_t u8[4];
    uint8_t u8_2d[2][2];
    uint16_t u16[4];
    uint16_t u16_2d[2][2];
    uint32_t u32[4];
    uint32_t u32_2d[2][2];
    uint64_t u64[4];
    uint64_t u64_2d[2][2];
    int16_t i16[4];
    int32_t i32[4];
    int64_t i64[4];
} Arrays;

static const VMStateDescription vmsd_arrays = {
    .name = "arrays",
    .version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_BOOL_ARRAY(b, Arrays, 4), VMSTATE_BOOL_ARRAY_V(b, Arrays, 4, 2),
        VMSTATE_UINT8_ARRAY(u8, Arrays, 4), VMSTATE_UINT8_ARRAY_V(u8, Arrays, 4, 2),
        VMSTATE_UINT8_2DARRAY(u8_2d, Arrays, 2, 2), VMSTATE_UINT8_2DARRAY_V(u8_2d, Arrays, 2, 2, 2),
        VMSTATE_UINT16_ARRAY(u16, Arrays, 4), VMSTATE_UINT16_ARRAY_V(u16, Arrays, 4, 2),
        VMSTATE_UINT16_2DARRAY(u16_2d, Arrays, 2, 2),
        VMSTATE_UINT16_2DARRAY_V(u16_2d, Arrays, 2, 2, 2),
        VMSTATE_UINT32_ARRAY(u32, Arrays, 4), VMSTATE_UINT32_ARRAY_V(u32, Arrays, 4, 2),
        VMSTATE_UINT32_2DARRAY(u32_2d, Arrays, 2, 2),
        VMSTATE_UINT32_2DARRAY_V(u32_2d, Arrays, 2, 2, 2),
        VMSTATE_UINT64_ARRAY(u64, Arrays, 4), VMSTATE_UINT64_ARRAY_V(u64, Arrays, 4, 2),
        VMSTATE_UINT64_2DARRAY(u64_2d, Arrays, 2, 2),
        VMSTATE_UINT64_2DARRAY_V(u64_2d, Arrays, 2, 2, 2),
        VMSTATE_INT16_ARRAY(i16, Arrays, 4), VMSTATE_INT16_ARRAY_V(i16, Arrays, 4, 2),
        VMSTATE_INT32_ARRAY(i32, Arrays, 4), VMSTATE_INT32_ARRAY_V(i32, Arrays, 4, 2),
        VMSTATE_INT64_ARRAY(i64, Arrays, 4), VMSTATE_INT64_ARRAY_V(i64, Arrays, 4, 2),
        VMSTATE_ARRAY_TEST(u8, Arrays, 4, no, vmstate_info_uint8, uint8_t),
        VMSTATE_END_OF_LIST()
    }
};

static void fill(void *mem, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        ((uint8_t *)mem)[i] = i * 7 + 1;
    }
}

static void test_arrays(void)
{
    Arrays in, out = { 0 };
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(GBytes) again = NULL;

    fill(&in, sizeof(in));
    memcpy(in.b, ints_sample.b, 3);
    in.b[3] = true;
    bytes = stream_save(&vmsd_arrays, &in);
    g_assert_cmpuint(g_bytes_get_size(bytes), ==, 180);
    g_assert_cmpint(stream_load(&vmsd_arrays, &out, bytes), ==, 0);
    g_assert_cmpint(out.i64[3], ==, in.i64[3]);
    again = stream_save(&vmsd_arrays, &out);
    g_assert_true(g_bytes_equal(again, bytes));
    stream_truncate_everywhere(&vmsd_arrays, &out, bytes, wipe_nothing);
}

static const VMStateDescription vmsd_parts = {
    .name = "parts",
    .fields = (const VMStateField[]) {
        VMSTATE_BOOL_SUB_ARRAY(b, Arrays, 1, 2),
        VMSTATE_UINT8_SUB_ARRAY(u8, Arrays, 1, 2),
        VMSTATE_UINT16_SUB_ARRAY(u16, Arrays, 2, 2),
        VMSTATE_UINT32_SUB_ARRAY(u32, Arrays, 0, 1),
        VMSTATE_UINT64_SUB_ARRAY(u64, Arrays, 3, 1),
        VMSTATE_END_OF_LIST()
    }
};

static void test_sub_arrays(void)
{
    Arrays in = {
        .b = { 0, 1, 1, 0 }, .u8 = { 9, 2, 3, 9 }, .u16 = { 9, 9, 4, 5 }, .u32 = { 6, 9, 9, 9 },
        .u64 = { 9, 9, 9, 7 },
    };
    Arrays out = { .u8 = { 1, 1, 1, 1 } };
    g_autoptr(GBytes) bytes = stream_save(&vmsd_parts, &in);

    stream_expect(bytes, "0101" "0203" "00040005" "00000006" "0000000000000007");
    g_assert_cmpint(stream_load(&vmsd_parts, &out, bytes), ==, 0);
    g_assert_cmpmem(out.u8, 4, ((uint8_t[]) { 1, 2, 3, 1 }), 4);
    g_assert_cmpuint(out.u16[0], ==, 0);
    g_assert_cmpuint(out.u64[3], ==, 7);
}

/* ---- values that must agree ---- */

typedef struct Agree {
    uint8_t u8;
    uint16_t u16;
    int32_t i32;
    uint32_t u32;
    uint64_t u64;
    int32_t at_most;
} Agree;

static const VMStateDescription vmsd_agree = {
    .name = "agree",
    .version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8_EQUAL(u8, Agree, "byte"),
        VMSTATE_UINT16_EQUAL(u16, Agree, NULL),
        VMSTATE_UINT16_EQUAL_V(u16, Agree, 2, NULL),
        VMSTATE_INT32_EQUAL(i32, Agree, NULL),
        VMSTATE_UINT32_EQUAL(u32, Agree, "thirty-two"),
        VMSTATE_UINT32_EQUAL_V(u32, Agree, 2, NULL),
        VMSTATE_UINT64_EQUAL(u64, Agree, NULL),
        VMSTATE_UINT64_EQUAL_V(u64, Agree, 2, NULL),
        VMSTATE_INT32_POSITIVE_LE(at_most, Agree),
        VMSTATE_END_OF_LIST()
    }
};

static void expect_disagreement(const Agree *theirs, const char *in_text)
{
    Agree mine = { 1, 2, -3, 4, 5, 6 };
    g_autoptr(GBytes) bytes = stream_save(&vmsd_agree, (void *)theirs);
    g_autofree char *text = NULL;

    g_assert_cmpint(stream_load_bytes(&vmsd_agree, &mine, 1, g_bytes_get_data(bytes, NULL),
                                      g_bytes_get_size(bytes), &text), ==, -EINVAL);
    g_assert_nonnull(strstr(text, in_text));
    /* What has to agree is never taken over. */
    g_assert_cmpint(mine.u8 + mine.u16 + mine.i32 + mine.u32 + mine.u64, ==, 9);
    g_assert_cmpint(mine.at_most, ==, 6);
}

static void test_equal(void)
{
    Agree mine = { 1, 2, -3, 4, 5, 6 };
    Agree lower = { 1, 2, -3, 4, 5, 0 };
    g_autoptr(GBytes) bytes = stream_save(&vmsd_agree, &lower);

    g_assert_cmpint(stream_load(&vmsd_agree, &mine, bytes), ==, 0);
    g_assert_cmpint(mine.at_most, ==, 0);
    expect_disagreement(&(Agree) { 9, 2, -3, 4, 5, 6 }, "'u8': the stream has 0x9");
    expect_disagreement(&(Agree) { 9, 2, -3, 4, 5, 6 }, "byte");
    expect_disagreement(&(Agree) { 1, 9, -3, 4, 5, 6 }, "'u16'");
    expect_disagreement(&(Agree) { 1, 2, 3, 4, 5, 6 }, "'i32'");
    expect_disagreement(&(Agree) { 1, 2, -3, 9, 5, 6 }, "thirty-two");
    expect_disagreement(&(Agree) { 1, 2, -3, 4, 9, 6 }, "'u64'");
    expect_disagreement(&(Agree) { 1, 2, -3, 4, 5, 7 }, "'at_most'");
    expect_disagreement(&(Agree) { 1, 2, -3, 4, 5, -1 }, "'at_most'");
}

/* ---- timers ---- */

typedef struct Timers {
    QEMUTimer own;
    QEMUTimer own_array[2];
    QEMUTimer *ptr;
    QEMUTimer *ptr_array[2];
} Timers;

static const VMStateDescription vmsd_timers = {
    .name = "timers",
    .version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_TIMER(own, Timers), VMSTATE_TIMER_V(own, Timers, 2),
        VMSTATE_TIMER_TEST(own, Timers, no), VMSTATE_TIMER_ARRAY(own_array, Timers, 2),
        VMSTATE_TIMER_PTR(ptr, Timers), VMSTATE_TIMER_PTR_V(ptr, Timers, 2),
        VMSTATE_TIMER_PTR_TEST(ptr, Timers, no), VMSTATE_TIMER_PTR_ARRAY(ptr_array, Timers, 2),
        VMSTATE_END_OF_LIST()
    }
};

static void never(void *opaque)
{
    g_assert_not_reached();
}

static void timers_init(Timers *t)
{
    timer_init_ns(&t->own, QEMU_CLOCK_VIRTUAL, never, NULL);
    timer_init_ms(&t->own_array[0], QEMU_CLOCK_VIRTUAL, never, NULL);
    timer_init_ns(&t->own_array[1], QEMU_CLOCK_VIRTUAL, never, NULL);
    t->ptr = timer_new_ns(QEMU_CLOCK_VIRTUAL, never, NULL);
    t->ptr_array[0] = timer_new_ns(QEMU_CLOCK_VIRTUAL, never, NULL);
    t->ptr_array[1] = NULL;
}

static void timers_free(Timers *t)
{
    timer_deinit(&t->own);
    timer_deinit(&t->own_array[0]);
    timer_deinit(&t->own_array[1]);
    timer_free(t->ptr);
    timer_free(t->ptr_array[0]);
}

static void test_timers(void)
{
    int64_t hour = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + 3600 * NANOSECONDS_PER_SECOND;
    Timers in, out;
    g_autoptr(GBytes) bytes = NULL;

    timers_init(&in);
    timers_init(&out);
    timer_mod_ns(&in.own, hour);
    timer_mod_ns(&in.own_array[0], hour + 1);
    timer_mod_ns(in.ptr, hour + 2);
    timer_mod_ns(&out.own_array[1], hour);
    bytes = stream_save(&vmsd_timers, &in);
    /* The last element is a null pointer at both ends: a mark byte. */
    g_assert_cmpuint(g_bytes_get_size(bytes), ==, 5 * 8 + 1);
    g_assert_cmpint(stream_load(&vmsd_timers, &out, bytes), ==, 0);
    g_assert_cmpuint(timer_expire_time_ns(&out.own), ==, hour);
    g_assert_cmpuint(timer_expire_time_ns(&out.own_array[0]), ==, hour + 1);
    g_assert_false(timer_pending(&out.own_array[1]));
    g_assert_cmpuint(timer_expire_time_ns(out.ptr), ==, hour + 2);
    g_assert_false(timer_pending(out.ptr_array[0]));
    stream_truncate_everywhere(&vmsd_timers, &out, bytes, wipe_nothing);
    timers_free(&in);
    timers_free(&out);
}

/* ---- bytes ---- */

typedef struct Bytes {
    uint8_t whole[4];
    uint8_t tested[2];
    uint8_t partial[4];
    uint8_t middle[4];
    uint8_t fixed[6];
    uint16_t any[2];
    uint8_t *pointed;
} Bytes;

static const VMStateDescription vmsd_bytes = {
    .name = "bytes",
    .version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_BUFFER(whole, Bytes), VMSTATE_BUFFER_V(whole, Bytes, 2),
        VMSTATE_BUFFER_TEST(tested, Bytes, yes), VMSTATE_BUFFER_TEST(tested, Bytes, no),
        VMSTATE_PARTIAL_BUFFER(partial, Bytes, 2),
        VMSTATE_BUFFER_START_MIDDLE(middle, Bytes, 1),
        VMSTATE_BUFFER_START_MIDDLE_V(middle, Bytes, 1, 2),
        VMSTATE_STATIC_BUFFER(fixed, Bytes, 0, NULL, 2, 5),
        VMSTATE_BUFFER_UNSAFE(any, Bytes, 0, 4),
        VMSTATE_BUFFER_UNSAFE_INFO(any, Bytes, 0, vmstate_info_buffer, 2),
        VMSTATE_BUFFER_UNSAFE_INFO_TEST(any, Bytes, no, 0, vmstate_info_buffer, 2),
        VMSTATE_BUFFER_POINTER_UNSAFE(pointed, Bytes, 0, 3),
        VMSTATE_UNUSED(2), VMSTATE_UNUSED_V(2, 9), VMSTATE_UNUSED_TEST(no, 9),
        VMSTATE_UNUSED_BUFFER(yes, 0, 1),
        VMSTATE_END_OF_LIST()
    }
};

static void test_buffers(void)
{
    uint8_t there[3] = { 0x71, 0x72, 0x73 };
    uint8_t here[3] = { 0 };
    Bytes in = {
        .whole = { 1, 2, 3, 4 }, .tested = { 5, 6 }, .partial = { 7, 8, 9, 9 },
        .middle = { 9, 10, 11, 12 }, .fixed = { 9, 9, 13, 14, 15, 9 }, .pointed = there,
    };
    Bytes out = { .pointed = here, .partial = { 0xee, 0xee, 0xee, 0xee } };
    g_autoptr(GBytes) bytes = NULL;

    memcpy(in.any, "abcd", 4);
    bytes = stream_save(&vmsd_bytes, &in);
    stream_expect(bytes, "01020304" "0506" "0708" "0a0b0c" "0d0e0f" "61626364" "6162" "717273"
                  "0000" "00");
    g_assert_cmpint(stream_load(&vmsd_bytes, &out, bytes), ==, 0);
    g_assert_cmpmem(out.whole, 4, in.whole, 4);
    g_assert_cmpmem(out.partial, 4, ((uint8_t[]) { 7, 8, 0xee, 0xee }), 4);
    g_assert_cmpmem(out.middle, 4, ((uint8_t[]) { 0, 10, 11, 12 }), 4);
    g_assert_cmpmem(out.fixed, 6, ((uint8_t[]) { 0, 0, 13, 14, 15, 0 }), 6);
    g_assert_cmpmem(out.any, 4, "abcd", 4);
    g_assert_cmpmem(here, 3, there, 3);
    stream_truncate_everywhere(&vmsd_bytes, &out, bytes, wipe_nothing);
}

/* A null pointer where the other end has a value, and the other way round. */
static void test_nullptr(void)
{
    Timers mine = { 0 };
    const VMStateDescription vmsd = {
        .name = "null",
        .fields = (const VMStateField[]) {
            VMSTATE_TIMER_PTR_ARRAY(ptr_array, Timers, 2), VMSTATE_END_OF_LIST()
        }
    };
    const VMStateDescription pointer = {
        .name = "pointer",
        .fields = (const VMStateField[]) { VMSTATE_TIMER_PTR(ptr, Timers), VMSTATE_END_OF_LIST() }
    };
    g_autoptr(GBytes) bytes = stream_save(&vmsd, &mine);
    g_autofree char *text = NULL;

    stream_expect(bytes, "3030");
    g_assert_cmpint(stream_load(&vmsd, &mine, bytes), ==, 0);
    g_assert_cmpint(stream_load_bytes(&vmsd, &mine, 0, "0x", 2, NULL), ==, -EINVAL);
    g_assert_cmpint(stream_load_bytes(&pointer, &mine, 0, "12345678", 8, &text), ==, -EINVAL);
    g_assert_nonnull(strstr(text, "null pointer"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qemu_init_main_loop(&error_abort);
    g_test_add_func("/vmstate-types/integers", test_integers);
    g_test_add_func("/vmstate-types/bool-bytes", test_bool_bytes);
    g_test_add_func("/vmstate-types/arrays", test_arrays);
    g_test_add_func("/vmstate-types/sub-arrays", test_sub_arrays);
    g_test_add_func("/vmstate-types/equal", test_equal);
    g_test_add_func("/vmstate-types/timers", test_timers);
    g_test_add_func("/vmstate-types/buffers", test_buffers);
    g_test_add_func("/vmstate-types/nullptr", test_nullptr);
    return g_test_run();
}
