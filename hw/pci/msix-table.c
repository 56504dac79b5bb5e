/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where MSI-X lives: the capability, and two regions inside BARs. The table
 * takes any aligned dword or qword; the pending bits are read-only.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/bitmap.h"
#include "qemu/host-utils.h"
#include "migration/qemu-file-types.h"
#include "migration/vmstate.h"
#include "hw/pci/msix.h"
#include "internal.h"
#include "msix-internal.h"

#define MSIX_VECTORS_MAX (PCI_MSIX_FLAGS_QSIZE + 1)
#define EXCLUSIVE_BAR_MIN 4096

static uint64_t table_read(void *opaque, hwaddr addr, unsigned size)
{
    PCIDevice *dev = opaque;

    return pci_get_long(dev->msix_table + addr);
}

static void table_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    PCIDevice *dev = opaque;
    unsigned vector = addr / PCI_MSIX_ENTRY_SIZE;

    if (addr % PCI_MSIX_ENTRY_SIZE == PCI_MSIX_ENTRY_VECTOR_CTRL) {
        val &= PCI_MSIX_ENTRY_CTRL_MASKBIT; /* the rest is reserved */
        set_bit(vector, dev->msix_ctrl_seen);
    }
    pci_set_long(dev->msix_table + addr, val);
    msix_entry_changed(dev, vector);
}

static const MemoryRegionOps table_ops = {
    .read = table_read,
    .write = table_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 4,
    .valid.max_access_size = 8,
    .impl.min_access_size = 4,
    .impl.max_access_size = 4,
};

static uint64_t pba_read(void *opaque, hwaddr addr, unsigned size)
{
    PCIDevice *dev = opaque;

    if (dev->msix_vector_poll_notifier) {
        unsigned first = addr * 8;

        dev->msix_vector_poll_notifier(dev, first,
                                       MIN(first + size * 8, (unsigned)dev->msix_entries_nr));
    }
    return pci_get_long(dev->msix_pba + addr);
}

static void pba_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    /* Software may write nothing here; PCI 3.0 leaves the result undefined. */
}

static const MemoryRegionOps pba_ops = {
    .read = pba_read,
    .write = pba_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid.min_access_size = 4,
    .valid.max_access_size = 8,
    .impl.min_access_size = 4,
    .impl.max_access_size = 4,
};

static bool overlaps(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
    return a < b + b_size && b < a + a_size;
}

static bool place_valid(uint32_t nentries, uint64_t table_size, MemoryRegion *table_bar,
                        uint8_t table_nr, unsigned table_offset, MemoryRegion *pba_bar,
                        uint8_t pba_nr, unsigned pba_offset, Error **errp)
{
    uint64_t pba_size = msix_pba_bytes(nentries);

    if (!nentries || nentries > MSIX_VECTORS_MAX) {
        error_setg(errp, "MSI-X needs 1 to %d vectors, not %u", MSIX_VECTORS_MAX, nentries);
        return false;
    }
    if (((table_offset | pba_offset) & PCI_MSIX_FLAGS_BIRMASK) || table_nr > 5 || pba_nr > 5
        || table_offset + table_size > memory_region_size(table_bar)
        || pba_offset + pba_size > memory_region_size(pba_bar)
        || (table_nr == pba_nr && overlaps(table_offset, table_size, pba_offset, pba_size))) {
        error_setg(errp, "MSI-X table and PBA overlap or do not fit their BARs");
        return false;
    }
    return true;
}

static int add_capability(PCIDevice *dev, uint32_t nentries, uint32_t table, uint32_t pba,
                          uint8_t cap_pos, Error **errp)
{
    int at = pci_add_capability(dev, PCI_CAP_ID_MSIX, cap_pos, MSIX_CAP_LENGTH, errp);

    if (at < 0) {
        return at;
    }
    dev->msix_cap = at;
    dev->cap_present |= QEMU_PCI_CAP_MSIX;
    pci_set_word(dev->config + at + PCI_MSIX_FLAGS, nentries - 1);
    pci_set_long(dev->config + at + PCI_MSIX_TABLE, table);
    pci_set_long(dev->config + at + PCI_MSIX_PBA, pba);
    pci_set_word(dev->wmask + at + PCI_MSIX_FLAGS,
                 PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
    return 0;
}

static void alloc_state(PCIDevice *dev, uint32_t nentries)
{
    dev->msix_entries_nr = nentries;
    dev->msix_table = g_malloc0(nentries * PCI_MSIX_ENTRY_SIZE);
    dev->msix_pba = g_malloc0(msix_pba_bytes(nentries));
    dev->msix_entry_used = g_new0(unsigned, nentries);
    dev->msix_ctrl_seen = bitmap_new(nentries);
    dev->msix_notified = bitmap_new(nentries);
}

int msix_init(PCIDevice *dev, uint32_t nentries, MemoryRegion *table_bar, uint8_t table_bar_nr,
              unsigned table_offset, MemoryRegion *pba_bar, uint8_t pba_bar_nr,
              unsigned pba_offset, uint8_t cap_pos, Error **errp)
{
    uint64_t table_size = (uint64_t)nentries * PCI_MSIX_ENTRY_SIZE;
    int ret;

    if (!place_valid(nentries, table_size, table_bar, table_bar_nr, table_offset, pba_bar,
                     pba_bar_nr, pba_offset, errp)) {
        return -EINVAL;
    }
    ret = add_capability(dev, nentries, table_offset | table_bar_nr, pba_offset | pba_bar_nr,
                         cap_pos, errp);
    if (ret < 0) {
        return ret;
    }
    alloc_state(dev, nentries);
    msix_reset(dev);
    memory_region_init_io(&dev->msix_table_mmio, OBJECT(dev), &table_ops, dev, "msix-table",
                          table_size);
    memory_region_add_subregion(table_bar, table_offset, &dev->msix_table_mmio);
    memory_region_init_io(&dev->msix_pba_mmio, OBJECT(dev), &pba_ops, dev, "msix-pba",
                          msix_pba_bytes(nentries));
    memory_region_add_subregion(pba_bar, pba_offset, &dev->msix_pba_mmio);
    return 0;
}

/* Table in the lower half, PBA in the upper; a page at least. */
int msix_init_exclusive_bar(PCIDevice *dev, uint32_t nentries, uint8_t bar_nr, Error **errp)
{
    g_autofree char *name = g_strdup_printf("%s-msix", dev->name);
    uint64_t half = MAX((uint64_t)nentries * PCI_MSIX_ENTRY_SIZE, EXCLUSIVE_BAR_MIN / 2);
    uint64_t size = pow2ceil(half * 2);
    int ret;

    if (!nentries || nentries > MSIX_VECTORS_MAX) {
        error_setg(errp, "MSI-X needs 1 to %d vectors, not %u", MSIX_VECTORS_MAX, nentries);
        return -EINVAL;
    }
    memory_region_init(&dev->msix_exclusive_bar, OBJECT(dev), name, size);
    ret = msix_init(dev, nentries, &dev->msix_exclusive_bar, bar_nr, 0, &dev->msix_exclusive_bar,
                    bar_nr, size / 2, 0, errp);
    if (ret < 0) {
        object_unparent(OBJECT(&dev->msix_exclusive_bar));
        return ret;
    }
    pci_register_bar(dev, bar_nr, PCI_BASE_ADDRESS_SPACE_MEMORY, &dev->msix_exclusive_bar);
    return 0;
}

void msix_uninit(PCIDevice *dev, MemoryRegion *table_bar, MemoryRegion *pba_bar)
{
    if (!msix_present(dev)) {
        return;
    }
    msix_unset_vector_notifiers(dev);
    pci_del_capability(dev, PCI_CAP_ID_MSIX, MSIX_CAP_LENGTH);
    dev->cap_present &= ~QEMU_PCI_CAP_MSIX;
    dev->msix_cap = 0;
    dev->msix_entries_nr = 0;
    memory_region_del_subregion(pba_bar, &dev->msix_pba_mmio);
    memory_region_del_subregion(table_bar, &dev->msix_table_mmio);
    object_unparent(OBJECT(&dev->msix_pba_mmio));
    object_unparent(OBJECT(&dev->msix_table_mmio));
    g_clear_pointer(&dev->msix_table, g_free);
    g_clear_pointer(&dev->msix_pba, g_free);
    g_clear_pointer(&dev->msix_entry_used, g_free);
    g_clear_pointer(&dev->msix_ctrl_seen, g_free);
    g_clear_pointer(&dev->msix_notified, g_free);
}

void msix_uninit_exclusive_bar(PCIDevice *dev)
{
    if (msix_present(dev)) {
        msix_uninit(dev, &dev->msix_exclusive_bar, &dev->msix_exclusive_bar);
    }
}

/* ---- migration ---- */

void msix_save(PCIDevice *dev, QEMUFile *f)
{
    if (!msix_present(dev)) {
        return;
    }
    qemu_put_buffer(f, dev->msix_table, dev->msix_entries_nr * PCI_MSIX_ENTRY_SIZE);
    qemu_put_buffer(f, dev->msix_pba, DIV_ROUND_UP(dev->msix_entries_nr, 8));
    for (int v = 0; v < dev->msix_entries_nr; v++) {
        qemu_put_byte(f, test_bit(v, dev->msix_ctrl_seen));
    }
}

void msix_load(PCIDevice *dev, QEMUFile *f)
{
    if (!msix_present(dev)) {
        return;
    }
    qemu_get_buffer(f, dev->msix_table, dev->msix_entries_nr * PCI_MSIX_ENTRY_SIZE);
    qemu_get_buffer(f, dev->msix_pba, DIV_ROUND_UP(dev->msix_entries_nr, 8));
    for (int v = 0; v < dev->msix_entries_nr; v++) {
        if (qemu_get_byte(f)) {
            set_bit(v, dev->msix_ctrl_seen);
        } else {
            clear_bit(v, dev->msix_ctrl_seen);
        }
    }
    for (int v = dev->msix_entries_nr; v < (int)msix_pba_bytes(dev->msix_entries_nr) * 8; v++) {
        dev->msix_pba[v / 8] &= ~(1 << v % 8); /* bits of vectors that do not exist */
    }
    msix_control_changed(dev);
}

static int put_msix(QEMUFile *f, void *pv, size_t size, const VMStateField *field,
                    JSONWriter *vmdesc)
{
    msix_save(pv, f);
    return 0;
}

static int get_msix(QEMUFile *f, void *pv, size_t size, const VMStateField *field)
{
    msix_load(pv, f);
    return qemu_file_get_error(f);
}

static const VMStateInfo msix_info = { .name = "msix state", .get = get_msix, .put = put_msix };

const VMStateDescription vmstate_msix = {
    .name = "msix",
    .fields = (const VMStateField[]) {
        {
            .name = "msix",
            .info = &msix_info,
            .flags = VMS_SINGLE,
            .size = sizeof(PCIDevice),
        },
        VMSTATE_END_OF_LIST()
    },
};
