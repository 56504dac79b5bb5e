/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration space: bytes and, beside each byte, which bits a client may
 * write (wmask), clear by writing one (w1cmask), and which must agree on
 * migration (cmask). What follows from a write - BARs, bus mastering, INTx,
 * MSI, function reset - is worked out after the bytes have changed.
 *
 * Offsets and lengths come from the client: whatever lies outside is ignored
 * on writes and reads as zero.
 */
#include "qemu/osdep.h"
#include "hw/pci/msi.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci_bridge.h"
#include "internal.h"
#include "trace.h"

typedef struct MaskRow {
    uint16_t offset;
    uint8_t width;
    uint32_t bits;
} MaskRow;

#define COMMAND_WRITABLE                                                                          \
    (PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_PARITY                \
     | PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE)
#define STATUS_ERRORS                                                                             \
    (PCI_STATUS_PARITY | PCI_STATUS_SIG_TARGET_ABORT | PCI_STATUS_REC_TARGET_ABORT                \
     | PCI_STATUS_REC_MASTER_ABORT | PCI_STATUS_SIG_SYSTEM_ERROR | PCI_STATUS_DETECTED_PARITY)

static const MaskRow header_wmask[] = {
    { PCI_COMMAND, 2, COMMAND_WRITABLE },
    { PCI_CACHE_LINE_SIZE, 1, 0xff },
    { PCI_INTERRUPT_LINE, 1, 0xff },
};

static const MaskRow header_w1cmask[] = {
    { PCI_STATUS, 2, STATUS_ERRORS },
};

static const MaskRow header_cmask[] = {
    { PCI_VENDOR_ID, 4, 0xffffffff },
    { PCI_STATUS, 2, PCI_STATUS_CAP_LIST },
    { PCI_CLASS_REVISION, 4, 0xffffffff },
    { PCI_HEADER_TYPE, 1, 0xff },
    { PCI_CAPABILITY_LIST, 1, 0xff },
    { PCI_INTERRUPT_PIN, 1, 0xff },
};

/* PCI-to-PCI Bridge 1.2, chapter 3: 32-bit I/O, 64-bit prefetchable windows */
static const MaskRow bridge_wmask[] = {
    { PCI_PRIMARY_BUS, 4, 0xffffffff },
    { PCI_IO_BASE, 2, 0xf0f0 },
    { PCI_MEMORY_BASE, 4, 0xfff0fff0 },
    { PCI_PREF_MEMORY_BASE, 4, 0xfff0fff0 },
    { PCI_PREF_BASE_UPPER32, 4, 0xffffffff },
    { PCI_PREF_LIMIT_UPPER32, 4, 0xffffffff },
    { PCI_IO_BASE_UPPER16, 4, 0xffffffff },
    { PCI_BRIDGE_CONTROL, 2, 0x0b7f },
};

static const MaskRow bridge_w1cmask[] = {
    { PCI_SEC_STATUS, 2, STATUS_ERRORS },
    { PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_CTL_DISCARD_STATUS },
};

static const MaskRow bridge_values[] = {
    { PCI_IO_BASE, 2, 0x0101 },
    { PCI_PREF_MEMORY_BASE, 4, 0x00010001 },
};

static void put_rows(uint8_t *bytes, const MaskRow *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        stn_le_p(bytes + rows[i].offset, rows[i].width,
                 ldn_le_p(bytes + rows[i].offset, rows[i].width) | rows[i].bits);
    }
}
#define PUT_ROWS(bytes, rows) put_rows((bytes), (rows), ARRAY_SIZE(rows))

void pci_config_alloc(PCIDevice *dev)
{
    uint32_t size = pci_config_size(dev);

    dev->config = g_malloc0(size);
    dev->cmask = g_malloc0(size);
    dev->wmask = g_malloc0(size);
    dev->w1cmask = g_malloc0(size);
    dev->used = g_malloc0(size);
}

void pci_config_free(PCIDevice *dev)
{
    g_clear_pointer(&dev->config, g_free);
    g_clear_pointer(&dev->cmask, g_free);
    g_clear_pointer(&dev->wmask, g_free);
    g_clear_pointer(&dev->w1cmask, g_free);
    g_clear_pointer(&dev->used, g_free);
    g_clear_pointer(&dev->reset_config, g_free);
}

/*
 * Above the header models keep registers of their own and expect them to be
 * writable until they say otherwise; the extended space starts read-only, so
 * that a client cannot build capabilities there.
 */
void pci_config_init_masks(PCIDevice *dev)
{
    PUT_ROWS(dev->wmask, header_wmask);
    PUT_ROWS(dev->w1cmask, header_w1cmask);
    PUT_ROWS(dev->cmask, header_cmask);
    memset(dev->wmask + PCI_CONFIG_HEADER_SIZE, 0xff,
           PCI_CONFIG_SPACE_SIZE - PCI_CONFIG_HEADER_SIZE);
    if (object_dynamic_cast(OBJECT(dev), TYPE_PCI_BRIDGE)) {
        PUT_ROWS(dev->wmask, bridge_wmask);
        PUT_ROWS(dev->w1cmask, bridge_w1cmask);
        PUT_ROWS(dev->config, bridge_values);
    }
}

bool pci_in_d0(const PCIDevice *dev)
{
    uint8_t pm = dev->exp.pm_cap;

    return !pm || !(pci_get_word(dev->config + pm + PCI_PM_CTRL) & PCI_PM_CTRL_STATE_MASK);
}

void pci_config_apply_command(PCIDevice *dev)
{
    pci_update_mappings(dev);
    pci_bus_master_update(dev);
    pci_intx_update(dev);
}

void pci_config_restore(PCIDevice *dev, bool header_only)
{
    uint32_t size = header_only ? PCI_CONFIG_HEADER_SIZE : pci_config_size(dev);

    for (uint32_t i = 0; dev->reset_config && i < size; i++) {
        uint8_t client = dev->wmask[i] | dev->w1cmask[i];

        dev->config[i] = (dev->config[i] & ~client) | (dev->reset_config[i] & client);
    }
}

uint32_t pci_default_read_config(PCIDevice *d, uint32_t address, int len)
{
    uint32_t size = pci_config_size(d);
    uint32_t val = 0;

    for (int i = 0; i < len && address < size && (uint32_t)i < size - address; i++) {
        val |= (uint32_t)d->config[address + i] << (8 * i);
    }
    return val;
}

static void write_bytes(PCIDevice *d, uint32_t address, uint32_t val, int len)
{
    uint32_t size = pci_config_size(d);

    for (int i = 0; i < len && address < size && (uint32_t)i < size - address; i++) {
        uint32_t at = address + i;
        uint8_t byte = val >> (8 * i);

        d->config[at] = (d->config[at] & ~d->wmask[at]) | (byte & d->wmask[at]);
        d->config[at] &= ~(byte & d->w1cmask[at]);
    }
}

static bool touches_mapping(const PCIDevice *d, uint32_t address, int len)
{
    return pci_touches(address, len, PCI_COMMAND, 2)
           || pci_touches(address, len, PCI_BASE_ADDRESS_0, 4 * PCI_STD_NUM_BARS)
           || pci_touches(address, len, PCI_ROM_ADDRESS, 4)
           || pci_touches(address, len, PCI_ROM_ADDRESS1, 4)
           || (d->exp.pm_cap && pci_touches(address, len, d->exp.pm_cap + PCI_PM_CTRL, 2));
}

/* A state that the function does not have is not entered. */
static void check_power_state(PCIDevice *d, uint16_t old)
{
    uint8_t *pm = d->config + d->exp.pm_cap;
    uint16_t caps = pci_get_word(pm + PCI_PM_PMC);
    uint16_t state = pci_get_word(pm + PCI_PM_CTRL) & PCI_PM_CTRL_STATE_MASK;

    if ((state == 1 && !(caps & PCI_PM_CAP_D1)) || (state == 2 && !(caps & PCI_PM_CAP_D2))) {
        pci_set_word_by_mask(pm + PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK,
                             old & PCI_PM_CTRL_STATE_MASK);
    }
}

static uint16_t power_control(const PCIDevice *d)
{
    return d->exp.pm_cap ? pci_get_word(d->config + d->exp.pm_cap + PCI_PM_CTRL) : 0;
}

void pci_default_write_config(PCIDevice *d, uint32_t address, uint32_t val, int len)
{
    uint16_t old_power = power_control(d);

    if (address >= pci_config_size(d)) {
        return;
    }
    trace_pci_cfg_write(d->name, d->devfn, address, val, len);
    write_bytes(d, address, val, len);
    if (d->exp.pm_cap) {
        check_power_state(d, old_power);
    }
    if (touches_mapping(d, address, len)) {
        pci_config_apply_command(d);
    }
    msi_write_config(d, address, val, len);
    msix_write_config(d, address, val, len);
    pcie_flr_check(d, address, len);
}

/* The largest access that is aligned and does not cross a dword. */
static int config_piece(hwaddr offset, hwaddr len)
{
    if (!(offset & 3) && len >= 4) {
        return 4;
    }
    return !(offset & 1) && len >= 2 ? 2 : 1;
}

int pci_device_config_rw(PCIDevice *dev, hwaddr offset, void *buf, hwaddr len, bool is_write)
{
    hwaddr size = pci_config_size(dev);
    uint8_t *p = buf;

    if (offset > size || len > size - offset) {
        return -EINVAL;
    }
    while (len) {
        int piece = config_piece(offset, len);

        if (is_write) {
            dev->config_write(dev, offset, ldn_le_p(p, piece), piece);
        } else {
            stn_le_p(p, piece, dev->config_read(dev, offset, piece));
        }
        offset += piece;
        p += piece;
        len -= piece;
    }
    return 0;
}
