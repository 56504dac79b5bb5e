/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The path of newer releases for "hw/qdev-properties-system.h". */
#include "hw/qdev-properties-system.h"
