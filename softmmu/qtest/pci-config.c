/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration space by ports and by memory; see pci-config.h. */
#include "qemu/osdep.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_device.h"
#include "hw/pci/pci_sink.h"
#include "qemu/bswap.h"
#include "pci-config.h"

enum {
    PORT_ADDRESS = 0xcf8,       /* dword only */
    PORT_DATA = 0xcfc,          /* to 0xcff */
    ADDRESS_ENABLE = 1u << 31,
};

/* What is not there reads as ones. */
static void config_rw(QtestDomain *d, unsigned bus, unsigned devfn, unsigned reg, void *buf,
                      unsigned len, bool is_write)
{
    PCIDevice *dev = pci_find_device(d->bus, bus, devfn);

    if ((!dev || pci_device_config_rw(dev, reg, buf, len, is_write) < 0) && !is_write) {
        memset(buf, 0xff, len);
    }
}

static void address_rw(QtestDomain *d, void *buf, bool is_write)
{
    if (is_write) {
        d->config_address = ldl_le_p(buf);
    } else {
        stl_le_p(buf, d->config_address);
    }
}

static void data_rw(QtestDomain *d, unsigned byte, void *buf, unsigned len, bool is_write)
{
    uint32_t address = d->config_address;

    if (address & ADDRESS_ENABLE) {
        config_rw(d, address >> 16 & 0xff, address >> 8 & 0xff, (address & 0xfc) | byte, buf, len,
                  is_write);
    } else if (!is_write) {
        memset(buf, 0xff, len);
    }
}

bool pci_config_port_rw(QtestDomain *d, uint16_t port, void *buf, unsigned len, bool is_write)
{
    if (port == PORT_ADDRESS && len == 4) {
        address_rw(d, buf, is_write);
        return true;
    }
    if (port >= PORT_DATA && port - PORT_DATA <= 4u - len) {
        data_rw(d, port - PORT_DATA, buf, len, is_write);
        return true;
    }
    return false;
}

static uint64_t ecam_read(void *opaque, hwaddr addr, unsigned size)
{
    uint8_t buf[8];

    config_rw(opaque, addr >> 20, addr >> 12 & 0xff, addr & 0xfff, buf, size, false);
    return ldn_le_p(buf, size);
}

static void ecam_write(void *opaque, hwaddr addr, uint64_t data, unsigned size)
{
    uint8_t buf[8];

    stn_le_p(buf, size, data);
    config_rw(opaque, addr >> 20, addr >> 12 & 0xff, addr & 0xfff, buf, size, true);
}

static const MemoryRegionOps ecam_ops = {
    .read = ecam_read,
    .write = ecam_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8 },
    .impl = { .min_access_size = 1, .max_access_size = 4 },
};

void pci_config_map(QtestDomain *d)
{
    memory_region_init_io(&d->ecam, NULL, &ecam_ops, d, "qtest ECAM", QTEST_ECAM_SIZE);
    memory_region_add_subregion_overlap(d->bus->address_space_mem, QTEST_ECAM_BASE, &d->ecam, -1);
}
