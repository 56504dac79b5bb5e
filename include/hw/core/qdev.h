/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The path of newer releases for "hw/qdev-core.h". */
#include "hw/qdev-core.h"
