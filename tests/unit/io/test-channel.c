/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Channels of every kind: bytes, ends, readiness, descriptors. */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "io/channel.h"
#include "qemu/main-loop.h"

#include <sys/socket.h>

typedef struct Watch {
    IOChannel *ch;
    GString *got;
    int calls;
    bool ended;
    bool free_on_read;
} Watch;

static void turn(void)
{
    for (int i = 0; i < 10; i++) {
        aio_poll(aio_context_main(), false);
    }
}

static void collect(void *opaque)
{
    Watch *w = opaque;
    char buf[16];
    ssize_t n = io_channel_read(w->ch, buf, sizeof(buf));

    w->calls++;
    if (n > 0) {
        g_string_append_len(w->got, buf, n);
    }
    if (n == 0) {
        w->ended = true;
        io_channel_set_ready(w->ch, aio_context_main(), NULL, NULL, NULL);
    }
    if (w->free_on_read) {
        io_channel_free(g_steal_pointer(&w->ch));
    }
}

static void make_sockets(IOChannel *end[2])
{
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    end[0] = io_channel_socket_new(fds[0]);
    end[1] = io_channel_socket_new(fds[1]);
}

static void make_pipe(IOChannel *end[2])
{
    int a[2], b[2];

    g_assert_cmpint(pipe(a), ==, 0);
    g_assert_cmpint(pipe(b), ==, 0);
    end[0] = io_channel_fd_new(a[0], b[1]);
    end[1] = io_channel_fd_new(b[0], a[1]);
}

static void make_memory(IOChannel *end[2])
{
    io_channel_memory_pair(4096, end);
}

typedef void MakePair(IOChannel *end[2]);

static void test_bytes(gconstpointer data)
{
    MakePair *make = (MakePair *)data;
    IOChannel *end[2];
    char buf[16];

    make(end);
    g_assert_cmpint(io_channel_read(end[1], buf, sizeof(buf)), ==, -EAGAIN);
    g_assert_cmpint(io_channel_write(end[0], "hello", 5), ==, 5);
    g_assert_cmpint(io_channel_read(end[1], buf, sizeof(buf)), ==, 5);
    g_assert_cmpmem(buf, 5, "hello", 5);
    g_assert_cmpint(io_channel_write(end[0], "rest", 4), ==, 4);
    io_channel_free(end[0]);
    g_assert_cmpint(io_channel_read(end[1], buf, sizeof(buf)), ==, 4);
    g_assert_cmpint(io_channel_read(end[1], buf, sizeof(buf)), ==, 0);
    g_assert_cmpint(io_channel_write(end[1], "x", 1), ==, -EPIPE);
    io_channel_free(end[1]);
}

static void test_ready(gconstpointer data)
{
    MakePair *make = (MakePair *)data;
    IOChannel *end[2];
    Watch w = { .got = g_string_new(NULL) };

    make(end);
    w.ch = end[1];
    io_channel_set_ready(end[1], aio_context_main(), collect, NULL, &w);
    turn();
    g_assert_cmpint(w.calls, ==, 0);
    /* More than one read takes: called until it is all there. */
    g_assert_cmpint(io_channel_write(end[0], "0123456789abcdefXYZ", 19), ==, 19);
    turn();
    g_assert_cmpstr(w.got->str, ==, "0123456789abcdefXYZ");
    g_assert_cmpint(w.calls, ==, 2);

    io_channel_set_ready(end[1], aio_context_main(), NULL, NULL, NULL);
    g_assert_cmpint(io_channel_write(end[0], "later", 5), ==, 5);
    turn();
    g_assert_cmpint(w.calls, ==, 2);
    io_channel_set_ready(end[1], aio_context_main(), collect, NULL, &w);
    turn();
    g_assert_cmpint(w.calls, ==, 3);

    io_channel_free(end[0]);
    turn();
    g_assert_true(w.ended);
    io_channel_free(end[1]);
    g_string_free(w.got, TRUE);
}

static void test_free_in_callback(gconstpointer data)
{
    MakePair *make = (MakePair *)data;
    IOChannel *end[2];
    Watch w = { .got = g_string_new(NULL), .free_on_read = true };

    make(end);
    w.ch = end[1];
    io_channel_set_ready(end[1], aio_context_main(), collect, NULL, &w);
    io_channel_write(end[0], "x", 1);
    turn();
    g_assert_null(w.ch);
    g_assert_cmpint(w.calls, ==, 1);
    io_channel_free(end[0]);
    g_string_free(w.got, TRUE);
}

static void note_writable(void *opaque)
{
    Watch *w = opaque;

    w->calls++;
    io_channel_set_ready(w->ch, aio_context_main(), NULL, NULL, NULL);
}

static size_t fill(IOChannel *ch)
{
    static const char block[4096];
    size_t total = 0;
    ssize_t n;

    while ((n = io_channel_write(ch, block, sizeof(block))) > 0) {
        total += n;
    }
    g_assert_cmpint(n, ==, -EAGAIN);
    return total;
}

static void drain(IOChannel *ch)
{
    char buf[4096];

    while (io_channel_read(ch, buf, sizeof(buf)) > 0) {
    }
}

/* A peer that does not read: writes stop, and go on when it reads. */
static void test_back_pressure(gconstpointer data)
{
    MakePair *make = (MakePair *)data;
    IOChannel *end[2];
    Watch w = { 0 };

    make(end);
    g_assert_cmpuint(fill(end[0]), >=, 4096);
    w.ch = end[0];
    io_channel_set_ready(end[0], aio_context_main(), NULL, note_writable, &w);
    turn();
    g_assert_cmpint(w.calls, ==, 0);
    drain(end[1]);
    turn();
    g_assert_cmpint(w.calls, ==, 1);
    io_channel_free(end[0]);
    io_channel_free(end[1]);
}

static unsigned open_fds(void)
{
    g_autoptr(GDir) dir = g_dir_open("/proc/self/fd", 0, NULL);
    unsigned n = 0;

    while (g_dir_read_name(dir)) {
        n++;
    }
    return n;
}

static void test_fds(void)
{
    IOChannel *end[2];
    g_auto(IOFdList) list = { 0 };
    int pipes[2];
    unsigned before;
    char buf[4];

    make_sockets(end);
    g_assert_cmpint(pipe(pipes), ==, 0);
    before = open_fds();
    g_assert_cmpint(io_channel_write_fds(end[0], "ab", 2, pipes, 2), ==, 2);
    g_assert_cmpint(io_channel_read_fds(end[1], buf, sizeof(buf), &list), ==, 2);
    g_assert_cmpuint(list.n, ==, 2);
    g_assert_cmpuint(open_fds(), ==, before + 2);
    g_assert_true(fcntl(list.fd[0], F_GETFD) & FD_CLOEXEC);
    /* They are the pipe. */
    g_assert_cmpint(write(list.fd[1], "z", 1), ==, 1);
    g_assert_cmpint(read(pipes[0], buf, 1), ==, 1);
    io_fd_list_close(&list);
    g_assert_cmpuint(open_fds(), ==, before);

    /* Nobody asked for descriptors: none stays. */
    g_assert_cmpint(io_channel_write_fds(end[0], "ab", 2, pipes, 2), ==, 2);
    g_assert_cmpint(io_channel_read(end[1], buf, sizeof(buf)), ==, 2);
    g_assert_cmpuint(open_fds(), ==, before);
    close(pipes[0]);
    close(pipes[1]);
    io_channel_free(end[0]);
    io_channel_free(end[1]);
}

static void send_many(int sock, int fd, unsigned n)
{
    char control[CMSG_SPACE(sizeof(int) * 64)] = { 0 };
    struct iovec iov = { .iov_base = (char[]) { 'm' }, .iov_len = 1 };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
                          .msg_controllen = CMSG_SPACE(sizeof(int) * n) };
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int) * n);
    for (unsigned i = 0; i < n; i++) {
        memcpy(CMSG_DATA(c) + i * sizeof(int), &fd, sizeof(fd));
    }
    g_assert_cmpint(sendmsg(sock, &msg, 0), ==, 1);
}

/* One more than fits, and more than the kernel delivers: all are closed. */
static void test_too_many_fds(void)
{
    static const unsigned counts[] = { IO_CHANNEL_MAX_FDS + 1, 40 };
    int fds[2];
    IOChannel *ch;
    IOFdList list;
    char buf[4];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    ch = io_channel_socket_new(fds[1]);
    for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
        unsigned before = open_fds();

        send_many(fds[0], STDERR_FILENO, counts[i]);
        g_assert_cmpint(io_channel_read_fds(ch, buf, sizeof(buf), &list), ==, -EMSGSIZE);
        g_assert_cmpuint(list.n, ==, 0);
        g_assert_cmpuint(open_fds(), ==, before);
    }
    send_many(fds[0], STDERR_FILENO, IO_CHANNEL_MAX_FDS);
    g_assert_cmpint(io_channel_read_fds(ch, buf, sizeof(buf), &list), ==, 1);
    g_assert_cmpuint(list.n, ==, IO_CHANNEL_MAX_FDS);
    io_fd_list_close(&list);
    io_channel_free(ch);
    close(fds[0]);
}

static void test_fds_not_carried(void)
{
    IOChannel *end[2];
    int fd = STDERR_FILENO;

    make_memory(end);
    g_assert_cmpint(io_channel_write_fds(end[0], "x", 1, &fd, 1), ==, -ENOTSUP);
    io_channel_free(end[0]);
    io_channel_free(end[1]);
}

/* epoll refuses plain files: reading one works all the same, to its end. */
static void test_plain_file(void)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("channel-XXXXXX", &path, NULL);
    Watch w = { .got = g_string_new(NULL) };

    g_assert_cmpint(write(fd, "from a file", 11), ==, 11);
    g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
    w.ch = io_channel_fd_new(fd, fd);
    io_channel_set_ready(w.ch, aio_context_main(), collect, NULL, &w);
    turn();
    g_assert_cmpstr(w.got->str, ==, "from a file");
    g_assert_true(w.ended);
    io_channel_free(w.ch);
    unlink(path);
    g_string_free(w.got, TRUE);
}

/* Non-blocking is shared with whoever else has the file: it is put back. */
static void test_flags_restored(void)
{
    int saved = dup(STDIN_FILENO);
    int p[2];
    IOChannel *ch;

    g_assert_cmpint(pipe(p), ==, 0);
    dup2(p[0], STDIN_FILENO);
    ch = io_channel_fd_new(STDIN_FILENO, p[1]);
    g_assert_true(fcntl(p[0], F_GETFL) & O_NONBLOCK);
    io_channel_free(ch);
    g_assert_false(fcntl(p[0], F_GETFL) & O_NONBLOCK);
    g_assert_cmpint(fcntl(STDIN_FILENO, F_GETFD), >=, 0);
    g_assert_cmpint(fcntl(p[1], F_GETFD), ==, -1);
    dup2(saved, STDIN_FILENO);
    close(saved);
    close(p[0]);
}

static void add_pair_tests(const char *kind, MakePair *make)
{
    static const struct {
        const char *name;
        GTestDataFunc fn;
    } tests[] = {
        { "bytes", test_bytes },
        { "ready", test_ready },
        { "free-in-callback", test_free_in_callback },
        { "back-pressure", test_back_pressure },
    };

    for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
        g_autofree char *path = g_strdup_printf("/io/channel/%s/%s", kind, tests[i].name);
        g_test_add_data_func(path, make, tests[i].fn);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    signal(SIGPIPE, SIG_IGN);
    qemu_init_main_loop(&error_abort);
    add_pair_tests("socket", make_sockets);
    add_pair_tests("pipe", make_pipe);
    add_pair_tests("memory", make_memory);
    g_test_add_func("/io/channel/fds", test_fds);
    g_test_add_func("/io/channel/too-many-fds", test_too_many_fds);
    g_test_add_func("/io/channel/fds-not-carried", test_fds_not_carried);
    g_test_add_func("/io/channel/plain-file", test_plain_file);
    g_test_add_func("/io/channel/flags-restored", test_flags_restored);
    return g_test_run();
}
