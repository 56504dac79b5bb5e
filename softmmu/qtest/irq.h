/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of interrupt lines on their way to the test: "IRQ raise N".
 *
 * They happen in any thread, under a domain's lock; the main thread collects
 * their text. The queue is bounded: a test that listens and does not read
 * loses its connection, not changes.
 *
 * Locking: a mutex, a leaf.
 */
#ifndef SOFTMMU_QTEST_IRQ_H
#define SOFTMMU_QTEST_IRQ_H

#include <glib.h>
#include <stdbool.h>

void qtest_irq_event(int n, bool level);
/* Main context: moves the lines to @out. false: some were lost. */
bool qtest_irq_collect(GString *out);

/* ready() runs in the main context when there is something to collect. */
void qtest_irq_init(void (*ready)(void *opaque), void *opaque);
void qtest_irq_cleanup(void);

#endif
