/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PCI function as a QOM object. A model embeds PCIDevice first, describes
 * itself in PCIDeviceClass, and pokes config, wmask, w1cmask and cmask in realize.
 *
 * Locking: all members under the lock of the function's isolation domain.
 */
#ifndef HW_PCI_PCI_DEVICE_H
#define HW_PCI_PCI_DEVICE_H

#include "hw/pci/pci.h"
#include "hw/pci/pcie.h"
#include "hw/pci/pci_sink.h"

#define TYPE_PCI_DEVICE "pci-device"
typedef struct PCIDeviceClass PCIDeviceClass;
DECLARE_OBJ_CHECKERS(PCIDevice, PCIDeviceClass, PCI_DEVICE, TYPE_PCI_DEVICE)

/* A model implements at least one: which kinds of bus its device may sit on. */
#define INTERFACE_PCIE_DEVICE "pci-express-device"
#define INTERFACE_CXL_DEVICE "cxl-device"
#define INTERFACE_CONVENTIONAL_PCI_DEVICE "conventional-pci-device"

typedef uint32_t PCIConfigReadFunc(PCIDevice *pci_dev, uint32_t address, int len);
typedef void PCIConfigWriteFunc(PCIDevice *pci_dev, uint32_t address, uint32_t data, int len);

struct PCIDeviceClass {
    DeviceClass parent_class;

    void (*realize)(PCIDevice *dev, Error **errp);
    PCIUnregisterFunc *exit;
    PCIConfigReadFunc *config_read;   /* default: pci_default_read_config */
    PCIConfigWriteFunc *config_write; /* default: pci_default_write_config */

    uint16_t vendor_id;
    uint16_t device_id;
    uint8_t revision;
    uint16_t class_id;
    uint16_t subsystem_vendor_id; /* both 0: QEMU's */
    uint16_t subsystem_id;

    const char *romfile; /* used when the property is not set */
};

/* Invoked when MSI-X vectors start and stop being deliverable by the table. */
typedef int (*MSIVectorUseNotifier)(PCIDevice *dev, unsigned int vector, MSIMessage msg);
typedef void (*MSIVectorReleaseNotifier)(PCIDevice *dev, unsigned int vector);
typedef void (*MSIVectorPollNotifier)(PCIDevice *dev, unsigned int vector_start,
                                      unsigned int vector_end);

struct PCIDevice {
    DeviceState qdev;
    bool partially_hotplugged;
    bool enabled;
    bool has_power;

    /* Config space and, bit for bit beside it, what may be done with it. */
    uint8_t *config;
    uint8_t *cmask;   /* must match on migration */
    uint8_t *wmask;   /* writable by the client */
    uint8_t *w1cmask; /* write one to clear */
    uint8_t *used;    /* taken by a capability */

    int32_t devfn;
    char name[64];
    PCIIORegion io_regions[PCI_NUM_REGIONS];

    AddressSpace bus_master_as;
    bool is_master;
    MemoryRegion bus_master_container_region;
    MemoryRegion bus_master_enable_region;

    PCIConfigReadFunc *config_read;
    PCIConfigWriteFunc *config_write;

    uint8_t irq_state; /* bit n: the device drives pin n */
    int intx_level;    /* what leaves the function */

    uint32_t cap_present; /* QEMU_PCI_CAP_* */

    uint8_t msix_cap;
    int msix_entries_nr;
    uint8_t *msix_table;
    uint8_t *msix_pba;
    MemoryRegion msix_exclusive_bar;
    MemoryRegion msix_table_mmio;
    MemoryRegion msix_pba_mmio;
    unsigned *msix_entry_used;
    bool msix_function_masked;
    unsigned long *msix_ctrl_seen;  /* vectors whose control word the client wrote */
    unsigned long *msix_notified;   /* vectors the use notifier has been told about */
    int32_t version_id;

    uint8_t msi_cap;
    uint32_t msi_pending; /* also kept when the capability has no pending register */
    PCIExpressDevice exp;
    SHPCDevice *shpc;

    char *romfile;
    uint32_t romsize;
    bool has_rom;
    MemoryRegion rom;
    uint32_t rom_bar; /* 0: hide the ROM */

    MSIVectorUseNotifier msix_vector_use_notifier;
    MSIVectorReleaseNotifier msix_vector_release_notifier;
    MSIVectorPollNotifier msix_vector_poll_notifier;

    char *failover_pair_id;
    uint32_t acpi_index;
    uint64_t max_bounce_buffer_size;

    /* Private to hw/pci. */
    const PCIIRQSink *sink;
    void *sink_opaque;
    MemoryRegion *dma_region;
    AddressSpace *bar_as[PCI_NUM_REGIONS]; /* client views of BARs that are trees, made on demand */
    uint8_t *reset_config;                 /* config space as realize left it */
    bool resetting;
    PCIFLRHandler *flr;
    void *flr_opaque;
};

static inline int pci_is_cxl(const PCIDevice *d)
{
    return d->cap_present & QEMU_PCIE_CAP_CXL;
}

static inline int pci_is_express(const PCIDevice *d)
{
    return d->cap_present & QEMU_PCI_CAP_EXPRESS;
}

bool pci_is_express_downstream_port(const PCIDevice *d);

static inline uint32_t pci_config_size(const PCIDevice *d)
{
    return pci_is_express(d) ? PCIE_CONFIG_SPACE_SIZE : PCI_CONFIG_SPACE_SIZE;
}

static inline uint16_t pci_get_bdf(PCIDevice *dev)
{
    return PCI_BUILD_BDF(pci_bus_num(pci_get_bus(dev)), dev->devfn);
}

/* ---- DMA by the function ---- */

static inline AddressSpace *pci_get_address_space(PCIDevice *dev)
{
    return &dev->bus_master_as;
}

MemTxResult pci_dma_rw(PCIDevice *dev, dma_addr_t addr, void *buf, dma_addr_t len,
                       DMADirection dir, MemTxAttrs attrs);

static inline MemTxResult pci_dma_read(PCIDevice *dev, dma_addr_t addr, void *buf, dma_addr_t len)
{
    return pci_dma_rw(dev, addr, buf, len, DMA_DIRECTION_TO_DEVICE, MEMTXATTRS_UNSPECIFIED);
}

static inline MemTxResult pci_dma_write(PCIDevice *dev, dma_addr_t addr, const void *buf,
                                        dma_addr_t len)
{
    return pci_dma_rw(dev, addr, (void *)buf, len, DMA_DIRECTION_FROM_DEVICE,
                      MEMTXATTRS_UNSPECIFIED);
}

/* See dma_memory_rw_async(). */
DMARequest *pci_dma_rw_async(PCIDevice *dev, dma_addr_t addr, void *buf, dma_addr_t len,
                             DMADirection dir, MemoryRegionDMADone *done, void *opaque);

#define PCI_DMA_LDST(ld, st, type)                                                                \
    static inline MemTxResult ld##_pci_dma(PCIDevice *dev, dma_addr_t addr, type *val,            \
                                           MemTxAttrs attrs)                                      \
    {                                                                                             \
        return ld##_dma(pci_get_address_space(dev), addr, val, attrs);                            \
    }                                                                                             \
    static inline MemTxResult st##_pci_dma(PCIDevice *dev, dma_addr_t addr, type val,             \
                                           MemTxAttrs attrs)                                      \
    {                                                                                             \
        return st##_dma(pci_get_address_space(dev), addr, val, attrs);                            \
    }
PCI_DMA_LDST(ldub, stb, uint8_t)
PCI_DMA_LDST(lduw_le, stw_le, uint16_t)
PCI_DMA_LDST(lduw_be, stw_be, uint16_t)
PCI_DMA_LDST(ldl_le, stl_le, uint32_t)
PCI_DMA_LDST(ldl_be, stl_be, uint32_t)
PCI_DMA_LDST(ldq_le, stq_le, uint64_t)
PCI_DMA_LDST(ldq_be, stq_be, uint64_t)
#undef PCI_DMA_LDST

static inline void *pci_dma_map(PCIDevice *dev, dma_addr_t addr, dma_addr_t *plen,
                                DMADirection dir)
{
    return dma_memory_map(pci_get_address_space(dev), addr, plen, dir, MEMTXATTRS_UNSPECIFIED);
}

static inline void pci_dma_unmap(PCIDevice *dev, void *buffer, dma_addr_t len, DMADirection dir,
                                 dma_addr_t access_len)
{
    dma_memory_unmap(pci_get_address_space(dev), buffer, len, dir, access_len);
}

static inline void pci_dma_sglist_init(QEMUSGList *qsg, PCIDevice *dev, int alloc_hint)
{
    qemu_sglist_init(qsg, DEVICE(dev), alloc_hint, pci_get_address_space(dev));
}

#endif
