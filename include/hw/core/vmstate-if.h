/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The path of newer releases for "hw/vmstate-if.h". */
#include "hw/vmstate-if.h"
