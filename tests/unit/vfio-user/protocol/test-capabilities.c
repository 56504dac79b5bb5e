/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JSON of VERSION: what the known clients send, what strangers may send,
 * and replies that fit.
 */
#include "qemu/osdep.h"
#include "vfio-user/capabilities.h"

static bool parse(const char *text, VfuCapabilities *caps)
{
    g_autoptr(Error) err = NULL;
    /* Exactly the bytes of a message, so that a sanitizer sees a read behind them. */
    g_autofree char *copy = g_memdup2(text, strlen(text) + 1);
    bool ok = vfu_capabilities_parse(copy, strlen(text) + 1, caps, &err);

    g_assert_true(ok == (err == NULL));
    return ok;
}

static void test_defaults(void)
{
    VfuCapabilities caps;

    g_assert_true(vfu_capabilities_parse("", 0, &caps, NULL));
    g_assert_false(caps.has_text);
    g_assert_true(vfu_capabilities_parse("", 1, &caps, NULL));
    g_assert_cmpuint(caps.max_msg_fds, ==, 1);
    g_assert_cmpuint(caps.max_data_xfer_size, ==, 1048576);
    g_assert_cmpuint(caps.max_dma_maps, ==, 65535);
    g_assert_cmpuint(caps.pgsizes, ==, 4096);
    g_assert_false(caps.write_multiple);
    g_assert_false(caps.has_migration);
    g_assert_true(parse("{}", &caps));
    g_assert_true(caps.has_text);
    g_assert_true(parse("{\"capabilities\":{}}", &caps));
    g_assert_true(parse(" { \"other\" : [1, 2.5e3, null, \"x\\\"y\"] } ", &caps));
    g_assert_cmpuint(caps.max_msg_fds, ==, 1);
}

static void test_known_clients(void)
{
    VfuCapabilities caps;

    g_assert_true(parse("{\"capabilities\": {\"pgsizes\": 4096, \"max_msg_fds\": 16, "
                        "\"max_dma_maps\": 65535, \"max_data_xfer_size\": 1048576, "
                        "\"migration\": {\"max_bitmap_size\": 268435456, \"pgsize\": 4096}, "
                        "\"write_multiple\": true}}", &caps));
    g_assert_cmpuint(caps.max_msg_fds, ==, 16);
    g_assert_true(caps.write_multiple);
    g_assert_true(caps.has_migration);
    g_assert_cmpuint(caps.max_bitmap_size, ==, 268435456);
    g_assert_true(parse("{\"capabilities\":{\"max_msg_fds\":1,\"max_data_xfer_size\":1048576,"
                        "\"migration\":{\"pgsize\":4096}}}", &caps));
    g_assert_true(parse("{\"capabilities\":{\"max_msg_fds\":8,\"twin_socket\":"
                        "{\"supported\":true,\"fd_index\":0}}}", &caps));
    g_assert_true(caps.twin_socket);
}

static void test_refused(void)
{
    static const char *const texts[] = {
        "x", "{", "[]", "1", "null", "\"capabilities\"", "{\"capabilities\":1}",
        "{\"capabilities\":[]}", "{\"capabilities\":null}", "{}}", "{]", "{}{}", "{\"a\":}",
        "{\"a\" 1}", "{\"a\":1,}", "{\"unclosed", "{\"bad\\", "/* c */{}", "{}//", "{'a':1}",
        "{\"a\":0x10}", "{\"a\":010}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":-}", "{\"a\":1e}",
        "{\"a\":truely}", "{\"a\":nul}", "{\"a\":NaN}", "\xff\xfe{}", "{\"\xc3\":1}",
        "{\"a\tb\":1}",
        "[[[[[[[[[]]]]]]]]]",
    };
    VfuCapabilities caps;

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        g_test_message("text %zu", i);
        g_assert_false(parse(texts[i], &caps));
    }
}

static void test_refused_values(void)
{
    static const char *const members[] = {
        "\"max_msg_fds\":\"16\"", "\"max_msg_fds\":true", "\"max_msg_fds\":null",
        "\"max_msg_fds\":{}", "\"max_msg_fds\":[1]", "\"max_msg_fds\":1.5",
        "\"max_msg_fds\":-1", "\"max_msg_fds\":1e1", "\"max_msg_fds\":1025",
        "\"max_msg_fds\":9223372036854775808", "\"max_msg_fds\":18446744073709551617",
        "\"max_msg_fds\":99999999999999999999999999", "\"max_data_xfer_size\":0",
        "\"max_data_xfer_size\":511", "\"max_data_xfer_size\":-1", "\"pgsizes\":0",
        "\"pgsizes\":-4096", "\"write_multiple\":1", "\"write_multiple\":\"true\"",
        "\"migration\":true", "\"migration\":{\"pgsize\":0}", "\"migration\":{\"pgsize\":4097}",
        "\"migration\":{\"max_bitmap_size\":-1}", "\"twin_socket\":true",
        "\"twin_socket\":{\"supported\":1}",
    };
    VfuCapabilities caps;

    for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
        g_autofree char *text = g_strdup_printf("{\"capabilities\":{%s}}", members[i]);

        g_test_message("%s", text);
        g_assert_false(parse(text, &caps));
    }
}

static void test_clipped(void)
{
    VfuCapabilities caps;

    g_assert_true(parse("{\"capabilities\":{\"max_data_xfer_size\":9223372036854775807,"
                        "\"max_dma_maps\":4294967296}}", &caps));
    g_assert_cmpuint(caps.max_data_xfer_size, ==, UINT32_MAX);
    g_assert_cmpuint(caps.max_dma_maps, ==, UINT32_MAX);
    g_assert_true(parse("{\"capabilities\":{\"max_msg_fds\":0}}", &caps));
    g_assert_cmpuint(caps.max_msg_fds, ==, 0);
}

static void test_nul(void)
{
    VfuCapabilities caps;
    g_autofree char *longest = g_strnfill(VFU_VERSION_TEXT_MAX, ' ');

    g_assert_false(vfu_capabilities_parse("{}", 2, &caps, NULL));       /* none */
    g_assert_false(vfu_capabilities_parse("{}\0", 4, &caps, NULL));     /* two */
    g_assert_false(vfu_capabilities_parse("{\0}", 4, &caps, NULL));     /* inside */
    longest[0] = '{';
    longest[1] = '}';
    longest[VFU_VERSION_TEXT_MAX - 1] = '\0';
    g_assert_true(vfu_capabilities_parse(longest, VFU_VERSION_TEXT_MAX, &caps, NULL));
    g_assert_false(vfu_capabilities_parse(longest, VFU_VERSION_TEXT_MAX + 1, &caps, NULL));
}

/* Thousands of brackets must not reach a recursive parser. */
static void test_deep(void)
{
    g_autofree char *deep = g_strnfill(8000, '[');
    VfuCapabilities caps;

    g_assert_false(parse(deep, &caps));
}

static VfuCapabilities ours(void)
{
    VfuCapabilities caps;

    vfu_capabilities_init(&caps);
    caps.max_msg_fds = 16;
    return caps;
}

static void test_build(void)
{
    static const char full[] = "{\"capabilities\":{\"max_msg_fds\":16,\"max_data_xfer_size\":"
                               "1048576,\"max_dma_maps\":65535,\"pgsizes\":4096}}";
    VfuCapabilities caps = ours(), back;
    g_autofree char *text = vfu_capabilities_build(&caps, 0);
    g_autofree char *exact = vfu_capabilities_build(&caps, sizeof(full));
    g_autofree char *less = vfu_capabilities_build(&caps, sizeof(full) - 1);
    g_autofree char *bare = vfu_capabilities_build(&caps, 20);
    g_autofree char *none = vfu_capabilities_build(&caps, 19);

    g_assert_cmpstr(text, ==, full);
    g_assert_cmpstr(exact, ==, full);
    g_assert_cmpstr(less, ==, "{\"capabilities\":{\"max_msg_fds\":16}}");
    g_assert_cmpstr(bare, ==, "{\"capabilities\":{}}");
    g_assert_null(none);
    g_assert_true(parse(text, &back));
    g_assert_cmpuint(back.max_msg_fds, ==, 16);
    g_assert_false(back.write_multiple);
}

static void test_build_options(void)
{
    VfuCapabilities caps = ours(), back;
    g_autofree char *text = NULL;

    caps.write_multiple = true;
    caps.has_migration = true;
    text = vfu_capabilities_build(&caps, 0);
    g_assert_true(parse(text, &back));
    g_assert_true(back.write_multiple);
    g_assert_true(back.has_migration);
    g_assert_cmpuint(strlen(text), <, 200);     /* QEMU's request has 214 bytes */
}

/* For every room: fits, parses, and never gets poorer with more room. */
static void test_build_rooms(void)
{
    VfuCapabilities caps = ours(), back;
    size_t last = 0;

    for (size_t room = 1; room < 256; room++) {
        g_autofree char *text = vfu_capabilities_build(&caps, room);

        if (text) {
            g_assert_cmpuint(strlen(text) + 1, <=, room);
            g_assert_true(parse(text, &back));
            g_assert_cmpuint(strlen(text), >=, last);
            last = strlen(text);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/capabilities/defaults", test_defaults);
    g_test_add_func("/capabilities/known-clients", test_known_clients);
    g_test_add_func("/capabilities/refused", test_refused);
    g_test_add_func("/capabilities/refused-values", test_refused_values);
    g_test_add_func("/capabilities/clipped", test_clipped);
    g_test_add_func("/capabilities/nul", test_nul);
    g_test_add_func("/capabilities/deep", test_deep);
    g_test_add_func("/capabilities/build", test_build);
    g_test_add_func("/capabilities/build-options", test_build_options);
    g_test_add_func("/capabilities/build-rooms", test_build_rooms);
    return g_test_run();
}
