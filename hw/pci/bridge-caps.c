/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capabilities that only bridges have: subsystem ids, slot numbering, and a
 * vendor capability with hints for firmware about what to reserve behind them.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/slotid_cap.h"

#define SSVID_SIZE 8
#define SLOTID_SIZE 4

int pci_bridge_ssvid_init(PCIDevice *dev, uint8_t offset, uint16_t svid, uint16_t ssid,
                          Error **errp)
{
    int at = pci_add_capability(dev, PCI_CAP_ID_SSVID, offset, SSVID_SIZE, errp);

    if (at < 0) {
        return at;
    }
    pci_set_word(dev->config + at + PCI_SSVID_VENDOR_ID, svid);
    pci_set_word(dev->config + at + PCI_SSVID_DEVICE_ID, ssid);
    return at;
}

int slotid_cap_init(PCIDevice *dev, int nslots, uint8_t chassis, unsigned offset, Error **errp)
{
    int at;

    if (!chassis || nslots < 0 || nslots > PCI_SID_ESR_NSLOTS) {
        error_setg(errp, "%s: chassis_nr must not be 0, and a chassis has at most %d slots",
                   dev->name, PCI_SID_ESR_NSLOTS);
        return -EINVAL;
    }
    at = pci_add_capability(dev, PCI_CAP_ID_SLOTID, offset, SLOTID_SIZE, errp);
    if (at < 0) {
        return at;
    }
    dev->config[at + PCI_SID_ESR] = PCI_SID_ESR_FIC | nslots;
    dev->cmask[at + PCI_SID_ESR] = 0xff;
    dev->config[at + PCI_SID_CHASSIS_NR] = chassis;
    dev->wmask[at + PCI_SID_CHASSIS_NR] = 0xff;
    dev->cap_present |= QEMU_PCI_CAP_SLOTID;
    return 0;
}

void slotid_cap_cleanup(PCIDevice *dev)
{
    if (dev->cap_present & QEMU_PCI_CAP_SLOTID) {
        pci_del_capability(dev, PCI_CAP_ID_SLOTID, SLOTID_SIZE);
        dev->cap_present &= ~QEMU_PCI_CAP_SLOTID;
    }
}

/* Layout of the hint: the vendor's own, published with its firmware. */
enum {
    RESERVE_LEN = 2,
    RESERVE_TYPE = 3,
    RESERVE_BUS = 4,
    RESERVE_IO = 8,
    RESERVE_MEM = 16,
    RESERVE_PREF_32 = 20,
    RESERVE_PREF_64 = 24,
    RESERVE_SIZE = 32,
};

int pci_bridge_qemu_reserve_cap_init(PCIDevice *dev, int cap_offset, PCIResReserve res_reserve,
                                     Error **errp)
{
    uint8_t *c;
    int at;

    if (res_reserve.mem_pref_32 != UINT64_MAX && res_reserve.mem_pref_64 != UINT64_MAX) {
        error_setg(errp, "%s: reserve 32-bit or 64-bit prefetchable memory, not both", dev->name);
        return -EINVAL;
    }
    if (res_reserve.bus == UINT32_MAX && res_reserve.io == UINT64_MAX
        && res_reserve.mem_non_pref == UINT64_MAX && res_reserve.mem_pref_32 == UINT64_MAX
        && res_reserve.mem_pref_64 == UINT64_MAX) {
        return 0;
    }
    at = pci_add_capability(dev, PCI_CAP_ID_VNDR, cap_offset, RESERVE_SIZE, errp);
    if (at < 0) {
        return at;
    }
    c = dev->config + at;
    c[RESERVE_LEN] = RESERVE_SIZE;
    c[RESERVE_TYPE] = REDHAT_PCI_CAP_RESOURCE_RESERVE;
    pci_set_long(c + RESERVE_BUS, res_reserve.bus);
    pci_set_quad(c + RESERVE_IO, res_reserve.io);
    pci_set_long(c + RESERVE_MEM, res_reserve.mem_non_pref);
    pci_set_long(c + RESERVE_PREF_32, res_reserve.mem_pref_32);
    pci_set_quad(c + RESERVE_PREF_64, res_reserve.mem_pref_64);
    return 0;
}
