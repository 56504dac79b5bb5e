/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a node can take, and what of it is to be looked at for each request. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/host-utils.h"
#include "backend-int.h"
#include "graph.h"
#include "order.h"
#include "task.h"

static bool check_limits(const BlockDriverState *bs, Error **errp)
{
    const BlockLimits *l = &bs->limits;

    if (!is_power_of_2(l->request_alignment) || l->request_alignment > BDRV_MAX_ALIGNMENT ||
        (l->max_transfer && l->max_transfer < l->request_alignment)) {
        error_setg(errp, "Node '%s': driver '%s' has blocks of %u bytes and takes %u at a time:"
                   " such a medium cannot be used", bs->node_name, bs->drv->name,
                   l->request_alignment, l->max_transfer);
        return false;
    }
    return true;
}

/* A node that sits on another one leaves whole blocks to that one. */
static void set_paths(BlockDriverState *bs)
{
    uint32_t align = bs->file ? 1 : bs->limits.request_alignment;
    uint32_t max = bs->file ? 0 : bs->limits.max_transfer;

    bs->align = align;
    bs->max_bytes = ROUND_DOWN(max ?: BDRV_REQUEST_MAX_BYTES, align);
    bs->plain_ops = 1 << BLOCK_OP_READ;
    if (bs->detect_zeroes == BLOCKDEV_DETECT_ZEROES_OPTIONS_OFF) {
        bs->plain_ops |= 1 << BLOCK_OP_WRITE;
    }
    if (bs->file) {
        bs->plain_ops |= 1 << BLOCK_OP_WRITE_ZEROES;
        bs->plain_ops |= bs->discard_unmap ? 1 << BLOCK_OP_DISCARD : 0;
    }
    bs->slow_flags = bs->file || bs->has_fua ? 0 : BDRV_REQ_FUA;
    bs->dropped_flags = (bs->no_flush ? BDRV_REQ_FUA : 0) |
                        (bs->discard_unmap ? 0 : BDRV_REQ_MAY_UNMAP);
}

bool bdrv_refresh_limits(BlockDriverState *bs, Error **errp)
{
    bs->limits = bs->file ? bs->file->limits : (BlockLimits) { .request_alignment = 1 };
    if (bs->drv->refresh_limits) {
        bs->drv->refresh_limits(bs);
    }
    if (!check_limits(bs, errp)) {
        return false;
    }
    set_paths(bs);
    if (bs->align > 1 && !bs->order) {
        bs->order = block_order_new(block_task_turn);
    }
    return true;
}

int bdrv_refresh_length(BlockDriverState *bs)
{
    int64_t length = bs->drv->getlength(bs);

    if (length < 0) {
        return length;
    }
    if (length > BDRV_MAX_LENGTH) {
        return -EFBIG;
    }
    length = ROUND_UP(length, BDRV_SECTOR_SIZE);
    if (length == bs->length) {
        return 0;
    }
    bs->length = length;
    for (GSList *l = bs->parents; l; l = l->next) {
        block_parent_resized(l->data);
    }
    return 0;
}

bool bdrv_truncate(BlockDriverState *bs, int64_t size, Error **errp)
{
    int ret;

    if (!bs->drv->truncate) {
        error_setg(errp, "Driver '%s' of node '%s' cannot change its size", bs->drv->name,
                   bs->node_name);
        return false;
    }
    if (bs->read_only) {
        error_setg(errp, "Node '%s' is read-only: open it with read-only=off", bs->node_name);
        return false;
    }
    if (!bs->drv->truncate(bs, size, errp)) {
        return false;
    }
    ret = bdrv_refresh_length(bs);
    if (ret < 0) {
        error_setg_errno(errp, -ret, "Could not get the size of '%s'", bs->node_name);
    }
    return ret == 0;
}
