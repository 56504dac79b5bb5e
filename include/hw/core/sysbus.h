/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The path of newer releases for "hw/sysbus.h". */
#include "hw/sysbus.h"
