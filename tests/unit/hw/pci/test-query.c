/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What query-pci and the listing of devices say of functions, BARs and bridges. */
#include "rig.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/query.h"

static void realize_bars(PCIDevice *dev, Error **errp)
{
    RigDevice *r = RIG(dev);

    memory_region_init_io(&r->mr[0], OBJECT(dev), &rig_ops, r, "mem", 4096);
    memory_region_init_io(&r->mr[1], OBJECT(dev), &rig_ops, r, "io", 32);
    memory_region_init_io(&r->mr[2], OBJECT(dev), &rig_ops, r, "wide", 1 << 20);
    pci_register_bar(dev, 0, 0, &r->mr[0]);
    pci_register_bar(dev, 1, PCI_BASE_ADDRESS_SPACE_IO, &r->mr[1]);
    pci_register_bar(dev, 2, PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH,
                     &r->mr[2]);
    pci_config_set_interrupt_pin(dev->config, 2);
}

static void test_function(void)
{
    PCIBus *bus = rig_root_new("vm");
    PCIDevice *dev;
    PciDeviceInfo *info;
    PciMemoryRegionList *region;
    PciInfo *answer;

    rig_realize = realize_bars;
    dev = rig_plug(bus, TYPE_RIG_PCI, PCI_DEVFN(5, 3), &error_abort);
    cfg_w(dev, 0x10, 0xfe000000, 4);
    cfg_w(dev, 0x1c, 3, 4);     /* above 4 GiB */
    cfg_w(dev, PCI_COMMAND, 7, 2);
    cfg_w(dev, PCI_INTERRUPT_LINE, 11, 1);
    answer = pci_query_root_bus(bus, "vm");
    g_assert_cmpint(answer->bus, ==, 0);
    g_assert_cmpstr(answer->domain, ==, "vm");
    g_assert_null(answer->devices->next);
    info = answer->devices->value;
    g_assert_cmpint(info->slot, ==, 5);
    g_assert_cmpint(info->function, ==, 3);
    g_assert_cmpint(info->class_info->q_class, ==, PCI_CLASS_SYSTEM_OTHER);
    g_assert_cmpstr(info->class_info->desc, ==, "System peripheral");
    g_assert_cmpint(info->id->vendor, ==, 0x1234);
    g_assert_cmpint(info->id->device, ==, 0x5678);
    g_assert_cmpstr(info->qdev_id, ==, "");
    g_assert_true(info->has_irq);
    g_assert_cmpint(info->irq, ==, 11);
    g_assert_cmpint(info->irq_pin, ==, 2);
    g_assert_null(info->pci_bridge);

    region = info->regions;
    g_assert_cmpint(region->value->bar, ==, 0);
    g_assert_cmpint(region->value->address, ==, 0xfe000000);
    g_assert_cmpint(region->value->size, ==, 4096);
    region = region->next;
    g_assert_cmpstr(region->value->type, ==, "io");
    g_assert_cmpint(region->value->address, ==, -1);
    g_assert_false(region->value->has_prefetch);
    region = region->next;
    g_assert_cmpint(region->value->address, ==, 3ll << 32);
    g_assert_true(region->value->prefetch && region->value->mem_type_64);
    g_assert_null(region->next);
    qapi_free_PciInfo(answer);
    rig_unplug(dev);
    rig_root_free(bus);
}

static void test_bridge(void)
{
    PCIBus *bus = rig_root_new("vm");
    PCIDevice *bridge = pci_new(PCI_DEVFN(1, 0), "pci-bridge");
    PCIDevice *dev;
    PciBridgeInfo *info;
    PciInfo *answer;

    rig_realize = NULL;
    pci_realize_and_unref(bridge, bus, &error_abort);
    dev = rig_plug(pci_bridge_get_sec_bus(PCI_BRIDGE(bridge)), TYPE_RIG_PCI, -1, &error_abort);
    cfg_w(bridge, PCI_PRIMARY_BUS, 0x00030200, 4);
    cfg_w(bridge, PCI_MEMORY_BASE, 0xfe10fe00, 4);
    cfg_w(bridge, PCI_IO_BASE, 0x2010, 2);
    answer = pci_query_root_bus(bus, "vm");
    info = answer->devices->value->pci_bridge;
    g_assert_cmpint(info->bus->number, ==, 0);
    g_assert_cmpint(info->bus->secondary, ==, 2);
    g_assert_cmpint(info->bus->subordinate, ==, 3);
    g_assert_cmphex(info->bus->memory_range->base, ==, 0xfe000000);
    g_assert_cmphex(info->bus->memory_range->limit, ==, 0xfe1fffff);
    g_assert_cmphex(info->bus->io_range->base, ==, 0x1000);
    g_assert_cmphex(info->bus->io_range->limit, ==, 0x2fff);
    g_assert_true(info->has_devices);
    g_assert_cmpint(info->devices->value->bus, ==, 2);
    g_assert_false(answer->devices->value->id->has_subsystem);
    qapi_free_PciInfo(answer);

    rig_unplug(dev);
    answer = pci_query_root_bus(bus, "vm");
    g_assert_false(answer->devices->value->pci_bridge->has_devices);
    qapi_free_PciInfo(answer);
    rig_unplug(bridge);
    rig_root_free(bus);
}

static void test_listing(void)
{
    PCIBus *bus = rig_root_new("vm");
    g_autoptr(GString) out = g_string_new(NULL);
    PCIDevice *dev;

    rig_realize = realize_bars;
    dev = rig_plug(bus, TYPE_RIG_PCI, PCI_DEVFN(5, 3), &error_abort);
    cfg_w(dev, 0x10, 0xfe000000, 4);
    cfg_w(dev, PCI_COMMAND, 7, 2);
    qdev_print_tree(out);
    g_assert_nonnull(strstr(out->str, "dev: rig-host, id \"\"\n  bus: vm\n    type PCIE\n"
                                      "    dev: rig-pci, id \"\"\n"));
    g_assert_nonnull(strstr(out->str, "\n      addr = 05.3\n"));
    g_assert_nonnull(strstr(out->str, "\n      class System peripheral, addr 00:05.3, "
                                      "pci id 1234:5678 (sub 1af4:1100)\n"
                                      "      bar 0: mem at 0xfe000000 [0xfe000fff]\n"
                                      "      bar 1: i/o at 0xffffffffffffffff [0x1e]\n"));
    rig_unplug(dev);
    rig_root_free(bus);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/pci-query/function", test_function);
    g_test_add_func("/pci-query/bridge", test_bridge);
    g_test_add_func("/pci-query/listing", test_listing);
    return g_test_run();
}
