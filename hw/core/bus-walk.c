/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks over buses and devices.
 */
#include "qemu/osdep.h"
#include "hw/qdev-core.h"

/* The four visitors of one walk; each may be NULL. */
typedef struct Walk {
    qdev_walkerfn *pre_dev;
    qbus_walkerfn *pre_bus;
    qdev_walkerfn *post_dev;
    qbus_walkerfn *post_bus;
    void *opaque;
} Walk;

static int walk_device(DeviceState *dev, const Walk *w);

static int walk_bus(BusState *bus, const Walk *w)
{
    BusChild *kid;
    int ret = w->pre_bus ? w->pre_bus(bus, w->opaque) : 0;

    if (ret) {
        return ret;
    }
    QTAILQ_FOREACH(kid, &bus->children, sibling) {
        ret = walk_device(kid->child, w);
        if (ret < 0) {
            return ret;
        }
    }
    return w->post_bus ? w->post_bus(bus, w->opaque) : 0;
}

static int walk_device(DeviceState *dev, const Walk *w)
{
    BusState *bus;
    int ret = w->pre_dev ? w->pre_dev(dev, w->opaque) : 0;

    if (ret) {
        return ret;
    }
    QLIST_FOREACH(bus, &dev->child_bus, sibling) {
        ret = walk_bus(bus, w);
        if (ret < 0) {
            return ret;
        }
    }
    return w->post_dev ? w->post_dev(dev, w->opaque) : 0;
}

int qbus_walk_children(BusState *bus, qdev_walkerfn *pre_devfn,
                       qbus_walkerfn *pre_busfn, qdev_walkerfn *post_devfn,
                       qbus_walkerfn *post_busfn, void *opaque)
{
    Walk w = { pre_devfn, pre_busfn, post_devfn, post_busfn, opaque };

    return walk_bus(bus, &w);
}

int qdev_walk_children(DeviceState *dev, qdev_walkerfn *pre_devfn,
                       qbus_walkerfn *pre_busfn, qdev_walkerfn *post_devfn,
                       qbus_walkerfn *post_busfn, void *opaque)
{
    Walk w = { pre_devfn, pre_busfn, post_devfn, post_busfn, opaque };

    return walk_device(dev, &w);
}
