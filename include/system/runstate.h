/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The path of newer releases for "sysemu/runstate.h". */
#include "sysemu/runstate.h"
