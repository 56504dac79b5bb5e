/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bus and the devices of rig.h.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qapi/error.h"
#include "rig.h"

BusState *rig_root;
GString *rig_log;
int rig_alive;

static void log_event(const char *what, DeviceState *dev)
{
    g_string_append_printf(rig_log, "%s:%s ", what, dev->id ?: "-");
}

void rig_expect(const char *log)
{
    g_assert_cmpstr(rig_log->str, ==, log);
    g_string_truncate(rig_log, 0);
}

void rig_expect_error(Error **err, const char *why)
{
    g_assert_nonnull(*err);
    if (!strstr(error_get_pretty(*err), why)) {
        g_error("'%s' does not say '%s'", error_get_pretty(*err), why);
    }
    error_free_or_abort(err);
}

/* --- the bus ---------------------------------------------------------- */

static void bus_pre_plug(HotplugHandler *h, DeviceState *dev, Error **errp)
{
    log_event("preplug", dev);
    if (dev->id && strcmp(dev->id, "unwanted") == 0) {
        error_setg(errp, "not on this bus");
    }
}

static void bus_plug(HotplugHandler *h, DeviceState *dev, Error **errp)
{
    log_event("plug", dev);
    if (RIG_BUS(h)->refuse_plug) {
        error_setg(errp, "plug refused");
    }
}

static void bus_unplug(HotplugHandler *h, DeviceState *dev, Error **errp)
{
    log_event("unplug", dev);
    qdev_unrealize(dev);
}

static void bus_realize(BusState *bus, Error **errp)
{
    g_string_append(rig_log, "busrealize ");
}

static void bus_unrealize(BusState *bus)
{
    g_string_append(rig_log, "busunrealize ");
}

static void bus_reset(BusState *bus)
{
    g_string_append(rig_log, "busreset ");
}

static char *bus_dev_path(DeviceState *dev)
{
    return g_strdup_printf("slot-%s", dev->id);
}

static bool bus_check_address(BusState *bus, DeviceState *dev, Error **errp)
{
    if (RIG_DEV(dev)->u8 == 99) {
        error_setg(errp, "slot 99 does not exist");
        return false;
    }
    return true;
}

static void rig_bus_class_init(ObjectClass *oc, void *data)
{
    BusClass *bc = BUS_CLASS(oc);
    HotplugHandlerClass *hc = HOTPLUG_HANDLER_CLASS(oc);

    bc->realize = bus_realize;
    bc->unrealize = bus_unrealize;
    bc->reset = bus_reset;
    bc->get_dev_path = bus_dev_path;
    bc->check_address = bus_check_address;
    bc->max_dev = 4;
    hc->pre_plug = bus_pre_plug;
    hc->plug = bus_plug;
    hc->unplug = bus_unplug;
}

/* --- the device ------------------------------------------------------- */

static const Property rig_props[] = {
    DEFINE_PROP_BOOL("fail-realize", RigDev, fail_realize, false),
    DEFINE_PROP_BOOL("with-bus", RigDev, with_bus, false),
    DEFINE_PROP_BOOL("bool", RigDev, boolean, true),
    DEFINE_PROP_BIT("bit3", RigDev, bits, 3, true),
    DEFINE_PROP_BIT("bit31", RigDev, bits, 31, false),
    DEFINE_PROP_BIT64("bit63", RigDev, bits64, 63, true),
    DEFINE_PROP_UINT8("u8", RigDev, u8, 8),
    DEFINE_PROP_UINT16("u16", RigDev, u16, 16),
    DEFINE_PROP_UINT32("u32", RigDev, u32, 0xffffffff),
    DEFINE_PROP_UINT64("u64", RigDev, u64, UINT64_MAX),
    DEFINE_PROP_INT32("i32", RigDev, i32, -32),
    DEFINE_PROP_INT64("i64", RigDev, i64, INT64_MIN),
    DEFINE_PROP_SIZE("size", RigDev, size, 4096),
    DEFINE_PROP_SIZE32("size32", RigDev, size32, 512),
    DEFINE_PROP_STRING("text", RigDev, text),
    DEFINE_PROP_ON_OFF_AUTO("ooa", RigDev, ooa, ON_OFF_AUTO_ON),
    DEFINE_PROP_MACADDR("mac", RigDev, mac),
    DEFINE_PROP_UUID("uuid", RigDev, uuid),
    DEFINE_PROP_PCI_DEVFN("addr", RigDev, addr, -1),
    DEFINE_PROP_ARRAY("ports", RigDev, num_ports, ports, qdev_prop_string, char *),
    DEFINE_PROP_ARRAY("bytes", RigDev, num_bytes, bytes, qdev_prop_uint8, uint8_t),
    DEFINE_PROP_LINK("peer", RigDev, peer, TYPE_RIG_DEV, Object *),
    DEFINE_PROP_UINT64_CHECKMASK("masked", RigDev, masked, 0xf0),
    DEFINE_PROP("netdev", RigDev, netdev, qdev_prop_netdev, void *),
    DEFINE_PROP_END_OF_LIST(),
};

static void dev_realize(DeviceState *dev, Error **errp)
{
    RigDev *d = RIG_DEV(dev);

    log_event("realize", dev);
    if (d->fail_realize) {
        error_setg(errp, "this device was told to fail");
        return;
    }
    if (d->with_bus) {
        qbus_init(&d->inner, sizeof(d->inner), TYPE_RIG_BUS, dev, NULL);
        qbus_set_bus_hotplug_handler(BUS(&d->inner));
    }
}

static void dev_unrealize(DeviceState *dev)
{
    log_event("unrealize", dev);
}

static void dev_reset(DeviceState *dev)
{
    log_event("reset", dev);
}

static void dev_init(Object *obj)
{
    rig_alive++;
}

static void dev_finalize(Object *obj)
{
    rig_alive--;
}

static void dev_class_init(ObjectClass *oc, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);

    dc->desc = "Device for tests";
    dc->bus_type = TYPE_RIG_BUS;
    dc->realize = dev_realize;
    dc->unrealize = dev_unrealize;
    dc->reset = dev_reset;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, rig_props);
}

static const TypeInfo infos[] = {
    {
        .name = TYPE_RIG_BUS,
        .parent = TYPE_BUS,
        .instance_size = sizeof(RigBus),
        .class_init = rig_bus_class_init,
        .interfaces = (const InterfaceInfo[]) { { TYPE_HOTPLUG_HANDLER }, { } },
    }, {
        .name = TYPE_RIG_DEV,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(RigDev),
        .instance_init = dev_init,
        .instance_finalize = dev_finalize,
        .class_init = dev_class_init,
    },
};

DEFINE_TYPES(infos)

/* --- set-up ----------------------------------------------------------- */

void rig_init(void)
{
    qemu_init_main_loop(&error_abort);
    module_call_init(MODULE_INIT_QOM);
    rig_log = g_string_new(NULL);
    rig_root = qbus_new(TYPE_RIG_BUS, NULL, "root");
    object_property_add_child(machine_get_container("unattached"), "root",
                              OBJECT(rig_root));
    object_unref(rig_root);
    qbus_set_bus_hotplug_handler(rig_root);
    qbus_realize(rig_root, &error_abort);
    rig_expect("busrealize ");
}

void rig_fini(void)
{
    object_unparent(OBJECT(rig_root));
    g_assert_cmpint(rig_alive, ==, 0);
    g_string_free(rig_log, TRUE);
}

RigDev *rig_new(const char *id)
{
    DeviceState *dev = qdev_new(TYPE_RIG_DEV);

    qdev_set_id(dev, g_strdup(id), &error_abort);
    return RIG_DEV(dev);
}
