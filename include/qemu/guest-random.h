/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random bytes that a guest may see. From getrandom(2), unless a seed was set,
 * which makes runs repeatable (-seed, tests) - per thread, as in QEMU.
 */
#ifndef QEMU_GUEST_RANDOM_H
#define QEMU_GUEST_RANDOM_H

#include <stddef.h>

#include "qemu/typedefs.h"

int qemu_guest_random_seed_main(const char *optarg, Error **errp);  /* 0 or -1 */
uint64_t qemu_guest_random_seed_thread_part1(void);
void qemu_guest_random_seed_thread_part2(uint64_t seed);
int qemu_guest_getrandom(void *buf, size_t len, Error **errp);      /* 0 or -errno */
void qemu_guest_getrandom_nofail(void *buf, size_t len);

#endif
