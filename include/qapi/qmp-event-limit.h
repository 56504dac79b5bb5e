/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often one cause may send the same event.
 *
 * A client that is refused in a loop must neither push the events of others
 * out of the queue nor keep a monitor busy: the first event goes out at once,
 * then at most one a second, and each says how many were swallowed since the
 * one before it. There is one limit for each (event, key): it lives in what
 * the key names (a server object, a device), so there is no table that grows
 * and nothing to forget. No timer: what is swallowed last is told by the next
 * event, whenever that comes.
 *
 *     uint64_t lost;
 *
 *     if (qmp_event_limit_pass(&s->rejected, &lost)) {
 *         qapi_event_send_dma_map_rejected(..., lost > 0, lost);
 *     }
 *
 * Locking: the owner's; two threads that use one limit need a lock of theirs.
 * Lock order: nothing is called with a lock of this file's own, it has none.
 */
#ifndef QAPI_QMP_EVENT_LIMIT_H
#define QAPI_QMP_EVENT_LIMIT_H

#include "qemu/osdep.h"

#define QMP_EVENT_LIMIT_US G_USEC_PER_SEC

/* All zero: nothing was sent yet. */
typedef struct QmpEventLimit {
    bool used;
    int64_t last_us;            /* monotonic, of the last one that passed */
    uint64_t lost;              /* swallowed since */
} QmpEventLimit;

/* True: send it, *lost were swallowed since the last one. False: it is swallowed. */
bool qmp_event_limit_pass(QmpEventLimit *limit, uint64_t *lost);
/* The same at a given time, for those who have read the clock. */
bool qmp_event_limit_pass_at(QmpEventLimit *limit, int64_t now_us, uint64_t *lost);

#endif
