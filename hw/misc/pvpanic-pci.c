/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pvpanic-pci (specification: docs/specs/pvpanic of QEMU): one byte through
 * which a guest says that it panicked, that it panicked and runs its crash
 * kernel, or (newer guests) that it shut down. Reading gives the events that
 * the operator allows. What becomes of an event is the business of
 * sysemu/runstate.h.
 *
 * The register is the first byte of BAR 0. The BAR has 16 bytes because a
 * memory BAR cannot be smaller (PCI Local Bus 3.0, 6.2.5.1).
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "hw/pci/pci_device.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "qom/object.h"
#include "standard-headers/linux/pvpanic.h"
#include "sysemu/runstate.h"
#include "trace.h"

#define TYPE_PVPANIC_PCI_DEVICE "pvpanic-pci"
OBJECT_DECLARE_SIMPLE_TYPE(PVPanicPCIState, PVPANIC_PCI_DEVICE)

#define PVPANIC_BAR_SIZE 16

struct PVPanicPCIState {
    PCIDevice dev;
    MemoryRegion mr;
    uint8_t events;      /* property: what reading the register returns */
};

static void panicked(void)
{
    qemu_system_guest_panicked(NULL);
}

static void crash_loaded(void)
{
    qemu_system_guest_crashloaded(NULL);
}

/* In the order in which one write's bits are looked at; the first that is set counts. */
static const struct {
    uint8_t bit;
    void (*report)(void);
} pvpanic_events[] = {
    { PVPANIC_PANICKED, panicked },
    { PVPANIC_CRASH_LOADED, crash_loaded },
    { PVPANIC_SHUTDOWN, qemu_system_guest_pvshutdown },
};

static uint64_t pvpanic_read(void *opaque, hwaddr addr, unsigned size)
{
    PVPanicPCIState *s = opaque;

    return addr == 0 ? s->events : 0;
}

static void pvpanic_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    PVPanicPCIState *s = opaque;

    if (addr != 0) {
        return;
    }
    trace_pvpanic_event(s, val);
    if (val & ~(uint64_t)s->events) {
        qemu_log_mask_ratelimited(LOG_GUEST_ERROR,
                                  "pvpanic-pci: event bits 0x%" PRIx64 " are not offered\n",
                                  val & ~(uint64_t)s->events);
    }
    for (size_t i = 0; i < ARRAY_SIZE(pvpanic_events); i++) {
        if (val & s->events & pvpanic_events[i].bit) {
            pvpanic_events[i].report();
            return;
        }
    }
}

static const MemoryRegionOps pvpanic_ops = {
    .read = pvpanic_read,
    .write = pvpanic_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .impl = { .min_access_size = 1, .max_access_size = 1 },
};

static void pvpanic_pci_realize(PCIDevice *dev, Error **errp)
{
    PVPanicPCIState *s = PVPANIC_PCI_DEVICE(dev);

    memory_region_init_io(&s->mr, OBJECT(s), &pvpanic_ops, s, "pvpanic", PVPANIC_BAR_SIZE);
    pci_register_bar(dev, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->mr);
}

static const VMStateDescription vmstate_pvpanic_pci = {
    .name = "pvpanic-pci",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(dev, PVPanicPCIState),
        VMSTATE_END_OF_LIST()
    }
};

static Property pvpanic_pci_properties[] = {
    DEFINE_PROP_UINT8("events", PVPanicPCIState, events,
                      PVPANIC_PANICKED | PVPANIC_CRASH_LOADED),
    DEFINE_PROP_END_OF_LIST(),
};

static void pvpanic_pci_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(klass);

    device_class_set_props(dc, pvpanic_pci_properties);
    pc->realize = pvpanic_pci_realize;
    pc->vendor_id = PCI_VENDOR_ID_REDHAT;
    pc->device_id = PCI_DEVICE_ID_REDHAT_PVPANIC;
    pc->revision = 1;
    pc->class_id = PCI_CLASS_SYSTEM_OTHER;
    dc->vmsd = &vmstate_pvpanic_pci;
    dc->desc = "Guest panic notification";
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
}

static const TypeInfo pvpanic_pci_info = {
    .name = TYPE_PVPANIC_PCI_DEVICE,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(PVPanicPCIState),
    .class_init = pvpanic_pci_class_init,
    .interfaces = (InterfaceInfo[]) {
        { INTERFACE_CONVENTIONAL_PCI_DEVICE },
        { },
    },
};

static void pvpanic_pci_register_types(void)
{
    type_register_static(&pvpanic_pci_info);
}

type_init(pvpanic_pci_register_types)
