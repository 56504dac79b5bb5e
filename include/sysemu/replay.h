/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nothing is recorded or replayed here: what would go through the record is done as it is. */
#ifndef SYSEMU_REPLAY_H
#define SYSEMU_REPLAY_H

#include "block/aio.h"

static inline void replay_bh_schedule_event(QEMUBH *bh)
{
    qemu_bh_schedule(bh);
}

static inline void replay_bh_schedule_oneshot_event(AioContext *ctx, QEMUBHFunc *cb, void *opaque)
{
    aio_bh_schedule_oneshot(ctx, cb, opaque);
}

#endif
