/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PCI Express side of a function: the Express capability and the extended
 * capabilities above offset 0x100. All functions that add something are for
 * realize; the *_reset and *_write_config ones are called by the model, and
 * run under its domain's lock.
 */
#ifndef HW_PCI_PCIE_H
#define HW_PCI_PCIE_H

#include "hw/pci/pci_regs.h"
#include "hw/pci/pcie_regs.h"
#include "hw/pci/pcie_aer.h"
#include "hw/hotplug.h"

typedef struct PCIDevice PCIDevice;
typedef struct PCIBus PCIBus;

typedef enum {
    PCI_EXP_HP_EV_ABP = PCI_EXP_SLTCTL_ABPE,
    PCI_EXP_HP_EV_PDC = PCI_EXP_SLTCTL_PDCE,
    PCI_EXP_HP_EV_CCI = PCI_EXP_SLTCTL_CCIE,
    PCI_EXP_HP_EV_SUPPORTED = PCI_EXP_HP_EV_ABP | PCI_EXP_HP_EV_PDC | PCI_EXP_HP_EV_CCI,
} PCIExpressHotPlugEvent;

#define COMPAT_PROP_PCP "power_controller_present"

typedef struct PCIExpressDevice {
    uint8_t exp_cap; /* offset of the Express capability, 0: none */
    uint8_t pm_cap;
    bool hpev_notified;
    uint16_t aer_cap;
    PCIEAERLog aer_log;
    unsigned int aer_intx;
    uint16_t ats_cap;
    uint16_t acs_cap;
    uint16_t sriov_cap;
    uint16_t ext_tail; /* private: last extended capability in the chain */
} PCIExpressDevice;

/* The Express capability: offset (0: choose) or -errno. type is PCI_EXP_TYPE_*. */
int pcie_cap_init(PCIDevice *dev, uint8_t offset, uint8_t type, uint8_t port, Error **errp);
int pcie_cap_v1_init(PCIDevice *dev, uint8_t offset, uint8_t type, uint8_t port);
/* As an endpoint on a bus below a port, or as part of the root complex, by where dev sits. */
int pcie_endpoint_cap_init(PCIDevice *dev, uint8_t offset);
int pcie_endpoint_cap_v1_init(PCIDevice *dev, uint8_t offset);
void pcie_cap_exit(PCIDevice *dev);
void pcie_cap_v1_exit(PCIDevice *dev);
uint8_t pcie_cap_get_type(const PCIDevice *dev);
uint8_t pcie_cap_get_version(const PCIDevice *dev);
uint8_t pcie_cap_flags_get_vector(PCIDevice *dev);
void pcie_cap_flags_set_vector(PCIDevice *dev, uint8_t vector);

void pcie_cap_deverr_init(PCIDevice *dev);
void pcie_cap_deverr_reset(PCIDevice *dev);
void pcie_cap_lnkctl_init(PCIDevice *dev);
void pcie_cap_lnkctl_reset(PCIDevice *dev);

/* Slot registers. A client cannot reach a server's ports, so they never signal. */
typedef struct PCIESlot PCIESlot;
void pcie_cap_slot_init(PCIDevice *dev, PCIESlot *s);
void pcie_cap_slot_reset(PCIDevice *dev);
void pcie_cap_slot_get(PCIDevice *dev, uint16_t *slot_ctl, uint16_t *slt_sta);
void pcie_cap_slot_write_config(PCIDevice *dev, uint16_t old_slot_ctl, uint16_t old_slt_sta,
                                uint32_t addr, uint32_t val, int len);
int pcie_cap_slot_post_load(void *opaque, int version_id);
void pcie_cap_slot_push_attention_button(PCIDevice *dev);

void pcie_cap_root_init(PCIDevice *dev);
void pcie_cap_root_reset(PCIDevice *dev);

/*
 * Function level reset. Writing DevCtl bit 15 resets a function that advertises
 * it; pci_default_write_config() does so by itself, the write hook remains for
 * models that call it.
 */
void pcie_cap_flr_init(PCIDevice *dev);
void pcie_cap_flr_write_config(PCIDevice *dev, uint32_t addr, uint32_t val, int len);

void pcie_cap_arifwd_init(PCIDevice *dev);
void pcie_cap_arifwd_reset(PCIDevice *dev);
bool pcie_cap_is_arifwd_enabled(const PCIDevice *dev);

/* Offset of an extended capability, 0 when absent. */
uint16_t pcie_find_capability(PCIDevice *dev, uint16_t cap_id);
/* offset is a multiple of 4 from 0x100 up; the first one must be at 0x100. */
void pcie_add_capability(PCIDevice *dev, uint16_t cap_id, uint8_t cap_ver, uint16_t offset,
                         uint16_t size);
void pcie_sync_bridge_lnk(PCIDevice *dev);

void pcie_acs_init(PCIDevice *dev, uint16_t offset);
void pcie_acs_reset(PCIDevice *dev);
void pcie_ari_init(PCIDevice *dev, uint16_t offset);
void pcie_dev_ser_num_init(PCIDevice *dev, uint16_t offset, uint64_t ser_num);
void pcie_ats_init(PCIDevice *dev, uint16_t offset, bool aligned);

void pcie_cap_slot_pre_plug_cb(HotplugHandler *hotplug_dev, DeviceState *dev, Error **errp);
void pcie_cap_slot_plug_cb(HotplugHandler *hotplug_dev, DeviceState *dev, Error **errp);
void pcie_cap_slot_unplug_cb(HotplugHandler *hotplug_dev, DeviceState *dev, Error **errp);
void pcie_cap_slot_unplug_request_cb(HotplugHandler *hotplug_dev, DeviceState *dev,
                                     Error **errp);

#endif
