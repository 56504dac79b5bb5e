/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The trace points of this folder. */
#include "trace/trace-hw_core.h"
