/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace/trace-util_main_loop.h"
