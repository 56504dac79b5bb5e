/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waiting until a domain has come to rest, so that the answer to a command
 * comes after everything that the command set off: bottom halves, event
 * notifiers, timers that are due by the standing clock.
 *
 * A probe is a bottom half in the domain's context that notes how many
 * callbacks have run there. When nothing but probes ran between two of them,
 * twice, the domain is at rest. A domain that others keep busy is given up
 * after a fixed number of probes. Nothing blocks meanwhile.
 *
 * Main context; one wait at a time. The probe runs in the domain's thread.
 */
#ifndef SOFTMMU_QTEST_SETTLE_H
#define SOFTMMU_QTEST_SETTLE_H

#include "domain.h"

typedef void QtestSettled(void *opaque);

/* done() runs later, from the main loop. only: NULL means all domains. */
void qtest_settle(QtestDomain *only, QtestSettled *done, void *opaque);
void qtest_settle_cancel(void);
/* The domain goes: nothing waits for it any more. */
void qtest_settle_forget(QtestDomain *d);
/* The bottom half; opaque is the domain. */
void qtest_settle_probe(void *opaque);

void qtest_settle_init(void);
void qtest_settle_cleanup(void);

#endif
