/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The path of newer releases for "block/aio.h". */
#include "block/aio.h"
