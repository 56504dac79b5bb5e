/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MSI capability, and vectors that wait. See hw/pci/msi.h for when one does.
 *
 *   offset  2 control   4 address   8 (high half)   then data, mask, pending
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/host-utils.h"
#include "qemu/log.h"
#include "hw/pci/msi.h"
#include "internal.h"
#include "trace.h"

bool msi_nonbroken = true;

#define MSI_VECTORS_MAX 32

typedef struct MSILayout {
    uint8_t data;
    uint8_t mask;
    uint8_t pending;
    uint8_t size;
} MSILayout;

static MSILayout layout(uint16_t flags)
{
    bool wide = flags & PCI_MSI_FLAGS_64BIT;
    bool maskable = flags & PCI_MSI_FLAGS_MASKBIT;
    MSILayout l = {
        .data = wide ? PCI_MSI_DATA_64 : PCI_MSI_DATA_32,
        .mask = wide ? PCI_MSI_MASK_64 : PCI_MSI_MASK_32,
        .pending = wide ? PCI_MSI_PENDING_64 : PCI_MSI_PENDING_32,
    };

    l.size = maskable ? l.pending + 4 : l.data + 2;
    return l;
}

static uint8_t *cap(const PCIDevice *dev)
{
    return dev->config + dev->msi_cap;
}

static uint16_t flags_of(const PCIDevice *dev)
{
    return pci_get_word(cap(dev) + PCI_MSI_FLAGS);
}

static bool maskable(const PCIDevice *dev)
{
    return flags_of(dev) & PCI_MSI_FLAGS_MASKBIT;
}

static unsigned vectors_capable(const PCIDevice *dev)
{
    return 1u << ((flags_of(dev) & PCI_MSI_FLAGS_QMASK) >> ctz32(PCI_MSI_FLAGS_QMASK));
}

static uint32_t vector_bits(unsigned vectors)
{
    return UINT32_MAX >> (MSI_VECTORS_MAX - vectors);
}

static void init_masks(PCIDevice *dev, MSILayout l, uint16_t flags, unsigned nr_vectors)
{
    uint8_t *wmask = dev->wmask + dev->msi_cap;

    pci_set_word(wmask + PCI_MSI_FLAGS, PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE);
    pci_set_long(wmask + PCI_MSI_ADDRESS_LO, 0xfffffffc);
    if (flags & PCI_MSI_FLAGS_64BIT) {
        pci_set_long(wmask + PCI_MSI_ADDRESS_HI, UINT32_MAX);
    }
    pci_set_word(wmask + l.data, UINT16_MAX);
    if (flags & PCI_MSI_FLAGS_MASKBIT) {
        pci_set_long(wmask + l.mask, vector_bits(nr_vectors));
        pci_set_long(dev->cmask + dev->msi_cap + l.pending, 0); /* ours to change */
    }
}

int msi_init(PCIDevice *dev, uint8_t offset, unsigned int nr_vectors, bool msi64bit,
             bool msi_per_vector_mask, Error **errp)
{
    uint16_t flags = (msi64bit ? PCI_MSI_FLAGS_64BIT : 0)
                     | (msi_per_vector_mask ? PCI_MSI_FLAGS_MASKBIT : 0);
    MSILayout l = layout(flags);
    int at;

    g_assert(nr_vectors && nr_vectors <= MSI_VECTORS_MAX && is_power_of_2(nr_vectors));
    at = pci_add_capability(dev, PCI_CAP_ID_MSI, offset, l.size, errp);
    if (at < 0) {
        return at;
    }
    dev->msi_cap = at;
    dev->msi_pending = 0;
    dev->cap_present |= QEMU_PCI_CAP_MSI;
    pci_set_word(cap(dev) + PCI_MSI_FLAGS, flags | ctz32(nr_vectors) << 1);
    init_masks(dev, l, flags, nr_vectors);
    return 0;
}

void msi_uninit(PCIDevice *dev)
{
    if (!msi_present(dev)) {
        return;
    }
    pci_del_capability(dev, PCI_CAP_ID_MSI, layout(flags_of(dev)).size);
    dev->cap_present &= ~QEMU_PCI_CAP_MSI;
    dev->msi_cap = 0;
    dev->msi_pending = 0;
}

bool msi_enabled(const PCIDevice *dev)
{
    return msi_present(dev) && (flags_of(dev) & PCI_MSI_FLAGS_ENABLE);
}

/* What the client asked for, but not more than there is. */
unsigned int msi_nr_vectors_allocated(const PCIDevice *dev)
{
    unsigned log = (flags_of(dev) & PCI_MSI_FLAGS_QSIZE) >> ctz32(PCI_MSI_FLAGS_QSIZE);

    return MIN(1u << log, vectors_capable(dev));
}

bool msi_is_masked(const PCIDevice *dev, unsigned int vector)
{
    if (!maskable(dev) || vector >= MSI_VECTORS_MAX) {
        return false;
    }
    return pci_get_long(cap(dev) + layout(flags_of(dev)).mask) & (1u << vector);
}

static void set_pending(PCIDevice *dev, unsigned vector, bool pending)
{
    uint32_t bit = 1u << vector;

    dev->msi_pending = pending ? dev->msi_pending | bit : dev->msi_pending & ~bit;
    if (maskable(dev)) {
        pci_set_long(cap(dev) + layout(flags_of(dev)).pending, dev->msi_pending);
    }
}

static bool deliver(PCIDevice *dev, unsigned vector)
{
    bool sent = !msi_is_masked(dev, vector) && dev->sink && dev->sink->msi
                && dev->sink->msi(dev->sink_opaque, vector);

    trace_pci_vector(dev->name, dev->devfn, "MSI", vector, sent);
    return sent;
}

void msi_notify(PCIDevice *dev, unsigned int vector)
{
    if (!msi_present(dev) || vector >= vectors_capable(dev)) {
        qemu_log_mask_ratelimited(LOG_GUEST_ERROR, "%s: MSI vector %u does not exist\n",
                                  dev->name, vector);
        return;
    }
    set_pending(dev, vector, !deliver(dev, vector));
}

void msi_retry_pending(PCIDevice *dev)
{
    uint32_t waiting = msi_present(dev) ? dev->msi_pending : 0;

    while (waiting) {
        unsigned vector = ctz32(waiting);

        waiting &= waiting - 1;
        if (deliver(dev, vector)) {
            set_pending(dev, vector, false);
        }
    }
}

void msi_post_load(PCIDevice *dev)
{
    dev->msi_pending &= msi_present(dev) ? vector_bits(vectors_capable(dev)) : 0;
}

static void drop_pending(PCIDevice *dev)
{
    dev->msi_pending = 0;
    if (maskable(dev)) {
        pci_set_long(cap(dev) + layout(flags_of(dev)).pending, 0);
    }
}

void msi_reset(PCIDevice *dev)
{
    MSILayout l;

    if (!msi_present(dev)) {
        return;
    }
    l = layout(flags_of(dev));
    pci_word_test_and_clear_mask(cap(dev) + PCI_MSI_FLAGS,
                                 PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE);
    pci_set_long(cap(dev) + PCI_MSI_ADDRESS_LO, 0);
    if (flags_of(dev) & PCI_MSI_FLAGS_64BIT) {
        pci_set_long(cap(dev) + PCI_MSI_ADDRESS_HI, 0);
    }
    pci_set_word(cap(dev) + l.data, 0);
    if (maskable(dev)) {
        pci_set_long(cap(dev) + l.mask, 0);
    }
    drop_pending(dev);
}

/* After the bytes have changed: what was held back may go now, or has become void. */
void msi_write_config(PCIDevice *dev, uint32_t addr, uint32_t val, int len)
{
    MSILayout l;

    if (!msi_present(dev)) {
        return;
    }
    l = layout(flags_of(dev));
    if (!pci_touches(addr, len, dev->msi_cap, l.size)) {
        return;
    }
    if (pci_touches(addr, len, dev->msi_cap + PCI_MSI_FLAGS, 2) && !msi_enabled(dev)) {
        drop_pending(dev);
        return;
    }
    msi_retry_pending(dev);
}

void msi_set_mask(PCIDevice *dev, int vector, bool mask, Error **errp)
{
    uint8_t *reg;

    if (!msi_present(dev) || !maskable(dev) || vector < 0
        || vector >= (int)vectors_capable(dev)) {
        error_setg(errp, "%s: MSI vector %d cannot be masked", dev->name, vector);
        return;
    }
    reg = cap(dev) + layout(flags_of(dev)).mask;
    if (mask) {
        pci_long_test_and_set_mask(reg, 1u << vector);
    } else {
        pci_long_test_and_clear_mask(reg, 1u << vector);
        msi_retry_pending(dev);
    }
}

MSIMessage msi_get_message(PCIDevice *dev, unsigned int vector)
{
    uint16_t flags = flags_of(dev);
    unsigned nr = msi_nr_vectors_allocated(dev);
    MSIMessage msg = {
        .address = flags & PCI_MSI_FLAGS_64BIT ? pci_get_quad(cap(dev) + PCI_MSI_ADDRESS_LO)
                                               : pci_get_long(cap(dev) + PCI_MSI_ADDRESS_LO),
        .data = pci_get_word(cap(dev) + layout(flags).data),
    };

    msg.data = (msg.data & ~(nr - 1)) | (vector & (nr - 1));
    return msg;
}

void msi_set_message(PCIDevice *dev, MSIMessage msg)
{
    uint16_t flags = flags_of(dev);

    if (flags & PCI_MSI_FLAGS_64BIT) {
        pci_set_quad(cap(dev) + PCI_MSI_ADDRESS_LO, msg.address);
    } else {
        pci_set_long(cap(dev) + PCI_MSI_ADDRESS_LO, msg.address);
    }
    pci_set_word(cap(dev) + layout(flags).data, msg.data);
}

/*
 * A message is a write to the client's interrupt controller, which the client
 * makes for us when a vector fires: what the message names is a vector.
 */
void msi_send_message(PCIDevice *dev, MSIMessage msg)
{
    msi_notify(dev, msg.data & (msi_nr_vectors_allocated(dev) - 1));
}

void msi_set_enabled(PCIDevice *dev)
{
    pci_word_test_and_set_mask(cap(dev) + PCI_MSI_FLAGS, PCI_MSI_FLAGS_ENABLE);
}
