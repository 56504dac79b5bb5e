/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine-wide spaces of the device API. Here they are empty for ever:
 * there is no machine, and nothing may be shared between isolation domains.
 * An access fails with MEMTX_DECODE_ERROR, adding a region to them has no
 * effect; either is reported once.
 */
#ifndef EXEC_ADDRESS_SPACES_H
#define EXEC_ADDRESS_SPACES_H

#include "exec/memory.h"

extern AddressSpace address_space_memory;
extern AddressSpace address_space_io;

MemoryRegion *get_system_memory(void);
MemoryRegion *get_system_io(void);

#endif
