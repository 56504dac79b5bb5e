/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets: coming and going of peers, peers that flood or never read, what
 * front ends do in their callbacks, descriptors.
 */
#include "rig.h"

#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "io/address.h"
#include "monitor/fd-param.h"
#include "tests/unit/helpers.h"

typedef struct Server {
    char *path;
    Chardev *chr;
    Front f;
} Server;

static void server_start(Server *s)
{
    g_autofree char *text = NULL;

    s->path = rig_path("sock");
    text = g_strdup_printf("socket,path=%s,server=on,wait=off", s->path);
    s->chr = chardev_from(text, &error_abort);
    front_init(&s->f, s->chr);
}

static void server_end(Server *s)
{
    front_clear(&s->f);
    object_unparent(OBJECT(s->chr));
    g_assert_false(g_file_test(s->path, G_FILE_TEST_EXISTS));
    g_free(s->path);
}

static void assert_name(Chardev *chr, const char *prefix, const char *path)
{
    g_autofree char *want = g_strdup_printf("%sunix:%s,server=on", prefix, path);

    g_assert_cmpstr(chr->filename, ==, want);
}

static void test_talk(void)
{
    Server s;
    struct stat st;
    g_autofree char *reply = NULL;
    int fd;

    server_start(&s);
    g_assert_cmpint(stat(s.path, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 0777, ==, 0600);
    assert_name(s.chr, "disconnected:", s.path);
    g_assert_cmpstr(s.f.events->str, ==, "");
    /* Nobody is there: taken and dropped, as in QEMU. */
    g_assert_cmpint(qemu_chr_fe_write(&s.f.be, (const uint8_t *)"x", 1), ==, 1);
    g_assert_cmpuint(qemu_chr_fe_add_watch(&s.f.be, G_IO_OUT, NULL, NULL), ==, 0);

    fd = rig_connect(s.path);
    rig_send(fd, "hello");
    turn_until(s.f.got->len == 5);
    assert_name(s.chr, "", s.path);
    g_assert_cmpint(qemu_chr_fe_write(&s.f.be, (const uint8_t *)"there", 5), ==, 5);
    reply = rig_receive(fd);
    g_assert_cmpstr(reply, ==, "there");
    close(fd);
    turn_until(s.f.events->len == 2);
    g_assert_cmpstr(s.f.events->str, ==, "oc");
    assert_name(s.chr, "disconnected:", s.path);
    server_end(&s);
}

/* The second client waits for the first to leave. */
static void test_one_at_a_time(void)
{
    Server s;
    int a, b;

    server_start(&s);
    a = rig_connect(s.path);
    b = rig_connect(s.path);
    rig_send(b, "second");
    rig_send(a, "first");
    turn_until(s.f.got->len == 5);
    turn_some();
    g_assert_cmpstr(s.f.got->str, ==, "first");
    close(a);
    turn_until(s.f.got->len == 11);
    g_assert_cmpstr(s.f.events->str, ==, "oco");
    qemu_chr_fe_disconnect(&s.f.be);
    g_assert_cmpstr(s.f.events->str, ==, "ococ");
    g_assert_cmpint(recv(b, &a, 1, 0), ==, 0);
    close(b);
    server_end(&s);
}

/* A front end that takes nothing must not keep a dead client's place. */
static void test_gone_unread(void)
{
    Server s;
    int fd;

    server_start(&s);
    s.f.room = 0;
    front_listen(&s.f);
    fd = rig_connect(s.path);
    turn_until(s.f.events->len == 1);
    close(fd);
    turn_until(s.f.events->len == 2);
    /* Without a front end the same. */
    qemu_chr_fe_set_handlers(&s.f.be, NULL, NULL, NULL, NULL, NULL, NULL, true);
    fd = rig_connect(s.path);
    turn_until(s.chr->be_open);
    rig_send(fd, "lost");
    close(fd);
    turn_until(!s.chr->be_open);
    server_end(&s);
}

/* What was sent before the end is delivered before the end. */
static void test_last_words(void)
{
    Server s;
    int fd;

    server_start(&s);
    s.f.room = 0;
    fd = rig_connect(s.path);
    turn_until(s.f.events->len == 1);
    rig_send(fd, "last words");
    close(fd);
    turn_some();
    g_assert_cmpstr(s.f.events->str, ==, "o");
    s.f.room = 4;
    qemu_chr_fe_accept_input(&s.f.be);
    turn_until(s.f.events->len == 2);
    g_assert_cmpstr(s.f.got->str, ==, "last words");
    server_end(&s);
}

static gboolean count_room(void *do_not_use, GIOCondition cond, void *opaque)
{
    int *calls = opaque;

    calls[cond & G_IO_HUP ? 1 : 0]++;
    return FALSE;
}

static int fill(Front *f)
{
    static const uint8_t chunk[4096];
    int n, total = 0;

    while ((n = qemu_chr_fe_write(&f->be, chunk, sizeof(chunk))) > 0) {
        total += n;
        g_assert_cmpint(total, <, 16 << 20);
    }
    g_assert_cmpint(n, ==, -1);
    g_assert_cmpint(errno, ==, EAGAIN);
    return total;
}

static void drain(int fd, int total)
{
    static char sink[65536];

    while (total > 0) {
        ssize_t n = recv(fd, sink, MIN(total, (int)sizeof(sink)), MSG_DONTWAIT);

        if (n < 0) {
            aio_poll(aio_context_main(), false);
        } else {
            g_assert_cmpint(n, >, 0);
            total -= n;
        }
    }
}

static void test_peer_never_reads(void)
{
    Server s;
    int fd, total, held, calls[2] = { 0 };
    guint tag;

    server_start(&s);
    fd = rig_connect(s.path);
    turn_until(s.f.events->len == 1);
    total = fill(&s.f);
    tag = qemu_chr_fe_add_watch(&s.f.be, G_IO_OUT | G_IO_HUP, count_room, calls);
    g_assert_cmpuint(tag, !=, 0);
    turn_some();
    g_assert_cmpint(calls[0], ==, 0);
    /* write_all keeps a bounded rest. */
    for (held = 0; held <= CHARDEV_HELD_MAX; ) {
        static const uint8_t chunk[1000];
        int n = qemu_chr_fe_write_all(&s.f.be, chunk, sizeof(chunk));

        if (n < 0) {
            break;
        }
        held += n;
    }
    g_assert_cmpint(held, ==, CHARDEV_HELD_MAX);
    drain(fd, total + held);
    turn_until(calls[0] == 1);
    turn_some();
    g_assert_cmpint(calls[0], ==, 1);
    g_assert_cmpint(calls[1], ==, 0);
    close(fd);
    server_end(&s);
}

static void test_watch_removed(void)
{
    Server s;
    int fd, total, calls[2] = { 0 };
    guint tag;

    server_start(&s);
    fd = rig_connect(s.path);
    turn_until(s.f.events->len == 1);
    total = fill(&s.f);
    tag = qemu_chr_fe_add_watch(&s.f.be, G_IO_OUT, count_room, calls);
    g_assert_true(g_source_remove(tag));
    drain(fd, total);
    turn_some();
    g_assert_cmpint(calls[0], ==, 0);
    /* The end of the peer wakes who waits for room. */
    fill(&s.f);
    g_assert_cmpuint(qemu_chr_fe_add_watch(&s.f.be, G_IO_OUT | G_IO_HUP, count_room, calls),
                     !=, 0);
    close(fd);
    turn_until(s.f.events->len == 2);
    g_assert_cmpint(calls[0] + calls[1], ==, 1);
    /* Left behind on purpose: goes with the front end. */
    fd = rig_connect(s.path);
    turn_until(s.f.events->len == 3);
    fill(&s.f);
    g_assert_cmpuint(qemu_chr_fe_add_watch(&s.f.be, G_IO_OUT, count_room, calls), !=, 0);
    server_end(&s);
    close(fd);
}

static void test_flood(void)
{
    Server s;
    char chunk[8192];
    int fd, sent = 0;

    server_start(&s);
    memset(chunk, 'f', sizeof(chunk));
    s.f.room = 100;
    fd = rig_connect(s.path);
    turn_until(s.f.events->len == 1);
    s.f.room = 0;
    front_listen(&s.f);
    while (sent < 8 << 20) {
        ssize_t n = send(fd, chunk, sizeof(chunk), MSG_DONTWAIT);

        if (n < 0) {
            break;
        }
        sent += n;
        aio_poll(aio_context_main(), false);
    }
    /* The kernel's buffer is the bound. */
    g_assert_cmpint(sent, <, 8 << 20);
    g_assert_cmpuint(s.f.got->len, ==, 0);
    s.f.room = 4096;
    qemu_chr_fe_accept_input(&s.f.be);
    turn_until(s.f.got->len == sent);
    close(fd);
    server_end(&s);
}

static void test_write_to_dead(void)
{
    Server s;
    int fd;

    server_start(&s);
    s.f.room = 0;
    front_listen(&s.f);
    fd = rig_connect(s.path);
    turn_until(s.f.events->len == 1);
    close(fd);
    /* The event comes from the loop, not from inside the write. */
    g_assert_cmpint(qemu_chr_fe_write(&s.f.be, (const uint8_t *)"x", 1), ==, -1);
    g_assert_cmpint(errno, ==, EPIPE);
    g_assert_cmpstr(s.f.events->str, ==, "o");
    g_assert_cmpint(qemu_chr_fe_write(&s.f.be, (const uint8_t *)"x", 1), ==, 1);
    turn_until(s.f.events->len == 2);
    g_assert_cmpstr(s.f.events->str, ==, "oc");
    server_end(&s);
}

/* ---- front ends that do things in their callbacks ---- */

static void disconnect_then(Front *f)
{
    qemu_chr_fe_disconnect(&f->be);
}

static void test_disconnect_inside(void)
{
    Server s;
    int fd;

    server_start(&s);
    s.f.then = disconnect_then;
    fd = rig_connect(s.path);
    turn_until(s.f.events->len == 2);
    g_assert_cmpstr(s.f.events->str, ==, "oc");
    close(fd);
    s.f.then = NULL;
    fd = rig_connect(s.path);
    turn_until(s.f.events->len == 3);
    s.f.then = disconnect_then;
    rig_send(fd, "now");
    turn_until(s.f.events->len == 4);
    g_assert_cmpstr(s.f.got->str, ==, "now");
    close(fd);
    server_end(&s);
}

static Front other;

static void replace_then(Front *f)
{
    Chardev *chr = qemu_chr_fe_get_driver(&f->be);

    if (chr) {
        qemu_chr_fe_deinit(&f->be, false);
        front_init(&other, chr);
    }
}

static void test_replaced_inside(void)
{
    Server s;
    int fd;

    server_start(&s);
    fd = rig_connect(s.path);
    turn_until(s.f.events->len == 1);
    s.f.then = replace_then;
    rig_send(fd, "one");
    turn_until(s.f.got->len == 3);
    rig_send(fd, "two");
    turn_until(other.got->len == 3);
    g_assert_cmpstr(other.got->str, ==, "two");
    g_assert_cmpstr(other.events->str, ==, "o");
    g_assert_cmpstr(s.f.got->str, ==, "one");
    close(fd);
    turn_until(other.events->len == 2);
    front_clear(&other);
    server_end(&s);
}

static void delete_then(Front *f)
{
    qemu_chr_fe_deinit(&f->be, true);
}

static void test_deleted_inside(void)
{
    for (int on_event = 0; on_event < 2; on_event++) {
        Server s;
        int fd;

        server_start(&s);
        fd = rig_connect(s.path);
        turn_until(s.f.events->len == 1);
        s.f.then = delete_then;
        if (on_event) {
            close(fd);
            turn_until(!qemu_chr_find("c0"));
        } else {
            rig_send(fd, "end");
            turn_until(!qemu_chr_find("c0"));
            close(fd);
        }
        turn_some();
        g_assert_false(g_file_test(s.path, G_FILE_TEST_EXISTS));
        front_clear(&s.f);
        g_free(s.path);
    }
}

/* ---- clients ---- */

static int listen_at(const char *path)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(un.sun_path, path, sizeof(un.sun_path));
    g_assert_cmpint(bind(fd, (struct sockaddr *)&un, sizeof(un)), ==, 0);
    g_assert_cmpint(listen(fd, 1), ==, 0);
    return fd;
}

static void test_client(void)
{
    g_autofree char *path = rig_path("peer");
    g_autofree char *text = g_strdup_printf("socket,path=%s", path);
    int l = listen_at(path), fd;
    Chardev *chr = chardev_from(text, &error_abort);
    Front f;

    g_assert_true(chr->be_open);
    g_assert_false(qemu_chr_has_feature(chr, QEMU_CHAR_FEATURE_RECONNECTABLE));
    front_init(&f, chr);
    fd = accept(l, NULL, NULL);
    rig_send(fd, "hi");
    turn_until(f.got->len == 2);
    close(fd);
    turn_until(f.events->len == 2);
    g_assert_cmpstr(f.events->str, ==, "oc");
    front_clear(&f);
    object_unparent(OBJECT(chr));
    close(l);
    g_unlink(path);
    chardev_refused(text, "cannot connect to unix:");
}

static void test_client_comes_back(void)
{
    g_autofree char *path = rig_path("peer");
    g_autofree char *text = g_strdup_printf("socket,path=%s,reconnect=1", path);
    Chardev *chr = chardev_from(text, &error_abort);
    Front f;

    front_init(&f, chr);
    turn_some();
    g_assert_cmpstr(f.events->str, ==, "");
    for (guint i = 0; i < 2; i++) {
        int l = listen_at(path);

        turn_until(f.events->len == 2 * i + 1);
        close(accept(l, NULL, NULL));
        close(l);
        g_unlink(path);
        turn_until(f.events->len == 2 * i + 2);
    }
    g_assert_cmpstr(f.events->str, ==, "ococ");
    front_clear(&f);
    object_unparent(OBJECT(chr));
}

static void test_tcp(void)
{
    struct sockaddr_in in = { .sin_family = AF_INET };
    Chardev *chr = chardev_from("socket,host=127.0.0.1,port=0,server=on,wait=off,nodelay=on",
                                &error_abort);
    unsigned port;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    Front f;

    g_assert_cmpint(sscanf(chr->filename, "disconnected:tcp:127.0.0.1:%u,server=on", &port),
                    ==, 1);
    g_assert_true(io_address_is_local(chardev_socket_address(chr)));
    front_init(&f, chr);
    in.sin_port = htons(port);
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&in, sizeof(in)), ==, 0);
    rig_send(fd, "tcp");
    turn_until(f.got->len == 3);
    g_assert_cmpint(qemu_chr_fe_set_msgfds(&f.be, &fd, 1), ==, -1);
    close(fd);
    turn_until(f.events->len == 2);
    front_clear(&f);
    object_unparent(OBJECT(chr));

    chr = chardev_from("socket,port=0,server=on,wait=off", &error_abort);
    g_assert_false(io_address_is_local(chardev_socket_address(chr)));
    g_assert_true(g_str_has_prefix(chr->filename, "disconnected:tcp:0.0.0.0:"));
    object_unparent(OBJECT(chr));
}

static void test_bad_options(void)
{
    chardev_refused("socket", "exactly one of path=, fd= and port=");
    chardev_refused("socket,path=x,port=1", "exactly one of");
    chardev_refused("socket,path=", "path of the UNIX socket is missing");
    chardev_refused("socket,host=example.org,port=1", "names are not looked up");
    chardev_refused("socket,host=localhost,port=http", "is not a port");
    chardev_refused("socket,host=localhost,port=65536", "is not a port");
    chardev_refused("socket,path=x,wait=on", "'wait' option is incompatible");
    chardev_refused("socket,path=x,server=on,reconnect=1", "'reconnect' option is incompatible");
    chardev_refused("socket,fd=3,reconnect=1", "'reconnect' option is incompatible with 'fd'");
    chardev_refused("socket,path=x,reconnect=-1", "expects a number");
    chardev_refused("socket,path=/nowhere/x,server=on,wait=off", "cannot listen on unix:/nowhere");
    chardev_refused("socket,fd=9999,server=on", "Invalid file descriptor number '9999'");
    chardev_refused("socket,fd=1,server=on", "Invalid file descriptor number '1'");
    chardev_refused("socket,fd=name,server=on", "'name' has not been found");
}

static void test_path_in_use(void)
{
    Server s;
    g_autofree char *text = NULL;
    g_autoptr(Error) err = NULL;

    server_start(&s);
    text = g_strdup_printf("socket,id=c1,path=%s,server=on,wait=off", s.path);
    g_assert_null(chardev_from(text, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "is in use"));
    /* The first one's file is still there and works. */
    close(rig_connect(s.path));
    turn_until(s.f.events->len == 2);
    server_end(&s);
}

static void test_wait(void)
{
    g_autofree char *path = rig_path("sock");
    g_autofree char *text = g_strdup_printf("socket,path=%s,server=on", path);
    Chardev *chr = chardev_from(text, &error_abort);
    g_autoptr(Error) err = NULL;
    int fd;

    g_assert_true(chardev_awaits_peer(chr));
    g_assert_cmpint(qemu_chr_wait_connected(chr, &err), ==, -1);
    g_assert_nonnull(strstr(error_get_pretty(err), "nobody is connected"));
    fd = rig_connect(path);
    g_assert_cmpint(qemu_chr_wait_connected(chr, &error_abort), ==, 0);
    g_assert_false(chardev_awaits_peer(chr));
    close(fd);
    object_unparent(OBJECT(chr));
}

/* ---- descriptors ---- */

static void test_fds(void)
{
    Server s;
    unsigned before;
    int fd, got, pair[2];

    server_start(&s);
    g_assert_cmpint(pipe(pair), ==, 0);
    fd = rig_connect(s.path);
    turn_until(s.f.events->len == 1);
    g_assert_true(qemu_chr_has_feature(s.chr, QEMU_CHAR_FEATURE_FD_PASS));
    before = count_fds();
    /* One of two is asked for, the other one closed. */
    g_assert_cmpint(send_with_fds(fd, "a", 1, pair, 2), ==, 1);
    turn_until(s.f.got->len == 1);
    got = qemu_chr_fe_get_msgfd(&s.f.be);
    g_assert_cmpint(got, >=, 0);
    g_assert_cmpuint(count_fds(), ==, before + 1);
    g_assert_cmpint(fcntl(got, F_GETFD) & FD_CLOEXEC, !=, 0);
    close(got);
    /* Nobody asks: gone with the next ones, or with the connection. */
    g_assert_cmpint(send_with_fds(fd, "b", 1, pair, 2), ==, 1);
    turn_until(s.f.got->len == 2);
    g_assert_cmpint(send_with_fds(fd, "c", 1, pair, 1), ==, 1);
    turn_until(s.f.got->len == 3);
    g_assert_cmpuint(count_fds(), ==, before + 1);
    /* The other way. */
    g_assert_cmpint(qemu_chr_fe_set_msgfds(&s.f.be, pair, 1), ==, 0);
    g_assert_cmpint(qemu_chr_fe_write(&s.f.be, (const uint8_t *)"d", 1), ==, 1);
    qemu_chr_fe_disconnect(&s.f.be);
    close(fd);
    g_assert_cmpuint(count_fds(), <, before);
    close(pair[0]);
    close(pair[1]);
    server_end(&s);
}

static void test_by_descriptor(void)
{
    g_autofree char *path = rig_path("given");
    int l = listen_at(path), pair[2], fd;
    g_autofree char *server = g_strdup_printf("socket,fd=%d,server=on,wait=off", l);
    g_autofree char *client = NULL, *wrong = NULL;
    Chardev *chr = chardev_from(server, &error_abort);
    Front f;

    front_init(&f, chr);
    fd = rig_connect(path);
    rig_send(fd, "x");
    turn_until(f.got->len == 1);
    close(fd);
    front_clear(&f);
    object_unparent(OBJECT(chr));
    /* Whoever bound the file removes it. */
    g_assert_cmpint(g_unlink(path), ==, 0);

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    client = g_strdup_printf("socket,fd=%d", pair[0]);
    chr = chardev_from(client, &error_abort);
    front_init(&f, chr);
    rig_send(pair[1], "y");
    turn_until(f.got->len == 1);
    wrong = g_strdup_printf("socket,id=c1,fd=%d,server=on,wait=off", dup(pair[1]));
    g_assert_null(chardev_from(wrong, NULL));
    close(pair[1]);
    turn_until(f.events->len == 2);
    front_clear(&f);
    object_unparent(OBJECT(chr));
}

static void test_add_client(void)
{
    Server s;
    int pair[2];

    server_start(&s);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    g_assert_cmpint(qemu_chr_add_client(s.chr, pair[0]), ==, 0);
    g_assert_cmpint(qemu_chr_add_client(s.chr, pair[1]), ==, -1);
    rig_send(pair[1], "z");
    turn_until(s.f.got->len == 1);
    close(pair[1]);
    turn_until(s.f.events->len == 2);
    server_end(&s);
}

static void test_read_all(void)
{
    Server s;
    uint8_t buf[8];
    int fd;

    server_start(&s);
    qemu_chr_fe_set_handlers(&s.f.be, NULL, NULL, NULL, NULL, NULL, NULL, true);
    fd = rig_connect(s.path);
    turn_until(s.chr->be_open);
    rig_send(fd, "12345678");
    g_assert_cmpint(qemu_chr_fe_read_all(&s.f.be, buf, 3), ==, 3);
    g_assert_cmpint(qemu_chr_fe_read_all(&s.f.be, buf + 3, 5), ==, 5);
    g_assert_cmpmem(buf, 8, "12345678", 8);
    rig_send(fd, "9");
    close(fd);
    g_assert_cmpint(qemu_chr_fe_read_all(&s.f.be, buf, 4), ==, 1);
    turn_until(!s.chr->be_open);
    server_end(&s);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/chardev/socket/talk", test_talk);
    g_test_add_func("/chardev/socket/one-at-a-time", test_one_at_a_time);
    g_test_add_func("/chardev/socket/gone-unread", test_gone_unread);
    g_test_add_func("/chardev/socket/last-words", test_last_words);
    g_test_add_func("/chardev/socket/never-reads", test_peer_never_reads);
    g_test_add_func("/chardev/socket/watch", test_watch_removed);
    g_test_add_func("/chardev/socket/flood", test_flood);
    g_test_add_func("/chardev/socket/write-to-dead", test_write_to_dead);
    g_test_add_func("/chardev/socket/disconnect-inside", test_disconnect_inside);
    g_test_add_func("/chardev/socket/replaced-inside", test_replaced_inside);
    g_test_add_func("/chardev/socket/deleted-inside", test_deleted_inside);
    g_test_add_func("/chardev/socket/client", test_client);
    g_test_add_func("/chardev/socket/reconnect", test_client_comes_back);
    g_test_add_func("/chardev/socket/tcp", test_tcp);
    g_test_add_func("/chardev/socket/bad-options", test_bad_options);
    g_test_add_func("/chardev/socket/in-use", test_path_in_use);
    g_test_add_func("/chardev/socket/wait", test_wait);
    g_test_add_func("/chardev/socket/fds", test_fds);
    g_test_add_func("/chardev/socket/by-descriptor", test_by_descriptor);
    g_test_add_func("/chardev/socket/add-client", test_add_client);
    g_test_add_func("/chardev/socket/read-all", test_read_all);
    return rig_run();
}
