/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nbd: an export of an NBD server, by libnbd. With qemu-nbd or
 * qemu-storage-daemon as the server, any image format.
 */
#include "qemu/osdep.h"
#include "nbd-int.h"
#include "qapi/error.h"
#include "qemu/units.h"

enum {
    TRANSFER_MAX = 4 * MiB,     /* in one request; more is split by the core */
    ZEROES_MAX = GiB,
    OPEN_PAUSE_MS = 200,
};

/* With open-timeout= again and again, so that client and server can be started together. */
static struct nbd_handle *first_dial(const NbdTarget *target, uint32_t timeout_s, Error **errp)
{
    int64_t deadline_us = g_get_monotonic_time() + timeout_s * (int64_t)G_USEC_PER_SEC;
    struct nbd_handle *nbd;
    Error *err = NULL;

    while (!(nbd = nbd_dial_now(target, &err))) {
        if (g_get_monotonic_time() >= deadline_us) {
            error_propagate(errp, err);
            return NULL;
        }
        g_clear_pointer(&err, error_free);
        g_usleep(OPEN_PAUSE_MS * 1000);
    }
    return nbd;
}

static bool check_features(BlockDriverState *bs, const NbdFeatures *f, const NbdTarget *target,
                           Error **errp)
{
    if (f->read_only && !bs->read_only) {
        error_setg(errp, "nbd: '%s' is read-only: add read-only=on", target->text);
    } else if (f->size < 0 || f->size > BDRV_MAX_LENGTH) {
        error_setg(errp, "nbd: '%s' has no size that a disk can have", target->text);
    } else if (f->min_block > 64 * KiB || !is_power_of_2(f->min_block)) {
        error_setg(errp, "nbd: '%s' wants requests of %u bytes at least: use a server with smaller"
                   " blocks", target->text, f->min_block);
    } else {
        return true;
    }
    return false;
}

static void node_init(NbdNode *n, BlockDriverState *bs)
{
    NbdList *const lists[] = { &n->waiting, &n->sent, &n->ended, &n->unflushed, &n->replay };

    n->bs = bs;
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        QTAILQ_INIT(lists[i]);
    }
}

static bool nbd_open(BlockDriverState *bs, const BlockdevOptions *options, Error **errp)
{
    const BlockdevOptionsNbd *o = &options->u.nbd;
    g_autoptr(NbdTarget) target = nbd_lib_load(errp) ? nbd_target_new(o, errp) : NULL;
    NbdNode *n = bs->opaque;
    struct nbd_handle *nbd;

    nbd = target ? first_dial(target, o->has_open_timeout ? o->open_timeout : 0, errp) : NULL;
    if (!nbd) {
        return false;
    }
    nbd_features_read(nbd, &n->features);
    if (!check_features(bs, &n->features, target, errp)) {
        nbd_lib.close(nbd);
        return false;
    }
    node_init(n, bs);
    n->reconnect_s = o->has_reconnect_delay ? o->reconnect_delay : 0;
    bs->has_fua = n->features.fua;
    bs->filename = g_strdup(target->text);
    n->target = g_steal_pointer(&target);
    nbd_link_up(n, nbd);
    return true;
}

static void nbd_close_node(BlockDriverState *bs)
{
    NbdNode *n = bs->opaque;

    nbd_link_close(n);
    nbd_target_unref(n->target);
}

static void nbd_attach(BlockDriverState *bs, AioContext *ctx)
{
    nbd_link_attach(bs->opaque, ctx);
}

static void nbd_detach(BlockDriverState *bs)
{
    nbd_link_detach(bs->opaque);
}

static int nbd_submit(BlockDriverState *bs, BlockRequest *req)
{
    NbdNode *n = bs->opaque;

    switch (req->op) {
    case BLOCK_OP_FLUSH:
        if (!n->features.flush) {
            return 0;
        }
        break;
    case BLOCK_OP_DISCARD:
        if (!n->features.trim) {
            return -ENOTSUP;
        }
        break;
    case BLOCK_OP_WRITE_ZEROES:
        if (!n->features.zero) {
            return -ENOTSUP;
        }
        break;
    case BLOCK_OP_STATUS:
        if (!n->features.status) {
            return -ENOTSUP;
        }
        break;
    default:
        break;
    }
    return nbd_queue_submit(n, req);
}

static void nbd_cancel(BlockDriverState *bs, BlockRequest *req)
{
    nbd_queue_cancel(bs->opaque, req);
}

static int64_t nbd_getlength(BlockDriverState *bs)
{
    NbdNode *n = bs->opaque;

    return n->features.size;
}

static void nbd_refresh_limits(BlockDriverState *bs)
{
    NbdNode *n = bs->opaque;
    uint32_t min_block = n->features.min_block;

    bs->limits.request_alignment = min_block;
    bs->limits.max_transfer = QEMU_ALIGN_DOWN(MIN(n->features.max_block, TRANSFER_MAX), min_block);
    bs->limits.max_pdiscard = bs->limits.max_pwrite_zeroes = ZEROES_MAX;
    bs->limits.opt_io = n->features.opt_block;
}

static const BlockDriver nbd_driver = {
    .name = "nbd",
    .kind = BLOCKDEV_DRIVER_NBD,
    .state_size = sizeof(NbdNode),
    .open = nbd_open,
    .close = nbd_close_node,
    .attach = nbd_attach,
    .detach = nbd_detach,
    .submit = nbd_submit,
    .cancel = nbd_cancel,
    .getlength = nbd_getlength,
    .refresh_limits = nbd_refresh_limits,
};
block_driver_init(nbd_driver)
