/* SPDX-License-Identifier: GPL-2.0-or-later */
/* throttle: requests go to the node below no faster than a throttle-group lets them. */
#include "qemu/osdep.h"
#include "block-int.h"
#include "filter.h"
#include "qapi/error.h"
#include "throttle-object.h"

static ThrottleMember *member_of(BlockDriverState *bs)
{
    return bs->opaque;
}

static void go_on(void *opaque, BlockRequest *req)
{
    block_request_pass_on(req);
}

static bool throttle_open(BlockDriverState *bs, const BlockdevOptions *options, Error **errp)
{
    ThrottleGroup *group = throttle_object_find(options->u.throttle.throttle_group, errp);

    if (!group) {
        return false;
    }
    throttle_member_init(member_of(bs), group, go_on, bs);
    return filter_open(bs);
}

static void throttle_close(BlockDriverState *bs)
{
    throttle_member_destroy(member_of(bs));
}

static void throttle_attach(BlockDriverState *bs, AioContext *ctx)
{
    throttle_member_attach(member_of(bs), ctx);
}

static void throttle_detach(BlockDriverState *bs)
{
    throttle_member_detach(member_of(bs));
}

static int throttle_submit(BlockDriverState *bs, BlockRequest *req)
{
    return throttle_member_intercept(member_of(bs), req) ? BLOCK_PENDING
                                                         : bdrv_submit(bs->file, req);
}

static void throttle_cancel(BlockDriverState *bs, BlockRequest *req)
{
    throttle_member_cancel(member_of(bs), req);
}

static void throttle_drain(BlockDriverState *bs, bool begin)
{
    throttle_member_set_exempt(member_of(bs), begin);
}

static const BlockDriver throttle_driver = {
    .name = "throttle",
    .kind = BLOCKDEV_DRIVER_THROTTLE,
    .state_size = sizeof(ThrottleMember),
    .has_file = true,
    .is_filter = true,
    .open = throttle_open,
    .close = throttle_close,
    .attach = throttle_attach,
    .detach = throttle_detach,
    .submit = throttle_submit,
    .cancel = throttle_cancel,
    .drain = throttle_drain,
    FILTER_PASSES_ON,
};
block_driver_init(throttle_driver)
