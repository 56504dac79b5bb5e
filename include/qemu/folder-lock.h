/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lock on the folder of a file, for those who look whether a file is stale
 * and put their own in its place. flock() on the folder itself leaves no file
 * behind.
 *
 * Anybody who may read the folder can take the lock and keep it, so it is
 * waited for shortly. Any thread.
 */
#ifndef QEMU_FOLDER_LOCK_H
#define QEMU_FOLDER_LOCK_H

#include <stdbool.h>

/*
 * The lock, a file descriptor that holds it until it is closed; -1 without it:
 * somebody else keeps it (*busy), or there is no locking in that folder.
 */
int folder_lock(const char *path_in_it, bool *busy);

#endif
