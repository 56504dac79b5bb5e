/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bare figures: two pinned processes and a UNIX socket pair, with messages
 * of the same sizes as the protocol's and nothing else.
 */
#include "qemu/osdep.h"
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include "bench.h"

enum {
    READ_REQUEST = 32, READ_REPLY = 36,         /* REGION_READ of 4 bytes */
    MAP_REQUEST = 48, MAP_REPLY = 16, UNMAP_REQUEST = 40, UNMAP_REPLY = 40,
};

struct BareEcho {
    pid_t pid;
    int fd;
    bool spin;
};

static bool get(int fd, char *data, size_t size, bool spin)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n = recv(fd, data + done, size - done, spin ? MSG_DONTWAIT : 0);

        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            return false;
        }
        done += MAX(n, 0);
    }
    return true;
}

static bool put(int fd, const char *data, size_t size)
{
    return send(fd, data, size, MSG_NOSIGNAL) == (ssize_t)size;
}

static void echo_loop(int fd, bool spin)
{
    char in[READ_REQUEST], out[READ_REPLY] = { 0 };

    while (get(fd, in, sizeof(in), spin) && put(fd, out, sizeof(out))) {
    }
}

static bool get_with_fd(int fd, char *data, size_t size, int *got)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec iov = { data, size };
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1,
        .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes),
    };
    ssize_t n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
    struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;

    if (!c) {
        return false;
    }
    memcpy(got, CMSG_DATA(c), sizeof(int));
    return n == (ssize_t)size;
}

static bool put_with_fd(int fd, char *data, size_t size, int pass)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = { 0 };
    struct iovec iov = { data, size };
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1,
        .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes),
    };
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &pass, sizeof(int));
    return sendmsg(fd, &msg, MSG_NOSIGNAL) == (ssize_t)size;
}

static void map_loop(int fd)
{
    char in[MAP_REQUEST], out[UNMAP_REPLY] = { 0 };
    int file;

    while (get_with_fd(fd, in, MAP_REQUEST, &file)) {
        uint64_t size;
        void *p;

        memcpy(&size, in + 40, sizeof(size));
        p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (p == MAP_FAILED || !put(fd, out, MAP_REPLY) ||
            !get(fd, in, UNMAP_REQUEST, false)) {
            return;
        }
        munmap(p, size);
        close(file);
        if (!put(fd, out, UNMAP_REPLY)) {
            return;
        }
    }
}

static BareEcho *start(Bench *b, bool spin, bool map)
{
    BareEcho *e = g_new0(BareEcho, 1);
    int sv[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) < 0) {
        exit(vfu_error(b->tool, "cannot make a socket pair: %s", strerror(errno)));
    }
    e->spin = spin;
    e->pid = fork();
    if (e->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(sv[0]);
        bench_pin(b, b->server_cpu);
        if (map) {
            map_loop(sv[1]);
        } else {
            echo_loop(sv[1], spin);
        }
        _exit(0);
    }
    close(sv[1]);
    e->fd = sv[0];
    return e;
}

BareEcho *bare_echo_start(Bench *b, bool spin)
{
    return start(b, spin, false);
}

BareEcho *bare_map_start(Bench *b)
{
    return start(b, false, true);
}

double bare_echo_p50(BareEcho *e, int samples)
{
    g_autofree double *times = g_new(double, samples);
    char out[READ_REQUEST] = { 0 }, in[READ_REPLY];

    for (int i = 0; i < samples; i++) {
        double from = bench_now();

        put(e->fd, out, sizeof(out));
        get(e->fd, in, sizeof(in), e->spin);
        times[i] = bench_now() - from;
    }
    return bench_median(times, samples);
}

double bare_map_p50(BareEcho *e, int fd, size_t size, int samples)
{
    g_autofree double *times = g_new(double, samples);
    char out[MAP_REQUEST] = { 0 }, in[UNMAP_REPLY];
    uint64_t bytes = size;

    memcpy(out + 40, &bytes, sizeof(bytes));
    for (int i = 0; i < samples; i++) {
        double from = bench_now();

        put_with_fd(e->fd, out, MAP_REQUEST, fd);
        get(e->fd, in, MAP_REPLY, false);
        put(e->fd, out, UNMAP_REQUEST);
        get(e->fd, in, UNMAP_REPLY, false);
        times[i] = bench_now() - from;
    }
    return bench_median(times, samples);
}

void bare_echo_stop(BareEcho *e)
{
    close(e->fd);
    waitpid(e->pid, NULL, 0);
    g_free(e);
}
