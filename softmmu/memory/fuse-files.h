/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of which the process hears when somebody touches a page that is not
 * there. They belong to a file system in user space (<linux/fuse.h>) that has no
 * place in any tree of names, and that a process of our own serves, the
 * keeper. While a page is in the page cache, all who have mapped it share it
 * as they share a memfd's. fuse_files_invalidate() takes it out: whoever
 * touches it then makes the kernel read it, which the keeper answers, and tells.
 *
 * Why a process: the kernel writes dirty pages back when somebody unmaps them,
 * also when he is killed, and waits for the answer. Whoever had such a file
 * mapped and answered as well could not die. It also outlives us, for as
 * long as a client has one of the files: that can go on storing to nobody.
 *
 * A keeper that is stopped answers nothing until it goes on, and one that is killed
 * never. No function here waits for it longer than a moment; touching a page that
 * is away would.
 *
 * Not thread-safe: the lock of the domain.
 */
#ifndef SOFTMMU_MEMORY_FUSE_FILES_H
#define SOFTMMU_MEMORY_FUSE_FILES_H

#include "qemu/event_notifier.h"

/* Files that exist at a time: the present one, the next one, and those that clients kept. */
#define FUSE_FILES_MAX 256

typedef struct FuseFiles FuseFiles;

/* Starts the keeper; size is that of each file, a multiple of the page size. */
FuseFiles *fuse_files_new(size_t size, Error **errp);
void fuse_files_free(FuseFiles *f);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FuseFiles, fuse_files_free)
/* A new file, zero; the caller closes. -1 with errp. Takes some 100 us. */
int fuse_files_open(FuseFiles *f, Error **errp);
/*
 * Signalled when a page has been read: somebody has touched it; and when the keeper has
 * answered after all what nobody waited for any more.
 */
EventNotifier *fuse_files_notifier(FuseFiles *f);
/*
 * [offset, offset + size) of fd's file leaves the page cache and every mapping.
 * Returns what was in it in the end, valid until somebody touches it; NULL:
 * the keeper has not answered, or does not any more; a page that goes later comes back.
 */
const void *fuse_files_invalidate(FuseFiles *f, int fd, size_t offset, size_t size);
/* Brings the page at offset back; false: it does not come now. */
bool fuse_files_fetch(FuseFiles *f, int fd, size_t offset);
/* The keeper owes an answer: pages may be locked by the kernel until it comes. */
bool fuse_files_are_stuck(FuseFiles *f);
/* The keeper answers, for this file, now. */
bool fuse_files_answer(FuseFiles *f, int fd);
/* Readable when the keeper is dead: then fuse_files_abandon() ends what waits for it. */
int fuse_files_alive_fd(FuseFiles *f);
bool fuse_files_keeper_is_dead(FuseFiles *f);
void fuse_files_abandon(FuseFiles *f);
pid_t fuse_files_keeper(FuseFiles *f);

#endif
