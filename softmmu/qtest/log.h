/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -qtest-log: what was said on the connection, with the time since it was
 * opened: "[R +0.000123] readl 0x10". Main context.
 */
#ifndef SOFTMMU_QTEST_LOG_H
#define SOFTMMU_QTEST_LOG_H

#include "qapi/error.h"

/* NULL: stderr; "none": nowhere. */
bool qtest_log_open(const char *file, Error **errp);
void qtest_log_close(void);

void qtest_log_opened(void);
void qtest_log_closed(void);
/* kind: 'R' received, 'S' sent. Long lines are cut. */
void qtest_log_line(char kind, const char *text, size_t len);

#endif
