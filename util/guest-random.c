/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random bytes for guests. With a seed each thread has a generator of its own,
 * seeded from the creator's, so that a run can be repeated.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/cutils.h"
#include "qemu/guest-random.h"
#include <sys/random.h>

static bool deterministic;
static __thread GRand *thread_rand;

static GRand *generator(void)
{
    if (!thread_rand) {
        thread_rand = g_rand_new_with_seed(0);
    }
    return thread_rand;
}

static void fill_deterministic(uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        buf[i] = g_rand_int(generator()) >> 24;
    }
}

static int fill_from_kernel(uint8_t *buf, size_t len, Error **errp)
{
    while (len) {
        ssize_t n = RETRY_ON_EINTR(getrandom(buf, len, 0));

        if (n < 0) {
            int err = errno;

            error_setg_errno(errp, err, "getrandom");
            return -err;
        }
        buf += n;
        len -= n;
    }
    return 0;
}

int qemu_guest_getrandom(void *buf, size_t len, Error **errp)
{
    if (deterministic) {
        fill_deterministic(buf, len);
        return 0;
    }
    return fill_from_kernel(buf, len, errp);
}

void qemu_guest_getrandom_nofail(void *buf, size_t len)
{
    /* Without flags getrandom() fails only where the kernel forbids it altogether. */
    qemu_guest_getrandom(buf, len, &error_abort);
}

static void seed_thread(uint64_t seed)
{
    guint32 words[2] = { (guint32)seed, (guint32)(seed >> 32) };

    g_clear_pointer(&thread_rand, g_rand_free);
    thread_rand = g_rand_new_with_seed_array(words, 2);
}

uint64_t qemu_guest_random_seed_thread_part1(void)
{
    uint64_t seed = 0;

    if (deterministic) {
        fill_deterministic((uint8_t *)&seed, sizeof(seed));
    }
    return seed;
}

void qemu_guest_random_seed_thread_part2(uint64_t seed)
{
    if (deterministic) {
        seed_thread(seed);
    }
}

int qemu_guest_random_seed_main(const char *optarg, Error **errp)
{
    uint64_t seed;

    if (parse_uint_full(optarg, 0, &seed)) {
        error_setg(errp, "-seed %s: not a number", optarg);
        return -1;
    }
    deterministic = true;
    seed_thread(seed);
    return 0;
}
