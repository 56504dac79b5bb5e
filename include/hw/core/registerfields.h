/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The path of newer releases for "hw/registerfields.h". */
#include "hw/registerfields.h"
