/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The option ROM: a file from the operator, shown as region 6. The class may
 * name a file too (firmware that comes with other products); when it is not
 * there the device simply has no ROM.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/host-utils.h"
#include "internal.h"

#define ROM_SIZE_MAX ((uint64_t)2 << 30)
#define ROM_SIZE_MIN 2048 /* the address bits below are reserved */

/* 0 and errp set when the file cannot be a ROM. */
static uint32_t rom_size(PCIDevice *dev, const char *path, gsize bytes, Error **errp)
{
    uint64_t size = dev->romsize == UINT32_MAX ? pow2ceil(MAX(bytes, ROM_SIZE_MIN))
                                               : dev->romsize;

    if (!bytes) {
        error_setg(errp, "romfile '%s' is empty", path);
        return 0;
    }
    if (bytes > size || size > ROM_SIZE_MAX) {
        error_setg(errp, "romfile '%s' (%" G_GSIZE_FORMAT " bytes) is too large for a ROM of "
                   "%" PRIu64 " bytes: raise romsize=", path, bytes, size);
        return 0;
    }
    return size;
}

static bool load(PCIDevice *dev, const char *path, const char *data, gsize bytes, Error **errp)
{
    g_autofree char *name = g_strdup_printf("%s.rom", object_get_typename(OBJECT(dev)));
    uint32_t size = rom_size(dev, path, bytes, errp);

    if (!size || !memory_region_init_rom(&dev->rom, OBJECT(dev), name, size, errp)) {
        return false;
    }
    dev->romsize = size;
    dev->has_rom = true;
    memcpy(memory_region_get_ram_ptr(&dev->rom), data, bytes);
    pci_register_bar(dev, PCI_ROM_SLOT, 0, &dev->rom);
    return true;
}

bool pci_add_option_rom(PCIDevice *dev, Error **errp)
{
    const char *from_class = PCI_DEVICE_GET_CLASS(dev)->romfile;
    const char *path = dev->romfile ? dev->romfile : from_class;
    g_autofree char *data = NULL;
    g_autoptr(GError) err = NULL;
    gsize bytes;

    if (!path || !*path || !dev->rom_bar || dev->io_regions[PCI_ROM_SLOT].size) {
        return true;
    }
    if (!g_file_get_contents(path, &data, &bytes, &err)) {
        if (!dev->romfile) {
            return true;
        }
        error_setg(errp, "romfile: %s", err->message);
        return false;
    }
    return load(dev, path, data, bytes, errp);
}

void pci_del_option_rom(PCIDevice *dev)
{
    dev->has_rom = false; /* the region goes with the device object */
}
