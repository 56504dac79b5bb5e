/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fault injection (habit A23): the few places where the outside can fail ask
 * fault_inject(point) first and behave as if it had failed when told so. A
 * test makes the n-th such question answer yes, for n = 1, 2, 3 ... until a
 * scenario runs through, and looks for crashes and leaks.
 *
 *     if (fault_inject(FAULT_MMAP)) {
 *         errno = ENOMEM;
 *         return MAP_FAILED;
 *     }
 *
 * Off (the normal case) it is one test of a global that is never true. It is
 * armed by fault_inject_arm() or by the environment, at start:
 *     X_REMOTE_FAULT=mmap:3        the third mmap
 *     X_REMOTE_FAULT=any:10+       everything from the tenth question on
 * Lock order: none; counting is atomic.
 */
#ifndef QEMU_FAULT_INJECT_H
#define QEMU_FAULT_INJECT_H

#include <stdbool.h>

#include "qemu/compiler.h"
#include "qemu/typedefs.h"

#define FAULT_POINTS(X) \
    X(FAULT_ALLOC, "alloc") \
    X(FAULT_MMAP, "mmap") \
    X(FAULT_EVENTFD, "eventfd") \
    X(FAULT_EPOLL, "epoll") \
    X(FAULT_THREAD, "thread") \
    X(FAULT_SOCKET, "socket") \
    X(FAULT_RECVMSG, "recvmsg") \
    X(FAULT_SENDMSG, "sendmsg") \
    X(FAULT_OPEN, "open") \
    X(FAULT_FILE_IO, "file-io")

typedef enum FaultPoint {
#define FAULT_ENUM_(id, name) id,
    FAULT_POINTS(FAULT_ENUM_)
#undef FAULT_ENUM_
    FAULT_POINT__MAX,
    FAULT_ANY = FAULT_POINT__MAX,
} FaultPoint;

extern bool fault_inject_armed;
bool fault_inject_slow(FaultPoint point) QEMU_COLD;

/* true: fail now. */
static inline bool fault_inject(FaultPoint point)
{
    return unlikely(__atomic_load_n(&fault_inject_armed, __ATOMIC_RELAXED)) &&
           fault_inject_slow(point);
}

/* The nth (from 1) question about point from now on says yes; sticky: all later ones too. */
void fault_inject_arm(FaultPoint point, unsigned nth, bool sticky);
/* Returns how many questions (about the armed point) were asked since arming. */
unsigned fault_inject_disarm(void);
/* "POINT:N" or "POINT:N+". */
bool fault_inject_parse(const char *spec, Error **errp);
/* Reads X_REMOTE_FAULT; a bad value is an error. */
bool fault_inject_init_from_env(Error **errp);
const char *fault_point_name(FaultPoint point);

#endif
