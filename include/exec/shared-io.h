/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ours: registers that a client may also have as plain memory.
 *
 * Accesses by message go to the region's callbacks, as for any I/O region. The
 * client may map a page of ours in its place instead; what it stores there
 * nobody is told: the device looks (block/aio.h: aio_poller_new()). The
 * callbacks of a device that wants both ways to be one keep them so, by
 * storing to the page what is written by message.
 *
 * A BAR that shows exactly one such region, whole, at an offset that equals the
 * region's file_offset, is offered with that part as its only mappable area
 * (VFIO_REGION_INFO_CAP_SPARSE_MMAP). The page belongs to one client after the
 * other: when one leaves, the region gets another file with the same contents.
 *
 * The client is hostile: it stores what it likes at any moment. Load each word
 * once, into private memory, and check that.
 *
 * Locking: as exec/memory.h. The page is read and written without any lock.
 */
#ifndef EXEC_SHARED_IO_H
#define EXEC_SHARED_IO_H

#include "block/aio.h"
#include "exec/memory.h"

/*
 * size and file_offset are multiples of the host's page size. The file behind
 * the region is zero, has file_offset + size bytes and can neither shrink nor
 * grow. False with errp: no memory to be had; mr is a plain I/O region then.
 */
bool memory_region_init_shared_io(MemoryRegion *mr, Object *owner, const MemoryRegionOps *ops,
                                  void *opaque, const char *name, uint64_t size,
                                  uint64_t file_offset, Error **errp);
bool memory_region_is_shared_io(const MemoryRegion *mr);
/*
 * size bytes of the page as it is now. It stays at its address for the life of
 * the region; a new client has another page there, so no value read before
 * says anything about it.
 */
void *memory_region_shared_io_ptr(MemoryRegion *mr);
/*
 * Stores that wake a sleeping loop. The region's file becomes one of a file
 * system that a small process of ours serves; before the loop of `poller`, which
 * looks at the page, goes to sleep, the page is taken out of everybody's
 * mapping, and who stores to it then is noticed. An idle page costs nothing, the
 * first store after that some 20 us more, falling asleep about as much.
 *
 * The price is a client's: when that process is killed while the page is taken
 * away, the client's next store is a SIGBUS. It outlives ours by design, so a
 * server that crashes or is killed harms no client; one whose whole group of
 * processes is killed does. Linux 5.12, /dev/fuse, and root or user namespaces
 * are needed: NULL with errp, and nothing has changed.
 *
 * While the page is away the device must not touch it: it uses the page that moved()
 * tells instead of memory_region_shared_io_ptr(), which has the same words. When the
 * process is stopped, or dead, the loop waits a moment for it once; then it says so and
 * looks at the page now and then, as soon as there is one again.
 *
 * Called before the region is lent. Free it before the poller and the region.
 */
typedef struct SharedWakeup SharedWakeup;
/* In the domain's loop, its lock held. NULL: freed while the page was away, there is none. */
typedef void SharedWakeupMoved(void *opaque, void *page);
SharedWakeup *shared_wakeup_new(MemoryRegion *mr, AioPoller *poller, SharedWakeupMoved *moved,
                                void *opaque, Error **errp);
void shared_wakeup_free(SharedWakeup *w);       /* NULL is fine */

/*
 * The shared region that can be mapped through root, a BAR, and where it is in
 * it; NULL: there is none, more than one, or it is not where its file has it.
 */
MemoryRegion *memory_region_find_shared_io(MemoryRegion *root, hwaddr *offset);

#endif
