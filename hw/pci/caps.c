/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The capability list of the first 256 bytes. New capabilities go to its head.
 * `used` marks bytes that belong to one, so that overlaps are found at realize.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "internal.h"

#define CAPS_MAX ((PCI_CONFIG_SPACE_SIZE - PCI_CONFIG_HEADER_SIZE) / PCI_CAP_SIZEOF)

static uint8_t next_of(const PCIDevice *dev, uint8_t link)
{
    return dev->config[link] & ~3;
}

/* Bounded, because what a capability's next byte holds is the model's business. */
static uint8_t find_cap(const PCIDevice *dev, uint8_t cap_id, uint8_t *link_out)
{
    uint8_t link = PCI_CAPABILITY_LIST;

    if (!(pci_get_word(dev->config + PCI_STATUS) & PCI_STATUS_CAP_LIST)) {
        return 0;
    }
    for (int i = 0; i < CAPS_MAX; i++) {
        uint8_t at = next_of(dev, link);

        if (!at) {
            return 0;
        }
        if (dev->config[at + PCI_CAP_LIST_ID] == cap_id) {
            *link_out = link;
            return at;
        }
        link = at + PCI_CAP_LIST_NEXT;
    }
    return 0;
}

uint8_t pci_find_capability(PCIDevice *pci_dev, uint8_t cap_id)
{
    uint8_t link;

    return find_cap(pci_dev, cap_id, &link);
}

static bool is_free(const PCIDevice *dev, unsigned offset, unsigned size)
{
    if (offset < PCI_CONFIG_HEADER_SIZE || size > PCI_CONFIG_SPACE_SIZE - offset) {
        return false;
    }
    for (unsigned i = 0; i < size; i++) {
        if (dev->used[offset + i]) {
            return false;
        }
    }
    return true;
}

static unsigned find_space(const PCIDevice *dev, unsigned size)
{
    for (unsigned at = PCI_CONFIG_HEADER_SIZE; at < PCI_CONFIG_SPACE_SIZE; at += 4) {
        if (is_free(dev, at, size)) {
            return at;
        }
    }
    return 0;
}

int pci_add_capability(PCIDevice *pdev, uint8_t cap_id, uint8_t offset, uint8_t size,
                       Error **errp)
{
    unsigned at = offset ? offset : find_space(pdev, size);

    if (!at || (at & 3) || !is_free(pdev, at, size)) {
        error_setg(errp, "%s: no room for PCI capability 0x%02x of %u bytes at 0x%02x",
                   pdev->name, cap_id, size, offset);
        return -EINVAL;
    }
    memset(pdev->config + at, 0, size);
    pdev->config[at + PCI_CAP_LIST_ID] = cap_id;
    pdev->config[at + PCI_CAP_LIST_NEXT] = pdev->config[PCI_CAPABILITY_LIST];
    pdev->config[PCI_CAPABILITY_LIST] = at;
    pci_word_test_and_set_mask(pdev->config + PCI_STATUS, PCI_STATUS_CAP_LIST);
    memset(pdev->used + at, 0xff, QEMU_ALIGN_UP(size, 4));
    memset(pdev->wmask + at, 0, size);
    memset(pdev->cmask + at, 0xff, size);
    return at;
}

void pci_del_capability(PCIDevice *pci_dev, uint8_t cap_id, uint8_t cap_size)
{
    uint8_t link;
    uint8_t at = find_cap(pci_dev, cap_id, &link);

    if (!at) {
        return;
    }
    pci_dev->config[link] = pci_dev->config[at + PCI_CAP_LIST_NEXT];
    memset(pci_dev->config + at, 0, cap_size);
    memset(pci_dev->wmask + at, 0xff, cap_size);
    memset(pci_dev->w1cmask + at, 0, cap_size);
    memset(pci_dev->cmask + at, 0, cap_size);
    memset(pci_dev->used + at, 0, QEMU_ALIGN_UP(cap_size, 4));
    if (!pci_dev->config[PCI_CAPABILITY_LIST]) {
        pci_word_test_and_clear_mask(pci_dev->config + PCI_STATUS, PCI_STATUS_CAP_LIST);
    }
}

int pci_pm_init(PCIDevice *pci_dev, uint8_t offset, Error **errp)
{
    int at = pci_add_capability(pci_dev, PCI_CAP_ID_PM, offset, PCI_PM_SIZEOF, errp);

    if (at < 0) {
        return at;
    }
    pci_dev->exp.pm_cap = at;
    pci_dev->cap_present |= QEMU_PCI_CAP_PM;
    pci_set_word(pci_dev->config + at + PCI_PM_PMC, 3); /* version of the 1.2 specification */
    pci_set_word(pci_dev->config + at + PCI_PM_CTRL, PCI_PM_CTRL_NO_SOFT_RESET);
    pci_set_word(pci_dev->wmask + at + PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK);
    return at;
}
