/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device nvme-ns: a namespace of the controller whose bus it is on; and that bus. */
#include "qemu/osdep.h"
#include "qemu/module.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "hw/qdev-properties.h"
#include "hw/qdev-properties-system.h"
#include "hw/nvme/admin.h"

typedef struct NvmeNsDevice {
    DeviceState parent_obj;
    NvmeNamespace ns;
} NvmeNsDevice;

OBJECT_DECLARE_SIMPLE_TYPE(NvmeNsDevice, NVME_NS)

static NvmeCtrl *ctrl_of(DeviceState *dev)
{
    return NVME(qdev_get_parent_bus(dev)->parent);
}

static bool check_place(const NvmeNamespace *ns, NvmeCtrl *n, Error **errp)
{
    if (!ns->blkconf.blk) {
        error_setg(errp, "nvme-ns needs a drive: set property 'drive' to a node name or drive id");
        return false;
    }
    if (ns->params.detached && n->subsys->private) {
        error_setg(errp, "detached=on needs a controller with an nvme-subsys: set its property "
                   "'subsys'");
        return false;
    }
    return true;
}

static void attach_first(NvmeNamespace *ns, NvmeCtrl *n)
{
    if (ns->params.detached) {
        return;
    }
    if (!ns->shared) {
        nvme_ns_attach(n, ns);
        return;
    }
    for (unsigned id = 0; id < NVME_MAX_CONTROLLERS; id++) {
        if (n->subsys->ctrls[id]) {
            nvme_ns_attach(n->subsys->ctrls[id], ns);
        }
    }
}

static void nvme_ns_realize(DeviceState *dev, Error **errp)
{
    NvmeNamespace *ns = &NVME_NS(dev)->ns;
    NvmeCtrl *n = ctrl_of(dev);

    ns->dev = dev;
    if (!check_place(ns, n, errp) || !nvme_ns_open(ns, n->subsys, errp)) {
        return;
    }
    if (!nvme_ns_allocate(ns, n->subsys, ns->params.nsid, errp)) {
        nvme_ns_close(ns);
        return;
    }
    attach_first(ns, n);
}

static void nvme_ns_unrealize(DeviceState *dev)
{
    NvmeNamespace *ns = &NVME_NS(dev)->ns;

    nvme_ns_release(ns);
    nvme_ns_close(ns);
}

static Property nvme_ns_properties[] = {
    DEFINE_BLOCK_PROPERTIES(NvmeNsDevice, ns.blkconf),
    DEFINE_BLOCK_ERROR_PROPERTIES(NvmeNsDevice, ns.blkconf),
    DEFINE_PROP_BOOL("detached", NvmeNsDevice, ns.params.detached, false),
    DEFINE_PROP_BOOL("shared", NvmeNsDevice, ns.params.shared, true),
    DEFINE_PROP_UINT32("nsid", NvmeNsDevice, ns.params.nsid, 0),
    DEFINE_PROP_UUID_NODEFAULT("uuid", NvmeNsDevice, ns.params.uuid),
    DEFINE_PROP_UINT64("eui64", NvmeNsDevice, ns.params.eui64, 0),
    DEFINE_PROP_BOOL("eui64-default", NvmeNsDevice, ns.params.eui64_default, false),
    DEFINE_PROP_UINT16("ms", NvmeNsDevice, ns.params.ms, 0),
    DEFINE_PROP_UINT8("mset", NvmeNsDevice, ns.params.mset, 0),
    DEFINE_PROP_UINT8("pi", NvmeNsDevice, ns.params.pi, 0),
    DEFINE_PROP_UINT8("pil", NvmeNsDevice, ns.params.pil, 0),
    DEFINE_PROP_UINT8("pif", NvmeNsDevice, ns.params.pif, 0),
    DEFINE_PROP_UINT16("mssrl", NvmeNsDevice, ns.params.mssrl, 128),
    DEFINE_PROP_UINT32("mcl", NvmeNsDevice, ns.params.mcl, 128),
    DEFINE_PROP_UINT8("msrc", NvmeNsDevice, ns.params.msrc, 127),
    DEFINE_PROP_BOOL("zoned", NvmeNsDevice, ns.params.zoned, false),
    DEFINE_PROP_SIZE("zoned.zone_size", NvmeNsDevice, ns.params.zone_size_bs, 128 * MiB),
    DEFINE_PROP_SIZE("zoned.zone_capacity", NvmeNsDevice, ns.params.zone_cap_bs, 0),
    DEFINE_PROP_BOOL("zoned.cross_read", NvmeNsDevice, ns.params.cross_zone_read, false),
    DEFINE_PROP_UINT32("zoned.max_active", NvmeNsDevice, ns.params.max_active_zones, 0),
    DEFINE_PROP_UINT32("zoned.max_open", NvmeNsDevice, ns.params.max_open_zones, 0),
    DEFINE_PROP_UINT32("zoned.descr_ext_size", NvmeNsDevice, ns.params.zd_extension_size, 0),
    DEFINE_PROP_UINT32("zoned.numzrwa", NvmeNsDevice, ns.params.numzrwa, 0),
    DEFINE_PROP_SIZE("zoned.zrwas", NvmeNsDevice, ns.params.zrwas, 0),
    DEFINE_PROP_SIZE("zoned.zrwafg", NvmeNsDevice, ns.params.zrwafg, 0),
    DEFINE_PROP_END_OF_LIST(),
};

static void nvme_ns_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->realize = nvme_ns_realize;
    dc->unrealize = nvme_ns_unrealize;
    dc->bus_type = TYPE_NVME_BUS;
    dc->desc = "Virtual NVMe namespace";
    device_class_set_props(dc, nvme_ns_properties);
    set_bit(DEVICE_CATEGORY_STORAGE, dc->categories);
}

/* ---- the bus: namespaces come and go as they like ---- */

static void nvme_bus_realize(BusState *bus, Error **errp)
{
    qbus_set_bus_hotplug_handler(bus);
}

static void nvme_bus_class_init(ObjectClass *klass, void *data)
{
    BUS_CLASS(klass)->realize = nvme_bus_realize;
    HOTPLUG_HANDLER_CLASS(klass)->unplug = qdev_simple_device_unplug_cb;
}

static const TypeInfo nvme_ns_types[] = {
    {
        .name = TYPE_NVME_NS,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(NvmeNsDevice),
        .class_init = nvme_ns_class_init,
    },
    {
        .name = TYPE_NVME_BUS,
        .parent = TYPE_BUS,
        .instance_size = sizeof(BusState),
        .class_init = nvme_bus_class_init,
        .interfaces = (InterfaceInfo[]) {
            { TYPE_HOTPLUG_HANDLER },
            { },
        },
    },
};

DEFINE_TYPES(nvme_ns_types)
