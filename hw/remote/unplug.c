/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unplugging with the consent of the client; see unplug.h. */
#include "qemu/osdep.h"
#include "qapi/qapi-events-isolation.h"
#include "qapi/qapi-events-qdev.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "qom/object_interfaces.h"
#include "server-object.h"
#include "trace.h"

static VfioUserServer *server_of_device(DeviceState *dev)
{
    PCIDevice *pci = (PCIDevice *)object_dynamic_cast(OBJECT(dev), TYPE_PCI_DEVICE);

    return pci ? server_object_of(pci) : NULL;
}

bool unplug_is_by_request(DeviceState *dev)
{
    VfioUserServer *s = server_of_device(dev);

    return s && s->options.unplug != UNPLUG_REFUSE;
}

/* --- the end of a request --- */

static void forget(VfioUserServer *s)
{
    AIO_CONTEXT_GUARD(s->ctx);

    s->unplug.pending = false;
    timer_free(g_steal_pointer(&s->unplug.timer));
    qemu_bh_delete(g_steal_pointer(&s->unplug.bh));
}

bool unplug_end(VfioUserServer *s)
{
    bool pending = s->unplug.pending;

    if (pending) {
        forget(s);
    }
    return pending;
}

/* Deletes the server, which takes the device along. */
static void go(void *opaque)
{
    VfioUserServer *s = opaque;
    g_autofree char *id = g_strdup(s->id);
    g_autoptr(Error) err = NULL;

    trace_unplug_go(id);
    if (!user_creatable_del(id, &err)) {
        warn_report("%s: cannot unplug: %s", id, error_get_pretty(err));
    }
}

static void give_up(VfioUserServer *s)
{
    DeviceState *dev = DEVICE(s->dev);

    trace_unplug_give_up(s->id);
    WITH_AIO_CONTEXT_GUARD(s->ctx) {
        dev->pending_deleted_event = false;
        interrupt_table_request(&s->fn->irqs, false);
        vfu_server_retire(s->server, false);
    }
    forget(s);
    qapi_event_send_device_unplug_guest_error(dev->id, dev->canonical_path);
}

static bool client_is_there(VfioUserServer *s)
{
    AIO_CONTEXT_GUARD(s->ctx);

    return s->fn->session;
}

static void on_timeout(void *opaque)
{
    VfioUserServer *s = opaque;

    if (client_is_there(s) && s->options.unplug == UNPLUG_REQUEST) {
        give_up(s);
    } else {
        go(s);
    }
}

void unplug_client_left(VfioUserServer *s)
{
    if (s->unplug.pending) {
        qemu_bh_schedule(s->unplug.bh);
    }
}

/* --- its beginning --- */

static void tell(VfioUserServer *s, bool signalled)
{
    g_autofree char *path = object_get_canonical_path(OBJECT(s));

    trace_unplug_request(s->id, signalled);
    qapi_event_send_vfu_unplug_request(s->id, path, s->options.device,
                                       DEVICE(s->dev)->canonical_path, signalled);
}

void unplug_request(DeviceState *dev)
{
    VfioUserServer *s = server_of_device(dev);
    Unplug *u = &s->unplug;
    AIO_CONTEXT_GUARD(s->ctx);

    dev->pending_deleted_event = true;
    dev->pending_deleted_expires_ms = 0;
    u->pending = true;
    u->bh = aio_bh_new(aio_context_main(), go, s);
    vfu_server_retire(s->server, true);
    if (!s->fn->session) {
        qemu_bh_schedule(u->bh);
        return;
    }
    if (s->options.unplug_timeout_ms) {
        u->timer = aio_timer_new(aio_context_main(), QEMU_CLOCK_REALTIME, SCALE_MS, on_timeout,
                                 s);
        timer_mod(u->timer, qemu_clock_get_ms(QEMU_CLOCK_REALTIME) +
                  (int64_t)s->options.unplug_timeout_ms);
    }
    tell(s, interrupt_table_request(&s->fn->irqs, true));
}
