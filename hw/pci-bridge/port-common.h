/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps that root, upstream and downstream ports share when they are realized. */
#ifndef HW_PCI_BRIDGE_PORT_COMMON_H
#define HW_PCI_BRIDGE_PORT_COMMON_H

#include "hw/pci/pcie_port.h"

typedef struct PortLayout {
    uint8_t exp_type; /* PCI_EXP_TYPE_* */
    uint8_t ssvid_offset;
    uint8_t exp_offset;
    uint16_t aer_offset;
    uint16_t acs_offset; /* 0: none */
    uint16_t svid;
    uint16_t ssid;
} PortLayout;

/* Everything up to and including the slot; false leaves nothing behind. */
bool port_realize(PCIDevice *d, const PortLayout *layout, Error **errp);
void port_unrealize(PCIDevice *d);
void port_reset(DeviceState *qdev);
void port_write_config(PCIDevice *d, uint32_t address, uint32_t val, int len);

extern const VMStateDescription vmstate_port;

#endif
