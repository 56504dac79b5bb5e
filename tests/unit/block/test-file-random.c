/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random requests against a model, many at a time, some of them cancelled under
 * way. Requests that are alive never overlap; those that overlap a cancelled one
 * do. The model knows for each sector what it may hold: a cancelled write came or
 * did not, until the next write or read of that sector has ended, and never after.
 */
#include "qemu/osdep.h"
#include "file-rig.h"
#include "fuse-medium.h"

#include "qapi/error.h"
#include "qemu/iov.h"
#include "qemu/units.h"

enum {
    SECTOR = 512,
    SECTORS = 512,
    SIZE = SECTORS * SECTOR,
    DEPTH = 24,
    MAYBE = 16,                 /* values that a sector may have */
    LONGEST = 64,               /* sectors of a request */
};

typedef struct Sector {
    uint64_t may[MAYBE];        /* stamps; 0: zeroes */
    unsigned nr;
    bool busy;                  /* a request that is alive has it */
} Sector;

typedef struct Slot {
    RigRequest r;
    bool used;
    unsigned first, count;
    uint64_t stamp;
    uint64_t buf[LONGEST * SECTOR / 8];
} Slot;

typedef struct Run {
    BlockDriverState *bs;
    FuseMedium *medium;         /* NULL: a real file */
    Sector sectors[SECTORS];
    Slot slots[DEPTH];
    uint64_t stamp;
    unsigned align;             /* sectors */
    unsigned done, cancelled, ambiguous;
} Run;

static FuseMedium *medium;

/* ---- the model ---- */

static void must(Sector *s, uint64_t stamp)
{
    s->may[0] = stamp;
    s->nr = 1;
}

static void may(Sector *s, uint64_t stamp)
{
    g_assert_cmpuint(s->nr, <, MAYBE);
    s->may[s->nr++] = stamp;
}

static bool can_be(const Sector *s, uint64_t stamp)
{
    for (unsigned i = 0; i < s->nr; i++) {
        if (s->may[i] == stamp) {
            return true;
        }
    }
    return false;
}

static void set_busy(Run *run, const Slot *slot, bool busy)
{
    for (unsigned i = 0; i < slot->count; i++) {
        g_assert_true(run->sectors[slot->first + i].busy != busy);
        run->sectors[slot->first + i].busy = busy;
    }
}

static void check_read(Run *run, Slot *slot)
{
    for (unsigned i = 0; i < slot->count; i++) {
        Sector *s = &run->sectors[slot->first + i];
        const uint64_t *words = slot->buf + i * (SECTOR / 8);

        for (unsigned w = 1; w < SECTOR / 8; w++) {
            g_assert_cmpuint(words[w], ==, words[0]);
        }
        if (!can_be(s, words[0])) {
            g_error("sector %u holds %" PRIu64 ", expected %" PRIu64 " (or %u others)",
                    slot->first + i, words[0], s->may[0], s->nr - 1);
        }
        run->ambiguous += s->nr > 1;
        must(s, words[0]);
    }
}

static void finish(Run *run, Slot *slot)
{
    bool refused = slot->r.ret == -ENOTSUP;

    g_assert_true(slot->r.ret == 0 || refused);
    set_busy(run, slot, false);
    slot->used = false;
    run->done++;
    if (refused) {
        return;
    }
    if (slot->r.req.op == BLOCK_OP_READ) {
        check_read(run, slot);
    } else if (slot->r.req.op != BLOCK_OP_FLUSH) {
        for (unsigned i = 0; i < slot->count; i++) {
            must(&run->sectors[slot->first + i], slot->stamp);
        }
    }
}

static void cancel(Run *run, Slot *slot)
{
    block_request_cancel(&slot->r.req);
    g_assert_false(slot->r.done);
    /* Whoever looks at the memory of a cancelled request finds nonsense. */
    memset(slot->buf, 0xee, sizeof(slot->buf));
    set_busy(run, slot, false);
    slot->used = false;
    run->cancelled++;
    for (unsigned i = 0; slot->r.req.op != BLOCK_OP_READ && i < slot->count; i++) {
        may(&run->sectors[slot->first + i], slot->stamp);
    }
}

/* ---- requests ---- */

/* A run of sectors that nobody has, and whose model has room. */
static bool choose_range(Run *run, Slot *slot)
{
    unsigned blocks = SECTORS / run->align;

    slot->first = g_test_rand_int_range(0, blocks) * run->align;
    slot->count = g_test_rand_int_range(1, LONGEST / run->align + 1) * run->align;
    slot->count = MIN(slot->count, SECTORS - slot->first);
    for (unsigned i = 0; i < slot->count; i++) {
        const Sector *s = &run->sectors[slot->first + i];

        if (s->busy || s->nr == MAYBE) {
            slot->count = i / run->align * run->align;
        }
    }
    return slot->count > 0;
}

static BlockOp choose_op(void)
{
    static const BlockOp ops[] = {
        BLOCK_OP_READ, BLOCK_OP_READ, BLOCK_OP_READ, BLOCK_OP_WRITE, BLOCK_OP_WRITE,
        BLOCK_OP_WRITE, BLOCK_OP_WRITE, BLOCK_OP_FLUSH, BLOCK_OP_WRITE_ZEROES, BLOCK_OP_DISCARD,
    };

    return ops[g_test_rand_int_range(0, G_N_ELEMENTS(ops))];
}

static void start(Run *run, Slot *slot)
{
    BlockOp op = choose_op();
    BdrvRequestFlags flags = 0;

    if (op == BLOCK_OP_FLUSH) {
        slot->first = slot->count = 0;
    } else if (!choose_range(run, slot)) {
        return;
    }
    slot->stamp = op == BLOCK_OP_WRITE ? ++run->stamp : 0;
    if (op == BLOCK_OP_WRITE) {
        flags = g_test_rand_bit() ? BDRV_REQ_FUA : 0;
    } else if (op == BLOCK_OP_WRITE_ZEROES) {
        flags = g_test_rand_bit() ? BDRV_REQ_MAY_UNMAP : 0;
    }
    for (unsigned i = 0; i < slot->count * (SECTOR / 8); i++) {
        slot->buf[i] = op == BLOCK_OP_WRITE ? slot->stamp : 0xdead;
    }
    set_busy(run, slot, true);
    slot->used = true;
    rig_submit(run->bs, &slot->r, op, slot->first * SECTOR, slot->buf, slot->count * SECTOR, flags);
}

static void step(Run *run)
{
    Slot *slot = &run->slots[g_test_rand_int_range(0, DEPTH)];

    if (slot->used && slot->r.done) {
        finish(run, slot);
    } else if (slot->used && g_test_rand_int_range(0, 40) == 0) {
        cancel(run, slot);
    } else if (!slot->used) {
        start(run, slot);
    }
    if (run->medium && g_test_rand_int_range(0, run->medium->stalled ? 8 : 32) == 0) {
        fuse_medium_stall(run->medium, !run->medium->stalled);
    }
    if (g_test_rand_int_range(0, 4) == 0) {
        aio_poll(aio_context_main(), false);
    }
    if (g_test_rand_int_range(0, 64) == 0) {
        rig_run_for_ms(1);
    }
}

static void drain(Run *run)
{
    if (run->medium) {
        fuse_medium_stall(run->medium, false);
    }
    for (unsigned i = 0; i < DEPTH; i++) {
        if (run->slots[i].used) {
            rig_wait(&run->slots[i].r.done);
            finish(run, &run->slots[i]);
        }
    }
}

/* All of it, twice: what a cancelled write left is settled by the first look. */
static void read_all(Run *run)
{
    Slot *slot = &run->slots[0];

    for (unsigned at = 0; at < 2 * SECTORS; at += LONGEST) {
        slot->first = at % SECTORS;
        slot->count = LONGEST;
        g_assert_cmpint(rig_do(run->bs, BLOCK_OP_READ, slot->first * SECTOR, slot->buf,
                               LONGEST * SECTOR, 0), ==, 0);
        check_read(run, slot);
    }
}

static void run_it(const RigMode *mode, const char *path, FuseMedium *fuse, unsigned enough)
{
    g_autofree Run *run = g_new0(Run, 1);

    run->medium = fuse;
    run->bs = rig_open(&error_abort, "driver=file,filename=%s,discard=unmap,%s", path,
                       mode->options);
    run->align = MAX(run->bs->limits.request_alignment / SECTOR, 1);
    for (unsigned i = 0; i < SECTORS; i++) {
        must(&run->sectors[i], 0);
    }
    g_assert_cmpint(rig_do(run->bs, BLOCK_OP_WRITE_ZEROES, 0, NULL, SIZE, 0), ==, 0);
    while (run->done < enough || run->cancelled < enough / 8) {
        step(run);
    }
    drain(run);
    read_all(run);
    g_test_message("%u done, %u cancelled, %u of them seen open", run->done, run->cancelled,
                   run->ambiguous);
    bdrv_unref(run->bs);
}

static void test_file(const void *mode)
{
    g_autofree char *path = rig_file("random", SIZE, 0);

    run_it(mode, path, NULL, 2000);
}

static void test_stalling(const void *mode)
{
    if (!medium) {
        g_test_skip("no FUSE mount is possible here");
        return;
    }
    run_it(mode, medium->path, medium, 600);
}

static void add_tests(void)
{
    rig_add_modes("/block/random/file", test_file);
    rig_add_modes("/block/random/stalling", test_stalling);
}

int main(int argc, char **argv)
{
    const char *reason = NULL;
    int ret;

    medium = fuse_medium_new(rig_folder(), SIZE, &reason);
    if (medium) {
        fuse_medium_start(medium);
    }
    ret = rig_main(argc, argv, add_tests);
    if (medium) {
        fuse_medium_stop(medium);
        fuse_medium_free(medium);
    }
    return ret;
}
