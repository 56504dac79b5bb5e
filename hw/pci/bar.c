/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Base address registers.
 *
 * A BAR has two lives. Its register is config storage with a size mask, and
 * the address in it decides where the region is mapped in the spaces of the
 * isolated root: bookkeeping, for queries and peer-to-peer. What a client
 * reads and writes goes by (function, BAR, offset) and never looks at either.
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "internal.h"
#include "trace.h"

#define IO_SPACE_LAST 0xffff

static bool is_bridge(const PCIDevice *d)
{
    return (d->config[PCI_HEADER_TYPE] & PCI_HEADER_TYPE_MASK) == PCI_HEADER_TYPE_BRIDGE;
}

int pci_bar(PCIDevice *d, int reg)
{
    if (reg != PCI_ROM_SLOT) {
        return PCI_BASE_ADDRESS_0 + reg * 4;
    }
    return is_bridge(d) ? PCI_ROM_ADDRESS1 : PCI_ROM_ADDRESS;
}

static bool is_64bit(const PCIIORegion *r)
{
    return !(r->type & PCI_BASE_ADDRESS_SPACE_IO) && (r->type & PCI_BASE_ADDRESS_MEM_TYPE_64);
}

static void init_register(PCIDevice *d, int region_num)
{
    PCIIORegion *r = &d->io_regions[region_num];
    int reg = pci_bar(d, region_num);
    uint64_t wmask = ~(r->size - 1);

    if (region_num == PCI_ROM_SLOT) {
        wmask |= PCI_ROM_ADDRESS_ENABLE;
    }
    if (is_64bit(r)) {
        pci_set_quad(d->config + reg, r->type);
        pci_set_quad(d->wmask + reg, wmask);
        pci_set_quad(d->cmask + reg, UINT64_MAX);
    } else {
        pci_set_long(d->config + reg, r->type);
        pci_set_long(d->wmask + reg, wmask);
        pci_set_long(d->cmask + reg, UINT32_MAX);
    }
}

void pci_register_bar(PCIDevice *pci_dev, int region_num, uint8_t type, MemoryRegion *memory)
{
    PCIBus *bus = pci_get_bus(pci_dev);
    PCIIORegion *r;

    g_assert(region_num >= 0 && region_num < PCI_NUM_REGIONS);
    r = &pci_dev->io_regions[region_num];
    g_assert(!r->size && is_power_of_2(memory_region_size(memory)));
    *r = (PCIIORegion) {
        .addr = PCI_BAR_UNMAPPED,
        .size = memory_region_size(memory),
        .type = type,
        .memory = memory,
        .address_space = type & PCI_BASE_ADDRESS_SPACE_IO ? bus->address_space_io
                                                          : bus->address_space_mem,
    };
    /* The register after a 64-bit BAR is its upper half. */
    g_assert(!is_64bit(r) || region_num < PCI_STD_NUM_BARS - 1);
    g_assert(is_64bit(r) || r->size <= (uint64_t)1 << 31);
    init_register(pci_dev, region_num);
}

static bool decoded(const PCIDevice *d, int region_num)
{
    uint16_t cmd = pci_get_word(d->config + PCI_COMMAND);
    bool io = d->io_regions[region_num].type & PCI_BASE_ADDRESS_SPACE_IO;

    return d->has_power && pci_in_d0(d) && (cmd & (io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY));
}

/* All ones is a client that asks for the size; nothing lives at zero. */
static pcibus_t programmed_address(PCIDevice *d, int region_num)
{
    PCIIORegion *r = &d->io_regions[region_num];
    uint8_t *reg = d->config + pci_bar(d, region_num);
    pcibus_t raw = is_64bit(r) ? pci_get_quad(reg) : pci_get_long(reg);
    pcibus_t addr = raw & ~(r->size - 1);
    pcibus_t last = addr | (r->size - 1);

    if (region_num == PCI_ROM_SLOT && !(raw & PCI_ROM_ADDRESS_ENABLE)) {
        return PCI_BAR_UNMAPPED;
    }
    if (!addr || last == (is_64bit(r) ? UINT64_MAX : UINT32_MAX)) {
        return PCI_BAR_UNMAPPED;
    }
    if ((r->type & PCI_BASE_ADDRESS_SPACE_IO) && last > IO_SPACE_LAST) {
        return PCI_BAR_UNMAPPED;
    }
    return addr;
}

static void map_bar(PCIDevice *dev, int region_num, pcibus_t addr)
{
    PCIIORegion *r = &dev->io_regions[region_num];

    if (r->addr == addr) {
        return;
    }
    trace_pci_map_bar(dev->name, dev->devfn, region_num, addr);
    if (r->addr != PCI_BAR_UNMAPPED) {
        memory_region_del_subregion(r->address_space, r->memory);
    }
    r->addr = addr;
    if (addr != PCI_BAR_UNMAPPED) {
        memory_region_add_subregion_overlap(r->address_space, addr, r->memory, 1);
    }
}

void pci_update_mappings(PCIDevice *d)
{
    memory_region_transaction_begin();
    for (int i = 0; i < PCI_NUM_REGIONS; i++) {
        PCIIORegion *r = &d->io_regions[i];

        if (r->size && r->address_space) {
            map_bar(d, i, decoded(d, i) ? programmed_address(d, i) : PCI_BAR_UNMAPPED);
        }
    }
    memory_region_transaction_commit();
}

void pci_unmap_bars(PCIDevice *dev)
{
    for (int i = 0; i < PCI_NUM_REGIONS; i++) {
        if (dev->io_regions[i].size && dev->io_regions[i].address_space) {
            map_bar(dev, i, PCI_BAR_UNMAPPED);
        }
    }
}

pcibus_t pci_get_bar_addr(PCIDevice *pci_dev, int region_num)
{
    return pci_dev->io_regions[region_num].addr;
}

uint64_t pci_device_bar_size(PCIDevice *dev, int region_num)
{
    if (region_num < 0 || region_num >= PCI_NUM_REGIONS) {
        return 0;
    }
    return dev->io_regions[region_num].size;
}

/* A BAR that is a tree gets a view of its own, which then follows the tree. */
static AddressSpace *bar_view(PCIDevice *dev, int region_num)
{
    if (!dev->bar_as[region_num]) {
        g_autofree char *name = g_strdup_printf("%s BAR%d", dev->name, region_num);
        AddressSpace *as = g_new0(AddressSpace, 1);

        address_space_init(as, dev->io_regions[region_num].memory, name);
        address_space_set_client_side(as);
        dev->bar_as[region_num] = as;
    }
    return dev->bar_as[region_num];
}

void pci_drop_bar_views(PCIDevice *dev)
{
    for (int i = 0; i < PCI_NUM_REGIONS; i++) {
        if (dev->bar_as[i]) {
            address_space_destroy(dev->bar_as[i]);
            g_clear_pointer(&dev->bar_as[i], g_free);
        }
    }
}

MemTxResult pci_device_bar_rw(PCIDevice *dev, int region_num, hwaddr offset, void *buf,
                              hwaddr len, bool is_write)
{
    uint64_t size = pci_device_bar_size(dev, region_num);
    MemoryRegion *mr;

    if (offset > size || len > size - offset) {
        return MEMTX_DECODE_ERROR;
    }
    if (region_num == PCI_ROM_SLOT && is_write) {
        return MEMTX_ACCESS_ERROR;
    }
    mr = dev->io_regions[region_num].memory;
    if (len && memory_region_is_leaf(mr)) {
        return memory_region_rw(mr, offset, MEMTXATTRS_UNSPECIFIED, buf, len, is_write);
    }
    return address_space_rw(bar_view(dev, region_num), offset, MEMTXATTRS_UNSPECIFIED, buf, len,
                            is_write);
}
