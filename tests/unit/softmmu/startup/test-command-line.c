/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The option tables, and argv read into a configuration. */
#include "qemu/osdep.h"
#include "softmmu/startup/options.h"

/* Every option name of QEMU 8.2, so that none is unknown here. */
static const char *const qemu_options[] = {
    "h", "help", "version", "machine", "M", "cpu", "accel", "smp", "numa", "add-fd", "set",
    "global", "boot", "m", "mem-path", "mem-prealloc", "k", "audio", "audiodev", "device",
    "name", "uuid", "fda", "fdb", "hda", "hdb", "hdc", "hdd", "cdrom", "blockdev", "drive",
    "mtdblock", "sd", "snapshot", "fsdev", "virtfs", "iscsi", "usb", "usbdevice", "display",
    "nographic", "spice", "vga", "full-screen", "g", "vnc", "win2k-hack", "no-fd-bootchk",
    "no-acpi", "no-hpet", "acpitable", "smbios", "netdev", "nic", "net", "chardev", "tpmdev",
    "kernel", "append", "initrd", "dtb", "compat", "fw_cfg", "serial", "parallel", "monitor",
    "qmp", "qmp-pretty", "mon", "debugcon", "pidfile", "singlestep", "preconfig", "S",
    "overcommit", "gdb", "s", "d", "D", "dfilter", "seed", "L", "bios", "pflash",
    "enable-kvm", "xen-domid", "xen-attach", "xen-domid-restrict", "no-reboot",
    "no-shutdown", "action", "loadvm", "chroot", "daemonize", "option-rom", "rtc", "icount",
    "watchdog-action", "echr", "incoming", "only-migratable", "nodefaults", "prom-env",
    "semihosting", "semihosting-config", "old-param", "sandbox", "readconfig",
    "no-user-config", "trace", "plugin", "qtest", "qtest-log", "runas", "async-teardown",
    "run-with", "msg", "dump-vmstate", "enable-sync-profile", "object", "perfmap",
    "jitdump",
};

static unsigned times_in_tables(const char *name)
{
    unsigned n = 0;

    for (const OptionRow *row = option_table; row->name; row++) {
        n += !strcmp(row->name, name);
    }
    for (const ForeignOption *row = foreign_options; row->name; row++) {
        n += !strcmp(row->name, name);
    }
    return n;
}

static void test_tables(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(qemu_options); i++) {
        if (times_in_tables(qemu_options[i]) != 1) {
            g_error("-%s is in the tables %u times", qemu_options[i],
                    times_in_tables(qemu_options[i]));
        }
    }
    for (const OptionRow *row = option_table; row->name; row++) {
        g_assert_cmpuint(times_in_tables(row->name), ==, 1);
        g_assert_nonnull(row->handler);
    }
    for (const ForeignOption *row = foreign_options; row->name; row++) {
        g_assert_cmpuint(times_in_tables(row->name), ==, 1);
        g_assert_nonnull(row->reason);
        g_assert_null(strchr(row->reason, '\n'));
    }
}

static char *parse(StartupConfig *config, const char *line)
{
    g_auto(GStrv) words = NULL;
    Error *err = NULL;
    char *text = NULL;
    int argc;

    g_assert_true(g_shell_parse_argv(line, &argc, &words, NULL));
    if (!command_line_parse(config, argc, words, &err)) {
        text = g_strdup(error_get_pretty(err));
        error_free(err);
    }
    loc_set_none();
    return text;
}

static void test_config(void)
{
    g_autoptr(StartupConfig) c = startup_config_new();
    StartupItem *item;
    g_autofree char *err = parse(c,
        "x -machine x-remote,vfio-user=on --M auto-shutdown=on -nodefaults -display none"
        " -device isolated-rc,id=vmA -device '{\"driver\":\"edu\",\"id\":\"d0\"}'"
        " -object vfio-user-server,id=s0,socket.path=/x,device=d0 -qmp stdio"
        " -qmp-pretty unix:/y,server=on,wait=off -pidfile /p -daemonize -D /l"
        " -d guest_errors -S -nographic -serial none -monitor none");

    g_assert_cmpstr(err, ==, NULL);
    g_assert_cmpuint(json_object_get_size(c->machine->opts), ==, 3);
    g_assert_cmpstr(json_object_get_string_member(c->machine->opts, "type"), ==, "x-remote");
    g_assert_cmpuint(c->devices->len, ==, 2);
    item = g_ptr_array_index(c->devices, 1);
    g_assert_cmpstr(json_object_get_string_member(item->opts, "driver"), ==, "edu");
    g_assert_cmpuint(c->objects->len, ==, 1);
    item = g_ptr_array_index(c->objects, 0);
    g_assert_true(JSON_NODE_HOLDS_OBJECT(json_object_get_member(item->opts, "socket")));
    g_assert_cmpuint(c->monitors->len, ==, 2);
    item = g_ptr_array_index(c->monitors, 1);
    g_assert_true(item->pretty);
    g_assert_cmpstr(c->pidfile->text, ==, "/p");
    g_assert_cmpstr(c->log_file, ==, "/l");
    g_assert_cmpint(c->log_mask, ==, LOG_GUEST_ERROR);
    g_assert_true(c->daemonize);
    g_assert_true(c->paused);
    g_assert_false(c->done);
}

static void test_errors(void)
{
    static const struct {
        const char *line;
        const char *why;
    } rows[] = {
        { "x -frobnicate", "invalid option" },
        { "x --", "invalid option" },
        { "x -", "disk image" },
        { "x disk.img", "disk image" },
        { "x -device", "requires an argument" },
        { "x -m", "requires an argument" },
        { "x -kernel vmlinuz", "give the option to the client" },
        { "x -serial stdio", "character device" },
        { "x -display gtk", "no display" },
        { "x -sandbox on", "no system call filter" },
        { "x -d bogus", "unknown log item" },
        { "x -uuid 12", "wrong format" },
        { "x -global edu", "DRIVER.PROPERTY=VALUE" },
        { "x -global .p=1", "DRIVER.PROPERTY=VALUE" },
        { "x -global d.=1", "DRIVER.PROPERTY=VALUE" },
        { "x -object foo,bar", "Expected '=' after parameter 'bar'" },
        { "x -device '{'", "" },
        { "x -name a,debug-threads=maybe", "'on' or 'off'" },
        { "x -name a,colour=red", "Invalid parameter 'colour'" },
        { "x -msg timestamp=1", "'on' or 'off'" },
        { "x -action watchdog=explode", "unknown watchdog action" },
        { "x -pidfile ''", "empty" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autoptr(StartupConfig) c = startup_config_new();
        g_autofree char *err = parse(c, rows[i].line);

        if (!err || !strstr(err, rows[i].why)) {
            g_error("%s: %s", rows[i].line, err ?: "accepted");
        }
        g_assert_null(strchr(err, '\n'));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/startup/command-line/tables", test_tables);
    g_test_add_func("/startup/command-line/config", test_config);
    g_test_add_func("/startup/command-line/errors", test_errors);
    return g_test_run();
}
