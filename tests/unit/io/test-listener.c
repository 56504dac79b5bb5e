/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses as text, and listening: leftovers, live owners, removal. */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "io/listener.h"
#include "qemu/main-loop.h"

#include <glib/gstdio.h>
#include <sys/resource.h>
#include <sys/socket.h>

static char *folder;

static void turn(void)
{
    for (int i = 0; i < 10; i++) {
        aio_poll(aio_context_main(), false);
    }
}

static void assert_parse(const char *text, const char *again)
{
    g_auto(IOAddress) addr = { 0 };
    g_autofree char *back = NULL;

    g_assert_true(io_address_parse(text, &addr, &error_abort));
    back = io_address_format(&addr);
    g_assert_cmpstr(back, ==, again);
}

static void assert_no_parse(const char *text, const char *why)
{
    IOAddress addr;
    Error *err = NULL;

    g_assert_false(io_address_parse(text, &addr, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), why));
    error_free(err);
}

static void test_address(void)
{
    g_autofree char *longest = g_strnfill(107, 'x');
    g_autofree char *fits = g_strconcat("unix:", longest, NULL);
    g_autofree char *long_one = g_strconcat(fits, "x", NULL);

    assert_parse("unix:/run/a.sock", "unix:/run/a.sock");
    assert_parse(fits, fits);
    assert_parse("tcp:127.0.0.1:4444", "tcp:127.0.0.1:4444");
    assert_parse("tcp:localhost:0", "tcp:127.0.0.1:0");
    assert_parse("tcp:[::1]:65535", "tcp:[::1]:65535");
    assert_parse("stdio", "stdio");
    assert_no_parse(long_one, "108 bytes, at most 107");
    assert_no_parse("unix:", "path of the UNIX socket is missing");
    assert_no_parse("tcp:4444", "port is missing");
    assert_no_parse("tcp:127.0.0.1:65536", "'65536' is not a port");
    assert_no_parse("tcp:127.0.0.1:-1", "is not a port");
    assert_no_parse("tcp:127.0.0.1:", "is not a port");
    assert_no_parse("tcp:0.0.0.0:1", "not a loopback address");
    assert_no_parse("tcp:example.org:1", "not a loopback address");
    assert_no_parse("pty", "is not an address");
}

static void assert_host(const char *host, const char *port, bool local, const char *again)
{
    g_auto(IOAddress) addr = { 0 };
    g_auto(IOAddress) copy = { 0 };
    g_autofree char *back = NULL;

    g_assert_true(io_address_set_tcp(&addr, host, port, &error_abort));
    io_address_copy(&copy, &addr);
    back = io_address_format(&copy);
    g_assert_cmpstr(back, ==, again);
    g_assert_true(io_address_is_local(&copy) == local);
}

static void assert_no_host(const char *host, const char *port, const char *why)
{
    g_auto(IOAddress) addr = { 0 };
    g_autoptr(Error) err = NULL;

    g_assert_false(io_address_set_tcp(&addr, host, port, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), why));
}

/* Where it is not for a monitor, any address will do, in numbers. */
static void test_host(void)
{
    assert_host("localhost", "1", true, "tcp:127.0.0.1:1");
    assert_host("::1", "1", true, "tcp:[::1]:1");
    assert_host("", "4444", false, "tcp:0.0.0.0:4444");
    assert_host("192.0.2.7", "0", false, "tcp:192.0.2.7:0");
    assert_host("2001:db8::1", "80", false, "tcp:[2001:db8::1]:80");
    assert_host("[2001:db8::1]", "80", false, "tcp:[2001:db8::1]:80");
    assert_no_host("example.org", "80", "names are not looked up");
    assert_no_host("192.0.2.256", "80", "not a numeric address");
    assert_no_host("127.0.0.1", "-1", "not a port");
    assert_no_host("127.0.0.1", "65536", "not a port");
}

static void unix_address(IOAddress *addr, const char *name)
{
    *addr = (IOAddress) { .kind = IO_ADDRESS_UNIX,
                          .path = g_build_filename(folder, name, NULL) };
}

static void keep_channel(IOListener *l, IOChannel *ch, void *opaque)
{
    IOChannel **slot = opaque;

    /* One who only looked whether somebody listens may stand in front. */
    io_channel_free(*slot);
    *slot = ch;
}

/* By descriptor: the listener of somebody else, whose file stays. */
static void test_by_descriptor(void)
{
    IOAddress addr = { .kind = IO_ADDRESS_TCP };
    g_autoptr(IOListener) owner = io_listener_new(&addr, &error_abort);
    g_autoptr(IOChannel) client = NULL, server = NULL;
    g_autoptr(Error) err = NULL;
    IOListener *l;
    int fd = -1, turns = 0;

    /* The lowest free number is the copy's. */
    for (int i = 3; i < 64 && fd < 0; i++) {
        int on = 0;
        socklen_t len = sizeof(on);

        if (getsockopt(i, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 && on) {
            fd = dup(i);
        }
    }
    g_assert_cmpint(fd, >=, 0);
    l = io_listener_new_fd(fd, &error_abort);
    io_listener_set_accept(l, aio_context_main(), keep_channel, &server);
    client = io_channel_connect(io_listener_address(owner), &error_abort);
    while (!server) {
        g_assert_cmpint(turns++, <, 20000);
        turn();
    }
    io_listener_free(l);
    g_assert_null(io_listener_new_fd(open("/dev/null", O_RDONLY), &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "is not a listening socket"));
}

static void accept_over(IOListener *l)
{
    g_autoptr(IOChannel) client = io_channel_connect(io_listener_address(l), &error_abort);
    g_autoptr(IOChannel) server = NULL;
    char buf[4];

    turn();
    g_assert_null(server);
    io_listener_set_accept(l, aio_context_main(), keep_channel, &server);
    turn();
    g_assert_nonnull(server);
    g_assert_cmpint(io_channel_write(client, "hi", 2), ==, 2);
    g_assert_cmpint(io_channel_read(server, buf, sizeof(buf)), ==, 2);
    io_listener_set_accept(l, NULL, NULL, NULL);
}

static void test_unix(void)
{
    g_auto(IOAddress) addr;
    IOListener *l;

    unix_address(&addr, "plain");
    l = io_listener_new(&addr, &error_abort);
    accept_over(l);
    accept_over(l);
    io_listener_free(l);
    g_assert_false(g_file_test(addr.path, G_FILE_TEST_EXISTS));
}

static void test_tcp(void)
{
    IOAddress addr = { .kind = IO_ADDRESS_TCP };
    g_autoptr(IOListener) l = io_listener_new(&addr, &error_abort);

    g_assert_cmpuint(io_listener_address(l)->port, !=, 0);
    accept_over(l);
}

static void assert_in_use(const IOAddress *addr)
{
    Error *err = NULL;

    g_assert_null(io_listener_new(addr, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "in use"));
    error_free(err);
}

static void test_leftover(void)
{
    g_auto(IOAddress) addr;
    struct sockaddr_storage ss;
    socklen_t len;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    IOListener *l;

    unix_address(&addr, "leftover");
    len = io_address_to_sockaddr(&addr, &ss);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&ss, len), ==, 0);
    close(fd);
    g_assert_true(g_file_test(addr.path, G_FILE_TEST_EXISTS));
    l = io_listener_new(&addr, &error_abort);
    accept_over(l);
    /* A live one is not a leftover. */
    assert_in_use(&addr);
    accept_over(l);
    io_listener_free(l);
}

static void test_other_file(void)
{
    g_auto(IOAddress) addr;

    unix_address(&addr, "file");
    g_assert_true(g_file_set_contents(addr.path, "precious", -1, NULL));
    assert_in_use(&addr);
    g_assert_true(g_file_test(addr.path, G_FILE_TEST_IS_REGULAR));
    g_assert_cmpint(g_unlink(addr.path), ==, 0);
}

/* Whoever took the path meanwhile keeps it. */
static void test_successor(void)
{
    g_auto(IOAddress) addr;
    IOListener *first, *second;

    unix_address(&addr, "successor");
    first = io_listener_new(&addr, &error_abort);
    g_assert_cmpint(g_unlink(addr.path), ==, 0);
    second = io_listener_new(&addr, &error_abort);
    io_listener_free(first);
    g_assert_true(g_file_test(addr.path, G_FILE_TEST_EXISTS));
    io_listener_free(second);
    g_assert_false(g_file_test(addr.path, G_FILE_TEST_EXISTS));
}

static void test_no_folder(void)
{
    g_auto(IOAddress) addr;
    Error *err = NULL;

    unix_address(&addr, "missing/socket");
    g_assert_null(io_listener_new(&addr, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "No such file"));
    error_free(err);
}

/* Out of descriptors: no busy loop, and the connection is served afterwards. */
static void test_out_of_fds(void)
{
    g_auto(IOAddress) addr;
    IOListener *l;
    g_autoptr(IOChannel) client = NULL;
    g_autoptr(IOChannel) server = NULL;
    struct rlimit limit, tight = { 0 };
    AioContextStats before, after;

    unix_address(&addr, "fds");
    l = io_listener_new(&addr, &error_abort);
    io_listener_set_accept(l, aio_context_main(), keep_channel, &server);
    client = io_channel_connect(&addr, &error_abort);
    getrlimit(RLIMIT_NOFILE, &limit);
    tight.rlim_max = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &tight);
    aio_context_get_stats(aio_context_main(), &before);
    turn();
    aio_context_get_stats(aio_context_main(), &after);
    setrlimit(RLIMIT_NOFILE, &limit);
    g_assert_null(server);
    g_assert_cmpuint(after.callbacks - before.callbacks, <=, 2);
    for (int i = 0; i < 50 && !server; i++) {
        g_usleep(20000);
        turn();
    }
    g_assert_nonnull(server);
    io_listener_free(l);
}

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    qemu_init_main_loop(&error_abort);
    folder = g_dir_make_tmp("listener-XXXXXX", NULL);
    g_test_add_func("/io/address/host", test_host);
    g_test_add_func("/io/listener/descriptor", test_by_descriptor);
    g_test_add_func("/io/address/text", test_address);
    g_test_add_func("/io/listener/unix", test_unix);
    g_test_add_func("/io/listener/tcp", test_tcp);
    g_test_add_func("/io/listener/leftover", test_leftover);
    g_test_add_func("/io/listener/other-file", test_other_file);
    g_test_add_func("/io/listener/successor", test_successor);
    g_test_add_func("/io/listener/no-folder", test_no_folder);
    g_test_add_func("/io/listener/out-of-fds", test_out_of_fds);
    ret = g_test_run();
    g_rmdir(folder);
    g_free(folder);
    return ret;
}
