/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The newer path of the same header. */
#include "standard-headers/linux/pvpanic.h"
