/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first include of every source file: the C library, GLib, the type names
 * and the small arithmetic that everything else takes for granted. Nothing in
 * here has state; functions that do are in util/oslib.c.
 */
#ifndef QEMU_OSDEP_H
#define QEMU_OSDEP_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <glib.h>

#include "qemu/compiler.h"
#include "qemu/typedefs.h"

/* ---- arithmetic; each argument is evaluated once ---- */

#undef MIN
#undef MAX
#define OSDEP_PICK_(op, a, b, x, y) __extension__({ \
        __auto_type x = (a); \
        __auto_type y = (b); \
        x op y ? x : y; })
#define OSDEP_PICK(op, a, b, n) OSDEP_PICK_(op, a, b, glue(pick_a_, n), glue(pick_b_, n))
#define MIN(a, b) OSDEP_PICK(<, a, b, __COUNTER__)
#define MAX(a, b) OSDEP_PICK(>, a, b, __COUNTER__)
/* For array sizes and other places that demand a constant expression. */
#define MIN_CONST(a, b) ((a) < (b) ? (a) : (b))
#define MAX_CONST(a, b) ((a) > (b) ? (a) : (b))

/* The smaller one that is not 0; 0 only when both are: "no limit" is written 0. */
#define OSDEP_MIN_NON_ZERO_(a, b, x, y) __extension__({ \
        __auto_type x = (a); \
        __auto_type y = (b); \
        !y || (x && x < y) ? x : y; })
#define OSDEP_MIN_NON_ZERO(a, b, n) \
    OSDEP_MIN_NON_ZERO_(a, b, glue(nz_a_, n), glue(nz_b_, n))
#define MIN_NON_ZERO(a, b) OSDEP_MIN_NON_ZERO(a, b, __COUNTER__)

#define ARRAY_SIZE(array) \
    (sizeof(array) / sizeof((array)[0]) + QEMU_BUILD_BUG_ON_ZERO(!QEMU_IS_ARRAY(array)))

#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define QEMU_ALIGN_DOWN(n, m) ((n) / (m) * (m))
#define QEMU_ALIGN_UP(n, m) QEMU_ALIGN_DOWN((n) + (m) - 1, (m))
#define QEMU_IS_ALIGNED(n, m) ((n) % (m) == 0)
/* m is a power of two for these. */
#define ROUND_DOWN(n, m) ((n) & -(0 ? (n) : (m)))
#define ROUND_UP(n, m) ROUND_DOWN((n) + (m) - 1, (m))
#define QEMU_ALIGN_PTR_DOWN(p, m) ((__typeof__(p))QEMU_ALIGN_DOWN((uintptr_t)(p), (m)))
#define QEMU_ALIGN_PTR_UP(p, m) ((__typeof__(p))QEMU_ALIGN_UP((uintptr_t)(p), (m)))
#define QEMU_PTR_IS_ALIGNED(p, m) QEMU_IS_ALIGNED((uintptr_t)(p), (m))

/* A literal outside the block must not compile into a run-time check (QEMU's name). */
#define qemu_build_not_reached() g_assert_not_reached()
#define qemu_build_assert(cond) QEMU_BUILD_BUG_ON(!(cond))
#define qemu_build_not_reached_always() g_assert_not_reached()

/* Tail of a struct that starts at `member`, cleared by reset code. */
#define struct_tail_size(obj, member) \
    (sizeof(*(obj)) - offsetof(__typeof__(*(obj)), member))

#define RETRY_ON_EINTR(expr) __extension__({ \
        __typeof__(expr) retry_ret_; \
        do { \
            retry_ret_ = (expr); \
        } while (retry_ret_ == -1 && errno == EINTR); \
        retry_ret_; })

#ifndef ENOATTR
#define ENOATTR ENODATA
#endif
#ifndef ESHUTDOWN
#define ESHUTDOWN 4099
#endif
#ifndef O_BINARY
#define O_BINARY 0
#endif

#define TIME_MAX ((time_t)(sizeof(time_t) == 8 ? INT64_MAX : INT32_MAX))
#define HOST_PAGE_ALIGN(addr) ROUND_UP((addr), qemu_real_host_page_size())

#ifndef g_steal_fd
/* GLib < 2.70 has no g_steal_fd: ownership of an fd moves and leaves -1 behind (habit A10). */
static inline int osdep_steal_fd(int *fd)
{
    int taken = *fd;

    *fd = -1;
    return taken;
}
#define g_steal_fd(fd) osdep_steal_fd(fd)
#endif

/* g_auto(OwnedFd): closed at the end of the scope unless stolen. */
typedef int OwnedFd;
static inline void owned_fd_clear(OwnedFd *fd)
{
    if (*fd >= 0) {
        int saved = errno;

        close(*fd);
        errno = saved;
        *fd = -1;
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OwnedFd, owned_fd_clear)

/* ---- util/oslib.c ---- */

uintptr_t qemu_real_host_page_size(void);
intptr_t qemu_real_host_page_mask(void);

/* All open with O_CLOEXEC. With errp the reason names the file. -1 and errno on failure. */
/*
 * ours: who opens "/dev/fdset/ID" gets a descriptor from @fn (called with ID and the flags; -1 and
 * errno). Set once, at the start.
 */
void qemu_open_set_fdset_hook(int (*fn)(const char *id, int flags));
int qemu_open_old(const char *name, int flags, ...);
int qemu_open(const char *name, int flags, Error **errp);
int qemu_create(const char *name, int flags, mode_t mode, Error **errp);
int qemu_close(int fd);
int qemu_dup(int fd);
int qemu_unlink(const char *name);
int qemu_fdatasync(int fd);
int qemu_socketpair(int domain, int type, int protocol, int sv[2]);
int qemu_pipe(int pipefd[2]);
void qemu_set_cloexec(int fd);
bool qemu_set_blocking(int fd, bool block, Error **errp);
void qemu_set_nonblock(int fd);
/* Write everything; short count only on error (errno set). */
ssize_t qemu_write_full(int fd, const void *buf, size_t count);

int qemu_madvise(void *addr, size_t len, int advice);
int qemu_mprotect_rw(void *addr, size_t size);
int qemu_mprotect_none(void *addr, size_t size);
#define QEMU_MADV_WILLNEED 3
#define QEMU_MADV_DONTNEED 4
#define QEMU_MADV_DONTFORK 10
#define QEMU_MADV_MERGEABLE 12
#define QEMU_MADV_HUGEPAGE 14
#define QEMU_MADV_DONTDUMP 16

/*
 * Touch all pages of [area, area + sz) so that later accesses do not fault.
 * max_threads is a hint. false and errp when memory runs out.
 */
bool qemu_prealloc_mem(int fd, char *area, size_t sz, int max_threads,
                       struct ThreadContext *tc, Error **errp);

const char *qemu_hw_version(void);
void qemu_set_hw_version(const char *version);
char *qemu_get_pid_name(pid_t pid);
bool qemu_write_pidfile(const char *path, Error **errp);
int qemu_get_thread_id(void);
/* Writes to fd, ignores the outcome: for places where nobody could act on it. */
size_t qemu_get_host_physmem(void);

#endif
