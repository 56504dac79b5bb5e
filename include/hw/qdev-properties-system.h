/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Property kinds that name things outside the device: addresses on a bus, MAC
 * addresses, identifiers, character devices, drives.
 */
#ifndef HW_QDEV_PROPERTIES_SYSTEM_H
#define HW_QDEV_PROPERTIES_SYSTEM_H

#include "chardev/char-fe.h"
#include "hw/qdev-properties.h"
#include "net/mac.h"
#include "qapi/qapi-types-block-core.h"
#include "qapi/qapi-types-common.h"

extern const PropertyInfo qdev_prop_chr;
extern const PropertyInfo qdev_prop_drive;
extern const PropertyInfo qdev_prop_drive_iothread;
extern const PropertyInfo qdev_prop_blocksize;
extern const PropertyInfo qdev_prop_blockdev_on_error;
extern const PropertyInfo qdev_prop_bios_chs_trans;
extern const PropertyInfo qdev_prop_macaddr;
extern const PropertyInfo qdev_prop_uuid;
extern const PropertyInfo qdev_prop_netdev;
extern const PropertyInfo qdev_prop_pci_devfn;
extern const PropertyInfo qdev_prop_off_auto_pcibar;
extern const PropertyInfo qdev_prop_pcie_link_speed;
extern const PropertyInfo qdev_prop_pcie_link_width;

/* "slot[.function]" in hex, or the number slot * 8 + function; -1: choose one. */
#define DEFINE_PROP_PCI_DEVFN(_n, _s, _f, _d)                               \
    DEFINE_PROP_SIGNED(_n, _s, _f, _d, qdev_prop_pci_devfn, int32_t)
#define DEFINE_PROP_OFF_AUTO_PCIBAR(_n, _s, _f, _d)                         \
    DEFINE_PROP_SIGNED(_n, _s, _f, _d, qdev_prop_off_auto_pcibar, OffAutoPCIBAR)
#define DEFINE_PROP_PCIE_LINK_SPEED(_n, _s, _f, _d)                         \
    DEFINE_PROP_SIGNED(_n, _s, _f, _d, qdev_prop_pcie_link_speed, PCIExpLinkSpeed)
#define DEFINE_PROP_PCIE_LINK_WIDTH(_n, _s, _f, _d)                         \
    DEFINE_PROP_SIGNED(_n, _s, _f, _d, qdev_prop_pcie_link_width, PCIExpLinkWidth)
#define DEFINE_PROP_MACADDR(_n, _s, _f)                                     \
    DEFINE_PROP(_n, _s, _f, qdev_prop_macaddr, MACAddr)
/* The id of a character device, for a CharBackend; "": none. Let go of when the device goes. */
#define DEFINE_PROP_CHR(_n, _s, _f)                                         \
    DEFINE_PROP(_n, _s, _f, qdev_prop_chr, CharBackend)
/*
 * The id of a -drive or the node-name of a -blockdev, for a BlockBackend *. The drive comes
 * to the domain of the device, and is let go of when the device goes.
 */
#define DEFINE_PROP_DRIVE(_n, _s, _f)                                       \
    DEFINE_PROP(_n, _s, _f, qdev_prop_drive, BlockBackend *)
#define DEFINE_PROP_DRIVE_IOTHREAD(_n, _s, _f)                              \
    DEFINE_PROP(_n, _s, _f, qdev_prop_drive_iothread, BlockBackend *)
/* Bytes, a power of two from 512 to 2 MiB. */
#define DEFINE_PROP_BLOCKSIZE(_n, _s, _f)                                   \
    DEFINE_PROP_UNSIGNED(_n, _s, _f, 0, qdev_prop_blocksize, uint32_t)
#define DEFINE_PROP_BLOCKDEV_ON_ERROR(_n, _s, _f, _d)                       \
    DEFINE_PROP_SIGNED(_n, _s, _f, _d, qdev_prop_blockdev_on_error, BlockdevOnError)
#define DEFINE_PROP_BIOS_CHS_TRANS(_n, _s, _f, _d)                          \
    DEFINE_PROP_SIGNED(_n, _s, _f, _d, qdev_prop_bios_chs_trans, int)
/*
 * The id of a network back end (@_f: NICPeers of net/net.h).  As long as there
 * are no network back ends every value but the empty one is refused.
 */
#define DEFINE_PROP_NETDEV(_n, _s, _f)                                      \
    DEFINE_PROP(_n, _s, _f, qdev_prop_netdev, NICPeers)
/* Without a value from the user it is "auto": a random one. */
#define DEFINE_PROP_UUID(_n, _s, _f)                                        \
    DEFINE_PROP(_n, _s, _f, qdev_prop_uuid, QemuUUID, .set_default = true)
#define DEFINE_PROP_UUID_NODEFAULT(_n, _s, _f)                              \
    DEFINE_PROP(_n, _s, _f, qdev_prop_uuid, QemuUUID)

/* The same from code; @value NULL: none. The property exists and fits, or the process ends. */
void qdev_prop_set_chr(DeviceState *dev, const char *name, Chardev *value);
void qdev_prop_set_drive(DeviceState *dev, const char *name, BlockBackend *value);
/* false with errp set: it is in use, or somewhere else. */
bool qdev_prop_set_drive_err(DeviceState *dev, const char *name, BlockBackend *value,
                             Error **errp);

#endif
