/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connects to an address, again and again until it works, without waiting. */
#ifndef CHARDEV_DIALER_H
#define CHARDEV_DIALER_H

#include "block/aio.h"
#include "io/listener.h"

typedef struct Dialer Dialer;
/* Connected; @ch is the callee's. The dialer is at rest. */
typedef void DialerDone(IOChannel *ch, void *opaque);

Dialer *dialer_new(const IOAddress *addr, int64_t retry_seconds, DialerDone *done, void *opaque);
void dialer_free(Dialer *d);
/* In @ctx; @now: the first attempt without a pause before. */
void dialer_start(Dialer *d, AioContext *ctx, bool now);
void dialer_stop(Dialer *d);

#endif
