/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * null-co and null-aio: a disk without a medium, for measuring everything but
 * the disk. Both names do the same here. What is written goes nowhere; what is
 * read is zeroes (read-zeroes=on) or whatever the buffer held.
 *
 * Without latency-ns the answer is there when submit() returns: no queue, no
 * bottom half, nothing but one memset() for each piece of a read's buffer.
 */
#include "qemu/osdep.h"
#include "block-int.h"
#include "delay-line.h"
#include "qapi/error.h"
#include "qemu/units.h"

typedef struct NullState {
    bool read_zeroes;
    int64_t latency_ns;
    int64_t length;
    BlockDelayLine line;        /* in use with latency_ns only */
} NullState;

static inline int null_answer(const NullState *s, BlockRequest *req)
{
    if (req->op == BLOCK_OP_READ && s->read_zeroes) {
        for (int i = 0; i < req->niov; i++) {
            memset(req->iov[i].iov_base, 0, req->iov[i].iov_len);
        }
    } else if (req->op == BLOCK_OP_STATUS) {
        req->status = s->read_zeroes ? BDRV_BLOCK_ZERO : 0;
    }
    return 0;
}

static int null_submit(BlockDriverState *bs, BlockRequest *req)
{
    NullState *s = bs->opaque;

    if (likely(!s->latency_ns)) {
        return null_answer(s, req);
    }
    block_delay_line_add(&s->line, req, s->latency_ns);
    return BLOCK_PENDING;
}

static void null_due(void *opaque, BlockRequest *req)
{
    block_request_done(req, null_answer(opaque, req));
}

static void null_cancel(BlockDriverState *bs, BlockRequest *req)
{
    NullState *s = bs->opaque;

    block_delay_line_remove(&s->line, req);
}

static void null_attach(BlockDriverState *bs, AioContext *ctx)
{
    NullState *s = bs->opaque;

    block_delay_line_attach(&s->line, ctx);
}

static void null_detach(BlockDriverState *bs)
{
    NullState *s = bs->opaque;

    block_delay_line_detach(&s->line);
}

static bool null_open(BlockDriverState *bs, const BlockdevOptionsNull *o, Error **errp)
{
    NullState *s = bs->opaque;

    s->read_zeroes = o->has_read_zeroes && o->read_zeroes;
    if (o->has_size && o->size > BDRV_MAX_LENGTH) {
        error_setg(errp, "%s: 'size=%" PRIu64 "' is more than a disk can have: use up to %lld"
                   " bytes", bs->drv->name, o->size, BDRV_MAX_LENGTH);
        return false;
    }
    /* Some centuries: what is larger would not be a time any more when "now" is added. */
    if (o->has_latency_ns && o->latency_ns > INT64_MAX / 2) {
        error_setg(errp, "%s: 'latency-ns=%" PRIu64 "' is too long: use up to %" PRId64,
                   bs->drv->name, o->latency_ns, INT64_MAX / 2);
        return false;
    }
    s->length = o->has_size ? o->size : GiB;
    s->latency_ns = o->has_latency_ns ? o->latency_ns : 0;
    block_delay_line_init(&s->line, null_due, s);
    bs->filename = g_strdup_printf("%s://", bs->drv->name);
    bs->has_fua = true;
    return true;
}

static bool null_co_open(BlockDriverState *bs, const BlockdevOptions *options, Error **errp)
{
    return null_open(bs, &options->u.null_co, errp);
}

static bool null_aio_open(BlockDriverState *bs, const BlockdevOptions *options, Error **errp)
{
    return null_open(bs, &options->u.null_aio, errp);
}

static int64_t null_getlength(BlockDriverState *bs)
{
    NullState *s = bs->opaque;

    return s->length;
}

static void null_refresh_limits(BlockDriverState *bs)
{
    NullState *s = bs->opaque;

    bs->limits.discard_zeroes = s->read_zeroes;
}

static bool null_truncate(BlockDriverState *bs, int64_t size, Error **errp)
{
    NullState *s = bs->opaque;

    s->length = size;
    return true;
}

static int64_t null_allocated_size(BlockDriverState *bs)
{
    return 0;
}

#define NULL_DRIVER(name_, kind_, open_) {                                   \
        .name = name_,                                                       \
        .kind = kind_,                                                       \
        .state_size = sizeof(NullState),                                     \
        .open = open_,                                                       \
        .attach = null_attach,                                               \
        .detach = null_detach,                                               \
        .submit = null_submit,                                               \
        .cancel = null_cancel,                                               \
        .getlength = null_getlength,                                         \
        .truncate = null_truncate,                                           \
        .refresh_limits = null_refresh_limits,                               \
        .allocated_size = null_allocated_size,                               \
    }

static const BlockDriver null_co_driver = NULL_DRIVER("null-co", BLOCKDEV_DRIVER_NULL_CO,
                                                      null_co_open);
static const BlockDriver null_aio_driver = NULL_DRIVER("null-aio", BLOCKDEV_DRIVER_NULL_AIO,
                                                       null_aio_open);
block_driver_init(null_co_driver)
block_driver_init(null_aio_driver)
