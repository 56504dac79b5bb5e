/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trace points of this folder: see trace-events. */
#include "trace/trace-hw_nvme.h"
