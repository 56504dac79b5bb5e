/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls at the end of a section, where the base library has sections; else at once. */
#ifndef BLOCK_FILE_DEFER_H
#define BLOCK_FILE_DEFER_H

#if __has_include("qemu/defer-call.h")
#include "qemu/defer-call.h"
#else
#define defer_call(fn, opaque) fn(opaque)
#endif

#endif
