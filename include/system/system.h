/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The path of newer releases for "sysemu/sysemu.h". */
#include "sysemu/sysemu.h"
