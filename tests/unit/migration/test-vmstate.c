/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walk over a description: versions, tests, hooks and their order, nested
 * structs, subsections, and the forms with and without errp.
 */
#include "qemu/osdep.h"
#include "stream.h"

typedef struct Inner {
    uint8_t old;
    uint8_t new;
} Inner;

typedef struct Outer {
    uint8_t a;
    uint8_t b;
    uint8_t c;
    Inner in;
    Inner in_array[2];
    Inner in_2d[2][2];
    Inner *ptr;
    Inner *ptrs[3];
    GString *log;        /* of hooks */
    int fail_at;         /* hook that fails: its character */
} Outer;

static const VMStateDescription vmsd_inner = {
    .name = "inner",
    .version_id = 2,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(old, Inner), VMSTATE_UINT8_V(new, Inner, 2), VMSTATE_END_OF_LIST()
    }
};

/* ---- versions ---- */

static const VMStateDescription vmsd_versions = {
    .name = "versions",
    .version_id = 4,
    .minimum_version_id = 2,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(a, Outer), VMSTATE_UINT8_V(b, Outer, 3), VMSTATE_UINT8_V(c, Outer, 5),
        VMSTATE_END_OF_LIST()
    }
};

static void test_versions(void)
{
    Outer s = { .a = 1, .b = 2, .c = 3 };
    g_autoptr(GBytes) bytes = stream_save(&vmsd_versions, &s);
    g_autofree char *text = NULL;

    stream_expect(bytes, "0102");
    s = (Outer) { .b = 9 };
    g_assert_cmpint(stream_load_bytes(&vmsd_versions, &s, 2, "\7", 1, NULL), ==, 0);
    g_assert_cmpint(s.a * 100 + s.b, ==, 709);
    g_assert_cmpint(stream_load_bytes(&vmsd_versions, &s, 3, "\7\10", 2, NULL), ==, 0);
    g_assert_cmpint(s.b, ==, 8);
    g_assert_cmpint(stream_load_bytes(&vmsd_versions, &s, 1, "\7", 1, &text), ==, -EINVAL);
    g_assert_nonnull(strstr(text, "version 1 is not one of 2 to 4"));
    g_assert_cmpint(stream_load_bytes(&vmsd_versions, &s, 5, "\7", 1, NULL), ==, -EINVAL);
    g_assert_cmpint(stream_load_bytes(&vmsd_versions, &s, -1, "\7", 1, NULL), ==, -EINVAL);
}

static void test_old_version_saved(void)
{
    Outer s = { .a = 1, .b = 2 };
    g_autoptr(QEMUFile) f = qemu_file_new_writer(0);
    g_autoptr(GBytes) bytes = NULL;

    g_assert_cmpint(vmstate_save_state_v(f, &vmsd_versions, &s, NULL, 2), ==, 0);
    g_assert_cmpint(vmstate_save_state_v(f, &vmsd_versions, &s, NULL, 3, &error_abort), ==, 0);
    bytes = qemu_file_take_bytes(f);
    stream_expect(bytes, "01" "0102");
}

/* ---- nested structs ---- */

static bool never_there(void *opaque, int version_id)
{
    return false;
}

static const VMStateDescription vmsd_nested = {
    .name = "nested",
    .version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT(in, Outer, 0, vmsd_inner, Inner),
        VMSTATE_STRUCT_TEST(in, Outer, never_there, 0, vmsd_inner, Inner),
        VMSTATE_VSTRUCT(in, Outer, vmsd_inner, Inner, 1),
        VMSTATE_VSTRUCT_V(in, Outer, 2, vmsd_inner, Inner, 1),
        VMSTATE_VSTRUCT_TEST(in, Outer, never_there, 0, vmsd_inner, Inner, 1),
        VMSTATE_STRUCT_ARRAY(in_array, Outer, 2, 0, vmsd_inner, Inner),
        VMSTATE_STRUCT_ARRAY_TEST(in_array, Outer, 2, never_there, 0, vmsd_inner, Inner),
        VMSTATE_STRUCT_SUB_ARRAY(in_array, Outer, 1, 1, 0, vmsd_inner, Inner),
        VMSTATE_STRUCT_2DARRAY(in_2d, Outer, 2, 2, 0, vmsd_inner, Inner),
        VMSTATE_STRUCT_2DARRAY_TEST(in_2d, Outer, 2, 2, never_there, 0, vmsd_inner, Inner),
        VMSTATE_STRUCT_POINTER(ptr, Outer, vmsd_inner, Inner),
        VMSTATE_STRUCT_POINTER_V(ptr, Outer, 2, vmsd_inner, Inner),
        VMSTATE_STRUCT_POINTER_TEST(ptr, Outer, never_there, vmsd_inner, Inner),
        VMSTATE_ARRAY_OF_POINTER_TO_STRUCT(ptrs, Outer, 3, 0, vmsd_inner, Inner *),
        VMSTATE_END_OF_LIST()
    }
};

static void wipe_nothing(void *state)
{
}

static void test_nested(void)
{
    Inner there[2] = { { 0xa, 0xb }, { 0xc, 0xd } };
    Inner here[2] = { { 0 } };
    Outer in = {
        .in = { 1, 2 }, .in_array = { { 3, 4 }, { 5, 6 } },
        .in_2d = { { { 1, 1 }, { 2, 2 } }, { { 3, 3 }, { 4, 4 } } },
        .ptr = &there[0], .ptrs = { NULL, &there[1], NULL },
    };
    Outer out = { .ptr = &here[0], .ptrs = { NULL, &here[1], NULL } };
    g_autoptr(GBytes) bytes = stream_save(&vmsd_nested, &in);

    stream_expect(bytes, "0102" "01" "03040506" "0506" "0101020203030404" "0a0b"
                  "30" "0c0d" "30");
    g_assert_cmpint(stream_load(&vmsd_nested, &out, bytes), ==, 0);
    g_assert_cmpmem(&out.in, sizeof(out.in), &in.in, sizeof(in.in));
    g_assert_cmpmem(out.in_2d, sizeof(out.in_2d), in.in_2d, sizeof(in.in_2d));
    g_assert_cmpmem(here, sizeof(here), there, sizeof(there));
    stream_truncate_everywhere(&vmsd_nested, &out, bytes, wipe_nothing);
    /* Where they have nothing we must have nothing. */
    out.ptrs[0] = &here[0];
    out.ptrs[1] = NULL;
    g_assert_cmpint(stream_load(&vmsd_nested, &out, bytes), <, 0);
}

/* ---- hooks ---- */

static int hook(Outer *s, char name)
{
    g_string_append_c(s->log, name);
    return s->fail_at == name ? -EPERM : 0;
}

static int pre_save(void *opaque) { return hook(opaque, 's'); }
static int post_save(void *opaque) { return hook(opaque, 'S'); }
static int pre_load(void *opaque) { return hook(opaque, 'l'); }
static int post_load(void *opaque, int version_id) { return hook(opaque, 'L'); }

static bool tested(void *opaque, int version_id)
{
    hook(opaque, '0' + version_id);
    return true;
}

static const VMStateDescription vmsd_hooks = {
    .name = "hooks",
    .version_id = 1,
    .pre_save = pre_save, .post_save = post_save, .pre_load = pre_load, .post_load = post_load,
    .fields = (const VMStateField[]) { VMSTATE_UINT8_TEST(a, Outer, tested), VMSTATE_END_OF_LIST() }
};

static void expect_hooks(char fail_at, bool save, int want, const char *calls)
{
    g_autoptr(GString) log = g_string_new(NULL);
    Outer s = { .log = log, .fail_at = fail_at };
    g_autoptr(QEMUFile) f = qemu_file_new_writer(0);
    Error *err = NULL;
    int ret;

    if (save) {
        ret = vmstate_save_state(f, &vmsd_hooks, &s, NULL, &err);
    } else {
        ret = stream_load_bytes(&vmsd_hooks, &s, 1, "\1", 1, NULL);
    }
    g_assert_cmpint(ret, ==, want);
    g_assert_cmpstr(log->str, ==, calls);
    error_free(err);
}

static void test_hooks(void)
{
    expect_hooks(0, true, 0, "s1S");
    expect_hooks('s', true, -EPERM, "s");
    expect_hooks('S', true, -EPERM, "s1S");
    expect_hooks(0, false, 0, "l1L");
    expect_hooks('l', false, -EPERM, "l");
    expect_hooks('L', false, -EPERM, "l1L");
}

/* ---- validation ---- */

static bool a_is_small(void *opaque, int version_id)
{
    return ((Outer *)opaque)->a < 10;
}

static void test_validate(void)
{
    const VMStateDescription vmsd = {
        .name = "validate",
        .fields = (const VMStateField[]) {
            VMSTATE_UINT8(a, Outer), VMSTATE_VALIDATE("a is small", a_is_small),
            VMSTATE_UINT8(b, Outer), VMSTATE_END_OF_LIST()
        }
    };
    Outer s = { 0 };
    g_autofree char *text = NULL;
    g_autoptr(QEMUFile) f = qemu_file_new_writer(0);
    Error *err = NULL;

    g_assert_cmpint(stream_load_bytes(&vmsd, &s, 0, "\1\2", 2, NULL), ==, 0);
    g_assert_cmpint(stream_load_bytes(&vmsd, &s, 0, "\12\3", 2, &text), ==, -EINVAL);
    g_assert_nonnull(strstr(text, "a is small"));
    g_assert_cmpint(s.b, ==, 2);
    g_assert_cmpint(vmstate_save_state(f, &vmsd, &s, NULL, &err), ==, -EINVAL);
    error_free(err);
}

/* ---- subsections ---- */

static bool b_is_set(void *opaque)
{
    return ((Outer *)opaque)->b != 0;
}

static bool c_is_set(void *opaque)
{
    return ((Outer *)opaque)->c != 0;
}

static const VMStateDescription vmsd_sub_c = {
    .name = "subs/b/c",
    .version_id = 1,
    .needed = c_is_set,
    .fields = (const VMStateField[]) { VMSTATE_UINT8(c, Outer), VMSTATE_END_OF_LIST() }
};

static const VMStateDescription vmsd_sub_b = {
    .name = "subs/b",
    .version_id = 2,
    .minimum_version_id = 2,
    .needed = b_is_set,
    .fields = (const VMStateField[]) { VMSTATE_UINT8(b, Outer), VMSTATE_END_OF_LIST() },
    .subsections = (const VMStateDescription *const[]) { &vmsd_sub_c, NULL },
};

static const VMStateDescription vmsd_subs = {
    .name = "subs",
    .version_id = 1,
    .fields = (const VMStateField[]) { VMSTATE_UINT8(a, Outer), VMSTATE_END_OF_LIST() },
    /* The older type of this member still converts. */
    .subsections = (const VMStateDescription *[]) { &vmsd_sub_b, NULL },
};

#define SUB_B "\x05\x06subs/b\0\0\0\2"
#define SUB_C "\x05\x08subs/b/c\0\0\0\1"
#define LOAD_SUBS(s, lit) \
    stream_load_bytes(&vmsd_subs, (s), 1, (lit), sizeof(lit) - 1, NULL)

static void test_subsections(void)
{
    Outer s = { .a = 1 };
    g_autoptr(GBytes) none = stream_save(&vmsd_subs, &s);
    g_autoptr(GBytes) both = NULL;

    stream_expect(none, "01");
    s.b = 2;
    s.c = 3;
    both = stream_save(&vmsd_subs, &s);
    g_assert_cmpmem(g_bytes_get_data(both, NULL), g_bytes_get_size(both),
                    "\1" SUB_B "\2" SUB_C "\3", 1 + 12 + 1 + 14 + 1);
    s = (Outer) { 0 };
    g_assert_cmpint(stream_load(&vmsd_subs, &s, both), ==, 0);
    g_assert_cmpint(s.a * 100 + s.b * 10 + s.c, ==, 123);
    /* Without its parent's mark the inner one belongs to nobody. */
    g_assert_cmpint(LOAD_SUBS(&s, "\1" SUB_B "\7"), ==, 0);
    g_assert_cmpint(s.b, ==, 7);
}

static void test_bad_subsections(void)
{
    Outer s = { 0 };

    g_assert_cmpint(LOAD_SUBS(&s, "\1\x05\x08subs/new\0\0\0\1\1"), ==, -ENOENT);
    g_assert_cmpint(LOAD_SUBS(&s, "\1\x05\x06subs/b\0\0\0\3\1"), ==, -EINVAL);
    g_assert_cmpint(LOAD_SUBS(&s, "\1\x05\x06subs/b\0\0\0\1\1"), ==, -EINVAL);
    g_assert_cmpint(LOAD_SUBS(&s, "\1" SUB_B "\1" SUB_B "\1"), ==, -ENOENT);
    g_assert_cmpint(LOAD_SUBS(&s, "\1\x05\x06subs/b\0\0"), ==, -EIO);
    g_assert_cmpint(LOAD_SUBS(&s, "\1\x05\x06subs/b"), ==, -EIO);
    g_assert_cmpint(LOAD_SUBS(&s, "\1" SUB_B), ==, -EIO);
}

/* A byte 5 behind the struct that is not one of its subsections is left to the parent. */
static void test_not_a_subsection(void)
{
    static const char *const rests[] = {
        "\x05", "\x05\xff", "\x05\x04subs", ("\x05\x06" "subs_b"),
    };
    Outer s = { 0 };

    for (size_t i = 0; i < ARRAY_SIZE(rests); i++) {
        g_autofree char *stream = g_strconcat("\1", rests[i], NULL);
        g_autoptr(GBytes) bytes = g_bytes_new(stream, strlen(stream));
        g_autoptr(QEMUFile) f = qemu_file_new_reader(bytes);

        g_assert_cmpint(vmstate_load_state(f, &vmsd_subs, &s, 1, &error_abort), ==, 0);
        g_assert_cmpuint(qemu_file_remaining(f), ==, strlen(rests[i]));
    }
}

static void test_needed(void)
{
    Outer s = { 0 };

    g_assert_true(vmstate_section_needed(&vmsd_subs, &s));
    g_assert_false(vmstate_section_needed(&vmsd_sub_b, &s));
    s.b = 1;
    g_assert_true(vmstate_save_needed(&vmsd_sub_b, &s));
}

/* 8.2's form has no errp: the text is printed, the result is the same. */
static void test_without_errp(void)
{
    Outer s = { 0 };
    g_autoptr(GBytes) bytes = g_bytes_new_static("\1", 1);
    g_autoptr(QEMUFile) in = qemu_file_new_reader(bytes);
    g_autoptr(QEMUFile) out = qemu_file_new_writer(0);

    if (g_test_subprocess()) {
        g_assert_cmpint(vmstate_save_state(out, &vmsd_subs, &s, NULL), ==, 0);
        g_assert_cmpint(vmstate_load_state(in, &vmsd_subs, &s, 9), ==, -EINVAL);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("*version 9*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vmstate/versions", test_versions);
    g_test_add_func("/vmstate/old-version-saved", test_old_version_saved);
    g_test_add_func("/vmstate/nested", test_nested);
    g_test_add_func("/vmstate/hooks", test_hooks);
    g_test_add_func("/vmstate/validate", test_validate);
    g_test_add_func("/vmstate/subsections", test_subsections);
    g_test_add_func("/vmstate/bad-subsections", test_bad_subsections);
    g_test_add_func("/vmstate/not-a-subsection", test_not_a_subsection);
    g_test_add_func("/vmstate/needed", test_needed);
    g_test_add_func("/vmstate/without-errp", test_without_errp);
    return g_test_run();
}
