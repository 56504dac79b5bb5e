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
/* A new file, zero; the caller closes. -1 with errp. Waits for the keeper, some 100 us. */
int fuse_files_open(FuseFiles *f, Error **errp);
/* Signalled when a page has been read: somebody has touched it. */
EventNotifier *fuse_files_notifier(FuseFiles *f);
/*
 * [offset, offset + size) of fd's file leaves the page cache and every mapping.
 * Returns what was in it in the end, valid until somebody touches it; NULL:
 * it does not work any more. Waits for the keeper.
 */
const void *fuse_files_invalidate(FuseFiles *f, int fd, size_t offset, size_t size);

#endif
