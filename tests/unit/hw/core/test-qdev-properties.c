/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every kind of table property: default, good and bad values; arrays; links;
 * setting after realize; globals; what newer and older tables look like.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "qapi/error.h"
#include "qapi/json.h"
#include "rig.h"

static RigDev *d;

static void accept(const char *name, const char *text)
{
    object_property_parse(OBJECT(d), name, text, &error_abort);
}

static void refuse(const char *name, const char *text, const char *why)
{
    g_autofree char *before = object_property_print(OBJECT(d), name, false, &error_abort);
    g_autofree char *after = NULL;
    Error *err = NULL;

    g_assert_false(object_property_parse(OBJECT(d), name, text, &err));
    rig_expect_error(&err, why);
    after = object_property_print(OBJECT(d), name, false, &error_abort);
    g_assert_cmpstr(before, ==, after);
}

static void prints(const char *name, const char *expect)
{
    g_autofree char *text = object_property_print(OBJECT(d), name, false, &error_abort);

    g_assert_cmpstr(text, ==, expect);
}

static void test_defaults(void)
{
    g_assert_true(d->boolean);
    g_assert_cmphex(d->bits, ==, 1u << 3);
    g_assert_cmphex(d->bits64, ==, 1ull << 63);
    g_assert_cmpuint(d->u8, ==, 8);
    g_assert_cmpuint(d->u16, ==, 16);
    g_assert_cmpuint(d->u32, ==, UINT32_MAX);
    g_assert_cmpuint(d->u64, ==, UINT64_MAX);
    g_assert_cmpint(d->i32, ==, -32);
    g_assert_cmpint(d->i64, ==, INT64_MIN);
    g_assert_cmpuint(d->size, ==, 4096);
    g_assert_cmpuint(d->size32, ==, 512);
    g_assert_null(d->text);
    g_assert_cmpint(d->ooa, ==, ON_OFF_AUTO_ON);
    g_assert_cmpint(d->addr, ==, -1);
    g_assert_false(qemu_uuid_is_null(&d->uuid));
    g_assert_cmpuint(d->num_ports, ==, 0);
}

static void test_bits(void)
{
    accept("bit31", "on");
    g_assert_cmphex(d->bits, ==, 1u << 31 | 1u << 3);
    accept("bit3", "off");
    g_assert_cmphex(d->bits, ==, 1u << 31);
    prints("bit31", "true");
    accept("bit63", "off");
    g_assert_cmphex(d->bits64, ==, 0);
    refuse("bit3", "2", "'on' or 'off'");
}

static void test_integers(void)
{
    accept("u8", "255");
    refuse("u8", "256", "0 to 255");
    refuse("u8", "-1", "'-1'");
    accept("u16", "0xffff");
    refuse("u16", "65536", "0 to 65535");
    accept("u32", "0");
    refuse("u32", "4294967296", "0 to 4294967295");
    accept("u64", "0xffffffffffffffff");
    prints("u64", "18446744073709551615");
    refuse("u64", "x", "'x'");
    accept("i32", "-2147483648");
    refuse("i32", "2147483648", "2147483647");
    accept("i64", "9223372036854775807");
    refuse("i64", "9223372036854775808", "64 bits");
    accept("size", "2G");
    g_assert_cmpuint(d->size, ==, 2ull << 30);
    refuse("size", "2Z", "a size");
    accept("size32", "1M");
    g_assert_cmpuint(d->size32, ==, 1 << 20);
    refuse("size32", "4G", "below 4G");
    accept("masked", "0x30");
    refuse("masked", "0x31", "bits outside 0xf0");
}

static void test_others(void)
{
    accept("text", "one");
    accept("text", "two");
    g_assert_cmpstr(d->text, ==, "two");
    accept("ooa", "auto");
    refuse("ooa", "never", "auto, on, off");
    accept("mac", "52:54:00:aB:cd:0f");
    prints("mac", "52:54:00:ab:cd:0f");
    accept("mac", "00-11-22-33-44-55");
    refuse("mac", "52:54:00:ab:cd", "'52:54:00:ab:cd'");
    refuse("mac", "52:54:00:ab:cd:0f:00", "52:54:00:12:34:56");
    refuse("mac", "5:54:00:ab:cd:0f", "expects");
    refuse("mac", "", "expects");
    accept("uuid", "12345678-1234-1234-1234-123456789abc");
    prints("uuid", "12345678-1234-1234-1234-123456789abc");
    refuse("uuid", "12345678", "a UUID or 'auto'");
    accept("netdev", "");
    refuse("netdev", "n0", "'n0'");
    accept("addr", "1f.7");
    g_assert_cmpint(d->addr, ==, 0xff);
    accept("addr", "3");
    g_assert_cmpint(d->addr, ==, 0x18);
    refuse("addr", "20", "slot[.function]");
    refuse("addr", "3.8", "slot[.function]");
    refuse("addr", "3.", "slot[.function]");
    refuse("addr", "-1", "slot[.function]");
}

static void set_json(const char *name, const char *text, Error **errp)
{
    g_autoptr(JsonNode) node = qapi_json_parse(text, strlen(text), &error_abort);

    object_property_set_json(OBJECT(d), name, node, errp);
}

static void test_array(void)
{
    g_autoptr(JsonNode) back = NULL;
    g_autofree char *text = NULL;
    Error *err = NULL;

    set_json("ports", "[\"a\",\"b\",\"c\"]", &error_abort);
    g_assert_cmpuint(d->num_ports, ==, 3);
    g_assert_cmpstr(d->ports[2], ==, "c");
    back = object_property_get_json(OBJECT(d), "ports", &error_abort);
    text = qapi_json_print(back);
    g_assert_cmpstr(text, ==, "[\"a\",\"b\",\"c\"]");
    set_json("ports", "[\"z\"]", &error_abort);
    g_assert_cmpuint(d->num_ports, ==, 1);
    set_json("ports", "[\"z\", 1]", &err);
    rig_expect_error(&err, "string");
    g_assert_cmpuint(d->num_ports, ==, 0);
    g_assert_null(d->ports);

    accept("bytes", "1,2,0xff");
    g_assert_cmpuint(d->num_bytes, ==, 3);
    g_assert_cmpuint(d->bytes[2], ==, 255);
    g_assert_false(object_property_parse(OBJECT(d), "bytes", "1,256", &err));
    rig_expect_error(&err, "0 to 255");
    g_assert_cmpuint(d->num_bytes, ==, 0);
    set_json("bytes", "7", &err);
    rig_expect_error(&err, "array");
}

static void test_json_numbers(void)
{
    set_json("addr", "16", &error_abort);
    g_assert_cmpint(d->addr, ==, 16);
    set_json("u8", "\"0x10\"", &error_abort);
    g_assert_cmpuint(d->u8, ==, 16);
    set_json("size", "\"8k\"", &error_abort);
    g_assert_cmpuint(d->size, ==, 8192);
    set_json("bool", "false", &error_abort);
    g_assert_false(d->boolean);
}

static void test_from_c(void)
{
    DeviceState *dev = DEVICE(d);

    qdev_prop_set_bit(dev, "bool", true);
    qdev_prop_set_uint8(dev, "u8", 1);
    qdev_prop_set_uint16(dev, "u16", 2);
    qdev_prop_set_uint32(dev, "u32", 3);
    qdev_prop_set_uint64(dev, "u64", UINT64_MAX);
    qdev_prop_set_int32(dev, "i32", -5);
    qdev_prop_set_string(dev, "text", "c");
    qdev_prop_set_macaddr(dev, "mac", (uint8_t[]) { 1, 2, 3, 4, 5, 6 });
    qdev_prop_set_enum(dev, "ooa", ON_OFF_AUTO_OFF);
    g_assert_cmpuint(d->u64, ==, UINT64_MAX);
    g_assert_cmpint(d->mac.a[5], ==, 6);
    g_assert_cmpint(d->ooa, ==, ON_OFF_AUTO_OFF);
    g_assert_cmpint(d->i32, ==, -5);
}

static void test_after_realize(void)
{
    RigDev *r = rig_new("r");
    Error *err = NULL;

    object_property_set_link(OBJECT(r), "peer", OBJECT(d), &error_abort);
    g_assert_true(r->peer == OBJECT(d));
    qdev_realize(DEVICE(r), rig_root, &error_abort);
    g_assert_false(object_property_set_int(OBJECT(r), "u8", 1, &err));
    rig_expect_error(&err, "'u8' on device 'r' (type 'rig-dev') after it was realized");
    g_assert_false(object_property_set_link(OBJECT(r), "peer", NULL, &err));
    rig_expect_error(&err, "after it was realized");
    object_unparent(OBJECT(r));
    object_unref(r);
    g_string_truncate(rig_log, 0);
}

static void test_globals(void)
{
    static GlobalProperty g8 = { TYPE_RIG_DEV, "u8", "88" };
    static GlobalProperty gopt = { TYPE_RIG_DEV, "no-such", "1", .optional = true };
    static GlobalProperty gbad = { "no-such-type", "u8", "1" };
    RigDev *g;

    qdev_prop_register_global(&g8);
    qdev_prop_register_global(&gopt);
    g = RIG_DEV(qdev_new(TYPE_RIG_DEV));
    g_assert_cmpuint(g->u8, ==, 88);
    g_assert_true(qdev_find_global_prop(OBJECT(g), "u8") == &g8);
    g_assert_null(qdev_find_global_prop(OBJECT(g), "u16"));
    g_assert_cmpint(qdev_prop_check_globals(), ==, 0);
    qdev_prop_register_global(&gbad);
    g_assert_cmpint(qdev_prop_check_globals(), ==, 1);
    object_unref(g);
}

static void test_alias_all(void)
{
    RigDev *inner = RIG_DEV(qdev_new(TYPE_RIG_DEV));
    DeviceState *shell = qdev_new("rig-shell");

    object_property_add_child(OBJECT(shell), "inner", OBJECT(inner));
    object_unref(inner);
    qdev_alias_all_properties(shell, OBJECT(inner));
    object_property_parse(OBJECT(shell), "text", "through", &error_abort);
    g_assert_cmpstr(inner->text, ==, "through");
    object_unref(shell);
}

/* --- forms of tables ----------------------------------------------------------- */

typedef struct Tabled {
    DeviceState parent_obj;
    uint8_t a;
    uint8_t b;
} Tabled;

static Property with_end[] = {
    DEFINE_PROP_UINT8("a", Tabled, a, 1),
    DEFINE_PROP_END_OF_LIST(),
    DEFINE_PROP_UINT8("b", Tabled, b, 2),
};

static const Property without_end[] = {
    DEFINE_PROP_UINT8("a", Tabled, a, 3),
    DEFINE_PROP_UINT8("b", Tabled, b, 4),
};

static void array_class_init(ObjectClass *oc, void *data)
{
    device_class_set_props(DEVICE_CLASS(oc), with_end);
}

static void const_class_init(ObjectClass *oc, const void *data)
{
    device_class_set_props(DEVICE_CLASS(oc), without_end);
}

static void pointer_class_init(ObjectClass *oc, void *data)
{
    Property *table = with_end;

    device_class_set_props(DEVICE_CLASS(oc), table);
}

static void check_table(const char *type, int a, int b)
{
    Tabled *t = (Tabled *)qdev_new(type);

    g_assert_cmpint(t->a, ==, a);
    g_assert_cmpint(t->b, ==, b);
    object_unref(t);
}

static void test_tables(void)
{
    check_table("rig-array", 1, 0);
    check_table("rig-const", 3, 4);
    check_table("rig-pointer", 1, 0);
}

static void register_shell(void)
{
    static const TypeInfo infos[] = {
        { .name = "rig-shell", .parent = TYPE_DEVICE },
        { .name = "rig-array", .parent = TYPE_DEVICE, .instance_size = sizeof(Tabled),
          .class_init = array_class_init },
        { .name = "rig-const", .parent = TYPE_DEVICE, .instance_size = sizeof(Tabled),
          .class_init = const_class_init },
        { .name = "rig-pointer", .parent = TYPE_DEVICE, .instance_size = sizeof(Tabled),
          .class_init = pointer_class_init },
    };

    type_register_static_array(infos, ARRAY_SIZE(infos));
}

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    rig_init();
    register_shell();
    d = rig_new("d");
    g_test_add_func("/properties/defaults", test_defaults);
    g_test_add_func("/properties/bits", test_bits);
    g_test_add_func("/properties/integers", test_integers);
    g_test_add_func("/properties/others", test_others);
    g_test_add_func("/properties/array", test_array);
    g_test_add_func("/properties/json-numbers", test_json_numbers);
    g_test_add_func("/properties/from-c", test_from_c);
    g_test_add_func("/properties/after-realize", test_after_realize);
    g_test_add_func("/properties/alias-all", test_alias_all);
    g_test_add_func("/properties/tables", test_tables);
    g_test_add_func("/properties/globals", test_globals);
    ret = g_test_run();
    object_unparent(OBJECT(d));
    object_unref(d);
    rig_fini();
    return ret;
}
