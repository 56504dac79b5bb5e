/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The path under which device models find the register names. */
#include "standard-headers/linux/pci_regs.h"
