/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Chardev as a source of channels. */
#include "rig.h"

#include <glib/gstdio.h>
#include <sys/socket.h>

#include "chardev/char-channel.h"

/* A user like a monitor session: echoes what it reads, in capitals. */
typedef struct User {
    IOChannel *ch;
    GString *seen;
    int opened, ended;
    bool quit_on_q;
} User;

static void user_ready(void *opaque)
{
    User *u = opaque;
    char buf[100];
    ssize_t n = io_channel_read(u->ch, buf, sizeof(buf));

    g_assert_cmpint(n, !=, -EAGAIN);
    if (n <= 0 || (u->quit_on_q && memchr(buf, 'q', n))) {
        u->ended++;
        g_clear_pointer(&u->ch, io_channel_free);
        return;
    }
    g_string_append_len(u->seen, buf, n);
    for (ssize_t i = 0; i < n; i++) {
        buf[i] = g_ascii_toupper(buf[i]);
    }
    io_channel_write(u->ch, buf, n);
}

static void user_opened(IOChannel *ch, void *opaque)
{
    User *u = opaque;

    g_assert_null(u->ch);
    u->ch = ch;
    u->opened++;
    io_channel_write(ch, "hi:", 3);
    io_channel_set_ready(ch, aio_context_main(), user_ready, NULL, u);
}

typedef struct Setup {
    char *path;
    Chardev *chr;
    ChardevPort *port;
    User user;
} Setup;

static void setup(Setup *s)
{
    g_autofree char *text = NULL;

    *s = (Setup) { .path = rig_path("sock"), .user.seen = g_string_new(NULL) };
    text = g_strdup_printf("socket,path=%s,server=on,wait=off", s->path);
    s->chr = chardev_from(text, &error_abort);
    s->port = chardev_port_new(s->chr, user_opened, &s->user, &error_abort);
}

static void teardown(Setup *s)
{
    g_clear_pointer(&s->user.ch, io_channel_free);
    chardev_port_free(s->port);
    object_unparent(OBJECT(s->chr));
    g_string_free(s->user.seen, TRUE);
    g_free(s->path);
}

static void assert_received(int fd, const char *want)
{
    g_autofree char *got = rig_receive(fd);

    g_assert_cmpstr(got, ==, want);
}

static void test_sessions(void)
{
    Setup s;
    g_autoptr(Error) err = NULL;
    int fd;

    setup(&s);
    g_assert_null(chardev_port_new(s.chr, user_opened, NULL, &err));
    fd = rig_connect(s.path);
    rig_send(fd, "early ");
    turn_some();
    g_assert_cmpint(s.user.opened, ==, 0);
    chardev_port_listen(s.port);
    turn_until(s.user.seen->len == 6);
    assert_received(fd, "hi:EARLY ");
    close(fd);
    turn_until(s.user.ended == 1);

    /* The next client is another session; this one ends by itself. */
    s.user.quit_on_q = true;
    fd = rig_connect(s.path);
    rig_send(fd, "one");
    turn_until(s.user.seen->len == 9);
    rig_send(fd, "q");
    turn_until(s.user.ended == 2);
    assert_received(fd, "hi:ONE");
    g_assert_cmpint(recv(fd, &fd, 1, 0), ==, 0);
    close(fd);
    fd = rig_connect(s.path);
    turn_until(s.user.opened == 3);
    close(fd);
    teardown(&s);
}

static void test_back_pressure(void)
{
    Setup s;
    char chunk[10000];
    int fd;

    setup(&s);
    chardev_port_listen(s.port);
    memset(chunk, 'x', sizeof(chunk));
    fd = rig_connect(s.path);
    turn_until(s.user.opened == 1);
    io_channel_set_ready(s.user.ch, aio_context_main(), NULL, NULL, NULL);
    g_assert_cmpint(write(fd, chunk, sizeof(chunk)), ==, sizeof(chunk));
    turn_some();
    g_assert_cmpuint(s.user.seen->len, ==, 0);
    io_channel_set_ready(s.user.ch, aio_context_main(), user_ready, NULL, &s.user);
    turn_until(s.user.seen->len == sizeof(chunk));
    close(fd);
    turn_until(s.user.ended == 1);
    teardown(&s);
}

static void count_writable(void *opaque)
{
    Setup *s = opaque;

    s->user.ended++;
    io_channel_set_ready(s->user.ch, aio_context_main(), user_ready, NULL, &s->user);
}

static void test_writable(void)
{
    Setup s;
    static char chunk[65536];
    ssize_t n;
    int fd;

    setup(&s);
    chardev_port_listen(s.port);
    fd = rig_connect(s.path);
    turn_until(s.user.opened == 1);
    while ((n = io_channel_write(s.user.ch, chunk, sizeof(chunk))) > 0) {
        /* until it is full */
    }
    g_assert_cmpint(n, ==, -EAGAIN);
    io_channel_set_ready(s.user.ch, aio_context_main(), NULL, count_writable, &s);
    turn_some();
    g_assert_cmpint(s.user.ended, ==, 0);
    while (recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT) > 0) {
        /* all of it */
    }
    turn_until(s.user.ended == 1);
    close(fd);
    turn_until(s.user.ended == 2);
    teardown(&s);
}

static void test_fds(void)
{
    Setup s;
    IOFdList fds;
    char byte, content[2] = "";
    int pair[2], sock;
    IOChannel *peer;

    setup(&s);
    chardev_port_listen(s.port);
    sock = rig_connect(s.path);
    turn_until(s.user.opened == 1);
    io_channel_set_ready(s.user.ch, aio_context_main(), NULL, NULL, NULL);
    peer = io_channel_socket_new(sock);
    g_assert_cmpint(pipe(pair), ==, 0);
    g_assert_cmpint(io_channel_write_fds(peer, "f", 1, &pair[1], 1), ==, 1);
    turn_some();
    g_assert_cmpint(io_channel_read_fds(s.user.ch, &byte, 1, &fds), ==, 1);
    g_assert_cmpuint(fds.n, ==, 1);
    rig_send(fds.fd[0], "!");
    g_assert_cmpint(read(pair[0], content, 1), ==, 1);
    g_assert_cmpstr(content, ==, "!");
    io_fd_list_close(&fds);
    close(pair[0]);
    close(pair[1]);
    io_channel_free(peer);
    teardown(&s);
}

/* Nothing to disconnect here: the file's end is the session's end. */
static void test_file(void)
{
    g_autofree char *in = rig_path("in");
    g_autofree char *out = rig_path("out");
    g_autofree char *text = g_strdup_printf("file,path=%s,input-path=%s", out, in);
    g_autofree char *content = NULL;
    User u = { .seen = g_string_new(NULL) };
    Chardev *chr;
    ChardevPort *port;

    g_assert_true(g_file_set_contents(in, "from a file", -1, NULL));
    chr = chardev_from(text, &error_abort);
    port = chardev_port_new(chr, user_opened, &u, &error_abort);
    chardev_port_listen(port);
    g_assert_cmpint(u.opened, ==, 1);
    turn_until(u.ended == 1);
    chardev_port_free(port);
    object_unparent(OBJECT(chr));
    g_assert_true(g_file_get_contents(out, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, "hi:FROM A FILE");
    g_string_free(u.seen, TRUE);
    g_unlink(in);
    g_unlink(out);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/chardev/channel/sessions", test_sessions);
    g_test_add_func("/chardev/channel/back-pressure", test_back_pressure);
    g_test_add_func("/chardev/channel/writable", test_writable);
    g_test_add_func("/chardev/channel/fds", test_fds);
    g_test_add_func("/chardev/channel/file", test_file);
    return rig_run();
}
