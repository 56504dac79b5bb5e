/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much memory a stream may make a load allocate. A stream's counts are
 * claims of whoever made it; this bounds what believing them can cost.
 */
#ifndef MIGRATION_STREAM_BUDGET_H
#define MIGRATION_STREAM_BUDGET_H

#include "migration/qemu-file.h"

/* false: the stream asks for more than its size can justify; nothing was taken. */
bool stream_budget_take(QEMUFile *f, size_t bytes);

#endif
