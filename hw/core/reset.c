/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reset of devices and buses: how they take part in the three phases.
 *
 * A model has either a one-shot reset function (dc->reset) or phases.  The
 * one-shot function runs in the hold phase.  Where neither is set, dc->reset
 * holds run_own_phases, so that a model that saved its parent's reset with
 * device_class_set_parent_reset() can call it without a look.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qdev-internal.h"

void device_cold_reset(DeviceState *dev)
{
    resettable_reset(OBJECT(dev), RESET_TYPE_COLD);
}

void bus_cold_reset(BusState *bus)
{
    resettable_reset(OBJECT(bus), RESET_TYPE_COLD);
}

bool device_is_in_reset(DeviceState *dev)
{
    return resettable_is_in_reset(OBJECT(dev));
}

bool bus_is_in_reset(BusState *bus)
{
    return resettable_is_in_reset(OBJECT(bus));
}

void device_reset_after_realize(DeviceState *dev)
{
    resettable_assert_reset(OBJECT(dev), RESET_TYPE_COLD);
    if (dev->parent_bus) {
        resettable_change_parent(OBJECT(dev), OBJECT(dev->parent_bus), NULL);
    }
    resettable_release_reset(OBJECT(dev), RESET_TYPE_COLD);
}

/* The phases of one object alone, in the place of its parent's reset function. */
static void run_own_phases(Object *obj)
{
    ResettableClass *rc = RESETTABLE_GET_CLASS(obj);

    if (rc->phases.enter) {
        rc->phases.enter(obj, RESET_TYPE_COLD);
    }
    if (rc->phases.hold) {
        rc->phases.hold(obj, RESET_TYPE_COLD);
    }
    if (rc->phases.exit) {
        rc->phases.exit(obj, RESET_TYPE_COLD);
    }
}

/* --- devices ---------------------------------------------------------- */

static void device_phases_reset(DeviceState *dev)
{
    run_own_phases(OBJECT(dev));
}

static void device_call_legacy(Object *obj)
{
    DeviceState *dev = DEVICE(obj);

    DEVICE_GET_CLASS(dev)->reset(dev);
}

static ResettableTrFunction device_legacy(Object *obj)
{
    DeviceReset reset = DEVICE_GET_CLASS(obj)->reset;

    return reset && reset != device_phases_reset ? device_call_legacy : NULL;
}

static ResettableState *device_reset_state(Object *obj)
{
    return &DEVICE(obj)->reset;
}

static void device_each_bus(Object *obj, ResettableChildCallback cb, void *opaque,
                            ResetType type)
{
    BusState *bus;

    QLIST_FOREACH(bus, &DEVICE(obj)->child_bus, sibling) {
        cb(OBJECT(bus), opaque, type);
    }
}

void device_class_init_reset(ObjectClass *oc)
{
    ResettableClass *rc = RESETTABLE_CLASS(oc);

    rc->get_state = device_reset_state;
    rc->child_foreach = device_each_bus;
    rc->get_transitional_function = device_legacy;
    DEVICE_CLASS(oc)->reset = device_phases_reset;
}

/* --- buses ------------------------------------------------------------ */

static void bus_phases_reset(BusState *bus)
{
    run_own_phases(OBJECT(bus));
}

static void bus_call_legacy(Object *obj)
{
    BusState *bus = BUS(obj);

    BUS_GET_CLASS(bus)->reset(bus);
}

static ResettableTrFunction bus_legacy(Object *obj)
{
    void (*reset)(BusState *bus) = BUS_GET_CLASS(obj)->reset;

    return reset && reset != bus_phases_reset ? bus_call_legacy : NULL;
}

static ResettableState *bus_reset_state(Object *obj)
{
    return &BUS(obj)->reset;
}

static void bus_each_device(Object *obj, ResettableChildCallback cb, void *opaque,
                            ResetType type)
{
    BusChild *kid;

    QTAILQ_FOREACH(kid, &BUS(obj)->children, sibling) {
        cb(OBJECT(kid->child), opaque, type);
    }
}

void bus_class_init_reset(ObjectClass *oc)
{
    ResettableClass *rc = RESETTABLE_CLASS(oc);

    rc->get_state = bus_reset_state;
    rc->child_foreach = bus_each_device;
    rc->get_transitional_function = bus_legacy;
    BUS_CLASS(oc)->reset = bus_phases_reset;
}
