/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest's driver does in configuration space before a device works:
 * COMMAND, and the enable bit of the interrupt type in use.
 */
#ifndef TOOLS_VFU_ENABLE_H
#define TOOLS_VFU_ENABLE_H

#include "vfu.h"

/* Offset of a capability, 0: the device has none of that id. */
unsigned find_capability(VfuClient *c, uint8_t id);
/* I/O, memory and bus master. 0, or what the client library says. */
int enable_device(VfuClient *c);
/* index is VFU_IRQ_INTX, MSI or MSIX; the other two are switched off. */
int enable_irq(VfuClient *c, uint32_t index);

#endif
