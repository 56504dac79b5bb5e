/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arrays whose length is a member, allocated and not, and streams that lie
 * about it: never a byte beyond the room, never memory beyond reason.
 */
#include "qemu/osdep.h"
#include "stream.h"

typedef struct Elem {
    uint16_t v;
} Elem;

static const VMStateDescription vmsd_elem = {
    .name = "elem",
    .version_id = 3,
    .fields = (const VMStateField[]) { VMSTATE_UINT16(v, Elem), VMSTATE_END_OF_LIST() }
};

typedef struct Room {
    int32_t i32;
    uint32_t u32;
    uint16_t u16;
    uint8_t u8;
    uint32_t factor;
    uint32_t *p_i32, *p_u32;            /* of the device */
    uint32_t *a_u32, *a_u16;            /* allocated by the load */
    Elem *e_i32, *e_u32, *e_u16, *e_known;
    Elem *e_alloc;
    Elem here_u8[4], here_i32[4], here_u32[4];
    uint8_t *vb, *vb32, *vbm, *vba;
    uint8_t mult[8];
    int32_t in_place;
    uint8_t flex[];
} Room;

static const VMStateDescription vmsd_room = {
    .name = "room",
    .version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_INT32(i32, Room), VMSTATE_UINT32(u32, Room), VMSTATE_UINT16(u16, Room),
        VMSTATE_UINT8(u8, Room), VMSTATE_UINT32(factor, Room), VMSTATE_INT32(in_place, Room),
        VMSTATE_VARRAY_INT32(p_i32, Room, i32, 0, vmstate_info_uint32, uint32_t),
        VMSTATE_VARRAY_UINT32(p_u32, Room, u32, 0, vmstate_info_uint32, uint32_t),
        VMSTATE_VARRAY_UINT32_ALLOC(a_u32, Room, u32, 0, vmstate_info_uint32, uint32_t),
        VMSTATE_VARRAY_UINT16_ALLOC(a_u16, Room, u16, 0, vmstate_info_uint32, uint32_t),
        VMSTATE_STRUCT_VARRAY_POINTER_INT32(e_i32, Room, i32, vmsd_elem, Elem),
        VMSTATE_STRUCT_VARRAY_POINTER_UINT32(e_u32, Room, u32, vmsd_elem, Elem),
        VMSTATE_STRUCT_VARRAY_POINTER_UINT16(e_u16, Room, u16, vmsd_elem, Elem),
        VMSTATE_STRUCT_VARRAY_POINTER_KNOWN(e_known, Room, 2, 0, vmsd_elem, Elem),
        VMSTATE_STRUCT_VARRAY_ALLOC(e_alloc, Room, i32, 0, vmsd_elem, Elem),
        VMSTATE_STRUCT_VARRAY_UINT8(here_u8, Room, u8, 0, vmsd_elem, Elem),
        VMSTATE_STRUCT_VARRAY_INT32(here_i32, Room, i32, 0, vmsd_elem, Elem),
        VMSTATE_STRUCT_VARRAY_UINT32(here_u32, Room, u32, 0, vmsd_elem, Elem),
        VMSTATE_VBUFFER(vb, Room, 0, NULL, i32),
        VMSTATE_VBUFFER_UINT32(vb32, Room, 0, NULL, u32),
        VMSTATE_VBUFFER_MULTIPLY(vbm, Room, 0, NULL, factor, 3),
        VMSTATE_VBUFFER_ALLOC_UINT32(vba, Room, 0, NULL, u32),
        VMSTATE_VARRAY_MULTIPLY(mult, Room, factor, 4, vmstate_info_uint8, uint8_t),
        VMSTATE_UNUSED_VARRAY_UINT32(Room, NULL, 0, u32, 2),
        VMSTATE_ARRAY_INT32_UNSAFE(flex, Room, in_place, vmstate_info_uint8, uint8_t),
        VMSTATE_VARRAY_UINT16_UNSAFE(flex, Room, u16, 0, vmstate_info_uint8, uint8_t),
        VMSTATE_END_OF_LIST()
    }
};

#define FLEX_BYTES 5

static Room *room_new(void)
{
    Room *r = g_malloc0(sizeof(Room) + FLEX_BYTES);

    *r = (Room) { .i32 = 2, .u32 = 3, .u16 = 4, .u8 = 1, .factor = 2, .in_place = FLEX_BYTES };
    r->p_i32 = g_new0(uint32_t, 2);
    r->p_u32 = g_new0(uint32_t, 3);
    r->e_i32 = g_new0(Elem, 2);
    r->e_u32 = g_new0(Elem, 3);
    r->e_u16 = g_new0(Elem, 4);
    r->e_known = g_new0(Elem, 2);
    r->vb = g_malloc0(2);
    r->vb32 = g_malloc0(3);
    r->vbm = g_malloc0(6);
    return r;
}

static void room_free(Room *r)
{
    void *owned[] = {
        r->p_i32, r->p_u32, r->a_u32, r->a_u16, r->e_i32, r->e_u32, r->e_u16, r->e_known,
        r->e_alloc, r->vb, r->vb32, r->vbm, r->vba,
    };

    for (size_t i = 0; i < ARRAY_SIZE(owned); i++) {
        g_free(owned[i]);
    }
    g_free(r);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Room, room_free)

static Room *room_sample(void)
{
    Room *r = room_new();

    r->a_u32 = g_new0(uint32_t, 3);
    r->a_u16 = g_new0(uint32_t, 4);
    r->e_alloc = g_new0(Elem, 2);
    r->vba = g_malloc0(3);
    r->p_i32[1] = 11;
    r->p_u32[2] = 12;
    r->a_u32[2] = 13;
    r->a_u16[3] = 14;
    r->e_i32[1].v = 15;
    r->e_u32[2].v = 16;
    r->e_u16[3].v = 17;
    r->e_known[1].v = 18;
    r->e_alloc[1].v = 19;
    r->here_u8[0].v = 20;
    r->here_i32[1].v = 21;
    r->here_u32[2].v = 22;
    r->vb[1] = 23;
    r->vb32[2] = 24;
    r->vbm[5] = 25;
    r->vba[2] = 26;
    r->mult[7] = 27;
    r->flex[4] = 28;
    return r;
}

static void test_round_trip(void)
{
    g_autoptr(Room) in = room_sample();
    g_autoptr(Room) out = room_new();
    g_autoptr(GBytes) bytes = stream_save(&vmsd_room, in);

    g_assert_cmpint(stream_load(&vmsd_room, out, bytes), ==, 0);
    g_assert_cmpuint(out->p_i32[1], ==, 11);
    g_assert_cmpuint(out->p_u32[2], ==, 12);
    g_assert_cmpuint(out->a_u32[2], ==, 13);
    g_assert_cmpuint(out->a_u16[3], ==, 14);
    g_assert_cmpuint(out->e_i32[1].v, ==, 15);
    g_assert_cmpuint(out->e_u32[2].v, ==, 16);
    g_assert_cmpuint(out->e_u16[3].v, ==, 17);
    g_assert_cmpuint(out->e_known[1].v, ==, 18);
    g_assert_cmpuint(out->e_alloc[1].v, ==, 19);
    g_assert_cmpuint(out->here_u8[0].v, ==, 20);
    g_assert_cmpuint(out->here_i32[1].v, ==, 21);
    g_assert_cmpuint(out->here_u32[2].v, ==, 22);
    g_assert_cmpuint(out->vb[1], ==, 23);
    g_assert_cmpuint(out->vb32[2], ==, 24);
    g_assert_cmpuint(out->vbm[5], ==, 25);
    g_assert_cmpuint(out->vba[2], ==, 26);
    g_assert_cmpuint(out->mult[7], ==, 27);
    g_assert_cmpuint(out->flex[4], ==, 28);
    /* A second load into the same struct frees what the first one made. */
    g_assert_cmpint(stream_load(&vmsd_room, out, bytes), ==, 0);
}

static void test_truncation(void)
{
    g_autoptr(Room) in = room_sample();
    g_autoptr(GBytes) bytes = stream_save(&vmsd_room, in);
    size_t len;
    const void *data = g_bytes_get_data(bytes, &len);

    for (size_t cut = 0; cut < len; cut++) {
        g_autoptr(Room) out = room_new();

        g_assert_cmpint(stream_load_bytes(&vmsd_room, out, 1, data, cut, NULL), <, 0);
    }
}

/* Every byte of the stream, every value: no outcome is worse than an error (run under ASan). */
static void test_any_byte(void)
{
    g_autoptr(Room) in = room_sample();
    g_autoptr(GBytes) bytes = stream_save(&vmsd_room, in);
    size_t len;
    const uint8_t *data = g_bytes_get_data(bytes, &len);
    g_autofree uint8_t *bad = g_memdup2(data, len);

    for (size_t at = 0; at < len; at++) {
        for (unsigned v = 0; v < 256; v += at < 19 ? 1 : 51) {
            g_autoptr(Room) out = room_new();
            g_autoptr(GBytes) wrong = NULL;
            g_autoptr(QEMUFile) f = NULL;
            Error *err = NULL;

            bad[at] = v;
            wrong = g_bytes_new_static(bad, len);
            f = qemu_file_new_reader(wrong);
            g_assert_cmpint(vmstate_load_state(f, &vmsd_room, out, 1, &err), <=, 0);
            error_free(err);
        }
        bad[at] = data[at];
    }
}

/* ---- one lie each ---- */


static void expect_refusal(const VMStateField *count, const VMStateField *array,
                           const void *stream, size_t len, const char *why)
{
    VMStateField fields[] = { *count, *array, VMSTATE_END_OF_LIST() };
    VMStateDescription vmsd = { .name = "lie", .fields = fields };
    g_autoptr(Room) out = room_new();
    g_autofree char *text = NULL;

    g_assert_cmpint(stream_load_bytes(&vmsd, out, 0, stream, len, &text), ==, -EINVAL);
    g_assert_nonnull(strstr(text, why));
}

static void test_lies(void)
{
    static const char more[64] = "\0\0\0\3", minus[64] = "\xff\xff\xff\xff";
    static const char huge[64] = "\x7f\xff\xff\xff", five[64] = "\0\0\0\5";
    const VMStateField i32 = VMSTATE_INT32(i32, Room);
    const VMStateField u32 = VMSTATE_UINT32(u32, Room);
    const VMStateField p_i32 = VMSTATE_VARRAY_INT32(p_i32, Room, i32, 0,
                        vmstate_info_uint32, uint32_t);
    const VMStateField a_u32 = VMSTATE_VARRAY_UINT32_ALLOC(a_u32, Room, u32, 0,
                        vmstate_info_uint32, uint32_t);
    const VMStateField e_alloc = VMSTATE_STRUCT_VARRAY_ALLOC(e_alloc, Room, i32, 0, vmsd_elem,
                                                             Elem);
    const VMStateField here = VMSTATE_STRUCT_VARRAY_INT32(here_i32, Room, i32, 0, vmsd_elem,
                                                          Elem);
    const VMStateField vb = VMSTATE_VBUFFER(vb, Room, 0, NULL, i32);
    const VMStateField vba = VMSTATE_VBUFFER_ALLOC_UINT32(vba, Room, 0, NULL, u32);
    const VMStateField unused = VMSTATE_UNUSED_VARRAY_UINT32(Room, NULL, 0, u32, 2);

    expect_refusal(&i32, &p_i32, more, 64, "room for 8");
    expect_refusal(&i32, &p_i32, minus, 64, "impossible length");
    expect_refusal(&i32, &here, five, 64, "room for 8");
    expect_refusal(&i32, &vb, more, 64, "room for 2");
    expect_refusal(&i32, &vb, minus, 64, "impossible length");
    expect_refusal(&u32, &a_u32, huge, 64, "more than the stream can hold");
    expect_refusal(&i32, &e_alloc, minus, 64, "impossible length");
    expect_refusal(&i32, &e_alloc, huge, 64, "more than the stream can hold");
    expect_refusal(&u32, &vba, huge, 64, "more than the stream can hold");
    expect_refusal(&u32, &unused, huge, 64, "there is room for");
}

/* An in-place array with room takes more than it had, up to its end. */
static void test_room_in_place(void)
{
    VMStateField fields[] = {
        VMSTATE_UINT8(u8, Room), VMSTATE_STRUCT_VARRAY_UINT8(here_u8, Room, u8, 0, vmsd_elem, Elem),
        VMSTATE_END_OF_LIST()
    };
    VMStateDescription vmsd = { .name = "in-place", .fields = fields };
    g_autoptr(Room) out = room_new();

    g_assert_cmpint(stream_load_bytes(&vmsd, out, 0, "\4\0\1\0\2\0\3\0\4", 9, NULL), ==, 0);
    g_assert_cmpuint(out->here_u8[3].v, ==, 4);
    g_assert_cmpint(stream_load_bytes(&vmsd, out, 0, "\5\0\1\0\2\0\3\0\4\0\5", 11, NULL), <, 0);
}

static int grow(void *opaque)
{
    Room *r = opaque;

    r->i32 = 8;
    r->p_i32 = g_renew(uint32_t, r->p_i32, 8);
    return 0;
}

/* pre_load may make room. */
static void test_pre_load_room(void)
{
    VMStateField fields[] = {
        VMSTATE_INT32(i32, Room), VMSTATE_VARRAY_INT32(p_i32, Room, i32, 0,
                            vmstate_info_uint32, uint32_t),
        VMSTATE_END_OF_LIST()
    };
    VMStateDescription vmsd = { .name = "pre-load", .fields = fields, .pre_load = grow };
    g_autoptr(Room) out = room_new();
    static const uint8_t stream[4 + 6 * 4] = { [3] = 6, [27] = 77 };

    g_assert_cmpint(stream_load_bytes(&vmsd, out, 0, stream, sizeof(stream), NULL), ==, 0);
    g_assert_cmpuint(out->p_i32[5], ==, 77);
}

/* A small stream of large elements is stopped by the budget, not by the host's memory. */
static void test_budget(void)
{
    static VMStateField big_fields[] = { VMSTATE_UINT8(u8, Room), VMSTATE_END_OF_LIST() };
    static const VMStateDescription vmsd_big = { .name = "big", .fields = big_fields };
    VMStateField fields[] = {
        VMSTATE_INT32(i32, Room),
        {
            .name = "e_alloc", .flags = VMS_STRUCT | VMS_POINTER | VMS_VARRAY_INT32 | VMS_ALLOC,
            .offset = offsetof(Room, e_alloc), .num_offset = offsetof(Room, i32),
            .vmsd = &vmsd_big, .size = 1024 * 1024,
        },
        VMSTATE_END_OF_LIST()
    };
    VMStateDescription vmsd = { .name = "budget", .fields = fields };
    g_autoptr(Room) out = room_new();
    g_autofree char *stream = g_malloc0(1004);
    g_autofree char *text = NULL;

    memcpy(stream, "\0\0\3\xe8", 4);
    g_assert_cmpint(stream_load_bytes(&vmsd, out, 0, stream, 1004, &text), ==, -EINVAL);
    g_assert_nonnull(strstr(text, "more than the stream can hold"));
    g_assert_null(out->e_alloc);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vmstate-place/round-trip", test_round_trip);
    g_test_add_func("/vmstate-place/truncation", test_truncation);
    g_test_add_func("/vmstate-place/any-byte", test_any_byte);
    g_test_add_func("/vmstate-place/lies", test_lies);
    g_test_add_func("/vmstate-place/room-in-place", test_room_in_place);
    g_test_add_func("/vmstate-place/pre-load-room", test_pre_load_room);
    g_test_add_func("/vmstate-place/budget", test_budget);
    return g_test_run();
}
