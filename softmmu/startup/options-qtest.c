/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -qtest, -qtest-log, -accel and -m. The options may stand in any order, and
 * -m means something with -accel qtest only, so they are put together when
 * all are known.
 */
#include "qemu/osdep.h"
#include "qapi/keyval.h"
#include "qemu/cutils.h"
#include "options.h"
#include "softmmu/qtest/qtest-server.h"

static void keep(StartupItem **item, const char *arg)
{
    startup_item_free(*item);
    *item = startup_item_new();
    (*item)->text = g_strdup(arg);
}

bool option_qtest(StartupConfig *config, const char *arg, Error **errp)
{
    keep(&config->qtest, arg);
    return true;
}

bool option_qtest_log(StartupConfig *config, const char *arg, Error **errp)
{
    g_free(config->qtest_log);
    config->qtest_log = g_strdup(arg);
    return true;
}

bool option_ram(StartupConfig *config, const char *arg, Error **errp)
{
    keep(&config->qtest_ram, arg);
    return true;
}

/* QEMU's lists are "kvm:tcg" in -machine; properties of other accelerators follow a comma. */
void options_choose_accel(StartupConfig *config, const char *accel)
{
    g_auto(GStrv) names = g_strsplit_set(accel, ",:", -1);

    if (g_strcmp0(names[0], "qtest") == 0) {
        config->qtest_accel = true;
    } else {
        warn_report("ignored: this process has no CPU to accelerate; the client's -accel counts");
    }
}

bool option_accel(StartupConfig *config, const char *arg, Error **errp)
{
    if (g_str_has_prefix(arg, "qtest,")) {
        error_setg(errp, "Property 'qtest-accel.%.*s' not found: -accel qtest has none",
                   (int)strcspn(arg + 6, "="), arg + 6);
        return false;
    }
    options_choose_accel(config, arg);
    return true;
}

/* --- put together --- */

static bool read_ram(const StartupConfig *config, uint64_t *size, Error **errp)
{
    const char *text;
    bool help;
    g_autoptr(JsonObject) opts = NULL;

    loc_restore(&config->qtest_ram->loc);
    if (!config->qtest_accel) {
        warn_report("ignored: this process has no guest memory: clients bring theirs, see their"
                    " memory-backend-memfd,share=on");
        return true;
    }
    opts = keyval_parse(config->qtest_ram->text, "size", KEYVAL_FLAT, &help, errp);
    if (!opts) {
        return false;
    }
    text = json_object_get_string_member_with_default(opts, "size", "");
    if (qemu_strtosz_MiB(text, NULL, size) < 0 || !*size) {
        error_setg(errp, "'%s' is not a size: give a number of MiB, or one with K, M or G", text);
        return false;
    }
    return true;
}

static bool read_switch(JsonObject *opts, const char *name, const char *absent, bool *value,
                        Error **errp)
{
    const char *text = json_object_get_string_member_with_default(opts, name, absent);

    return options_read_switch(name, text, value, errp);
}

static bool check_members(JsonObject *opts, Error **errp)
{
    static const char *const known[] = { "address", "server", "wait", NULL };
    g_autoptr(GList) names = json_object_get_members(opts);

    for (GList *l = names; l; l = l->next) {
        if (!g_strv_contains(known, l->data)) {
            error_setg(errp, "Invalid parameter '%s': write unix:PATH,server=on,wait=off",
                       (char *)l->data);
            return false;
        }
    }
    return true;
}

/* QEMU takes unix:path=PATH too. */
static char *without_key(const char *text)
{
    return g_str_has_prefix(text, "unix:path=") ? g_strconcat("unix:", text + 10, NULL)
                                                : g_strdup(text);
}

static bool check_wait(const QtestConfig *out, bool wait, Error **errp)
{
    if (out->listen && wait) {
        error_setg(errp, "waiting for a client before the start is not supported:"
                   " add ,wait=off");
        return false;
    }
    return true;
}

static bool read_address(const StartupConfig *config, QtestConfig *out, Error **errp)
{
    g_autofree char *text = without_key(config->qtest->text);
    g_autoptr(JsonObject) opts = NULL;
    bool help, wait;

    loc_restore(&config->qtest->loc);
    if (g_str_has_prefix(text, "chardev:")) {
        out->chardev = config->qtest->text + strlen("chardev:");
        return true;
    }
    opts = keyval_parse(text, "address", KEYVAL_FLAT, &help, errp);
    return opts && check_members(opts, errp) &&
           io_address_parse(json_object_get_string_member_with_default(opts, "address", ""),
                            &out->addr, errp) &&
           read_switch(opts, "server", "off", &out->listen, errp) &&
           read_switch(opts, "wait", "on", &wait, errp) &&
           check_wait(out, wait, errp);
}

bool options_resolve_qtest(const StartupConfig *config, QtestConfig *out, Error **errp)
{
    out->accel = config->qtest_accel;
    out->log = config->qtest_log;
    if (config->qtest_ram && !read_ram(config, &out->ram_size, errp)) {
        return false;
    }
    return !config->qtest || read_address(config, out, errp);
}
