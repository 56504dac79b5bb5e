/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PCI configuration space as text or JSON, in the manner of lspci -vv.
 *
 * The bytes come from a server that may be broken: every access is checked
 * (beyond the end everything reads as ones) and no capability is visited twice.
 */
#ifndef TOOLS_VFU_CONFIG_SPACE_H
#define TOOLS_VFU_CONFIG_SPACE_H

#include "output.h"
#include "pci-ids.h"

typedef struct ConfigSpace {
    const uint8_t *bytes;
    size_t size;                /* 256 or 4096 usually */
    uint64_t region_sizes[7];   /* BAR0-5 and ROM, 0: absent or not known */
} ConfigSpace;

uint8_t config_u8(const ConfigSpace *c, size_t at);
uint16_t config_u16(const ConfigSpace *c, size_t at);
uint32_t config_u32(const ConfigSpace *c, size_t at);

/* Everything, as members of the object that is open in o. */
void config_print(VfuOut *o, const ConfigSpace *c, PciIds *ids);

/* config-header.c */
void config_print_header(VfuOut *o, const ConfigSpace *c, PciIds *ids);
/* config-caps.c; lists "capabilities" and "extended_capabilities" */
void config_print_caps(VfuOut *o, const ConfigSpace *c);
/* config-ext.c */
void config_print_ext_caps(VfuOut *o, const ConfigSpace *c);

/* "Mem+ BusMaster- ...": one word for each bit. */
typedef struct ConfigFlag {
    uint32_t mask;
    const char *name;
} ConfigFlag;
void config_flags(VfuOut *o, const char *key, uint32_t value, const ConfigFlag *flags);

#endif
