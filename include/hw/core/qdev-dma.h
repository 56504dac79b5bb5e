/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The path of newer releases for "hw/qdev-dma.h". */
#include "hw/qdev-dma.h"
