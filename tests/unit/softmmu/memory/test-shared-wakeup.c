/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stores of another process wake a sleeping loop: none is missed, an idle page
 * costs nothing, and whoever dies harms nobody else. Skipped where there may be
 * no file system in user space.
 */
#include "common.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "exec/ramblock.h"
#include "exec/shared-io.h"
#include "qapi/error.h"
#include "softmmu/memory/fuse-files.h"

enum { PAGE = 4096 };

typedef struct Fixture {
    AioContext *ctx;
    Object *owner;
    MemoryRegion mr;
    AioPoller *poller;
    SharedWakeup *wakeup;
    uint32_t *page;             /* atomic */
    uint32_t seen;              /* atomic */
    int looks;                  /* atomic */
    bool busy;                  /* atomic: there is always work, the loop does not sleep */
} Fixture;

static const MemoryRegionOps ops = { .endianness = DEVICE_LITTLE_ENDIAN };

static bool look(void *opaque)
{
    Fixture *f = opaque;

    qatomic_inc(&f->looks);
    return qatomic_read(&f->busy) || qatomic_read(&qatomic_read(&f->page)[0]) != f->seen;
}

static void ready(void *opaque)
{
    Fixture *f = opaque;

    qatomic_set(&f->seen, qatomic_read(&f->page[0]));
}

static void moved(void *opaque, void *page)
{
    qatomic_set(&((Fixture *)opaque)->page, page);
}

/* The context's lock is dropped before its thread starts. */
static bool setup(Fixture *f)
{
    g_autoptr(Error) err = NULL;

    *f = (Fixture) { .ctx = aio_context_new_named("wakeup", &error_abort) };
    f->owner = test_owner_new();
    WITH_AIO_CONTEXT_GUARD(f->ctx) {
        g_assert_true(memory_region_init_shared_io(&f->mr, f->owner, &ops, f, "page", PAGE, PAGE,
                                                   &error_abort));
        f->page = memory_region_shared_io_ptr(&f->mr);
        f->poller = aio_poller_new(f->ctx, look, ready, f);
        f->wakeup = shared_wakeup_new(&f->mr, f->poller, moved, f, &err);
    }
    aio_context_start(f->ctx);
    if (!f->wakeup) {
        g_assert_nonnull(err);
        g_test_skip(error_get_pretty(err));
    }
    return f->wakeup != NULL;
}

static void teardown(Fixture *f)
{
    aio_context_stop(f->ctx);
    WITH_AIO_CONTEXT_GUARD(f->ctx) {
        shared_wakeup_free(f->wakeup);
        aio_poller_free(f->poller);
        object_unref(f->owner);
    }
    aio_context_unref(f->ctx);
}

static uint32_t *map_as_client(int fd)
{
    uint32_t *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, PAGE);

    g_assert_true(p != MAP_FAILED);
    return p;
}

/* A client in a process of its own, which sends a byte when it has done what it was to do. */
typedef struct Client {
    pid_t pid;
    int ask, answer;
} Client;

/* Shared with all: a client has stored once more after the other end of its pipe was gone. */
static int *stored_at_the_end;

static void client_main(int fd, int ask, int answer)
{
    uint32_t *p = map_as_client(fd), value;

    signal(SIGBUS, SIG_DFL);    /* a sanitizer would make a report of it */
    /* As a program of its own: with the file system's device it would wait for itself. */
    for (int i = 3; i < 1024; i++) {
        if (i != ask && i != answer) {
            close(i);
        }
    }
    while (read(ask, &value, sizeof(value)) == sizeof(value)) {
        qatomic_set(p, value);
        if (write(answer, "", 1) != 1) {
            break;
        }
    }
    g_usleep(100000);           /* a server that was killed is dead by then */
    qatomic_inc(p);
    qatomic_inc(stored_at_the_end);
    _exit(0);
}

static Client client_new(Fixture *f)
{
    int ask[2], answer[2], fd = memory_region_get_fd(&f->mr);
    Client c;

    g_assert_cmpint(pipe(ask), ==, 0);
    g_assert_cmpint(pipe(answer), ==, 0);
    c.pid = fork();
    if (!c.pid) {
        close(ask[1]);
        close(answer[0]);
        client_main(fd, ask[0], answer[1]);
    }
    close(ask[0]);
    close(answer[1]);
    c.ask = ask[1];
    c.answer = answer[0];
    return c;
}

static void client_store(Client *c, uint32_t value)
{
    char done;

    g_assert_cmpint(write(c->ask, &value, sizeof(value)), ==, sizeof(value));
    g_assert_cmpint(read(c->answer, &done, 1), ==, 1);
}

/* The wait status. */
static int client_end(Client *c)
{
    int status;

    close(c->ask);
    close(c->answer);
    g_assert_cmpint(waitpid(c->pid, &status, 0), ==, c->pid);
    return status;
}

static bool wait_seen(Fixture *f, uint32_t value)
{
    int64_t end = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;

    while (qatomic_read(&f->seen) != value) {
        if (g_get_monotonic_time() > end) {
            return false;
        }
        g_usleep(50);
    }
    return true;
}

static void test_every_store_wakes(void)
{
    Fixture f;

    if (setup(&f)) {
        Client c = client_new(&f);

        for (uint32_t i = 1; i <= 300; i++) {
            client_store(&c, i);
            g_assert_true(wait_seen(&f, i));
            g_usleep(i % 7 * 300);
        }
        g_assert_cmpint(client_end(&c), ==, 0);
    }
    teardown(&f);
}

/* Stores at all moments of falling asleep; the last one is what must be seen. */
static void test_none_is_missed(void)
{
    Fixture f;

    if (setup(&f)) {
        Client c = client_new(&f);
        uint32_t value = 0;

        for (unsigned i = 0; i < 300; i++) {
            for (unsigned burst = 0; burst <= i % 3; burst++) {
                client_store(&c, ++value);
                for (volatile unsigned spin = 0; spin < i * 40; spin++) {
                }
            }
            g_assert_true(wait_seen(&f, value));
        }
        g_assert_cmpint(client_end(&c), ==, 0);
    }
    teardown(&f);
}

static void test_idle_costs_nothing(void)
{
    AioContextStats before, after;
    Fixture f;

    if (setup(&f)) {
        Client c = client_new(&f);
        int looks;

        client_store(&c, 1);
        g_assert_true(wait_seen(&f, 1));
        do {                    /* a loaded machine may keep it from its sleep for long */
            looks = qatomic_read(&f.looks);
            g_usleep(200000);
        } while (qatomic_read(&f.looks) != looks);
        aio_context_get_stats(f.ctx, &before);
        g_usleep(300000);
        aio_context_get_stats(f.ctx, &after);
        g_assert_cmpuint(after.wakeups, ==, before.wakeups);
        g_assert_cmpint(qatomic_read(&f.looks), ==, looks);
        client_store(&c, 2);
        g_assert_true(wait_seen(&f, 2));
        g_assert_cmpint(client_end(&c), ==, 0);
    }
    teardown(&f);
}

/* The page moves to another file: the former client wakes nobody, the next one does. */
static void test_next_client(void)
{
    Fixture f;

    if (setup(&f)) {
        Client first = client_new(&f), next;

        client_store(&first, 1);
        g_assert_true(wait_seen(&f, 1));
        WITH_AIO_CONTEXT_GUARD(f.ctx) {
            g_assert_true(memory_region_renew(&f.mr));
            g_assert_true(memory_region_shared_io_ptr(&f.mr) == f.page);
            g_assert_cmpuint(qatomic_read(&f.page[0]), ==, 1);
        }
        next = client_new(&f);
        client_store(&next, 2);
        g_assert_true(wait_seen(&f, 2));
        client_store(&first, 3);
        g_usleep(20000);
        g_assert_cmpuint(qatomic_read(&f.seen), ==, 2);
        client_store(&next, 4);
        g_assert_true(wait_seen(&f, 4));
        g_assert_cmpint(client_end(&next), ==, 0);      /* it has our end of the first one's pipe */
        g_assert_cmpint(client_end(&first), ==, 0);
    }
    teardown(&f);
}

/* What a client may do with the file, and what not. */
static void test_denied(void)
{
    Fixture f;

    if (setup(&f)) {
        int fd = memory_region_get_fd(&f.mr);
        uint32_t word = 77;
        struct stat st;

        g_assert_cmpint(fstat(fd, &st), ==, 0);
        g_assert_cmpint(st.st_size, ==, 2 * PAGE);
        g_assert_cmpint(ftruncate(fd, 0), <, 0);
        g_assert_cmpint(ftruncate(fd, 1 << 20), <, 0);
        g_assert_cmpint(fallocate(fd, 0, 0, 1 << 20), <, 0);
        g_assert_cmpint(fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, PAGE), <, 0);
        g_assert_cmpint(fchmod(fd, 0), <, 0);
        g_assert_cmpint(pwrite(fd, &word, 4, 2 * PAGE), <, 0);
        g_assert_cmpint(pwrite(fd, &word, 4, PAGE), ==, 4);
        g_assert_true(wait_seen(&f, 77));
        g_assert_cmpint(fsync(fd), ==, 0);
    }
    teardown(&f);
}

/* --- deaths --- */

/* A server: falls asleep, then says so and waits to be killed. */
static void server_main(int give, bool asleep)
{
    Fixture f;
    bool ok = setup(&f);

    if (ok) {
        Client c = client_new(&f);

        client_store(&c, 1);
        ok = wait_seen(&f, 1);
        if (asleep) {
            g_usleep(50000);
        } else {
            WITH_AIO_CONTEXT_GUARD(f.ctx) {
                f.page[1] = 1;          /* the page is there, and dirty */
                ok &= write(give, &ok, sizeof(ok)) == sizeof(ok);
                g_usleep(60 * G_USEC_PER_SEC);
            }
        }
    }
    ok &= write(give, &ok, sizeof(ok)) == sizeof(ok);
    g_usleep(60 * G_USEC_PER_SEC);
    _exit(1);
}

/* The server is killed; its client goes on storing, and ends when it likes. */
static void test_server_dies(gconstpointer asleep)
{
    int take[2], status;
    bool ok = false;
    pid_t pid;

    g_assert_cmpint(pipe(take), ==, 0);
    pid = fork();
    if (!pid) {
        server_main(take[1], asleep != NULL);
    }
    close(take[1]);
    g_assert_cmpint(read(take[0], &ok, sizeof(ok)), ==, sizeof(ok));
    qatomic_set(stored_at_the_end, 0);
    kill(pid, SIGKILL);
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    if (ok) {
        for (int i = 0; i < 500 && !qatomic_read(stored_at_the_end); i++) {
            g_usleep(10000);
        }
        g_assert_cmpint(qatomic_read(stored_at_the_end), ==, 1);
    } else {
        g_test_skip("no file system in user space");
    }
    close(take[0]);
}

/* --- a keeper that does not answer --- */

static pid_t keeper(Fixture *f)
{
    return fuse_files_keeper(f->mr.ram_block->files);
}

/* Signals the keeper when the page is there, or is not. */
static void signal_when(Fixture *f, Client *c, bool away, int signal)
{
    bool sent = false;

    for (uint32_t i = 1000; i < 1500 && !sent; i++) {
        qatomic_set(&f->busy, !away);
        client_store(c, i);
        g_assert_true(wait_seen(f, i));
        g_usleep(away ? i % 16 * 1000 : 0);
        WITH_AIO_CONTEXT_GUARD(f->ctx) {
            sent = (f->page != memory_region_shared_io_ptr(&f->mr)) == away;
            g_assert_true(!sent || kill(keeper(f), signal) == 0);
            while (sent && signal == SIGKILL
                   && !fuse_files_keeper_is_dead(f->mr.ram_block->files)) {
                g_usleep(100);
            }
        }
    }
    g_assert_true(sent);
    qatomic_set(&f->busy, false);
}

/* The domain goes on: its lock is to be had, and its device has a page. */
static void assert_lively(Fixture *f, uint32_t value)
{
    int64_t most = 0;

    for (unsigned i = 0; i < 50; i++) {
        int64_t start = g_get_monotonic_time();

        WITH_AIO_CONTEXT_GUARD(f->ctx) {
            f->page[8] = value;
        }
        most = MAX(most, g_get_monotonic_time() - start);
        g_usleep(20000);
    }
    g_assert_cmpint(most, <, 3 * G_USEC_PER_SEC);
}

static void test_stopped(gconstpointer asleep)
{
    Fixture f;

    if (setup(&f)) {
        Client c = client_new(&f);

        signal_when(&f, &c, asleep != NULL, SIGSTOP);
        assert_lively(&f, 77);
        g_assert_cmpint(kill(keeper(&f), SIGCONT), ==, 0);
        for (uint32_t i = 1; i <= 50; i++) {
            client_store(&c, i);
            g_assert_true(wait_seen(&f, i));
        }
        /* What the device had stored meanwhile is there. */
        WITH_AIO_CONTEXT_GUARD(f.ctx) {
            g_assert_cmpuint(f.page[8], ==, 77);
        }
        g_assert_cmpint(client_end(&c), ==, 0);
    }
    teardown(&f);
}

static void test_killed(gconstpointer asleep)
{
    uint32_t value = 5;
    Fixture f;
    int status;

    if (setup(&f)) {
        Client c = client_new(&f);

        signal_when(&f, &c, asleep != NULL, SIGKILL);
        assert_lively(&f, 78);
        if (asleep) {
            g_assert_cmpint(write(c.ask, &value, sizeof(value)), ==, sizeof(value));
            g_assert_cmpint(waitpid(c.pid, &status, 0), ==, c.pid);
            g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
            close(c.ask);
            close(c.answer);
        } else {
            client_store(&c, value);
            g_assert_true(wait_seen(&f, value));
            client_end(&c);
        }
        assert_lively(&f, 79);
    }
    teardown(&f);
}

/* The client leaves, and the region goes, while the keeper is stopped. */
static void test_stopped_for_good(gconstpointer asleep)
{
    int64_t start;
    Fixture f;
    pid_t pid = 0;

    if (setup(&f)) {
        Client c = client_new(&f);

        pid = keeper(&f);
        signal_when(&f, &c, asleep != NULL, SIGSTOP);
        start = g_get_monotonic_time();
        WITH_AIO_CONTEXT_GUARD(f.ctx) {
            g_assert_true(memory_region_renew(&f.mr));
            g_assert_cmpint(memory_region_next_fd(&f.mr, NULL), <, 0);
            f.page[0] = f.page[8] = 0;
        }
        g_assert_cmpint(g_get_monotonic_time() - start, <, 3 * G_USEC_PER_SEC);
        assert_lively(&f, 80);
        kill(c.pid, SIGKILL);
        close(c.ask);
        close(c.answer);
        start = g_get_monotonic_time();
        teardown(&f);
        g_assert_cmpint(g_get_monotonic_time() - start, <, 3 * G_USEC_PER_SEC);
        g_assert_cmpint(kill(pid, SIGCONT), ==, 0);
        g_assert_cmpint(waitpid(c.pid, NULL, 0), ==, c.pid);
    } else {
        teardown(&f);
    }
}

int main(int argc, char **argv)
{
    test_init(&argc, &argv);
    stored_at_the_end = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    /* First: a process that they fork has no threads of the loops that ran before. */
    g_test_add_data_func("/memory/shared-wakeup/server-dies-awake", NULL, test_server_dies);
    g_test_add_data_func("/memory/shared-wakeup/server-dies-asleep", "asleep", test_server_dies);
    g_test_add_func("/memory/shared-wakeup/every-store-wakes", test_every_store_wakes);
    g_test_add_func("/memory/shared-wakeup/none-is-missed", test_none_is_missed);
    g_test_add_func("/memory/shared-wakeup/idle", test_idle_costs_nothing);
    g_test_add_func("/memory/shared-wakeup/next-client", test_next_client);
    g_test_add_func("/memory/shared-wakeup/denied", test_denied);
    g_test_add_data_func("/memory/shared-wakeup/keeper-stopped/awake", NULL, test_stopped);
    g_test_add_data_func("/memory/shared-wakeup/keeper-stopped/asleep", "asleep", test_stopped);
    g_test_add_data_func("/memory/shared-wakeup/keeper-killed/awake", NULL, test_killed);
    g_test_add_data_func("/memory/shared-wakeup/keeper-killed/asleep", "asleep", test_killed);
    g_test_add_data_func("/memory/shared-wakeup/keeper-stopped/for-good", NULL,
                         test_stopped_for_good);
    g_test_add_data_func("/memory/shared-wakeup/keeper-stopped/for-good-asleep", "asleep",
                         test_stopped_for_good);
    return g_test_run();
}
