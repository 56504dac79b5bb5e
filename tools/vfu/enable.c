/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See enable.h. PCI 3.0, sections 6.2.2 (COMMAND) and 6.8 (MSI, MSI-X). */
#include "qemu/osdep.h"
#include "enable.h"

enum {
    CONFIG_COMMAND = 0x04, CONFIG_STATUS = 0x06, CONFIG_CAPS = 0x34,
    COMMAND_ALL = 7, COMMAND_INTX_OFF = 1 << 10, STATUS_CAPS = 0x10,
    CAP_MSI = 0x05, CAP_MSIX = 0x11,
    MSI_ENABLE = 1, MSIX_ENABLE = 0x8000, MSIX_MASK = 0x4000,
};

static int change(VfuClient *c, unsigned at, uint16_t clear, uint16_t set)
{
    uint16_t value;
    int ret = vfu_client_read(c, VFU_REGION_CONFIG, at, &value, sizeof(value));

    if (ret) {
        return ret;
    }
    value = (GUINT16_FROM_LE(value) & ~clear) | set;
    return vfu_client_writen(c, VFU_REGION_CONFIG, at, sizeof(value), value);
}

unsigned find_capability(VfuClient *c, uint8_t id)
{
    unsigned at = vfu_client_readn(c, VFU_REGION_CONFIG, CONFIG_CAPS, 1);

    if (!(vfu_client_readn(c, VFU_REGION_CONFIG, CONFIG_STATUS, 2) & STATUS_CAPS)) {
        return 0;
    }
    /* No chain without a loop is longer than 48. */
    for (unsigned n = 0; at >= 0x40 && at < 0xff && n < 48; n++) {
        uint16_t head = vfu_client_readn(c, VFU_REGION_CONFIG, at, 2);

        if ((head & 0xff) == id) {
            return at;
        }
        at = head >> 8;
    }
    return 0;
}

int enable_device(VfuClient *c)
{
    return change(c, CONFIG_COMMAND, 0, COMMAND_ALL);
}

int enable_irq(VfuClient *c, uint32_t index)
{
    unsigned msi = find_capability(c, CAP_MSI), msix = find_capability(c, CAP_MSIX);
    bool intx = index == VFU_IRQ_INTX;
    int ret = change(c, CONFIG_COMMAND, COMMAND_INTX_OFF, intx ? 0 : COMMAND_INTX_OFF);

    if (ret == 0 && msi) {
        ret = change(c, msi + 2, MSI_ENABLE, index == VFU_IRQ_MSI ? MSI_ENABLE : 0);
    }
    if (ret == 0 && msix) {
        ret = change(c, msix + 2, MSIX_ENABLE | MSIX_MASK,
                     index == VFU_IRQ_MSIX ? MSIX_ENABLE : 0);
    }
    return ret;
}
