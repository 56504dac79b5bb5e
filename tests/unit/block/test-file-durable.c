/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FLUSH and FUA reach the medium. A process writes at random through the driver
 * and notes, in memory that we share, which version of each block it was promised
 * to be stable: by a flush that ended, of what had ended before it began, or by
 * FUA. The medium logs what is stable, and compares after every request that the
 * kernel sends it: each of them is a point at which the power may fail. And at
 * random points the process is killed (SIGKILL) and the medium does lose its power,
 * with each sector of its volatile cache lost or not.
 *
 * All of the kernel is between the two: page cache, io_uring, O_DIRECT.
 */
#include "qemu/osdep.h"
#include "file-rig.h"
#include "fuse-medium.h"
#include "block/file-int.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "qapi/error.h"

enum {
    BLOCK = 4096,
    BLOCKS = 64,
    DEPTH = 8,
#if defined(QEMU_SANITIZE_THREAD) || defined(QEMU_SANITIZE_ADDRESS)
    ROUNDS = 8,                 /* a fork of theirs takes its time */
#else
    ROUNDS = 50,                /* for each engine */
#endif
};

typedef struct Ledger {
    uint32_t issued[BLOCKS];    /* atomic, all of them: the writer's process fills them */
    uint32_t durable[BLOCKS];
    unsigned promises, points;
    bool lies;                  /* the writer promises without asking for it */
    /* Of the first that was broken. */
    bool broken;
    unsigned broken_block;
    uint32_t broken_has, broken_promised;
} Ledger;

static FuseMedium *medium;
static Ledger *ledger;

/* ---- what a block holds: its version, and what follows from version and number ---- */

static void fill_block(uint32_t *words, unsigned block, uint32_t version)
{
    for (unsigned i = 0; i < BLOCK / 4; i += 2) {
        words[i] = version;
        words[i + 1] = block * 0x01000193u ^ version;
    }
}

static uint32_t sector_version(const uint8_t *sector, unsigned block)
{
    const uint32_t *words = (const uint32_t *)sector;

    for (unsigned i = 0; i < FUSE_SECTOR / 4; i += 2) {
        g_assert_cmpuint(words[i], ==, words[0]);
        g_assert_true(words[i + 1] == (block * 0x01000193u ^ words[0]) || !words[0]);
    }
    return words[0];
}

static void check_block(FuseMedium *m, unsigned block)
{
    uint32_t promised = qatomic_load_acquire(&ledger->durable[block]);

    for (unsigned at = 0; at < BLOCK; at += FUSE_SECTOR) {
        uint32_t has = sector_version(m->stable + block * BLOCK + at, block);

        if (has < promised && !ledger->broken) {
            ledger->broken = true;
            ledger->broken_block = block;
            ledger->broken_has = has;
            ledger->broken_promised = promised;
        }
        g_assert_cmpuint(has, <=, qatomic_read(&ledger->issued[block]));
    }
}

/* In the medium's process, and in ours when nobody else runs. */
static void check_all(FuseMedium *m)
{
    ledger->points++;
    for (unsigned block = 0; block < BLOCKS; block++) {
        check_block(m, block);
    }
}

/* ---- the writer's process ---- */

typedef struct Slot {
    RigRequest r;
    bool used;
    unsigned block;
    uint32_t version;
    uint32_t snapshot[BLOCKS];  /* flush: what had ended when it began */
    uint32_t data[BLOCK / 4];
} Slot;

typedef struct Writer {
    BlockDriverState *bs;
    GRand *rand;
    uint32_t ended[BLOCKS];
    bool busy[BLOCKS];
    Slot slots[DEPTH];
} Writer;

static void promise(unsigned block, uint32_t version)
{
    if (version > ledger->durable[block]) {
        qatomic_store_release(&ledger->durable[block], version);
        qatomic_set(&ledger->promises, ledger->promises + 1);
    }
}

static void ended(Writer *w, Slot *slot)
{
    g_assert_cmpint(slot->r.ret, ==, 0);
    slot->used = false;
    if (slot->r.req.op == BLOCK_OP_FLUSH) {
        for (unsigned block = 0; block < BLOCKS; block++) {
            promise(block, slot->snapshot[block]);
        }
        return;
    }
    w->busy[slot->block] = false;
    w->ended[slot->block] = slot->version;
    if (slot->r.req.flags & BDRV_REQ_FUA) {
        promise(slot->block, slot->version);
    }
}

static void start_flush(Writer *w, Slot *slot)
{
    memcpy(slot->snapshot, w->ended, sizeof(slot->snapshot));
    if (ledger->lies) {
        slot->r = (RigRequest) { .req = { .op = BLOCK_OP_FLUSH }, .done = true };
    } else {
        rig_submit(w->bs, &slot->r, BLOCK_OP_FLUSH, 0, NULL, 0, 0);
    }
    slot->used = true;
}

static void start_write(Writer *w, Slot *slot)
{
    bool fua = !ledger->lies && g_rand_int_range(w->rand, 0, 6) == 0;

    slot->block = g_rand_int_range(w->rand, 0, BLOCKS);
    if (w->busy[slot->block]) {
        return;
    }
    w->busy[slot->block] = true;
    slot->version = ledger->issued[slot->block] + 1;
    qatomic_store_release(&ledger->issued[slot->block], slot->version);
    fill_block(slot->data, slot->block, slot->version);
    rig_submit(w->bs, &slot->r, BLOCK_OP_WRITE, slot->block * BLOCK, slot->data, BLOCK,
               fua ? BDRV_REQ_FUA : 0);
    slot->used = true;
}

static void turn(Writer *w)
{
    for (unsigned i = 0; i < DEPTH; i++) {
        Slot *slot = &w->slots[i];

        if (slot->used && slot->r.done) {
            ended(w, slot);
        }
        if (!slot->used && g_rand_int_range(w->rand, 0, 8) == 0) {
            start_flush(w, slot);
        } else if (!slot->used) {
            start_write(w, slot);
        }
    }
    aio_poll(aio_context_main(), !ledger->lies);
}

static void G_GNUC_NORETURN writer_main(const RigMode *mode, uint32_t seed)
{
    Writer *w = g_new0(Writer, 1);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    aio_context_enter(aio_context_main());
    /* Outside of this test threads serve FUSE. */
    file_trust_all_media = strstr(mode->options, "aio=io_uring");
    w->rand = g_rand_new_with_seed(seed);
    w->bs = rig_open(&error_abort, "driver=file,filename=%s,%s", medium->path, mode->options);
    for (;;) {
        turn(w);
    }
}

/* ---- rounds ---- */

static void kill_at_some_point(const RigMode *mode)
{
    int64_t end = g_get_monotonic_time() + 60 * G_TIME_SPAN_SECOND;
    unsigned enough = ledger->promises + g_test_rand_int_range(1, 20);
    pid_t pid;
    int status;

    pid = fork();
    if (pid == 0) {
        writer_main(mode, g_test_rand_int());
    }
    while (qatomic_read(&ledger->promises) < enough) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_assert_cmpint(waitpid(pid, &status, WNOHANG), ==, 0);
        g_usleep(200);
    }
    g_usleep(g_test_rand_int_range(0, 2000));
    /* It must not have ended by itself. */
    g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void play_round(const RigMode *mode, GRand *rand)
{
    fuse_medium_start(medium);
    kill_at_some_point(mode);
    fuse_medium_lose_power(medium, rand);
    check_all(medium);
    fuse_medium_stop(medium);
}

static void reset(bool lies)
{
    memset(ledger, 0, sizeof(*ledger));
    memset(medium->now, 0, medium->size);
    memset(medium->stable, 0, medium->size);
    medium->syncs = medium->writes = 0;
    ledger->lies = lies;
}

static void play(const RigMode *mode, unsigned rounds, bool until_broken)
{
    GRand *rand = g_rand_new_with_seed(g_test_rand_int());

    for (unsigned i = 0; i < rounds && !(until_broken && ledger->broken); i++) {
        play_round(mode, rand);
    }
    g_rand_free(rand);
    g_test_message("%u promises, %u points, %u syncs, %u writes", ledger->promises,
                   ledger->points, medium->syncs, medium->writes);
}

static void test_durable(const void *mode)
{
    reset(false);
    play(mode, ROUNDS, false);
    if (ledger->broken) {
        g_error("block %u was promised as version %u and is %u", ledger->broken_block,
                ledger->broken_promised, ledger->broken_has);
    }
    g_assert_cmpuint(ledger->promises, >=, ROUNDS);
    g_assert_cmpuint(ledger->points, >, 2 * ROUNDS);
}

/* The test finds out who promises and does nothing. */
static void test_liar_is_caught(const void *mode)
{
    reset(true);
    play(mode, 20, true);
    g_assert_true(ledger->broken);
}

static void add_tests(void)
{
    rig_add_modes("/block/durable", test_durable);
    rig_add_modes("/block/liar-is-caught", test_liar_is_caught);
}

int main(int argc, char **argv)
{
    const char *reason = NULL;
    int ret;

    g_test_init(&argc, &argv, NULL);
    medium = fuse_medium_new(rig_folder(), BLOCKS * BLOCK, &reason);
    if (!medium) {
        printf("1..0 # SKIP %s\n", reason);
        return 0;
    }
    ledger = fuse_medium_shared(sizeof(*ledger));
    medium->check = check_all;
    add_tests();
    ret = g_test_run();
    fuse_medium_free(medium);
    return ret;
}
