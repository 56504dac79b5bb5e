/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of the command line -> numbers, regions, widths. Pure; each returns
 * false and says in errp which word is wrong and what would be right.
 */
#ifndef TOOLS_VFU_ARGS_H
#define TOOLS_VFU_ARGS_H

#include "qemu/osdep.h"
#include "qapi/error.h"

/* Decimal, 0x hex, 0b binary; suffixes K, M, G, T (powers of 1024). */
bool arg_number(const char *what, const char *word, uint64_t *value, Error **errp);
/* bar0..bar5, rom, config, vga or a number. */
bool arg_region(const char *word, uint32_t *index, Error **errp);
/* 1, 2, 4, 8 or b, w, l, q. */
bool arg_width(const char *word, unsigned *width, Error **errp);
/* intx, msi, msix, err, req. */
bool arg_irq(const char *word, uint32_t *index, Error **errp);

const char *region_name(uint32_t index);        /* "bar0" ..., NULL: no name */
const char *irq_name(uint32_t index);

#endif
