/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "medium.h"
#include "qemu/iov.h"
#include "qemu/main-loop.h"

typedef struct MediumRequest {
    BlockRequest *req;          /* NULL: an orphan */
    BlockOp op;
    int64_t offset, bytes;
    uint8_t *data;              /* what a write brings */
} MediumRequest;

/* The driver has no options that could name it. */
static Medium *being_opened;

static Medium *medium_of(BlockDriverState *bs)
{
    return *(Medium **)bs->opaque;
}

static bool medium_driver_open(BlockDriverState *bs, const BlockdevOptions *options, Error **errp)
{
    *(Medium **)bs->opaque = being_opened;
    bs->has_fua = being_opened->fua;
    return true;
}

static int64_t medium_getlength(BlockDriverState *bs)
{
    return medium_of(bs)->length;
}

static void medium_refresh_limits(BlockDriverState *bs)
{
    bs->limits = medium_of(bs)->limits;
    bs->limits.request_alignment = MAX(bs->limits.request_alignment, 1);
}

static void free_request(MediumRequest *r)
{
    g_free(r->data);
    g_free(r);
}

static bool has_way(const Medium *m, BlockOp op)
{
    return (op != BLOCK_OP_WRITE_ZEROES || m->zeroes) && (op != BLOCK_OP_DISCARD || m->discards);
}

/* Zeroes are not kept. */
static void look(const Medium *m, const MediumRequest *r)
{
    const uint8_t *bytes = m->bytes + r->offset;
    int64_t n = 1;

    while (n < r->bytes && !bytes[n] == !bytes[0]) {
        n++;
    }
    r->req->status = bytes[0] ? BDRV_BLOCK_DATA : BDRV_BLOCK_ZERO;
    r->req->status_bytes = n;
}

static void apply(Medium *m, const MediumRequest *r)
{
    if (r->op == BLOCK_OP_READ) {
        iov_from_buf(r->req->iov, r->req->niov, 0, m->bytes + r->offset, r->bytes);
    } else if (r->op == BLOCK_OP_WRITE) {
        memcpy(m->bytes + r->offset, r->data, r->bytes);
    } else if (r->op == BLOCK_OP_STATUS) {
        look(m, r);
    } else if (r->op != BLOCK_OP_FLUSH) {
        memset(m->bytes + r->offset, 0, r->bytes);
    }
    if (r->op == BLOCK_OP_FLUSH || block_op_changes_medium(r->op)) {
        m->flushed = r->op == BLOCK_OP_FLUSH;
    }
}

/* What the core promises. */
static void check(const Medium *m, const BlockRequest *req)
{
    const BlockLimits *l = &m->bs->limits;

    g_assert_cmpint(req->op, <, BLOCK_OP__MAX);
    if (req->op == BLOCK_OP_FLUSH) {
        return;
    }
    g_assert_cmpint(req->bytes, >, 0);
    if (req->op == BLOCK_OP_STATUS) {
        g_assert_cmpint(req->offset + req->bytes, <=, m->bs->length);
        return;
    }
    g_assert_cmpint((req->offset | req->bytes) & (l->request_alignment - 1), ==, 0);
    g_assert_cmpint(req->offset + req->bytes, <=, ROUND_UP(m->bs->length, l->request_alignment));
    if (req->op <= BLOCK_OP_WRITE) {
        g_assert_cmpint(iov_size(req->iov, req->niov), ==, req->bytes);
        g_assert_true(!l->max_transfer || req->bytes <= l->max_transfer);
    } else if (req->op == BLOCK_OP_DISCARD) {
        g_assert_true(!l->max_pdiscard || req->bytes <= l->max_pdiscard);
        g_assert_true(!l->pdiscard_alignment ||
                      !((req->offset | req->bytes) % l->pdiscard_alignment));
    } else {
        g_assert_true(!l->max_pwrite_zeroes || req->bytes <= l->max_pwrite_zeroes);
        g_assert_true(!l->pwrite_zeroes_alignment ||
                      !((req->offset | req->bytes) % l->pwrite_zeroes_alignment));
    }
    g_assert_true(!(req->flags & BDRV_REQ_FUA) || m->fua);
}

static MediumRequest *new_request(BlockRequest *req)
{
    MediumRequest *r = g_new0(MediumRequest, 1);

    *r = (MediumRequest) { req, req->op, req->offset, req->bytes };
    if (req->op == BLOCK_OP_WRITE) {
        r->data = g_malloc(req->bytes);
        iov_to_buf(req->iov, req->niov, 0, r->data, req->bytes);
    }
    return r;
}

static int finish(Medium *m, MediumRequest *r)
{
    int ret = m->error ? -m->error : has_way(m, r->op) ? 0 : -ENOTSUP;

    m->error = 0;
    if (ret == 0) {
        apply(m, r);
    }
    return ret;
}

static int medium_submit(BlockDriverState *bs, BlockRequest *req)
{
    Medium *m = medium_of(bs);
    MediumRequest *r;
    int ret;

    check(m, req);
    m->count[req->op]++;
    m->fua_writes += (req->flags & BDRV_REQ_FUA) != 0;
    m->longest = req->op <= BLOCK_OP_WRITE ? MAX(m->longest, req->bytes) : m->longest;
    r = new_request(req);
    if (!m->at_once) {
        g_ptr_array_add(m->pending, r);
        return BLOCK_PENDING;
    }
    ret = finish(m, r);
    free_request(r);
    return ret;
}

static MediumRequest *find(Medium *m, const BlockRequest *req)
{
    for (guint i = 0; i < m->pending->len; i++) {
        MediumRequest *r = g_ptr_array_index(m->pending, i);

        if (r->req == req) {
            return r;
        }
    }
    g_assert_not_reached();
}

static void medium_cancel(BlockDriverState *bs, BlockRequest *req)
{
    Medium *m = medium_of(bs);
    MediumRequest *r = find(m, req);

    if (!block_op_changes_medium(r->op) || g_test_rand_bit()) {
        g_ptr_array_remove(m->pending, r);
    } else {
        r->req = NULL;
    }
}

static bool medium_truncate(BlockDriverState *bs, int64_t size, Error **errp)
{
    Medium *m = medium_of(bs);
    int64_t room = ROUND_UP(m->length, 4096);

    if (size > room) {
        m->bytes = g_realloc(m->bytes, ROUND_UP(size, 4096));
        memset(m->bytes + room, 0, ROUND_UP(size, 4096) - room);
    }
    m->length = size;
    return true;
}

static const BlockDriver medium_driver = {
    .name = "medium",
    .state_size = sizeof(Medium *),
    .open = medium_driver_open,
    .submit = medium_submit,
    .cancel = medium_cancel,
    .getlength = medium_getlength,
    .truncate = medium_truncate,
    .refresh_limits = medium_refresh_limits,
};

BlockDriverState *medium_open_with(Medium *m, BlockdevOptions *options, Error **errp)
{
    being_opened = m;
    m->bytes = m->no_memory ? NULL : g_malloc0(ROUND_UP(m->length, 4096));
    m->pending = g_ptr_array_new_with_free_func((GDestroyNotify)free_request);
    m->bs = bdrv_new_open_driver(&medium_driver, options, errp);
    return m->bs;
}

BlockDriverState *medium_open(Medium *m, const char *name, Error **errp)
{
    BlockdevOptions options = { .node_name = (char *)name };

    options.has_discard = true;
    options.discard = BLOCKDEV_DISCARD_OPTIONS_UNMAP;
    return medium_open_with(m, &options, errp);
}

void medium_clear(Medium *m)
{
    g_free(m->bytes);
    g_ptr_array_unref(m->pending);
}

static bool is_held(const Medium *m, guint n)
{
    const MediumRequest *r = g_ptr_array_index(m->pending, n);

    for (guint i = 0; i < n; i++) {
        const MediumRequest *before = g_ptr_array_index(m->pending, i);

        if (!before->req && before->offset < r->offset + r->bytes &&
            r->offset < before->offset + before->bytes) {
            return true;
        }
    }
    return false;
}

static guint nth_ready(Medium *m, unsigned nth)
{
    for (guint i = 0; i < m->pending->len; i++) {
        if (!is_held(m, i) && nth-- == 0) {
            return i;
        }
    }
    return m->pending->len;
}

unsigned medium_ready(Medium *m)
{
    unsigned n = 0;

    for (guint i = 0; i < m->pending->len; i++) {
        n += !is_held(m, i);
    }
    return n;
}

void medium_end(Medium *m, unsigned nth)
{
    MediumRequest *r = g_ptr_array_steal_index(m->pending, nth_ready(m, nth));
    BlockRequest *req = r->req;
    int ret;

    /* What was taken back need not arrive. */
    if (!req && g_test_rand_bit()) {
        free_request(r);
        return;
    }
    ret = finish(m, r);
    free_request(r);
    if (req) {
        block_request_done(req, ret);
    }
}

void medium_end_all(Medium *m)
{
    do {
        while (m->pending->len) {
            medium_end(m, 0);
        }
    } while (aio_poll(aio_context_main(), false) || m->pending->len);
}
