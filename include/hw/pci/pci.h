/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI as device models see it: configuration space, BARs, the interrupt pin,
 * the bus they sit on. MSI, MSI-X and PCI Express have headers of their own.
 *
 * Locking: everything here runs under the lock of the device's isolation
 * domain, except reads of constant facts (pci_bus_num() of a root and such).
 */
#ifndef HW_PCI_PCI_H
#define HW_PCI_PCI_H

#include "exec/memory.h"
#include "sysemu/dma.h"
#include "hw/irq.h"
#include "hw/qdev-core.h"
#include "hw/pci/pci_ids.h"
#include "hw/pci/pci_regs.h"

/* Geography: domain, bus, slot and function */
#define PCI_DEVFN(slot, func) ((((slot) & 0x1f) << 3) | ((func) & 0x07))
#define PCI_BUS_NUM(x) (((x) >> 8) & 0xff)
#define PCI_SLOT(devfn) (((devfn) >> 3) & 0x1f)
#define PCI_FUNC(devfn) ((devfn) & 0x07)
#define PCI_BUILD_BDF(bus, devfn) (((bus) << 8) | (devfn))
#define PCI_BDF_TO_DEVFN(x) ((x) & 0xff)
#define PCI_BUS_MAX 256
#define PCI_DEVFN_MAX 256
#define PCI_SLOT_MAX 32
#define PCI_FUNC_MAX 8

/* Device numbers of QEMU's own vendors; for other vendors see pci_ids.h. */
#define PCI_VENDOR_ID_QEMU 0x1234
#define PCI_DEVICE_ID_QEMU_VGA 0x1111
#define PCI_DEVICE_ID_QEMU_IPMI 0x1112

#define PCI_VENDOR_ID_REDHAT_QUMRANET 0x1af4
#define PCI_SUBVENDOR_ID_REDHAT_QUMRANET 0x1af4
#define PCI_SUBDEVICE_ID_QEMU 0x1100
#define PCI_DEVICE_ID_VIRTIO_NET 0x1000
#define PCI_DEVICE_ID_VIRTIO_BLOCK 0x1001
#define PCI_DEVICE_ID_VIRTIO_BALLOON 0x1002
#define PCI_DEVICE_ID_VIRTIO_CONSOLE 0x1003
#define PCI_DEVICE_ID_VIRTIO_SCSI 0x1004
#define PCI_DEVICE_ID_VIRTIO_RNG 0x1005
#define PCI_DEVICE_ID_VIRTIO_9P 0x1009
#define PCI_DEVICE_ID_VIRTIO_VSOCK 0x1012
#define PCI_DEVICE_ID_VIRTIO_10_BASE 0x1040

#define PCI_VENDOR_ID_REDHAT 0x1b36
#define PCI_DEVICE_ID_REDHAT_BRIDGE 0x0001
#define PCI_DEVICE_ID_REDHAT_SERIAL 0x0002
#define PCI_DEVICE_ID_REDHAT_SERIAL2 0x0003
#define PCI_DEVICE_ID_REDHAT_SERIAL4 0x0004
#define PCI_DEVICE_ID_REDHAT_TEST 0x0005
#define PCI_DEVICE_ID_REDHAT_ROCKER 0x0006
#define PCI_DEVICE_ID_REDHAT_SDHCI 0x0007
#define PCI_DEVICE_ID_REDHAT_PCIE_HOST 0x0008
#define PCI_DEVICE_ID_REDHAT_PXB 0x0009
#define PCI_DEVICE_ID_REDHAT_BRIDGE_SEAT 0x000a
#define PCI_DEVICE_ID_REDHAT_PXB_PCIE 0x000b
#define PCI_DEVICE_ID_REDHAT_PCIE_RP 0x000c
#define PCI_DEVICE_ID_REDHAT_XHCI 0x000d
#define PCI_DEVICE_ID_REDHAT_PCIE_BRIDGE 0x000e
#define PCI_DEVICE_ID_REDHAT_MDPY 0x000f
#define PCI_DEVICE_ID_REDHAT_NVME 0x0010
#define PCI_DEVICE_ID_REDHAT_PVPANIC 0x0011
#define PCI_DEVICE_ID_REDHAT_ACPI_ERST 0x0012
#define PCI_DEVICE_ID_REDHAT_UFS 0x0013
#define PCI_DEVICE_ID_REDHAT_QXL 0x0100

#define FMT_PCIBUS PRIx64
typedef uint64_t pcibus_t;

#define PCI_HEADER_TYPE_MULTI_FUNCTION 0x80
#define PCI_CONFIG_HEADER_SIZE 0x40
#define PCI_CONFIG_SPACE_SIZE 0x100
#define PCIE_CONFIG_SPACE_SIZE 0x1000
#define PCI_NUM_REGIONS 7
#define PCI_ROM_SLOT 6
#define PCI_NUM_PINS 4
#define PCI_BAR_UNMAPPED (~(pcibus_t)0)

/* Bits of PCIDevice.cap_present */
enum {
#define QEMU_PCI_CAP_MULTIFUNCTION_BITNR 3
    QEMU_PCI_CAP_MSI = 0x1,
    QEMU_PCI_CAP_MSIX = 0x2,
    QEMU_PCI_CAP_EXPRESS = 0x4,
    QEMU_PCI_CAP_MULTIFUNCTION = 1 << QEMU_PCI_CAP_MULTIFUNCTION_BITNR,
#define QEMU_PCI_CAP_SERR_BITNR 4
    QEMU_PCI_CAP_SERR = 1 << QEMU_PCI_CAP_SERR_BITNR,
#define QEMU_PCI_SHPC_BITNR 5
    QEMU_PCI_CAP_SHPC = 1 << QEMU_PCI_SHPC_BITNR,
#define QEMU_PCI_SLOTID_BITNR 6
    QEMU_PCI_CAP_SLOTID = 1 << QEMU_PCI_SLOTID_BITNR,
#define QEMU_PCIE_SLTCAP_PCP_BITNR 7
    QEMU_PCIE_SLTCAP_PCP = 1 << QEMU_PCIE_SLTCAP_PCP_BITNR,
#define QEMU_PCIE_LNKSTA_DLLLA_BITNR 8
    QEMU_PCIE_LNKSTA_DLLLA = 1 << QEMU_PCIE_LNKSTA_DLLLA_BITNR,
#define QEMU_PCIE_EXTCAP_INIT_BITNR 9
    QEMU_PCIE_EXTCAP_INIT = 1 << QEMU_PCIE_EXTCAP_INIT_BITNR,
#define QEMU_PCIE_CXL_BITNR 10
    QEMU_PCIE_CAP_CXL = 1 << QEMU_PCIE_CXL_BITNR,
#define QEMU_PCIE_ERR_UNC_MASK_BITNR 11
    QEMU_PCIE_ERR_UNC_MASK = 1 << QEMU_PCIE_ERR_UNC_MASK_BITNR,
#define QEMU_PCIE_ARI_NEXTFN_1_BITNR 12
    QEMU_PCIE_ARI_NEXTFN_1 = 1 << QEMU_PCIE_ARI_NEXTFN_1_BITNR,
#define QEMU_PCIE_CAP_PM_BITNR 14
    QEMU_PCI_CAP_PM = 1 << QEMU_PCIE_CAP_PM_BITNR,
};

typedef struct MSIMessage {
    uint64_t address;
    uint32_t data;
} MSIMessage;

typedef struct PCIINTxRoute {
    enum {
        PCI_INTX_ENABLED,
        PCI_INTX_INVERTED,
        PCI_INTX_DISABLED,
    } mode;
    int irq;
} PCIINTxRoute;

typedef void PCIMapIORegionFunc(PCIDevice *pci_dev, int region_num, pcibus_t addr, pcibus_t size,
                                int type);
typedef void PCIUnregisterFunc(PCIDevice *pci_dev);
typedef void (*pci_set_irq_fn)(void *opaque, int irq_num, int level);
typedef int (*pci_map_irq_fn)(PCIDevice *pci_dev, int irq_num);
typedef PCIINTxRoute (*pci_route_irq_fn)(void *opaque, int pin);

typedef void (*PCIConfigWriteFunc_t)(PCIDevice *, uint32_t, uint32_t, int);

/* One BAR. addr is PCI_BAR_UNMAPPED while the BAR is not decoded. */
typedef struct PCIIORegion {
    pcibus_t addr;
    pcibus_t size; /* 0: no such BAR */
    uint8_t type;  /* PCI_BASE_ADDRESS_* attribute bits */
    MemoryRegion *memory;
    MemoryRegion *address_space; /* where memory gets mapped: of the root's spaces */
} PCIIORegion;

#define TYPE_PCI_BUS "PCI"
typedef struct PCIBusClass PCIBusClass;
DECLARE_OBJ_CHECKERS(PCIBus, PCIBusClass, PCI_BUS, TYPE_PCI_BUS)
#define TYPE_PCIE_BUS "PCIE"
#define TYPE_CXL_BUS "CXL"

typedef void (*pci_bus_dev_fn)(PCIBus *b, PCIDevice *d, void *opaque);
typedef void (*pci_bus_fn)(PCIBus *b, void *opaque);
typedef void *(*pci_bus_ret_fn)(PCIBus *b, void *opaque);

/* ---- BARs ---- */

/*
 * memory becomes BAR region_num (PCI_ROM_SLOT: the ROM). Its size must be a
 * power of two; type holds PCI_BASE_ADDRESS_* bits. The region stays its owner's.
 */
void pci_register_bar(PCIDevice *pci_dev, int region_num, uint8_t type, MemoryRegion *memory);
/* Legacy VGA windows cannot be served over vfio-user: logged, and nothing is mapped. */
void pci_register_vga(PCIDevice *pci_dev, MemoryRegion *mem, MemoryRegion *io_lo,
                      MemoryRegion *io_hi);
void pci_unregister_vga(PCIDevice *pci_dev);
/* Where the client has put the BAR, PCI_BAR_UNMAPPED while it is not decoded. */
pcibus_t pci_get_bar_addr(PCIDevice *pci_dev, int region_num);
/* Offset of the BAR's register in config space. */
int pci_bar(PCIDevice *d, int reg);
/* Brings the decoded addresses in line with config space, after a model changed it itself. */
void pci_update_mappings(PCIDevice *d);

/* ---- capabilities ---- */

/*
 * Puts a capability of size bytes at offset (0: choose) and links it. Returns
 * the offset, or -EINVAL with errp when it overlaps another one or does not fit.
 * The contents start as zero and read-only: set wmask for what may be written.
 */
int pci_add_capability(PCIDevice *pdev, uint8_t cap_id, uint8_t offset, uint8_t size,
                       Error **errp);
void pci_del_capability(PCIDevice *pci_dev, uint8_t cap_id, uint8_t cap_size);
/* Offset of the first capability with this id, 0 when absent. */
uint8_t pci_find_capability(PCIDevice *pci_dev, uint8_t cap_id);
/* Power management 1.2 with D0 and D3hot; offset 0 chooses. Offset or -errno. */
int pci_pm_init(PCIDevice *pci_dev, uint8_t offset, Error **errp);

/* ---- configuration space ---- */

/* len is 1, 2 or 4; out-of-range addresses read as zero bytes and ignore writes. */
uint32_t pci_default_read_config(PCIDevice *d, uint32_t address, int len);
void pci_default_write_config(PCIDevice *d, uint32_t address, uint32_t val, int len);
void pci_device_save(PCIDevice *s, QEMUFile *f);
int pci_device_load(PCIDevice *s, QEMUFile *f);

/* ---- address spaces ---- */

MemoryRegion *pci_address_space(PCIDevice *dev);
MemoryRegion *pci_address_space_io(PCIDevice *dev);
/* What the function's DMA goes through; gated by the bus-master bit. */
AddressSpace *pci_device_iommu_address_space(PCIDevice *dev);

typedef struct PCIIOMMUOps {
    AddressSpace *(*get_address_space)(PCIBus *bus, void *opaque, int devfn);
} PCIIOMMUOps;
/*
 * Refused with a message: a space chosen by bus and devfn is what isolation by
 * device object replaces. An IOMMU is a hop between a function and its client
 * memory: see pci_device_set_dma_region().
 */
void pci_setup_iommu(PCIBus *bus, const PCIIOMMUOps *ops, void *opaque);

/* ---- buses ---- */

bool pci_bus_is_express(const PCIBus *bus);
void pci_root_bus_init(PCIBus *bus, size_t bus_size, DeviceState *parent, const char *name,
                       MemoryRegion *mem, MemoryRegion *io, uint8_t devfn_min,
                       const char *typename);
PCIBus *pci_root_bus_new(DeviceState *parent, const char *name, MemoryRegion *mem,
                         MemoryRegion *io, uint8_t devfn_min, const char *typename);
void pci_root_bus_cleanup(PCIBus *bus);
/*
 * Root bus of an isolation domain (hw/pci/pci-isolated.c): brings its own
 * memory and I/O space. Owned by parent; free with pci_isolated_root_free().
 */
PCIBus *pci_isolated_root_new(DeviceState *parent, const char *name, bool express);
void pci_isolated_root_free(PCIBus *bus);
/* The spaces in which the BARs of dev are decoded; NULL on a root that was not made isolated. */
AddressSpace *pci_isol_as_mem(PCIDevice *dev);
AddressSpace *pci_isol_as_io(PCIDevice *dev);

void pci_bus_irqs(PCIBus *bus, pci_set_irq_fn set_irq, void *irq_opaque, int nirq);
void pci_bus_map_irqs(PCIBus *bus, pci_map_irq_fn map_irq);
void pci_bus_irqs_cleanup(PCIBus *bus);
int pci_bus_get_irq_level(PCIBus *bus, int irq_num);
int pci_swizzle_map_irq_fn(PCIDevice *pci_dev, int pin);

void pci_device_reset(PCIDevice *dev);
void pci_bus_reset(PCIBus *bus);

int pci_bus_num(PCIBus *s);
void pci_bus_range(PCIBus *bus, int *min_bus, int *max_bus);
int pci_dev_bus_num(const PCIDevice *dev);
int pci_bus_numa_node(PCIBus *bus);
PCIBus *pci_get_bus(const PCIDevice *dev);
PCIBus *pci_device_root_bus(const PCIDevice *d);
bool pci_bus_is_root(const PCIBus *bus);
bool pci_bus_bypass_iommu(PCIBus *bus);
const char *pci_root_bus_path(PCIDevice *dev);
PCIDevice *pci_find_device(PCIBus *bus, int bus_num, uint8_t devfn);
PCIBus *pci_find_bus_nr(PCIBus *bus, int bus_num);
void pci_for_each_device(PCIBus *bus, int bus_num, pci_bus_dev_fn fn, void *opaque);
void pci_for_each_device_reverse(PCIBus *bus, int bus_num, pci_bus_dev_fn fn, void *opaque);
void pci_for_each_device_under_bus(PCIBus *bus, pci_bus_dev_fn fn, void *opaque);
void pci_for_each_device_under_bus_reverse(PCIBus *bus, pci_bus_dev_fn fn, void *opaque);
void pci_for_each_bus_depth_first(PCIBus *bus, pci_bus_ret_fn begin, pci_bus_fn end,
                                  void *parent_state);
PCIDevice *pci_get_function_0(PCIDevice *pci_dev);
int pci_qdev_find_device(const char *id, PCIDevice **pdev);

bool pci_is_vf(const PCIDevice *dev);
uint16_t pci_requester_id(PCIDevice *dev);
void pci_set_power(PCIDevice *pci_dev, bool state);

/* ---- making devices ---- */

/* devfn -1 chooses. pci_create_simple() aborts on failure: for code that owns the bus. */
PCIDevice *pci_new(int devfn, const char *name);
PCIDevice *pci_new_multifunction(int devfn, const char *name);
PCIDevice *pci_create_simple(PCIBus *bus, int devfn, const char *name);
PCIDevice *pci_create_simple_multifunction(PCIBus *bus, int devfn, const char *name);
bool pci_realize_and_unref(PCIDevice *dev, PCIBus *bus, Error **errp);

/* ---- the interrupt pin ---- */

qemu_irq pci_allocate_irq(PCIDevice *pci_dev);
/* Level of the function's pin. A function whose config names no pin: logged, ignored. */
void pci_set_irq(PCIDevice *pci_dev, int level);
int pci_intx(PCIDevice *pci_dev);
void pci_irq_handler(void *opaque, int irq_num, int level);
/* Recompute what leaves the function after the INTx disable bit changed. */
void pci_device_deassert_intx(PCIDevice *dev);
PCIINTxRoute pci_device_route_intx_to_irq(PCIDevice *dev, int pin);

static inline void pci_irq_assert(PCIDevice *pci_dev)
{
    pci_set_irq(pci_dev, 1);
}

static inline void pci_irq_deassert(PCIDevice *pci_dev)
{
    pci_set_irq(pci_dev, 0);
}

/* ---- typed access to config bytes: little-endian, any alignment ---- */

static inline void pci_set_byte(uint8_t *config, uint8_t val)
{
    config[0] = val;
}

static inline uint8_t pci_get_byte(const uint8_t *config)
{
    return config[0];
}

static inline void pci_set_word(uint8_t *config, uint16_t val)
{
    stw_le_p(config, val);
}

static inline uint16_t pci_get_word(const uint8_t *config)
{
    return lduw_le_p(config);
}

static inline void pci_set_long(uint8_t *config, uint32_t val)
{
    stl_le_p(config, val);
}

static inline uint32_t pci_get_long(const uint8_t *config)
{
    return (uint32_t)ldl_le_p(config);
}

static inline void pci_set_quad(uint8_t *config, uint64_t val)
{
    stq_le_p(config, val);
}

static inline uint64_t pci_get_quad(const uint8_t *config)
{
    return ldq_le_p(config);
}

static inline void pci_config_set_vendor_id(uint8_t *pci_config, uint16_t val)
{
    pci_set_word(pci_config + PCI_VENDOR_ID, val);
}

static inline void pci_config_set_device_id(uint8_t *pci_config, uint16_t val)
{
    pci_set_word(pci_config + PCI_DEVICE_ID, val);
}

static inline void pci_config_set_revision(uint8_t *pci_config, uint8_t val)
{
    pci_set_byte(pci_config + PCI_REVISION_ID, val);
}

static inline void pci_config_set_class(uint8_t *pci_config, uint16_t val)
{
    pci_set_word(pci_config + PCI_CLASS_DEVICE, val);
}

static inline void pci_config_set_prog_interface(uint8_t *pci_config, uint8_t val)
{
    pci_set_byte(pci_config + PCI_CLASS_PROG, val);
}

static inline void pci_config_set_interrupt_pin(uint8_t *pci_config, uint8_t val)
{
    pci_set_byte(pci_config + PCI_INTERRUPT_PIN, val);
}

/*
 * For each width: clear or set the bits of mask and return those that were set
 * before; read or replace the field that mask selects, its lowest bit being
 * the field's bit 0.
 */
#define PCI_CONFIG_BIT_HELPERS(width, type, op_get, op_set)                                       \
    static inline type pci_##width##_test_and_clear_mask(uint8_t *config, type mask)              \
    {                                                                                             \
        type old = op_get(config);                                                                \
        op_set(config, old & (type)~mask);                                                        \
        return old & mask;                                                                        \
    }                                                                                             \
    static inline type pci_##width##_test_and_set_mask(uint8_t *config, type mask)                \
    {                                                                                             \
        type old = op_get(config);                                                                \
        op_set(config, old | mask);                                                               \
        return old & mask;                                                                        \
    }                                                                                             \
    static inline type pci_get_##width##_by_mask(uint8_t *config, type mask)                      \
    {                                                                                             \
        return (op_get(config) & mask) >> ctz64(mask);                                            \
    }                                                                                             \
    static inline void pci_set_##width##_by_mask(uint8_t *config, type mask, type reg)            \
    {                                                                                             \
        type field = ((uint64_t)reg << ctz64(mask)) & mask;                                       \
        op_set(config, (op_get(config) & (type)~mask) | field);                                   \
    }
PCI_CONFIG_BIT_HELPERS(byte, uint8_t, pci_get_byte, pci_set_byte)
PCI_CONFIG_BIT_HELPERS(word, uint16_t, pci_get_word, pci_set_word)
PCI_CONFIG_BIT_HELPERS(long, uint32_t, pci_get_long, pci_set_long)
PCI_CONFIG_BIT_HELPERS(quad, uint64_t, pci_get_quad, pci_set_quad)
#undef PCI_CONFIG_BIT_HELPERS


extern const VMStateDescription vmstate_pci_device;

/* For users of migration/vmstate.h, which this header leaves to them. */
#define VMSTATE_PCI_DEVICE(_field, _state)                                                        \
    VMSTATE_STRUCT(_field, _state, 0, vmstate_pci_device, PCIDevice)
#define VMSTATE_PCI_DEVICE_POINTER(_field, _state)                                                \
    VMSTATE_STRUCT_POINTER(_field, _state, vmstate_pci_device, PCIDevice)

#endif
