/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Locks of blocks against a plain list of who asked, in order: who may go is who has
 * no older one in conflict. Taken, waited for, and dropped at random.
 */
#include "qemu/osdep.h"
#include "hw/nvme/io.h"

enum { BLOCKS = 64, PARTIES = 24 };

typedef struct Party {
    NvmeLock lock;
    NvmeRequest req;            /* of a plain command, when it is one */
    enum { IDLE, LOCKED, TRACKED } state;
    bool granted;               /* says locks.c */
    uint64_t order;
} Party;

static Party parties[PARTIES];
static NvmeLocks locks;
static uint64_t order;

void nvme_lock_granted(NvmeLock *lock)
{
    Party *p = container_of(lock, Party, lock);

    g_assert_cmpint(p->state, ==, LOCKED);
    g_assert_false(p->granted);
    p->granted = true;
}

static uint64_t first_of(const Party *p)
{
    return p->state == TRACKED ? nvme_slba(&p->req) : p->lock.node.start;
}

static uint64_t last_of(const Party *p)
{
    return p->state == TRACKED ? first_of(p) + nvme_nlb(&p->req) - 1 : p->lock.node.last;
}

static bool writes(const Party *p)
{
    return p->state == TRACKED ? p->req.cmd.opcode == NVME_IO_WRITE : p->lock.exclusive;
}

static bool strict(const Party *p)
{
    return p->state == LOCKED && p->lock.strict;
}

static bool must_wait(const Party *p, const Party *older)
{
    return older->state != IDLE && older->order < p->order && (writes(p) || writes(older)) &&
           (strict(p) || strict(older)) && first_of(older) <= last_of(p) &&
           first_of(p) <= last_of(older);
}

static void check(void)
{
    unsigned nr_strict = 0;

    for (unsigned i = 0; i < PARTIES; i++) {
        bool waits = false;

        nr_strict += strict(&parties[i]);
        if (parties[i].state != LOCKED) {
            continue;
        }
        for (unsigned k = 0; k < PARTIES; k++) {
            waits |= must_wait(&parties[i], &parties[k]);
        }
        g_assert_cmpint(parties[i].granted, ==, !waits);
    }
    g_assert_cmpuint(locks.strict, ==, nr_strict);
}

static void take(Party *p, bool all_strict)
{
    uint64_t slba = g_test_rand_int_range(0, BLOCKS);
    uint32_t nlb = g_test_rand_int_range(1, 16);
    bool exclusive = g_test_rand_int() & 1;

    p->order = ++order;
    if (!all_strict && !locks.strict && g_test_rand_int() % 3) {
        p->state = TRACKED;
        p->req.cmd.opcode = exclusive ? NVME_IO_WRITE : NVME_IO_READ;
        p->req.cmd.cdw10 = cpu_to_le32(slba);
        p->req.cmd.cdw12 = cpu_to_le32(nlb - 1);
        nvme_track(&locks, &p->req);
        return;
    }
    p->state = LOCKED;
    p->granted = nvme_lock(&locks, &p->lock, slba, nlb, exclusive,
                           all_strict || g_test_rand_int() % 4 == 0);
}

static void drop(Party *p)
{
    if (p->state == TRACKED) {
        nvme_untrack(&locks, &p->req);
    } else if (p->state == LOCKED) {
        nvme_unlock(&locks, &p->lock);
    }
    p->state = IDLE;
}

static void play(bool all_strict)
{
    memset(parties, 0, sizeof(parties));
    memset(&locks, 0, sizeof(locks));
    nvme_locks_init(&locks);
    for (unsigned round = 0; round < 20000; round++) {
        Party *p = &parties[g_test_rand_int_range(0, PARTIES)];

        if (p->state == IDLE) {
            take(p, all_strict);
        } else {
            drop(p);            /* whether it is held or waited for */
        }
        check();
    }
    for (unsigned i = 0; i < PARTIES; i++) {
        drop(&parties[i]);
        check();
    }
    g_assert_true(interval_tree_is_empty(&locks.tree));
    g_assert_true(QTAILQ_EMPTY(&locks.tracked));
}

static void test_plain(void)
{
    play(false);
}

static void test_metadata(void)
{
    play(true);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme/locks/plain", test_plain);
    g_test_add_func("/nvme/locks/metadata", test_metadata);
    return g_test_run();
}
