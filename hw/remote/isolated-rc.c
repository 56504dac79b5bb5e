/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The root complex of one VM; see isolated-rc.h. */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "hw/pci/pci.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_device.h"
#include "hw/pci/pci_sink.h"
#include "hw/qdev-core.h"
#include "hw/qdev-properties.h"
#include "monitor/qdev.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "qemu/queue.h"
#include "sysemu/reset.h"
#include "sysemu/runstate.h"
#include "isolated-rc.h"
#include "trace.h"

OBJECT_DECLARE_SIMPLE_TYPE(IsolatedRC, ISOLATED_RC)

struct IsolatedRC {
    DeviceState parent_obj;

    AioContext *ctx;
    PCIBus *bus;
    char *name;                 /* of the domain: our id, or that of our device */
    bool automatic;             /* made for one device, goes with it */
    QTAILQ_ENTRY(IsolatedRC) next;
};

/* The realized ones; main context. */
static QTAILQ_HEAD(, IsolatedRC) domains = QTAILQ_HEAD_INITIALIZER(domains);

static struct {
    IsolatedRCHook *made, *going;
} hooks;

void isolated_rc_set_hooks(IsolatedRCHook *made, IsolatedRCHook *going)
{
    hooks.made = made;
    hooks.going = going;
}

static const char *domain_name(IsolatedRC *rc)
{
    return rc->name ? rc->name : DEVICE(rc)->id ? DEVICE(rc)->id : "anonymous";
}

/* With the domain entered. */
static void reset_domain(void *opaque)
{
    pci_bus_reset_functions(ISOLATED_RC(opaque)->bus);
}

static void isolated_rc_realize(DeviceState *dev, Error **errp)
{
    IsolatedRC *rc = ISOLATED_RC(dev);
    g_autofree char *bus_name = g_strdup_printf("%s.0", domain_name(rc));
    g_autoptr(AioContext) ctx = aio_context_new_named(domain_name(rc), errp);

    if (!ctx || !aio_context_try_start(ctx, errp)) {
        return;
    }
    /* The domain begins at the bus: the root complex is the main context's. */
    WITH_AIO_CONTEXT_GUARD(ctx) {
        rc->bus = pci_isolated_root_new(dev, bus_name, true);
        qbus_set_aio_context(BUS(rc->bus), ctx);
        qemu_register_reset(reset_domain, rc);
        if (hooks.made) {
            hooks.made(rc->bus, ctx);
        }
    }
    rc->ctx = g_steal_pointer(&ctx);
    QTAILQ_INSERT_TAIL(&domains, rc, next);
    trace_isolated_rc_new(domain_name(rc));
}

static void isolated_rc_unrealize(DeviceState *dev)
{
    IsolatedRC *rc = ISOLATED_RC(dev);

    trace_isolated_rc_free(domain_name(rc));
    QTAILQ_REMOVE(&domains, rc, next);
    WITH_AIO_CONTEXT_GUARD(rc->ctx) {
        qemu_unregister_reset(reset_domain, rc);
        if (hooks.going) {
            hooks.going(rc->bus, rc->ctx);
        }
        qbus_set_aio_context(BUS(rc->bus), NULL);
        pci_isolated_root_free(g_steal_pointer(&rc->bus));
    }
    aio_context_stop(rc->ctx);
    qemu_runstate_forget_domain(rc->ctx);
    aio_context_unref(g_steal_pointer(&rc->ctx));
}

static void isolated_rc_finalize(Object *obj)
{
    IsolatedRC *rc = ISOLATED_RC(obj);

    if (rc->automatic) {
        /* Nobody has added it, so nobody is told. */
        DEVICE(obj)->pending_deleted_event = false;
    }
    g_free(rc->name);
}

bool isolated_rc_may_go(DeviceState *dev, Error **errp)
{
    IsolatedRC *rc = ISOLATED_RC(dev);

    if (BUS(rc->bus)->num_children) {
        error_setg(errp, "%s has devices: delete them first", domain_name(rc));
        return false;
    }
    return true;
}

/* --- by name --- */

void isolated_rc_foreach(IsolatedRCFn *fn, void *opaque)
{
    IsolatedRC *rc;

    QTAILQ_FOREACH(rc, &domains, next) {
        fn(domain_name(rc), rc->bus, rc->ctx, opaque);
    }
}

static void append_name(const char *domain, PCIBus *bus, AioContext *ctx, void *opaque)
{
    GString *names = opaque;

    g_string_append_printf(names, "%s%s", names->len ? ", " : "", domain);
}

static void report_missing(const char *domain, Error **errp)
{
    g_autoptr(GString) names = g_string_new(NULL);

    isolated_rc_foreach(append_name, names);
    if (!names->len) {
        error_setg(errp, "there is no isolation domain: add a device, or an isolated-rc");
    } else {
        error_setg(errp, "there is no isolation domain '%s': use one of %s", domain, names->str);
    }
}

PCIBus *isolated_rc_find_bus(const char *domain, AioContext **ctx, Error **errp)
{
    IsolatedRC *rc;

    QTAILQ_FOREACH(rc, &domains, next) {
        if (!domain || !strcmp(domain, domain_name(rc))) {
            *ctx = rc->ctx;
            return rc->bus;
        }
    }
    report_missing(domain, errp);
    return NULL;
}

/* --- devices without bus= --- */

static BusState *bus_for_device(DeviceClass *dc, const char *dev_id, Error **errp)
{
    DeviceState *dev;
    IsolatedRC *rc;

    if (!object_class_dynamic_cast(OBJECT_CLASS(dc), TYPE_PCI_DEVICE)) {
        return NULL;
    }
    dev = qdev_new(TYPE_ISOLATED_RC);
    rc = ISOLATED_RC(dev);
    rc->automatic = true;
    rc->name = g_strdup(dev_id);
    if (!qdev_set_id(dev, NULL, errp) || !qdev_realize_and_unref(dev, NULL, errp)) {
        return NULL;
    }
    return BUS(rc->bus);
}

static void device_of_bus_gone(BusState *bus)
{
    IsolatedRC *rc = (IsolatedRC *)object_dynamic_cast(OBJECT(bus->parent), TYPE_ISOLATED_RC);

    if (rc && rc->automatic && !bus->num_children) {
        object_unparent(OBJECT(rc));
    }
}

/* Names domains in events about their guests. */
static char *name_of_context(AioContext *ctx)
{
    return ctx == aio_context_main() ? NULL : g_strdup(aio_context_name(ctx));
}

void isolated_rc_serve_default_bus(void)
{
    qdev_set_default_bus_hook(bus_for_device);
    qdev_set_default_bus_release_hook(device_of_bus_gone);
    qemu_system_set_domain_namer(name_of_context);
}

static void isolated_rc_class_init(ObjectClass *oc, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    dc->realize = isolated_rc_realize;
    dc->unrealize = isolated_rc_unrealize;
    dc->user_creatable = true;
    dc->desc = "root complex of one isolated VM";
    set_bit(DEVICE_CATEGORY_BRIDGE, dc->categories);
}

static const TypeInfo isolated_rc_type = {
    .name = TYPE_ISOLATED_RC,
    .parent = TYPE_DEVICE,
    .instance_size = sizeof(IsolatedRC),
    .instance_finalize = isolated_rc_finalize,
    .class_init = isolated_rc_class_init,
};

static void isolated_rc_register(void)
{
    type_register_static(&isolated_rc_type);
}
type_init(isolated_rc_register)
