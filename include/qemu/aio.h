/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Newer QEMU's path of block/aio.h. */
#include "block/aio.h"
