/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * raw: a part of another node, from offset= on, size= bytes long. A request is
 * moved in place and goes on; it ends without coming by here again.
 */
#include "qemu/osdep.h"
#include "block-int.h"
#include "filter.h"
#include "qapi/error.h"

typedef struct RawState {
    int64_t offset;
    int64_t size;               /* -1: what follows offset, also when that grows */
} RawState;

static int raw_submit(BlockDriverState *bs, BlockRequest *req)
{
    RawState *s = bs->opaque;

    req->offset += s->offset;
    return bdrv_submit(bs->file, req);
}

static int64_t raw_getlength(BlockDriverState *bs)
{
    RawState *s = bs->opaque;

    return s->size >= 0 ? s->size : bs->file->length - s->offset;
}

static bool raw_truncate(BlockDriverState *bs, int64_t size, Error **errp)
{
    RawState *s = bs->opaque;

    if (s->size >= 0) {
        error_setg(errp, "raw: node '%s' has a fixed size: open it without size= to resize it",
                   bs->node_name);
        return false;
    }
    if (size > BDRV_MAX_LENGTH - s->offset) {
        error_setg(errp, "raw: %" PRId64 " bytes from 'offset=%" PRId64 "' on are more than a"
                   " disk can have", size, s->offset);
        return false;
    }
    return bdrv_truncate(bs->file, size + s->offset, errp);
}

static bool raw_check(BlockDriverState *bs, const BlockdevOptionsRaw *o, Error **errp)
{
    uint64_t below = bs->file->length;
    uint64_t offset = o->has_offset ? o->offset : 0;

    if (offset > below) {
        error_setg(errp, "raw: 'offset=%" PRIu64 "' is outside of '%s', which has %" PRIu64
                   " bytes", offset, bs->file->node_name, below);
        return false;
    }
    if (o->has_size && o->size > below - offset) {
        error_setg(errp, "raw: 'size=%" PRIu64 "' from 'offset=%" PRIu64 "' on ends behind '%s',"
                   " which has %" PRIu64 " bytes", o->size, offset, bs->file->node_name, below);
        return false;
    }
    return true;
}

static bool raw_open(BlockDriverState *bs, const BlockdevOptions *options, Error **errp)
{
    const BlockdevOptionsRaw *o = &options->u.raw;
    RawState *s = bs->opaque;

    if (o->has_size && o->size % BDRV_SECTOR_SIZE) {
        error_setg(errp, "raw: 'size=%" PRIu64 "' is not a multiple of %llu", o->size,
                   BDRV_SECTOR_SIZE);
        return false;
    }
    if (!raw_check(bs, o, errp)) {
        return false;
    }
    s->offset = o->has_offset ? o->offset : 0;
    s->size = o->has_size ? o->size : -1;
    return filter_open(bs);
}

static const BlockDriver raw_driver = {
    .name = "raw",
    .kind = BLOCKDEV_DRIVER_RAW,
    .state_size = sizeof(RawState),
    .has_file = true,
    .open = raw_open,
    .submit = raw_submit,
    .cancel = filter_never_cancel,
    .getlength = raw_getlength,
    .truncate = raw_truncate,
    .allocated_size = filter_allocated_size,
};
block_driver_init(raw_driver)
