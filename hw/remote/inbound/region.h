/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The seam between the session and a device's registers: every access of a
 * client to a BAR, the ROM or config space passes here and nowhere else.
 *
 * The session has checked that the region exists, that offset and count lie
 * inside it and that its flags permit the access.
 *
 * Locking: the lock of the function's AioContext.
 */
#ifndef HW_REMOTE_INBOUND_REGION_H
#define HW_REMOTE_INBOUND_REGION_H

#include "function.h"

/* 0 or -errno. What a device refuses reads as all ones and ignores writes, as
 * on a bus. */
int region_read_now(RemoteFunction *fn, unsigned index, uint64_t offset, void *data,
                    uint32_t count);
int region_write_now(RemoteFunction *fn, unsigned index, uint64_t offset, const void *data,
                     uint32_t count);
/* Finds out, once, what of the BARs a client may map. */
void region_find_lent(RemoteFunction *fn);
void region_forget_lent(RemoteFunction *fn);
/* What GET_REGION_INFO and GET_REGION_IO_FDS tell. */
void region_describe(RemoteFunction *fn, unsigned index, VfuRegion *region);
/* The same for the next client: it gets the file that a BAR will have then. */
void region_describe_next(RemoteFunction *fn, unsigned index, VfuRegion *region);
/* The client is gone: memory whose file it may have gets another file. */
void region_take_back(RemoteFunction *fn);
/* The next client is gone before its turn, or just when it came. */
void region_take_back_next(RemoteFunction *fn);
unsigned region_io_fds(RemoteFunction *fn, unsigned index, VfuIoFd *fds, unsigned max);

/* When the operation that runs on this thread must have been answered, by
 * QEMU_CLOCK_REALTIME; INT64_MAX outside operations on fn. */
int64_t region_op_deadline(const RemoteFunction *fn);

#endif
