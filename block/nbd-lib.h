/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libnbd, loaded when the first node wants it: with what it needs itself (TLS, XML,
 * tables of Unicode) it is 5 MiB of memory and 10 ms of starting for every
 * process, also for those without a remote disk.
 *
 * nbd_lib is filled once and never changes afterwards.
 */
#ifndef BLOCK_NBD_LIB_H
#define BLOCK_NBD_LIB_H

#include "qapi/error.h"
#include <libnbd.h>

/* Names without "nbd_". */
#define NBD_LIB_FUNCTIONS(X)                                                              \
    X(create) X(close) X(get_error) X(get_errno)                                          \
    X(set_export_name) X(set_full_info) X(set_pread_initialize)                           \
    X(aio_connect_unix) X(aio_connect_tcp) X(aio_disconnect)                              \
    X(aio_get_fd) X(aio_get_direction) X(aio_notify_read) X(aio_notify_write)             \
    X(aio_is_connecting) X(aio_is_ready) X(aio_is_dead) X(aio_is_closed)                  \
    X(aio_pread) X(aio_pwrite) X(aio_flush) X(aio_trim) X(aio_zero)                       \
    X(aio_block_status) X(add_meta_context) X(can_meta_context)                           \
    X(can_flush) X(can_fua) X(can_trim) X(can_zero) X(is_read_only)                       \
    X(get_size) X(get_block_size)

typedef struct NbdLib {
#define NBD_LIB_MEMBER(name) __typeof__(nbd_##name) *name;
    NBD_LIB_FUNCTIONS(NBD_LIB_MEMBER)
#undef NBD_LIB_MEMBER
} NbdLib;

extern NbdLib nbd_lib;

/* From any thread, before nbd_lib is used; false: it is not there, errp says which package is. */
bool nbd_lib_load(Error **errp);

#endif
