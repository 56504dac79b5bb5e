/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The path of newer releases for "hw/boards.h". */
#include "hw/boards.h"
