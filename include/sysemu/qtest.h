/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a test drives the process over the qtest protocol.
 */
#ifndef SYSEMU_QTEST_H
#define SYSEMU_QTEST_H

/* Set once by startup. */
extern bool qtest_allowed;

static inline bool qtest_enabled(void)
{
    return qtest_allowed;
}

#endif
