/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trace points of this folder. */
#include "trace/trace-monitor.h"
