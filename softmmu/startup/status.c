/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A change is told at once, and one that follows closely after a pause: a
 * client that connects and leaves in a loop must not keep the service manager
 * busy. There is a timer only while such a pause lasts.
 */
#include "qemu/osdep.h"
#include "hw/qdev-core.h"
#include "notify.h"
#include "qemu/main-loop.h"
#include "status.h"
#include "sysemu/population.h"

#define PAUSE_MS 500

static QEMUBH *changed_bh;
static QEMUTimer *pause_over;
static char *told;              /* NULL: nothing yet */
static bool telling;

static void tell(void)
{
    g_autofree char *text = status_text();

    if (telling && g_strcmp0(text, told) != 0) {
        notify_status(text);
        g_free(told);
        told = g_steal_pointer(&text);
        timer_mod(pause_over, qemu_clock_get_ms(QEMU_CLOCK_REALTIME) + PAUSE_MS);
    }
}

static void on_pause_over(void *opaque)
{
    tell();
}

static void on_change(void *opaque)
{
    if (notify_wanted() && !timer_pending(pause_over)) {
        tell();
    }
}

/* In any thread. */
static void population_changed(void)
{
    qemu_bh_schedule(changed_bh);
}

static void device_realized(DeviceListener *listener, DeviceState *dev)
{
    if (qdev_get_parent_bus(dev)) {
        population_add(POPULATION_DEVICES, 1);
    }
}

static void device_unrealized(DeviceListener *listener, DeviceState *dev)
{
    if (qdev_get_parent_bus(dev)) {
        population_add(POPULATION_DEVICES, -1);
    }
}

static DeviceListener device_counter = {
    .realize = device_realized,
    .unrealize = device_unrealized,
};

void status_init(void)
{
    changed_bh = aio_bh_new(aio_context_main(), on_change, NULL);
    pause_over = timer_new_ms(QEMU_CLOCK_REALTIME, on_pause_over, NULL);
    population_set_hook(population_changed);
    device_listener_register(&device_counter);
}

void status_cleanup(void)
{
    device_listener_unregister(&device_counter);
    population_set_hook(NULL);
    g_clear_pointer(&pause_over, timer_free);
    g_clear_pointer(&changed_bh, qemu_bh_delete);
    g_clear_pointer(&told, g_free);
    telling = false;
}

static void append_count(GString *text, PopulationKind kind, const char *noun)
{
    int n = population_get(kind);

    g_string_append_printf(text, "%s%d %s%s", text->len ? ", " : "", n, noun, n == 1 ? "" : "s");
}

char *status_text(void)
{
    GString *text = g_string_new(NULL);

    append_count(text, POPULATION_DEVICES, "device");
    append_count(text, POPULATION_SERVERS, "server");
    append_count(text, POPULATION_CLIENTS, "client");
    return g_string_free(text, FALSE);
}

void status_start_telling(void)
{
    telling = true;
    told = status_text();
    notify_ready(told);
}
