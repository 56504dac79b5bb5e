/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PCI function as a qdev device: from properties to a function on a bus
 * and back.
 *
 * Realize builds the config space with everything the class says, lets the
 * model fill it, and last takes a picture of it: what reset goes back to.
 * Until then nothing can reach the function; when a step fails, the ones
 * before it are undone in reverse.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/host-utils.h"
#include "qemu/module.h"
#include "hw/qdev-properties.h"
#include "hw/qdev-properties-system.h"
#include "hw/pci/pci_bridge.h"
#include "internal.h"

static const Property pci_props[] = {
    DEFINE_PROP_PCI_DEVFN("addr", PCIDevice, devfn, -1),
    DEFINE_PROP_STRING("romfile", PCIDevice, romfile),
    DEFINE_PROP_UINT32("romsize", PCIDevice, romsize, UINT32_MAX),
    DEFINE_PROP_UINT32("rombar", PCIDevice, rom_bar, 1),
    DEFINE_PROP_BIT("multifunction", PCIDevice, cap_present, QEMU_PCI_CAP_MULTIFUNCTION_BITNR,
                    false),
    DEFINE_PROP_BIT("x-pcie-lnksta-dllla", PCIDevice, cap_present, QEMU_PCIE_LNKSTA_DLLLA_BITNR,
                    true),
    DEFINE_PROP_BIT("x-pcie-err-unc-mask", PCIDevice, cap_present, QEMU_PCIE_ERR_UNC_MASK_BITNR,
                    true),
    DEFINE_PROP_SIZE("x-max-bounce-buffer-size", PCIDevice, max_bounce_buffer_size,
                     DEFAULT_MAX_BOUNCE_BUFFER_SIZE),
    DEFINE_PROP_END_OF_LIST()
};

static bool implements(PCIDevice *dev, const char *interface)
{
    return object_dynamic_cast(OBJECT(dev), interface) != NULL;
}

static bool check_class(PCIDevice *dev, Error **errp)
{
    if (!implements(dev, INTERFACE_PCIE_DEVICE)
        && !implements(dev, INTERFACE_CONVENTIONAL_PCI_DEVICE)
        && !implements(dev, INTERFACE_CXL_DEVICE)) {
        error_setg(errp, "%s implements neither the conventional nor the express interface",
                   object_get_typename(OBJECT(dev)));
        return false;
    }
    if (dev->romsize != UINT32_MAX && !is_power_of_2(dev->romsize)) {
        error_setg(errp, "romsize=%u: a ROM's size is a power of two", dev->romsize);
        return false;
    }
    if (!implements(dev, INTERFACE_CONVENTIONAL_PCI_DEVICE)) {
        dev->cap_present |= QEMU_PCI_CAP_EXPRESS;
    }
    return true;
}

static void fill_ids(PCIDevice *dev)
{
    PCIDeviceClass *pc = PCI_DEVICE_GET_CLASS(dev);
    bool own_subsystem = pc->subsystem_vendor_id || pc->subsystem_id;

    pci_config_set_vendor_id(dev->config, pc->vendor_id);
    pci_config_set_device_id(dev->config, pc->device_id);
    pci_config_set_revision(dev->config, pc->revision);
    pci_config_set_class(dev->config, pc->class_id);
    if (object_dynamic_cast(OBJECT(dev), TYPE_PCI_BRIDGE)) {
        dev->config[PCI_HEADER_TYPE] = PCI_HEADER_TYPE_BRIDGE;
        return; /* bytes 0x2c.. are something else there */
    }
    pci_set_word(dev->config + PCI_SUBSYSTEM_VENDOR_ID,
                 own_subsystem ? pc->subsystem_vendor_id : PCI_SUBVENDOR_ID_REDHAT_QUMRANET);
    pci_set_word(dev->config + PCI_SUBSYSTEM_ID,
                 own_subsystem ? pc->subsystem_id : PCI_SUBDEVICE_ID_QEMU);
}

static bool device_register(PCIDevice *dev, PCIBus *bus, Error **errp)
{
    PCIDeviceClass *pc = PCI_DEVICE_GET_CLASS(dev);

    g_strlcpy(dev->name, object_get_typename(OBJECT(dev)), sizeof(dev->name));
    pci_config_alloc(dev);
    fill_ids(dev);
    if (!pci_bus_attach(bus, dev, errp)) {
        pci_config_free(dev);
        return false;
    }
    pci_config_init_masks(dev);
    pci_bus_master_init(dev);
    dev->config_read = pc->config_read ? pc->config_read : pci_default_read_config;
    dev->config_write = pc->config_write ? pc->config_write : pci_default_write_config;
    return true;
}

static void device_unregister(PCIDevice *dev)
{
    pci_unmap_bars(dev);
    pci_drop_bar_views(dev);
    pci_del_option_rom(dev);
    pci_bus_master_exit(dev);
    pci_bus_detach(pci_get_bus(dev), dev);
    pci_config_free(dev);
    memset(dev->io_regions, 0, sizeof(dev->io_regions));
}

static bool model_realize(PCIDevice *dev, Error **errp)
{
    PCIDeviceClass *pc = PCI_DEVICE_GET_CLASS(dev);
    Error *local_err = NULL;

    if (pc->realize) {
        pc->realize(dev, &local_err);
    }
    if (local_err) {
        error_propagate(errp, local_err);
        return false;
    }
    if (!pci_add_option_rom(dev, errp)) {
        if (pc->exit) {
            pc->exit(dev);
        }
        return false;
    }
    return true;
}

static void pci_qdev_realize(DeviceState *qdev, Error **errp)
{
    PCIDevice *dev = PCI_DEVICE(qdev);

    if (!check_class(dev, errp) || !device_register(dev, PCI_BUS(qdev->parent_bus), errp)) {
        return;
    }
    if (!model_realize(dev, errp)) {
        device_unregister(dev);
        return;
    }
    dev->reset_config = g_memdup2(dev->config, pci_config_size(dev));
    pci_set_power(dev, true);
}

static void pci_qdev_unrealize(DeviceState *qdev)
{
    PCIDevice *dev = PCI_DEVICE(qdev);
    PCIDeviceClass *pc = PCI_DEVICE_GET_CLASS(dev);

    pci_unmap_bars(dev);
    if (pc->exit) {
        pc->exit(dev);
    }
    pci_device_deassert_intx(dev);
    pci_device_set_irq_sink(dev, NULL, NULL);
    dev->has_power = false;
    device_unregister(dev);
}

static void pci_device_instance_init(Object *obj)
{
    PCIDevice *dev = (PCIDevice *)obj;

    for (int i = 0; i < PCI_NUM_REGIONS; i++) {
        dev->io_regions[i].addr = PCI_BAR_UNMAPPED;
    }
}

static void pci_device_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->realize = pci_qdev_realize;
    dc->unrealize = pci_qdev_unrealize;
    dc->bus_type = TYPE_PCI_BUS;
    device_class_set_props(dc, pci_props);
}

static const TypeInfo pci_device_info = {
    .name = TYPE_PCI_DEVICE,
    .parent = TYPE_DEVICE,
    .instance_size = sizeof(PCIDevice),
    .instance_init = pci_device_instance_init,
    .abstract = true,
    .class_size = sizeof(PCIDeviceClass),
    .class_init = pci_device_class_init,
};

/* The memory layer knows objects, not devices: this is how it finds the guard of an owner. */
static MemReentrancyGuard *guard_of(Object *owner)
{
    DeviceState *dev = (DeviceState *)object_dynamic_cast(owner, TYPE_DEVICE);

    return dev ? &dev->mem_reentrancy_guard : NULL;
}

static void pci_register_types(void)
{
    type_register_static(&pci_device_info);
    memory_region_set_guard_lookup(guard_of);
}

type_init(pci_register_types)

/* ---- making devices from C ---- */

PCIDevice *pci_new(int devfn, const char *name)
{
    DeviceState *dev = qdev_new(name);

    qdev_prop_set_int32(dev, "addr", devfn);
    return PCI_DEVICE(dev);
}

PCIDevice *pci_new_multifunction(int devfn, const char *name)
{
    PCIDevice *dev = pci_new(devfn, name);

    qdev_prop_set_bit(DEVICE(dev), "multifunction", true);
    return dev;
}

bool pci_realize_and_unref(PCIDevice *dev, PCIBus *bus, Error **errp)
{
    return qdev_realize_and_unref(DEVICE(dev), BUS(bus), errp);
}

PCIDevice *pci_create_simple(PCIBus *bus, int devfn, const char *name)
{
    PCIDevice *dev = pci_new(devfn, name);

    pci_realize_and_unref(dev, bus, &error_fatal);
    return dev;
}

PCIDevice *pci_create_simple_multifunction(PCIBus *bus, int devfn, const char *name)
{
    PCIDevice *dev = pci_new_multifunction(devfn, name);

    pci_realize_and_unref(dev, bus, &error_fatal);
    return dev;
}
