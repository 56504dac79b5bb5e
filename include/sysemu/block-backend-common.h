/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a device model tells its block back end about itself. */
#ifndef BLOCK_BACKEND_COMMON_H
#define BLOCK_BACKEND_COMMON_H

#include "block/accounting.h"
#include "block/block-common.h"
#include "block/request.h"
#include "qapi/qapi-types-block-core.h"
#include "qemu/iov.h"

/* All optional; called with the context of the back end entered. */
typedef struct BlockDevOps {
    /* The medium has come (load) or gone. */
    void (*change_media_cb)(void *opaque, bool load, Error **errp);
    /* Somebody wants the medium out; force: will take it anyway. */
    void (*eject_request_cb)(void *opaque, bool force);
    bool (*is_medium_locked)(void *opaque);
    bool (*is_tray_open)(void *opaque);
    /* blk_getlength() has changed. */
    void (*resize_cb)(void *opaque);
    /* The device starts no request between the two. */
    void (*drained_begin)(void *opaque);
    void (*drained_end)(void *opaque);
    /* Whether it has something under way that the block layer does not know. */
    bool (*drained_poll)(void *opaque);
} BlockDevOps;

#endif
