/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A root complex and two device types, "rig-pci" and "rig-pcie", whose realize
 * is what the test puts into rig_realize. Everything runs on the main context.
 */
#ifndef TESTS_PCI_RIG_H
#define TESTS_PCI_RIG_H

#include "qemu/osdep.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_device.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"

#define TYPE_RIG_PCI "rig-pci"
#define TYPE_RIG_PCIE "rig-pcie"

typedef struct RigDevice {
    PCIDevice pci;
    MemoryRegion mr[PCI_NUM_REGIONS];
    MemoryRegion sub[2];
    uint8_t regs[256];
    unsigned resets, exits, reads, writes, last_size;
    hwaddr last_addr;
    void *test;
} RigDevice;

extern void (*rig_realize)(PCIDevice *dev, Error **errp);
extern void (*rig_exit)(PCIDevice *dev);
extern void (*rig_reset)(PCIDevice *dev);
extern const MemoryRegionOps rig_ops; /* opaque: the RigDevice; 1-4 bytes, unaligned too */

void rig_init(int *argc, char ***argv);
/* One domain each; free with rig_root_free(). */
PCIBus *rig_root_new(const char *name);
void rig_root_free(PCIBus *bus);
/* NULL and errp set when the device did not come; unplug with rig_unplug(). */
PCIDevice *rig_plug(PCIBus *bus, const char *type, int devfn, Error **errp);
void rig_unplug(PCIDevice *dev);

static inline RigDevice *RIG(PCIDevice *dev)
{
    return (RigDevice *)dev;
}

/* Client accesses to config space. */
static inline void cfg_w(PCIDevice *dev, uint32_t offset, uint32_t val, int len)
{
    uint8_t raw[4];

    stl_le_p(raw, val);
    g_assert_cmpint(pci_device_config_rw(dev, offset, raw, len, true), ==, 0);
}

static inline uint32_t cfg_r(PCIDevice *dev, uint32_t offset, int len)
{
    uint8_t raw[4] = { 0 };

    g_assert_cmpint(pci_device_config_rw(dev, offset, raw, len, false), ==, 0);
    return (uint32_t)ldl_le_p(raw);
}

/* Client accesses to BARs. */
static inline uint32_t bar_r32(PCIDevice *dev, int bar, hwaddr offset)
{
    uint8_t raw[4] = { 0 };

    pci_device_bar_rw(dev, bar, offset, raw, 4, false);
    return (uint32_t)ldl_le_p(raw);
}

static inline void bar_w32(PCIDevice *dev, int bar, hwaddr offset, uint32_t val)
{
    uint8_t raw[4];

    stl_le_p(raw, val);
    g_assert_cmpuint(pci_device_bar_rw(dev, bar, offset, raw, 4, true), ==, MEMTX_OK);
}

/* A sink that remembers; vectors are accepted when their bit in bound is set. */
typedef struct RigSink {
    int level, edges;
    uint64_t bound;
    unsigned fired[64];
} RigSink;

extern const PCIIRQSink rig_sink;

/* Client memory: one array at IOVA base. */
typedef struct RigMemory {
    MemoryRegion mr;
    Object *owner;
    hwaddr base;
    uint8_t bytes[4096];
} RigMemory;

RigMemory *rig_memory_new(PCIDevice *dev, hwaddr base);
void rig_memory_free(PCIDevice *dev, RigMemory *m);

#endif
