/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a Chardev is at home: in the domain of its front end, with the main
 * thread looking at it, talking through it and taking it away meanwhile.
 * Worth most under the thread sanitizer.
 */
#include "rig.h"

#include <sys/socket.h>

#include "qemu/atomic.h"
#include "qemu/main-loop.h"

typedef struct Domain {
    AioContext *ctx;
    Chardev *chr;
    char *path;
    Front f;
    int done;               /* atomic: steps of the domain's thread */
} Domain;

static void domain_start(Domain *d)
{
    g_autofree char *text = NULL;

    *d = (Domain) { .path = rig_path("sock") };
    text = g_strdup_printf("socket,path=%s,server=on,wait=off", d->path);
    d->ctx = aio_context_new_named("domain", &error_abort);
    aio_context_start(d->ctx);
    d->chr = chardev_from(text, &error_abort);
}

static void domain_end(Domain *d)
{
    object_unparent(OBJECT(d->chr));
    aio_context_stop(d->ctx);
    aio_context_unref(d->ctx);
    g_free(d->path);
}

static size_t got_len(Domain *d)
{
    AIO_CONTEXT_GUARD(d->ctx);
    return d->f.got->len;
}

static size_t events_len(Domain *d)
{
    AIO_CONTEXT_GUARD(d->ctx);
    return d->f.events->len;
}

static void wait_done(Domain *d, int step)
{
    turn_until(qatomic_read(&d->done) >= step);
}

/* Realize and unrealize: the main thread with the domain entered. */
static void test_device(void)
{
    Domain d;
    int fd;

    domain_start(&d);
    WITH_AIO_CONTEXT_GUARD(d.ctx) {
        front_init(&d.f, d.chr);
    }
    g_assert_true(d.chr->ctx == d.ctx);
    fd = rig_connect(d.path);
    rig_send(fd, "to the domain");
    turn_until(got_len(&d) == 13);
    g_assert_true(d.f.ctx == d.ctx);
    WITH_AIO_CONTEXT_GUARD(d.ctx) {
        front_clear(&d.f);
    }
    /* The peer is still there, and the next front end's. */
    g_assert_true(d.chr->ctx == aio_context_main());
    front_init(&d.f, d.chr);
    g_assert_cmpstr(d.f.events->str, ==, "o");
    rig_send(fd, "to main");
    turn_until(d.f.got->len == 7);
    g_assert_true(d.f.ctx == aio_context_main());
    close(fd);
    turn_until(d.f.events->len == 2);
    front_clear(&d.f);
    domain_end(&d);
}

/* The main thread may use a front end of a domain: it waits for the lock. */
static void test_main_visits(void)
{
    Domain d;
    char buf[4] = "";
    int fd;

    domain_start(&d);
    WITH_AIO_CONTEXT_GUARD(d.ctx) {
        front_init(&d.f, d.chr);
    }
    fd = rig_connect(d.path);
    turn_until(events_len(&d) == 1);
    g_assert_true(qemu_chr_fe_backend_open(&d.f.be));
    g_assert_cmpint(qemu_chr_fe_write(&d.f.be, (const uint8_t *)"hey", 3), ==, 3);
    g_assert_cmpint(recv(fd, buf, sizeof(buf), 0), ==, 3);
    qemu_chr_fe_disconnect(&d.f.be);
    g_assert_cmpuint(events_len(&d), ==, 2);
    close(fd);
    qemu_chr_fe_deinit(&d.f.be, false);
    g_assert_true(d.chr->ctx == aio_context_main());
    front_clear(&d.f);
    domain_end(&d);
}

/* ---- all by the domain's own thread, which may not enter the main context ---- */

static void listen_in_domain(void *opaque)
{
    Domain *d = opaque;

    front_listen(&d->f);
    /* Not there yet, and says so instead of doing it in the wrong place. */
    g_assert_cmpint(qemu_chr_fe_write(&d->f.be, (const uint8_t *)"x", 1), ==, -1);
    g_assert_cmpint(errno, ==, EAGAIN);
    qatomic_inc(&d->done);
}

static void let_go_in_domain(void *opaque)
{
    Domain *d = opaque;

    front_clear(&d->f);
    qatomic_inc(&d->done);
}

static void test_domain_alone(void)
{
    Domain d;
    int fd;

    domain_start(&d);
    d.f = (Front) { .room = 10, .got = g_string_new(NULL), .events = g_string_new(NULL) };
    qemu_chr_fe_init(&d.f.be, d.chr, &error_abort);
    fd = rig_connect(d.path);
    turn_until(d.chr->be_open);
    aio_bh_schedule_oneshot(d.ctx, listen_in_domain, &d);
    while (!qatomic_read(&d.done)) {
        g_usleep(100);      /* the main loop must not turn before this */
    }
    turn_until(d.chr->ctx == d.ctx);
    turn_until(events_len(&d) == 1);
    rig_send(fd, "hello");
    turn_until(got_len(&d) == 5);
    aio_bh_schedule_oneshot(d.ctx, let_go_in_domain, &d);
    wait_done(&d, 2);
    turn_until(d.chr->ctx == aio_context_main());
    g_assert_false(chardev_is_busy(d.chr));
    close(fd);
    turn_until(!d.chr->be_open);
    domain_end(&d);
}

/* ---- load ---- */

#define ROUNDS 200

static void echo(Front *f)
{
    if (f->got->len) {
        qemu_chr_fe_write_all(&f->be, (uint8_t *)f->got->str, f->got->len);
        g_string_truncate(f->got, 0);
    }
}

static void look(Chardev *chr, void *opaque)
{
    g_assert_nonnull(chr->filename);
    ++*(int *)opaque;
}

static void test_load(void)
{
    Domain d;
    int seen = 0;

    domain_start(&d);
    WITH_AIO_CONTEXT_GUARD(d.ctx) {
        front_init(&d.f, d.chr);
        d.f.then = echo;
    }
    for (int i = 0; i < ROUNDS; i++) {
        int fd = rig_connect(d.path);
        char buf[64];
        ssize_t n, total = 0;

        rig_send(fd, "there and back again");
        chardev_foreach(look, &seen);
        while (total < 20 && (n = recv(fd, buf, sizeof(buf), 0)) > 0) {
            total += n;
        }
        g_assert_cmpint(total, ==, 20);
        if (i % 3 == 0) {
            qemu_chr_fe_disconnect(&d.f.be);
        }
        close(fd);
        aio_poll(aio_context_main(), false);
    }
    g_assert_cmpint(seen, ==, ROUNDS);
    WITH_AIO_CONTEXT_GUARD(d.ctx) {
        front_clear(&d.f);
    }
    domain_end(&d);
}

/* From domain to domain, with bytes under way, a hundred times. */
static void test_wandering(void)
{
    Domain d;
    AioContext *second = aio_context_new_named("second", &error_abort);
    int fd;

    domain_start(&d);
    aio_context_start(second);
    fd = rig_connect(d.path);
    for (int i = 0; i < 100; i++) {
        AioContext *ctx = i % 2 ? second : d.ctx;

        rig_send(fd, "x");
        WITH_AIO_CONTEXT_GUARD(ctx) {
            front_init(&d.f, d.chr);
        }
        for (bool arrived = false; !arrived; ) {
            AIO_CONTEXT_GUARD(ctx);
            arrived = d.f.got->len == 1;
        }
        qemu_chr_fe_deinit(&d.f.be, false);
        front_clear(&d.f);
    }
    close(fd);
    turn_until(!d.chr->be_open);
    aio_context_stop(second);
    aio_context_unref(second);
    domain_end(&d);
}

static void test_pty_in_domain(void)
{
    Domain d;
    Chardev *pty;
    int fd;

    domain_start(&d);
    pty = chardev_from("pty,id=p0", &error_abort);
    WITH_AIO_CONTEXT_GUARD(d.ctx) {
        front_init(&d.f, pty);
    }
    fd = open(pty->filename + 4, O_RDWR | O_NOCTTY);
    turn_until(events_len(&d) == 1);
    rig_send(fd, "keys");
    turn_until(got_len(&d) == 4);
    close(fd);
    turn_until(events_len(&d) == 2);
    WITH_AIO_CONTEXT_GUARD(d.ctx) {
        front_clear(&d.f);
    }
    object_unparent(OBJECT(pty));
    domain_end(&d);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/chardev/home/device", test_device);
    g_test_add_func("/chardev/home/main-visits", test_main_visits);
    g_test_add_func("/chardev/home/domain-alone", test_domain_alone);
    g_test_add_func("/chardev/home/load", test_load);
    g_test_add_func("/chardev/home/wandering", test_wandering);
    g_test_add_func("/chardev/home/pty", test_pty_in_domain);
    return rig_run();
}
