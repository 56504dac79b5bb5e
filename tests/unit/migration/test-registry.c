/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State that is registered: names and instances, order by priority, other
 * owners left alone, and hostile sections.
 */
#include "qemu/osdep.h"
#include "migration/register.h"
#include "stream.h"

typedef struct Thing {
    uint8_t v;
} Thing;

#define THING_VMSD(label, prio) \
    { .name = label, .version_id = 2, .minimum_version_id = 1, .priority = prio, \
      .fields = (const VMStateField[]) { VMSTATE_UINT8(v, Thing), VMSTATE_END_OF_LIST() } }

static const VMStateDescription vmsd_low = THING_VMSD("low", MIG_PRI_DEFAULT);
static const VMStateDescription vmsd_high = THING_VMSD("high", MIG_PRI_PCI_BUS);
static const VMStateDescription vmsd_fixed = {
    .name = "fixed", .unmigratable = true,
    .fields = (const VMStateField[]) { VMSTATE_END_OF_LIST() }
};

/* The registry only compares owners, it never looks into them. */
static VMStateIf *owner(int n)
{
    static char marks[4];

    return (VMStateIf *)&marks[n];
}

static GBytes *save(VMStateIf *obj)
{
    g_autoptr(QEMUFile) f = qemu_file_new_writer(0);

    g_assert_cmpint(savevm_registered_save(f, obj, &error_abort), ==, 0);
    return qemu_file_take_bytes(f);
}

static int load(VMStateIf *obj, const void *data, size_t len)
{
    g_autoptr(GBytes) bytes = g_bytes_new(data, len);
    g_autoptr(QEMUFile) f = qemu_file_new_reader(bytes);
    Error *err = NULL;
    int ret = savevm_registered_load(f, obj, &err);

    g_assert_cmpint(ret != 0, ==, err != NULL);
    error_free(err);
    return ret;
}

static void test_sections(void)
{
    Thing a = { 1 }, b = { 2 }, c = { 3 }, other = { 4 };
    g_autoptr(GBytes) bytes = NULL;

    g_assert_cmpint(vmstate_register(owner(0), 7, &vmsd_low, &a), ==, 0);
    g_assert_cmpint(vmstate_register_any(owner(0), &vmsd_low, &b), ==, 0);
    g_assert_cmpint(vmstate_register_any(owner(0), &vmsd_high, &c), ==, 0);
    g_assert_cmpint(vmstate_register_any(owner(1), &vmsd_low, &other), ==, 0);
    g_assert_cmpint(vmstate_register(owner(0), 7, &vmsd_low, &c), ==, -1);

    bytes = save(owner(0));
    stream_expect(bytes, "010468696768" "00000000" "00000002" "03"
                  "01036c6f77" "00000007" "00000002" "01" "01036c6f77" "00000000" "00000002" "02"
                  "00");
    a.v = b.v = c.v = 0;
    g_assert_cmpint(load(owner(0), g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes)), ==, 0);
    g_assert_cmpint(a.v * 100 + b.v * 10 + c.v, ==, 123);
    for (size_t cut = 0; cut < g_bytes_get_size(bytes); cut++) {
        g_assert_cmpint(load(owner(0), g_bytes_get_data(bytes, NULL), cut), <, 0);
    }
    vmstate_unregister(owner(0), &vmsd_low, &a);
    vmstate_unregister(owner(0), &vmsd_low, &b);
    vmstate_unregister(owner(0), &vmsd_high, &c);
    vmstate_unregister(owner(1), &vmsd_low, &other);
    g_clear_pointer(&bytes, g_bytes_unref);
    bytes = save(owner(0));
    stream_expect(bytes, "00");
}

static void test_bad_sections(void)
{
    Thing a = { 1 };

    g_assert_cmpint(vmstate_register_any(owner(0), &vmsd_low, &a), ==, 0);
    g_assert_cmpint(load(owner(0), "\1\3who\0\0\0\0\0\0\0\1\1", 14), ==, -ENOENT);
    g_assert_cmpint(load(owner(0), "\1\3low\0\0\0\1\0\0\0\1\1", 14), ==, -ENOENT);
    g_assert_cmpint(load(owner(0), "\1\3low\0\0\0\0\0\0\0\3\1", 14), ==, -EINVAL);
    g_assert_cmpint(load(owner(0), "\1\3low\0\0\0\0\0\0\0\1\7\0", 15), ==, 0);
    g_assert_cmpint(a.v, ==, 7);
    /* the same section twice */
    g_assert_cmpint(load(owner(0), "\1\3low\0\0\0\0\0\0\0\1\7\1\3low\0\0\0\0\0\0\0\1\7\0", 29), ==,
                    -ENOENT);
    vmstate_unregister(owner(0), &vmsd_low, &a);
}

static void test_alias(void)
{
    Thing a = { 1 };

    g_assert_cmpint(vmstate_register_with_alias_id(owner(0), 5, &vmsd_low, &a, 3, 1,
                                                   &error_abort), ==, 0);
    g_assert_cmpint(load(owner(0), "\1\3low\0\0\0\3\0\0\0\1\7\0", 15), ==, 0);
    g_assert_cmpint(a.v, ==, 7);
    vmstate_unregister(owner(0), &vmsd_low, &a);
}

static void test_unmigratable(void)
{
    g_autoptr(QEMUFile) f = qemu_file_new_writer(0);
    Error *err = NULL;
    Thing a;

    g_assert_cmpint(vmstate_register_any(owner(0), &vmsd_fixed, &a), ==, 0);
    g_assert_cmpint(savevm_registered_save(f, owner(0), &err), ==, -ENOTSUP);
    g_assert_nonnull(strstr(error_get_pretty(err), "'fixed'"));
    error_free(err);
    vmstate_unregister(owner(0), &vmsd_fixed, &a);
}

/* ---- handlers in code ---- */

static void code_save(QEMUFile *f, void *opaque)
{
    qemu_put_be16(f, ((Thing *)opaque)->v);
}

static int code_load(QEMUFile *f, void *opaque, int version_id)
{
    ((Thing *)opaque)->v = qemu_get_be16(f);
    return ((Thing *)opaque)->v > 9 ? -ERANGE : 0;
}

static void test_code(void)
{
    static const SaveVMHandlers ops = { .save_state = code_save, .load_state = code_load };
    Thing a = { 5 };
    g_autoptr(GBytes) bytes = NULL;

    g_assert_cmpint(register_savevm_live("code", 0, 3, &ops, &a), ==, 0);
    bytes = save(NULL);
    stream_expect(bytes, "0104636f6465" "00000000" "00000003" "0005" "00");
    a.v = 0;
    g_assert_cmpint(load(NULL, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes)), ==, 0);
    g_assert_cmpint(a.v, ==, 5);
    g_assert_cmpint(load(NULL, "\1\4code\0\0\0\0\0\0\0\3\0\12\0", 17), ==, -ERANGE);
    g_assert_cmpint(load(NULL, "\1\4code\0\0\0\0\0\0\0\4\0\1\0", 17), ==, -EINVAL);
    unregister_savevm(NULL, "code", &a);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/registry/sections", test_sections);
    g_test_add_func("/registry/bad-sections", test_bad_sections);
    g_test_add_func("/registry/alias", test_alias);
    g_test_add_func("/registry/unmigratable", test_unmigratable);
    g_test_add_func("/registry/code", test_code);
    return g_test_run();
}
