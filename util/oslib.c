/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files, pages and the process, as qemu/osdep.h promises them. What opens
 * anything opens it close-on-exec.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/fault-inject.h"
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* ---- files ---- */

#define FDSET_PREFIX "/dev/fdset/"

static int (*open_from_fdset)(const char *id, int flags);

void qemu_open_set_fdset_hook(int (*fn)(const char *id, int flags))
{
    open_from_fdset = fn;
}

static int open_cloexec(const char *name, int flags, mode_t mode)
{
    if (open_from_fdset && g_str_has_prefix(name, FDSET_PREFIX)) {
        return open_from_fdset(name + strlen(FDSET_PREFIX), flags);
    }
    if (fault_inject(FAULT_OPEN)) {
        errno = EMFILE;
        return -1;
    }
    return RETRY_ON_EINTR(open(name, flags | O_CLOEXEC, mode));
}

int qemu_open_old(const char *name, int flags, ...)
{
    mode_t mode = 0;
    va_list ap;

    if (flags & O_CREAT) {
        va_start(ap, flags);
        mode = va_arg(ap, int);
        va_end(ap);
    }
    return open_cloexec(name, flags, mode);
}

int qemu_open(const char *name, int flags, Error **errp)
{
    int fd = open_cloexec(name, flags, 0);

    if (fd < 0) {
        error_setg_errno(errp, errno, "cannot open '%s'", name);
    }
    return fd;
}

int qemu_create(const char *name, int flags, mode_t mode, Error **errp)
{
    int fd = open_cloexec(name, flags | O_CREAT, mode);

    if (fd < 0) {
        error_setg_errno(errp, errno, "cannot create '%s'", name);
    }
    return fd;
}

int qemu_close(int fd)
{
    return close(fd);
}

int qemu_dup(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

int qemu_unlink(const char *name)
{
    return unlink(name);
}

int qemu_fdatasync(int fd)
{
    return fdatasync(fd);
}

int qemu_socketpair(int domain, int type, int protocol, int sv[2])
{
    return socketpair(domain, type | SOCK_CLOEXEC, protocol, sv);
}

int qemu_pipe(int pipefd[2])
{
    return pipe2(pipefd, O_CLOEXEC);
}

void qemu_set_cloexec(int fd)
{
    int flags = fcntl(fd, F_GETFD);

    if (flags >= 0) {
        fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
    }
}

bool qemu_set_blocking(int fd, bool block, Error **errp)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 ||
        fcntl(fd, F_SETFL, block ? flags & ~O_NONBLOCK : flags | O_NONBLOCK) < 0) {
        error_setg_errno(errp, errno, "cannot make file descriptor %d %sblocking", fd,
                         block ? "" : "non-");
        return false;
    }
    return true;
}

void qemu_set_nonblock(int fd)
{
    qemu_set_blocking(fd, false, NULL);
}

ssize_t qemu_write_full(int fd, const void *buf, size_t count)
{
    size_t done = 0;

    while (done < count) {
        ssize_t n = RETRY_ON_EINTR(write(fd, (const char *)buf + done, count - done));

        if (n < 0) {
            break;
        }
        done += n;
    }
    return done;
}

/* ---- pages ---- */

uintptr_t qemu_real_host_page_size(void)
{
    return sysconf(_SC_PAGESIZE);
}

intptr_t qemu_real_host_page_mask(void)
{
    return -(intptr_t)qemu_real_host_page_size();
}

int qemu_madvise(void *addr, size_t len, int advice)
{
    return madvise(addr, len, advice);
}

static int protect(void *addr, size_t size, int prot)
{
    g_assert(QEMU_PTR_IS_ALIGNED(addr, qemu_real_host_page_size()));
    return mprotect(addr, size, prot);
}

int qemu_mprotect_rw(void *addr, size_t size)
{
    return protect(addr, size, PROT_READ | PROT_WRITE);
}

int qemu_mprotect_none(void *addr, size_t size)
{
    return protect(addr, size, PROT_NONE);
}

bool qemu_prealloc_mem(int fd, char *area, size_t sz, int max_threads,
                       struct ThreadContext *tc, Error **errp)
{
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
    if (madvise(area, sz, MADV_POPULATE_WRITE) < 0) {
        /* Kernels before 5.14 do not know it; touching pages instead could only fail by SIGBUS. */
        error_setg_errno(errp, errno, "cannot preallocate %zu bytes of memory", sz);
        return false;
    }
    return true;
}

size_t qemu_get_host_physmem(void)
{
    return (size_t)sysconf(_SC_PHYS_PAGES) * qemu_real_host_page_size();
}

/* ---- the process ---- */

static const char *hw_version = "2.5+";

const char *qemu_hw_version(void)
{
    return hw_version;
}

void qemu_set_hw_version(const char *version)
{
    hw_version = version;
}

char *qemu_get_pid_name(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/comm", (int)pid);
    char *name = NULL;

    return g_file_get_contents(path, &name, NULL, NULL) ? g_strchomp(name) : NULL;
}

/*
 * The lock on the file is what says "in use": it vanishes with the process
 * however that ends. Another process may remove the file between our open and
 * our lock; then what we have locked is not what the name means any more.
 */
static int open_pidfile(const char *path, Error **errp)
{
    for (;;) {
        struct stat mine, named;
        g_auto(OwnedFd) fd = qemu_create(path, O_RDWR, 0644, errp);

        if (fd < 0) {
            return -1;
        }
        if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
            error_setg(errp, "-pidfile %s: in use by another process", path);
            return -1;
        }
        if (fstat(fd, &mine) == 0 && stat(path, &named) == 0 && mine.st_ino == named.st_ino &&
            mine.st_dev == named.st_dev) {
            return g_steal_fd(&fd);
        }
    }
}

bool qemu_write_pidfile(const char *path, Error **errp)
{
    g_autofree char *text = g_strdup_printf("%d\n", (int)getpid());
    int fd = open_pidfile(path, errp);

    if (fd < 0) {
        return false;
    }
    if (ftruncate(fd, 0) < 0 || qemu_write_full(fd, text, strlen(text)) != strlen(text)) {
        error_setg_errno(errp, errno, "-pidfile %s: cannot write", path);
        close(fd);
        return false;
    }
    return true;    /* fd stays open: it holds the lock as long as we live */
}
