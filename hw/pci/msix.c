/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MSI-X: capability, table, pending bits, and when a vector may leave. The
 * rule about masks is in hw/pci/msix.h.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/bitmap.h"
#include "qemu/host-utils.h"
#include "hw/pci/msix.h"
#include "internal.h"
#include "msix-internal.h"
#include "trace.h"

static uint16_t control(const PCIDevice *dev)
{
    return pci_get_word(dev->config + dev->msix_cap + PCI_MSIX_FLAGS);
}

static bool valid_vector(const PCIDevice *dev, unsigned vector)
{
    return vector < (unsigned)dev->msix_entries_nr;
}

static uint8_t *entry(PCIDevice *dev, unsigned vector)
{
    return dev->msix_table + vector * PCI_MSIX_ENTRY_SIZE;
}

int msix_present(PCIDevice *dev)
{
    return dev->cap_present & QEMU_PCI_CAP_MSIX;
}

int msix_enabled(PCIDevice *dev)
{
    return msix_present(dev) && (control(dev) & PCI_MSIX_FLAGS_ENABLE);
}

unsigned int msix_nr_vectors_allocated(const PCIDevice *dev)
{
    return dev->msix_entries_nr;
}

static bool entry_masked(PCIDevice *dev, unsigned vector)
{
    uint32_t ctrl = pci_get_long(entry(dev, vector) + PCI_MSIX_ENTRY_VECTOR_CTRL);

    return test_bit(vector, dev->msix_ctrl_seen) && (ctrl & PCI_MSIX_ENTRY_CTRL_MASKBIT);
}

bool msix_is_masked(PCIDevice *dev, unsigned vector)
{
    return !valid_vector(dev, vector) || dev->msix_function_masked || entry_masked(dev, vector);
}

/* ---- pending bits ---- */

int msix_is_pending(PCIDevice *dev, unsigned vector)
{
    return valid_vector(dev, vector) && (dev->msix_pba[vector / 8] & (1 << vector % 8));
}

void msix_set_pending(PCIDevice *dev, unsigned vector)
{
    if (valid_vector(dev, vector)) {
        dev->msix_pba[vector / 8] |= 1 << vector % 8;
    }
}

void msix_clr_pending(PCIDevice *dev, int vector)
{
    if (vector >= 0 && valid_vector(dev, vector)) {
        dev->msix_pba[vector / 8] &= ~(1 << vector % 8);
    }
}

static bool deliver(PCIDevice *dev, unsigned vector)
{
    bool sent = !msix_is_masked(dev, vector) && dev->sink && dev->sink->msix
                && dev->sink->msix(dev->sink_opaque, vector);

    trace_pci_vector(dev->name, dev->devfn, "MSI-X", vector, sent);
    return sent;
}

void msix_notify(PCIDevice *dev, unsigned vector)
{
    if (!msix_present(dev) || !valid_vector(dev, vector) || !dev->msix_entry_used[vector]) {
        return;
    }
    if (deliver(dev, vector)) {
        msix_clr_pending(dev, vector);
    } else {
        msix_set_pending(dev, vector);
    }
}

static void retry(PCIDevice *dev, unsigned vector)
{
    if (msix_is_pending(dev, vector) && deliver(dev, vector)) {
        msix_clr_pending(dev, vector);
    }
}

void msix_retry_pending(PCIDevice *dev)
{
    if (!msix_present(dev) || dev->msix_function_masked) {
        return;
    }
    for (int v = 0; v < dev->msix_entries_nr; v++) {
        retry(dev, v);
    }
}

/* ---- vector notifiers: told when a vector becomes usable by the table, and when it ceases ---- */

static bool usable(PCIDevice *dev, unsigned vector)
{
    return msix_enabled(dev) && !msix_is_masked(dev, vector);
}

static int sync_notifier(PCIDevice *dev, unsigned vector)
{
    bool now = dev->msix_vector_use_notifier && usable(dev, vector);
    int ret = 0;

    if (now == !!test_bit(vector, dev->msix_notified)) {
        return 0;
    }
    if (now) {
        ret = dev->msix_vector_use_notifier(dev, vector, msix_get_message(dev, vector));
        if (ret < 0) {
            return ret;
        }
        set_bit(vector, dev->msix_notified);
    } else {
        clear_bit(vector, dev->msix_notified);
        if (dev->msix_vector_release_notifier) {
            dev->msix_vector_release_notifier(dev, vector);
        }
    }
    return 0;
}

static int sync_all_notifiers(PCIDevice *dev)
{
    for (int v = 0; v < dev->msix_entries_nr; v++) {
        int ret = sync_notifier(dev, v);

        if (ret < 0) {
            return ret;
        }
    }
    return 0;
}

void msix_unset_vector_notifiers(PCIDevice *dev)
{
    dev->msix_vector_use_notifier = NULL;
    if (msix_present(dev)) {
        sync_all_notifiers(dev); /* nothing is usable without one: releases all */
    }
    dev->msix_vector_release_notifier = NULL;
    dev->msix_vector_poll_notifier = NULL;
}

int msix_set_vector_notifiers(PCIDevice *dev, MSIVectorUseNotifier use_notifier,
                              MSIVectorReleaseNotifier release_notifier,
                              MSIVectorPollNotifier poll_notifier)
{
    int ret;

    g_assert(use_notifier && release_notifier);
    dev->msix_vector_use_notifier = use_notifier;
    dev->msix_vector_release_notifier = release_notifier;
    dev->msix_vector_poll_notifier = poll_notifier;
    ret = sync_all_notifiers(dev);
    if (ret < 0) {
        msix_unset_vector_notifiers(dev);
        return ret;
    }
    if (poll_notifier && msix_enabled(dev) && !dev->msix_function_masked) {
        poll_notifier(dev, 0, dev->msix_entries_nr);
    }
    return 0;
}

/* The table changed under this vector: its message too, so a user hears release and use. */
void msix_entry_changed(PCIDevice *dev, unsigned vector)
{
    sync_notifier(dev, vector);
    retry(dev, vector);
}

void msix_write_config(PCIDevice *dev, uint32_t address, uint32_t val, int len)
{
    if (!msix_present(dev)
        || !pci_touches(address, len, dev->msix_cap + PCI_MSIX_FLAGS, 2)) {
        return;
    }
    msix_control_changed(dev);
    msix_retry_pending(dev);
}

void msix_control_changed(PCIDevice *dev)
{
    dev->msix_function_masked = control(dev) & PCI_MSIX_FLAGS_MASKALL;
    sync_all_notifiers(dev);
}

void msix_set_mask(PCIDevice *dev, int vector, bool mask)
{
    uint8_t *ctrl;

    g_assert(vector >= 0 && valid_vector(dev, vector));
    ctrl = entry(dev, vector) + PCI_MSIX_ENTRY_VECTOR_CTRL;
    if (mask) {
        pci_long_test_and_set_mask(ctrl, PCI_MSIX_ENTRY_CTRL_MASKBIT);
    } else {
        pci_long_test_and_clear_mask(ctrl, PCI_MSIX_ENTRY_CTRL_MASKBIT);
    }
    set_bit(vector, dev->msix_ctrl_seen);
    msix_entry_changed(dev, vector);
}

MSIMessage msix_get_message(PCIDevice *dev, unsigned int vector)
{
    uint8_t *e = entry(dev, vector);

    return (MSIMessage) {
        .address = pci_get_quad(e + PCI_MSIX_ENTRY_LOWER_ADDR),
        .data = pci_get_long(e + PCI_MSIX_ENTRY_DATA),
    };
}

void msix_set_message(PCIDevice *dev, int vector, MSIMessage msg)
{
    uint8_t *e = entry(dev, vector);

    pci_set_quad(e + PCI_MSIX_ENTRY_LOWER_ADDR, msg.address);
    pci_set_long(e + PCI_MSIX_ENTRY_DATA, msg.data);
    pci_long_test_and_clear_mask(e + PCI_MSIX_ENTRY_VECTOR_CTRL, PCI_MSIX_ENTRY_CTRL_MASKBIT);
    set_bit(vector, dev->msix_ctrl_seen);
    msix_entry_changed(dev, vector);
}

/* ---- use counts ---- */

void msix_vector_use(PCIDevice *dev, unsigned vector)
{
    if (valid_vector(dev, vector)) {
        dev->msix_entry_used[vector]++;
    }
}

void msix_vector_unuse(PCIDevice *dev, unsigned vector)
{
    if (!valid_vector(dev, vector) || !dev->msix_entry_used[vector]) {
        return;
    }
    if (!--dev->msix_entry_used[vector]) {
        msix_clr_pending(dev, vector);
    }
}

void msix_unuse_all_vectors(PCIDevice *dev)
{
    if (!msix_present(dev)) {
        return;
    }
    for (int v = 0; v < dev->msix_entries_nr; v++) {
        dev->msix_entry_used[v] = 0;
        msix_clr_pending(dev, v);
    }
}

/* Power-on: all masked in the table, which counts from the first write on. */
void msix_reset(PCIDevice *dev)
{
    if (!msix_present(dev)) {
        return;
    }
    pci_word_test_and_clear_mask(dev->config + dev->msix_cap + PCI_MSIX_FLAGS,
                                 PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
    memset(dev->msix_table, 0, dev->msix_entries_nr * PCI_MSIX_ENTRY_SIZE);
    memset(dev->msix_pba, 0, msix_pba_bytes(dev->msix_entries_nr));
    bitmap_zero(dev->msix_ctrl_seen, dev->msix_entries_nr);
    for (int v = 0; v < dev->msix_entries_nr; v++) {
        pci_set_long(entry(dev, v) + PCI_MSIX_ENTRY_VECTOR_CTRL, PCI_MSIX_ENTRY_CTRL_MASKBIT);
    }
    msix_control_changed(dev);
}
