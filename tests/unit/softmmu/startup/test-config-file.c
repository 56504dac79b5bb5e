/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration files give what the command line gives, and survive any text. */
#include "qemu/osdep.h"
#include "qapi/json.h"
#include "softmmu/startup/config-file.h"

#include <glib/gstdio.h>

static char *folder, *path;

static StartupConfig *read_file(OptionHandler *reader, const char *text, gssize len, Error **errp)
{
    g_autoptr(StartupConfig) config = startup_config_new();
    bool ok;

    g_assert_true(g_file_set_contents_full(path, text, len, G_FILE_SET_CONTENTS_NONE,
                                           0600, NULL));
    ok = reader(config, path, errp);
    loc_set_none();
    return ok ? g_steal_pointer(&config) : NULL;
}

static void assert_item(GPtrArray *list, unsigned i, const char *json)
{
    StartupItem *item = g_ptr_array_index(list, i);
    g_autoptr(JsonObject) expected = qapi_json_parse_object(json, strlen(json), &error_abort);

    g_assert_true(json_object_equal(item->opts, expected));
}

static const char ini[] =
    "[device \"d0\"]\n driver = \"edu\"\n bus = \"a,b\"\n\n"
    "[object \"s0\"]\n qom-type=\"vfio-user-server\"\n socket.path = \"/x\"\n";

static void test_ini(void)
{
    g_autoptr(StartupConfig) config = read_file(option_readconfig, ini, -1, &error_abort);
    StartupItem *item = g_ptr_array_index(config->objects, 0);

    assert_item(config->devices, 0, "{\"driver\": \"edu\", \"id\": \"d0\", \"bus\": \"a,b\"}");
    assert_item(config->objects, 0, "{\"qom-type\": \"vfio-user-server\", \"id\": \"s0\","
                " \"socket\": {\"path\": \"/x\"}}");
    g_assert_cmpint(item->loc.kind, ==, LOC_FILE);
    g_assert_cmpstr(item->loc.ptr, ==, path);
    g_assert_cmpint(item->loc.num, ==, 5);
}

static const char json[] =
    "{\"machine\": {\"a\": true, \"b\": 18446744073709551615, \"c\": \"x,y\"},"
    " \"devices\": [{\"driver\": \"edu\", \"n\": [1, {\"m\": false}]}], \"paused\": true}";

static void test_json(void)
{
    g_autoptr(StartupConfig) config = read_file(option_config, json, -1, &error_abort);
    StartupItem *item = g_ptr_array_index(config->devices, 0);
    g_autofree char *place = g_strdup_printf("%s: devices[0]", path);

    assert_item(config->devices, 0, "{\"driver\": \"edu\", \"n\": [1, {\"m\": false}]}");
    g_assert_cmpstr(item->loc.ptr, ==, place);
    g_assert_cmpint(item->loc.num, ==, 0);
    g_assert_true(config->paused);
    g_assert_cmpstr(json_object_get_string_member(config->machine->opts, "a"), ==, "on");
    g_assert_cmpstr(json_object_get_string_member(config->machine->opts, "b"), ==,
                    "18446744073709551615");
    g_assert_cmpstr(json_object_get_string_member(config->machine->opts, "c"), ==, "x,y");
}

static void test_keys(void)
{
    static const char *const good[] = { "a", "max-dma-maps", "socket.path", "x_y9" };
    static const char *const bad[] = { "", "a b", "a=b", "a,b", "\xc3\xa4", "a\"" };

    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        g_assert_true(config_file_key_ok(good[i]));
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        g_assert_false(config_file_key_ok(bad[i]));
    }
}

static void test_size(void)
{
    g_autofree char *text = g_strnfill(CONFIG_FILE_MAX + 1, '\n');
    g_autoptr(StartupConfig) config = NULL;
    Error *err = NULL;

    config = read_file(option_readconfig, text, CONFIG_FILE_MAX, &error_abort);
    g_assert_null(read_file(option_readconfig, text, CONFIG_FILE_MAX + 1, &err));
    g_assert_nonnull(err);
    error_free(err);
}

/* Bytes of a good file are changed, cut and doubled: an error or a result, always. */
static void mutate(OptionHandler *reader, const char *good, size_t len)
{
    static const char spice[] = "[]{}\"=,.#: \n\r\t\\0a\xff";

    for (unsigned i = 0; i < 3000; i++) {
        g_autoptr(GString) text = g_string_new_len(good, len);
        g_autoptr(StartupConfig) config = NULL;
        Error *err = NULL;

        for (int n = g_test_rand_int_range(1, 6); n > 0 && text->len; n--) {
            size_t at = g_test_rand_int_range(0, text->len);

            if (g_test_rand_bit()) {
                text->str[at] = spice[g_test_rand_int_range(0, sizeof(spice))];
            } else if (g_test_rand_bit()) {
                g_string_truncate(text, at);
            } else {
                g_string_insert_c(text, at, spice[g_test_rand_int_range(0, sizeof(spice) - 1)]);
            }
        }
        config = read_file(reader, text->str, text->len, &err);
        g_assert_true(!config == !!err);
        error_free(err);
    }
}

static void test_mutations(void)
{
    mutate(option_readconfig, ini, sizeof(ini) - 1);
    mutate(option_config, json, sizeof(json) - 1);
}

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("config-XXXXXX", NULL);
    path = g_build_filename(folder, "file", NULL);
    g_test_add_func("/config-file/ini", test_ini);
    g_test_add_func("/config-file/json", test_json);
    g_test_add_func("/config-file/keys", test_keys);
    g_test_add_func("/config-file/size", test_size);
    g_test_add_func("/config-file/mutations", test_mutations);
    ret = g_test_run();
    g_unlink(path);
    g_rmdir(folder);
    g_free(path);
    g_free(folder);
    return ret;
}
