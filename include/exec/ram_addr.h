/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Models include this for RAMBlock and ram_addr_t. There is no machine-wide
 * RAM numbering here: what is left is the block itself.
 */
#ifndef EXEC_RAM_ADDR_H
#define EXEC_RAM_ADDR_H

#include "exec/ramblock.h"
#include "exec/memory.h"

#endif
