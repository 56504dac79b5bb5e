/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The synthetic models of this folder made, realized, driven and checked: what
 * compiles must also do what a QEMU device expects of it.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "hw/pci/msix.h"
#include "migration/register.h"
#include "qapi/qmp-event.h"
#include "pci-rig.h"

#include <sys/socket.h>

#include "chardev/char.h"
#include "qapi/qapi-commands-char.h"

extern uint32_t api_nic_summary(DeviceState *dev, char **text);
extern int api_newer_copy(DeviceState *from, DeviceState *to, Error **errp);

static GString *events;

static void note_event(JsonObject *event, void *opaque)
{
    g_string_append_printf(events, "%s;", json_object_get_string_member(event, "event"));
}

static bool seen(const char *name)
{
    bool found;

    rig_run();
    found = strstr(events->str, name);
    g_string_truncate(events, 0);
    return found;
}

static uint32_t get(PCIRig *rig, hwaddr reg)
{
    return rig_read(rig, 0, reg, 4);
}

static void set(PCIRig *rig, hwaddr reg, uint32_t val)
{
    rig_write(rig, 0, reg, val, 4);
}

/* ---- api-plain ---- */

static void test_plain_config(void)
{
    g_autoptr(PCIRig) rig = rig_new("api-plain", NULL);

    g_assert_cmphex(rig_config_read(rig, PCI_VENDOR_ID, 4), ==, 0x0a501234);
    g_assert_cmphex(rig_config_read(rig, PCI_CLASS_REVISION, 4), ==, 0x00ff4203);
    /* the model's own config read sees this byte, the others come as they are */
    g_assert_cmphex(rig_config_read(rig, 0xf0, 1), ==, 0xaa ^ 0x55);
    g_assert_cmphex(rig_config_read(rig, 0xf2, 2), ==, 0xbbcc);
    g_assert_cmphex(pci_device_bar_size(rig->dev, 0), ==, 0x100000);
    g_assert_cmphex(get(rig, 0), ==, 0x41504930);
}

static void test_plain_properties(void)
{
    g_autoptr(PCIRig) rig = rig_new("api-plain", "small=200,medium=0xffff,room=1G,mask=77");
    g_autofree char *refused = rig_realize_error("api-plain", "large=0xdead");
    Object *obj = OBJECT(rig->dev);
    Error *err = NULL;

    g_assert_cmpuint(object_property_get_uint(obj, "small", &error_abort), ==, 200);
    g_assert_cmpuint(object_property_get_uint(obj, "medium", &error_abort), ==, 0xffff);
    g_assert_cmpuint(object_property_get_uint(obj, "large", &error_abort), ==, 32);
    g_assert_cmpuint(object_property_get_uint(obj, "room", &error_abort), ==, 1 << 30);
    g_assert_cmpuint(object_property_get_uint(obj, "mask", &error_abort), ==, 77);
    g_assert_false(object_property_set_uint(obj, "small", 1, &err));
    error_free(err);
    g_assert_nonnull(strstr(refused, "large=0xdead cannot be"));
}

static void test_plain_reset(void)
{
    g_autoptr(PCIRig) rig = rig_new("api-plain", NULL);

    g_assert_cmphex(get(rig, 4), ==, 0x600d);
    set(rig, 4, 5);
    g_assert_cmphex(get(rig, 4), ==, 5);
    rig_reset(rig);
    g_assert_cmphex(get(rig, 4), ==, 0x600d);
}

static void test_plain_thread(void)
{
    g_autoptr(PCIRig) rig = rig_new("api-plain", NULL);

    rig_enable_msi(rig);
    set(rig, 8, 12);
    /* The thread needs the big lock to report, which this thread holds. */
    while (get(rig, 0x10) & 1) {
        qemu_mutex_unlock_iothread();
        g_usleep(100);
        qemu_mutex_lock_iothread();
    }
    g_assert_cmpuint(get(rig, 0x0c), ==, 144);
    g_assert_cmpuint(rig->msi[0], ==, 1);
}

static void test_plain_timer(void)
{
    g_autoptr(PCIRig) rig = rig_new("api-plain", NULL);
    uint32_t before = get(rig, 0x30);

    set(rig, 0x18, 10);
    rig_advance(10000000);
    g_assert_cmpuint(get(rig, 0x1c), ==, 1);
    g_assert_cmpuint(get(rig, 0x30) - before, ==, 10000000);
    rig_advance(10000000);
    g_assert_cmpuint(get(rig, 0x1c), ==, 101);
    set(rig, 0x18, 10);
    set(rig, 0x18, 0);
    rig_advance(100000000);
    g_assert_cmpuint(get(rig, 0x1c), ==, 101);
}

static void test_plain_dma(void)
{
    g_autoptr(PCIRig) rig = rig_new("api-plain", NULL);

    memcpy(rig_ram(rig, RIG_RAM_BASE), "\1\2\3\4", 4);
    set(rig, 0x20, RIG_RAM_BASE);
    set(rig, 0x24, 1);
    g_assert_cmpmem(rig_ram(rig, RIG_RAM_BASE), 4, "\xfe\xfd\xfc\xfb", 4);
    /* Not a master, nothing happens. */
    rig_config_write(rig, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
    set(rig, 0x24, 1);
    g_assert_cmpmem(rig_ram(rig, RIG_RAM_BASE), 4, "\xfe\xfd\xfc\xfb", 4);
}

static void test_plain_interrupts(void)
{
    g_autoptr(PCIRig) rig = rig_new("api-plain", NULL);

    set(rig, 0x34, 1);
    g_assert_cmpint(rig->intx, ==, 1);
    set(rig, 0x34, 0);
    g_assert_cmpint(rig->intx, ==, 0);
    g_assert_cmpuint(get(rig, 0x2c), ==, 0);
    set(rig, 0x28, 1);
    set(rig, 0x28, 2);
    g_assert_cmpuint(get(rig, 0x2c), ==, 1);
    g_assert_cmpuint(get(rig, 0x2c), ==, 0);
}

static void test_plain_reports(void)
{
    g_autoptr(PCIRig) rig = rig_new("api-plain", NULL);

    seen("");
    set(rig, 0x14, 1);
    g_assert_true(seen("GUEST_PANICKED"));
    set(rig, 0x14, 2);
    g_assert_true(seen("GUEST_CRASHLOADED"));
    set(rig, 0x14, 3);
    g_assert_true(seen("WATCHDOG"));
}

/* These two leave the process: each in a child. */
static void test_plain_log(void)
{
    if (g_test_subprocess()) {
        g_autoptr(PCIRig) rig = rig_new("api-plain", NULL);

        set(rig, 0x14, 4);
        qemu_set_log(LOG_GUEST_ERROR, &error_abort);
        fprintf(stderr, "now:");
        set(rig, 0x14, 4);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("now:*the guest asked for this line*");
    g_test_trap_assert_stderr_unmatched("*asked*now:*");
}

static void test_plain_hw_error(void)
{
    if (g_test_subprocess()) {
        PCIRig *rig = rig_new("api-plain", NULL);

        set(rig, 0x14, 99);
        exit(0);
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*impossible report 99*");
}

static void test_plain_migration(void)
{
    g_autoptr(PCIRig) a = rig_new("api-plain", NULL);
    g_autoptr(PCIRig) b = rig_new("api-plain", NULL);
    g_autoptr(GBytes) bytes = NULL;

    set(a, 4, 0x1234);
    set(a, 0x18, 10);
    bytes = rig_save(a);
    g_assert_cmpint(rig_load(b, bytes), ==, 0);
    g_assert_cmphex(get(b, 4), ==, 0x1234);
    rig_advance(20000000);
    g_assert_cmpuint(get(b, 0x1c), ==, 100);
    rig_truncate_everywhere(b, bytes);
}

static void test_plain_ids(void)
{
    g_autoptr(PCIRig) panic = rig_new("api-id-panic", NULL);
    g_autoptr(PCIRig) other = rig_new("api-id-test", NULL);

    g_assert_cmphex(rig_config_read(panic, PCI_VENDOR_ID, 4), ==, 0x00111b36);
    g_assert_cmphex(rig_config_read(other, PCI_VENDOR_ID, 4), ==, 0x00051b36);
}

/* ---- api-nic ---- */

static void expect_summary(PCIRig *rig, const char *pattern)
{
    g_autofree char *text = NULL;

    g_assert_cmpuint(api_nic_summary(DEVICE(rig->dev), &text), ==, 1);
    g_test_message("%s", text);
    g_assert_true(g_pattern_match_simple(pattern, text));
}

static void test_nic_class(void)
{
    static const char *const ids[] = { "1229", "1209", "8029", "0006" };

    for (int i = 0; i < 4; i++) {
        g_autofree char *type = g_strdup_printf("api-nic-%d", i);
        g_autofree char *want = g_strdup_printf("%s %s *", type, ids[i]);
        g_autoptr(PCIRig) rig = rig_new(type, NULL);

        expect_summary(rig, want);
        g_assert_cmpuint(get(rig, 4), ==, strlen(type));
    }
}

static void test_nic_properties(void)
{
    g_autoptr(PCIRig) rig = rig_new("api-nic-0", "mac=52:54:00:00:00:07,label=left,turbo=off,"
                                    "serial=18");
    g_autoptr(PCIRig) plain = rig_new("api-nic-0", NULL);
    JsonArray *values = json_array_new();
    DeviceState *dev = qdev_new("api-nic-0");
    g_autofree char *text = NULL;
    Error *err = NULL;

    expect_summary(rig, "* label=left flags=0 serial=12 mac=52:07 filters=0/0 *");
    expect_summary(plain, "* flags=8 serial=1122334455667788 mac=00:00 *");
    json_array_add_int_element(values, 5);
    json_array_add_int_element(values, 6);
    qdev_prop_set_array(dev, "filters", values);
    api_nic_summary(dev, &text);
    g_assert_nonnull(strstr(text, "filters=2/5"));
    /* There is no network back end that could be named. */
    g_assert_true(object_property_parse(OBJECT(dev), "netdev", "", &error_abort));
    g_assert_false(object_property_parse(OBJECT(dev), "netdev", "n0", &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "n0"));
    error_free(err);
    object_unref(dev);
}

static void test_nic_helpers(void)
{
    g_autoptr(PCIRig) rig = rig_new("api-nic-0", NULL);

    g_assert_cmpuint(get(rig, 0x14), ==, 0);
    for (int i = 1; i < 4; i++) {
        set(rig, 0x10, i);
    }
    g_assert_cmpuint(get(rig, 0x10), ==, 321);
    /* the alias in the I/O BAR */
    g_assert_cmpuint(rig_read(rig, 1, 0x10, 4), ==, 321);
}

static void test_nic_dma(void)
{
    g_autoptr(PCIRig) rig = rig_new("api-nic-0", NULL);

    memcpy(rig_ram(rig, RIG_RAM_BASE), "\1\2\3\4", 4);
    set(rig, 0, RIG_RAM_BASE);
    g_assert_cmphex(get(rig, 4), ==, 0x04030201 ^ 0x01020304 ^ 0x0201);
    g_assert_cmpmem(rig_ram(rig, RIG_RAM_BASE + 4), 10, "\1\2\3\4\1\2\3\4\1\2", 10);
    expect_summary(rig, "* last=100000 100000 0000000000100000");
}

static void test_nic_interrupts(void)
{
    g_autoptr(PCIRig) rig = rig_new("api-nic-0", NULL);

    for (int how = 1; how <= 2; how++) {
        set(rig, 8, how);
        g_assert_cmpint(rig->intx, ==, 1);
        set(rig, 8, 8);
        g_assert_cmpint(rig->intx, ==, 0);
    }
    rig_enable_msix(rig);
    set(rig, 8, 4);
    g_assert_cmpuint(rig->msix[1], ==, 1);
    g_assert_cmpuint(rig->msix[0], ==, 0);
    g_assert_cmphex(pci_find_capability(rig->dev, PCI_CAP_ID_PM), ==, 0xdc);
}

static void test_nic_timer(void)
{
    g_autoptr(PCIRig) rig = rig_new("api-nic-0", NULL);

    g_assert_cmpuint(get(rig, 0x0c), ==, 0);
    set(rig, 0x0c, 5);
    g_assert_cmpuint(get(rig, 0x0c), ==, 1);
    rig_advance(5000000);
    g_assert_cmpuint(get(rig, 0x0c), ==, 0);
}

static void test_nic_reset(void)
{
    g_autoptr(PCIRig) rig = rig_new("api-nic-0", NULL);

    expect_summary(rig, "* resets=1 *");
    rig_reset(rig);
    expect_summary(rig, "* resets=2 *");
}

static void test_nic_migration(void)
{
    g_autoptr(PCIRig) a = rig_new("api-nic-0", NULL);
    g_autoptr(PCIRig) b = rig_new("api-nic-0", NULL);
    g_autoptr(GBytes) bytes = rig_save(a);
    g_autoptr(GBytes) loose = NULL;
    g_autoptr(QEMUFile) out = qemu_file_new_writer(0);
    g_autoptr(QEMUFile) in = NULL;

    g_assert_cmpint(rig_load(b, bytes), ==, 0);
    rig_truncate_everywhere(b, bytes);
    /* what was registered beside it, found by its owner */
    g_assert_cmpint(savevm_registered_save(out, (VMStateIf *)a->dev, &error_abort), ==, 0);
    loose = qemu_file_take_bytes(out);
    g_assert_cmpuint(g_bytes_get_size(loose), >, 20);
    in = qemu_file_new_reader(loose);
    g_assert_cmpint(savevm_registered_load(in, (VMStateIf *)b->dev, &error_abort), ==, 0);
}

/* ---- api-newer ---- */

static void test_newer(void)
{
    g_autoptr(PCIRig) rig = rig_new("api-newer", "width=9");
    Object *obj = OBJECT(rig->dev);

    g_assert_cmpuint(object_property_get_uint(obj, "kind", &error_abort), ==, 4);
    g_assert_cmpuint(object_property_get_uint(obj, "width", &error_abort), ==, 9);
    g_assert_cmpuint(pci_find_capability(rig->dev, PCI_CAP_ID_PM), !=, 0);
    set(rig, 0, 21);
    set(rig, 8, 1);
    g_assert_cmpuint(get(rig, 0), ==, 42);
    set(rig, 0x0c, 1);
    g_assert_cmphex(get(rig, 0x20), ==, 2);
    rig_write(rig, 1, 0xfff8, 7, 8);
    g_assert_cmphex(rig_read(rig, 1, 0xfff8, 8), ==, 7);
}

static void test_newer_reset(void)
{
    g_autoptr(PCIRig) rig = rig_new("api-newer", NULL);
    g_autoptr(PCIRig) legacy = rig_new("api-newer-legacy-reset", NULL);

    g_assert_cmpuint(get(rig, 4), ==, 1);
    rig_reset(rig);
    g_assert_cmpuint(get(rig, 4), ==, 2);
    rig_reset(legacy);
    g_assert_cmpuint(get(legacy, 4), ==, 200);
    /* one property of two was handed over */
    g_assert_null(object_property_find(OBJECT(legacy->dev), "unseen"));
    g_assert_nonnull(object_property_find(OBJECT(legacy->dev), "kind"));
}

static void test_newer_migration(void)
{
    g_autoptr(PCIRig) a = rig_new("api-newer", NULL);
    g_autoptr(PCIRig) b = rig_new("api-newer", NULL);

    set(a, 0, 77);
    g_assert_cmpint(api_newer_copy(DEVICE(a->dev), DEVICE(b->dev), &error_abort), ==, 7);
    g_assert_cmpuint(get(b, 0), ==, 77);
}

/* ---- api-char ---- */

static Chardev *char_over_socket(int *peer)
{
    g_autoptr(JsonObject) opts = json_object_new();
    g_autofree char *number = NULL;
    int pair[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), ==, 0);
    number = g_strdup_printf("%d", pair[0]);
    json_object_set_string_member(opts, "backend", "socket");
    json_object_set_string_member(opts, "id", "c0");
    json_object_set_string_member(opts, "fd", number);
    *peer = pair[1];
    return chardev_new_from_options(opts, &error_abort);
}

static void char_expect(int peer, const char *text)
{
    char buf[64] = "";

    g_assert_cmpint(recv(peer, buf, sizeof(buf) - 1, MSG_DONTWAIT), ==, strlen(text));
    g_assert_cmpstr(buf, ==, text);
}

static void char_run_until(PCIRig *rig, hwaddr reg, uint32_t want)
{
    for (int i = 0; get(rig, reg) != want; i++) {
        g_assert_cmpint(i, <, 20000);
        rig_run();
        g_usleep(100);
    }
}

static void char_refused(const char *id, const char *why)
{
    DeviceState *dev = qdev_new("api-char");
    g_autoptr(Error) err = NULL;

    g_assert_false(object_property_set_str(OBJECT(dev), "chardev", id, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), why));
    object_unref(dev);
}

static void test_char_talk(void)
{
    int peer, fd = STDOUT_FILENO;

    char_over_socket(&peer);
    {
        g_autoptr(PCIRig) rig = rig_new("api-char", "chardev=c0");

        g_assert_cmphex(get(rig, 0x08), ==, 0x000001);
        g_assert_cmphex(get(rig, 0x0c), ==, 3);
        set(rig, 0, 'x');
        char_expect(peer, "x");
        set(rig, 4, 2);
        char_expect(peer, "apiapi");
        set(rig, 0x10, 9600);
        g_assert_cmpint((int)get(rig, 0x10), ==, -ENOTSUP);
        g_assert_cmpint(write(peer, "01234567890123456789", 20), ==, 20);
        char_run_until(rig, 4, 16);
        g_assert_cmphex(get(rig, 0), ==, '0');
        for (int i = 1; i < 20; i++) {
            char_run_until(rig, 4, MIN(16, 20 - i));
            g_assert_cmphex(get(rig, 0), ==, '0' + i % 10);
        }
        g_assert_cmphex(get(rig, 0), ==, ~0u);
        qmp_chardev_send_break("c0", &error_abort);
        g_assert_cmphex(get(rig, 0x08), ==, 0x010001);
        set(rig, 0x14, 2);
        set(rig, 0x14, 3);
        set(rig, 0x14, 4);
        char_expect(peer, "fd");
        char_refused("c0", "'api-char.chardev' can't take value 'c0'");
        set(rig, 0x14, 0);
        g_assert_cmphex(get(rig, 0x08), ==, 0x010101);
        g_assert_cmphex(get(rig, 0x0c), ==, 1);
        g_assert_cmpint(recv(peer, &fd, 1, 0), ==, 0);
    }
    close(peer);
    qmp_chardev_remove("c0", &error_abort);
}

static void test_char_waits_for_room(void)
{
    static char sink[65536];
    int peer;

    char_over_socket(&peer);
    {
        g_autoptr(PCIRig) rig = rig_new("api-char", "chardev=c0");

        while (!(get(rig, 0x0c) & 4)) {
            set(rig, 0, 'y');
        }
        set(rig, 0x14, 1);
        g_assert_cmphex(get(rig, 0x0c), ==, 3);
        set(rig, 0, 'z');
        g_assert_cmphex(get(rig, 0x0c), ==, 7);
        while (recv(peer, sink, sizeof(sink), MSG_DONTWAIT) > 0) {
            /* room */
        }
        char_run_until(rig, 0x0c, 3);
        char_expect(peer, "z");
    }
    close(peer);
    qmp_chardev_remove("c0", &error_abort);
}

static void test_char_without(void)
{
    g_autoptr(PCIRig) rig = rig_new("api-char", NULL);

    g_assert_cmphex(get(rig, 0x0c), ==, 0);
    set(rig, 0, 'x');
    set(rig, 0x14, 0);
    char_refused("none", "'api-char.chardev' can't find value 'none'");
}

static void test_char_swapped(void)
{
    g_autoptr(ChardevReturn) ret = NULL;
    g_autoptr(ChardevBackend) ring = g_new0(ChardevBackend, 1);
    g_autofree char *text = NULL;
    int peer;

    ring->type = CHARDEV_BACKEND_KIND_RINGBUF;
    ring->u.ringbuf.data = g_new0(ChardevRingbuf, 1);
    char_over_socket(&peer);
    {
        g_autoptr(PCIRig) rig = rig_new("api-char", "chardev=c0");

        ret = qmp_chardev_change("c0", ring, &error_abort);
        set(rig, 4, 1);
        text = qmp_ringbuf_read("c0", 10, false, 0, &error_abort);
        g_assert_cmpstr(text, ==, "api");
        g_assert_cmphex(get(rig, 0x08), ==, 0x000002);
    }
    close(peer);
    qmp_chardev_remove("c0", &error_abort);
}

int main(int argc, char **argv)
{
    rig_setup(&argc, &argv);
    events = g_string_new(NULL);
    qmp_event_set_sink(note_event, NULL);
    g_test_add_func("/api/plain/config", test_plain_config);
    g_test_add_func("/api/plain/properties", test_plain_properties);
    g_test_add_func("/api/plain/reset", test_plain_reset);
    g_test_add_func("/api/plain/thread", test_plain_thread);
    g_test_add_func("/api/plain/timer", test_plain_timer);
    g_test_add_func("/api/plain/dma", test_plain_dma);
    g_test_add_func("/api/plain/interrupts", test_plain_interrupts);
    g_test_add_func("/api/plain/reports", test_plain_reports);
    g_test_add_func("/api/plain/log", test_plain_log);
    g_test_add_func("/api/plain/hw-error", test_plain_hw_error);
    g_test_add_func("/api/plain/migration", test_plain_migration);
    g_test_add_func("/api/plain/ids", test_plain_ids);
    g_test_add_func("/api/nic/class", test_nic_class);
    g_test_add_func("/api/nic/properties", test_nic_properties);
    g_test_add_func("/api/nic/helpers", test_nic_helpers);
    g_test_add_func("/api/nic/dma", test_nic_dma);
    g_test_add_func("/api/nic/interrupts", test_nic_interrupts);
    g_test_add_func("/api/nic/timer", test_nic_timer);
    g_test_add_func("/api/nic/reset", test_nic_reset);
    g_test_add_func("/api/nic/migration", test_nic_migration);
    g_test_add_func("/api/newer/all", test_newer);
    g_test_add_func("/api/newer/reset", test_newer_reset);
    g_test_add_func("/api/newer/migration", test_newer_migration);
    g_test_add_func("/api/char/talk", test_char_talk);
    g_test_add_func("/api/char/room", test_char_waits_for_room);
    g_test_add_func("/api/char/without", test_char_without);
    g_test_add_func("/api/char/swapped", test_char_swapped);
    return g_test_run();
}
