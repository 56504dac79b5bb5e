/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The path of newer releases for "sysemu/qtest.h". */
#include "sysemu/qtest.h"
