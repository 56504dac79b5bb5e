/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for what another context does; AIO_WAIT_WHILE() itself is in qemu/main-loop.h. */
#ifndef QEMU_AIO_WAIT_H
#define QEMU_AIO_WAIT_H

#include "qemu/main-loop.h"

#define AIO_WAIT_WHILE_UNLOCKED(ctx, cond) AIO_WAIT_WHILE(ctx, cond)

/* Wakes every AIO_WAIT_WHILE(), which looks at its condition again. From any thread. */
void aio_wait_kick(void);
/* Runs cb(opaque) in ctx's loop and waits until it has. The caller has not entered ctx. */
void aio_wait_bh_oneshot(AioContext *ctx, QEMUBHFunc *cb, void *opaque);

#endif
