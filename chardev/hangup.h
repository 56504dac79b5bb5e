/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notices that a peer has gone while nobody reads what it sent: a front end
 * that takes no input must not keep the next client waiting for ever.
 */
#ifndef CHARDEV_HANGUP_H
#define CHARDEV_HANGUP_H

#include "block/aio.h"

typedef struct HangupWatch {
    int epfd;               /* -1: off. Zero-initialised is not off. */
    AioContext *ctx;
} HangupWatch;

/*
 * @fn runs in @ctx while the other end of @fd is closed; with @half, while it
 * will not send any more. Without descriptors left: never.
 */
void hangup_watch_start(HangupWatch *w, AioContext *ctx, int fd, bool half, IOHandler *fn,
                        void *opaque);
void hangup_watch_stop(HangupWatch *w);

#endif
