/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to a node. */
#include "qemu/osdep.h"
#include "block/block.h"
#include "backend-int.h"
#include "qemu/defer-call.h"
#include "qemu/main-loop.h"

int64_t bdrv_getlength(BlockDriverState *bs)
{
    return bs->length;
}

int64_t bdrv_nb_sectors(BlockDriverState *bs)
{
    return bs->length >> BDRV_SECTOR_BITS;
}

bool bdrv_is_read_only(BlockDriverState *bs)
{
    return bs->read_only;
}

AioContext *bdrv_get_aio_context(BlockDriverState *bs)
{
    return bs->ctx;
}

const char *bdrv_get_node_name(const BlockDriverState *bs)
{
    return bs->node_name;
}

/* The -drive that stands right on it. */
const char *bdrv_get_device_name(const BlockDriverState *bs)
{
    for (GSList *l = bs->parents; l; l = l->next) {
        const BlockParent *parent = l->data;

        if (parent->blk && parent->blk->name) {
            return parent->blk->name;
        }
    }
    return "";
}

const char *bdrv_get_device_or_node_name(const BlockDriverState *bs)
{
    const char *device = bdrv_get_device_name(bs);

    return *device ? device : bs->node_name;
}

/* Drivers copy into memory of their own, so this is for speed alone. */
size_t bdrv_opt_mem_align(BlockDriverState *bs)
{
    return MAX(4096, bs->limits.request_alignment);
}

size_t bdrv_min_mem_align(BlockDriverState *bs)
{
    return sizeof(void *);
}

typedef struct Question {
    BlockRequest req;
    int ret;
} Question;

static void answered(BlockRequest *req, int ret)
{
    container_of(req, Question, req)->ret = ret;
}

/* Whatever is there, it is here and nowhere else. */
static int ask(BlockDriverState *bs, int64_t offset, int64_t bytes, int64_t *pnum)
{
    Question q = {
        .req = { .op = BLOCK_OP_STATUS, .offset = offset, .bytes = bytes, .done = answered },
    };

    q.ret = bdrv_submit(bs, &q.req);
    AIO_WAIT_WHILE(bs->ctx, (defer_call_flush(), q.ret == BLOCK_PENDING));
    *pnum = q.req.status_bytes;
    return q.ret ?: q.req.status | BDRV_BLOCK_OFFSET_VALID | BDRV_BLOCK_ALLOCATED;
}

int bdrv_block_status(BlockDriverState *bs, int64_t offset, int64_t bytes, int64_t *pnum,
                      int64_t *map, BlockDriverState **file)
{
    int ret;

    *pnum = 0;
    if (offset < 0 || bytes < 0) {
        return -EINVAL;
    }
    if (offset >= bs->length) {
        return BDRV_BLOCK_EOF;
    }
    ret = ask(bs, offset, MIN(bytes, bs->length - offset), pnum);
    if (ret >= 0 && offset + *pnum == bs->length) {
        ret |= BDRV_BLOCK_EOF;
    }
    if (map) {
        *map = offset;
    }
    if (file) {
        *file = bs;
    }
    return ret;
}

int bdrv_get_info(BlockDriverState *bs, BlockDriverInfo *bdi)
{
    const BlockLimits *l = &bs->limits;

    *bdi = (BlockDriverInfo) {
        .cluster_size = MAX(l->pdiscard_alignment, l->request_alignment),
        .discard_zeroes = l->discard_zeroes,
    };
    return 0;
}

int64_t bdrv_get_allocated_file_size(BlockDriverState *bs)
{
    while (!bs->drv->allocated_size && bs->file) {
        bs = bs->file;
    }
    return bs->drv->allocated_size ? bs->drv->allocated_size(bs) : -ENOTSUP;
}
