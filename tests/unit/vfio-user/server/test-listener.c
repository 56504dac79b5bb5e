/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The listening socket: one client at a time, paths that are taken, stale or
 * too long, sockets that are given.
 */
#include "qemu/osdep.h"
#include <sys/mman.h>
#include <sys/un.h>
#include <glib/gstdio.h>
#include "rig.h"

static void test_second_client(void)
{
    Rig *rig = rig_new(NULL);
    int first = client_connect_ready(rig);

    for (unsigned i = 0; i < 5; i++) {
        int second = client_connect(rig);

        client_expect_eof(second);
        close(second);
        g_assert_cmpint(client_write(first, 4, i), ==, 0);
    }
    g_assert_cmpuint(vfu_server_stats(rig->server)->refused, ==, 5);
    close(first);
    rig_free(rig);
}

/* A client that comes the moment another one has left is never turned away. */
static void test_hand_over(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);

    for (unsigned i = 0; i < 500; i++) {
        for (unsigned j = 0; j < i % 50; j++) {
            client_post(fd, 16, j);     /* still to be read when it has left */
        }
        close(fd);
        fd = client_connect_ready(rig);
    }
    close(fd);
    g_assert_cmpuint(vfu_server_stats(rig->server)->refused, ==, 0);
    rig_free(rig);
}

/* Silent clients of one server do not hold up another server. */
static void test_silent_client(void)
{
    Rig *one = rig_new(NULL), *two = rig_new(NULL);
    int silent = client_connect(one);
    int fd = client_connect_ready(two);

    g_assert_cmpint(client_write(fd, 4, 9), ==, 0);
    close(fd);
    close(silent);
    rig_free(two);
    rig_free(one);
}

static void test_mode(void)
{
    Rig *rig = rig_new(NULL);
    struct stat st;

    g_assert_cmpint(stat(rig->path, &st), ==, 0);
    g_assert_cmphex(st.st_mode & 0777, ==, 0600);
    rig_free(rig);
}

/* --- errors; no client, no device: the operations are never called --- */

static const VfuDeviceOps no_ops;

static char *try_config(const VfuServerConfig *config)
{
    AioContext *ctx = aio_context_new_named("try", &error_abort);
    g_autoptr(Error) err = NULL;
    VfuServer *server;

    WITH_AIO_CONTEXT_GUARD(ctx) {
        server = vfu_server_new(ctx, config, &no_ops, NULL, &err);
        vfu_server_free(server);
    }
    aio_context_unref(ctx);
    g_assert_true((server == NULL) == (err != NULL));
    return err ? g_strdup(error_get_pretty(err)) : NULL;
}

static char *try_path(const char *path)
{
    VfuServerConfig config;

    vfu_server_config_init(&config);
    config.path = path;
    return try_config(&config);
}

static void expect_error(char *text, const char *part)
{
    g_assert_nonnull(text);
    g_test_message("%s", text);
    g_assert_nonnull(strstr(text, part));
    g_assert_null(strchr(text, '\n'));
    g_free(text);
}

static void test_path_too_long(void)
{
    g_autofree char *dir = g_dir_make_tmp("vfu-XXXXXX", NULL);
    g_autofree char *pad = g_strnfill(108 - strlen(dir) - 1, 'x');
    g_autofree char *exactly_108 = g_build_filename(dir, pad, NULL);

    g_assert_cmpuint(strlen(exactly_108), ==, 108);
    expect_error(try_path(exactly_108), "108");
    exactly_108[107] = '\0';
    g_assert_null(try_path(exactly_108));
    g_assert_cmpint(g_access(exactly_108, F_OK), !=, 0);        /* removed again */
    expect_error(try_path(""), "1 to 107");
    g_rmdir(dir);
}

static int bind_at(const char *path, bool with_listen)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    if (with_listen) {
        g_assert_cmpint(listen(fd, 1), ==, 0);
    }
    return fd;
}

static void test_path_taken(void)
{
    g_autofree char *dir = g_dir_make_tmp("vfu-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "sock", NULL);
    int fd = bind_at(path, true);

    expect_error(try_path(path), "in use");
    close(fd);                                  /* stale from now on */
    g_assert_null(try_path(path));
    g_assert_true(g_file_set_contents(path, "precious", -1, NULL));
    expect_error(try_path(path), "not a socket");
    g_assert_true(g_file_test(path, G_FILE_TEST_IS_REGULAR));
    g_unlink(path);
    expect_error(try_path("/no/such/folder/sock"), "No such file");
    g_rmdir(dir);
}

/* Somebody replaced our socket file: it is theirs, and stays. */
static void test_path_replaced(void)
{
    Rig *rig = rig_new(NULL);
    int other;

    g_unlink(rig->path);
    other = bind_at(rig->path, true);
    WITH_AIO_CONTEXT_GUARD(rig->ctx) {
        vfu_server_free(g_steal_pointer(&rig->server));
    }
    g_assert_cmpint(g_access(rig->path, F_OK), ==, 0);
    g_unlink(rig->path);
    close(other);
    rig_free(rig);
}

static void test_config(void)
{
    VfuServerConfig good, bad;
    g_autofree char *path = g_strdup("/tmp/never-made");

    vfu_server_config_init(&good);
    good.path = path;
    bad = good;
    bad.max_msg_fds = 17;
    expect_error(try_config(&bad), "max_msg_fds");
    bad = good;
    bad.max_msg_fds = 0;
    expect_error(try_config(&bad), "max_msg_fds");
    bad = good;
    bad.max_data_xfer_size = 4095;
    expect_error(try_config(&bad), "max_data_xfer_size");
    bad = good;
    bad.max_dma_maps = 65536;
    expect_error(try_config(&bad), "max_dma_maps");
    bad = good;
    bad.pgsizes = 512 | 4096;
    expect_error(try_config(&bad), "page size");
    bad.pgsizes = 0;
    expect_error(try_config(&bad), "page size");
    bad = good;
    bad.path = NULL;
    expect_error(try_config(&bad), "either");
    g_assert_cmpint(g_access(path, F_OK), !=, 0);
}

/* --- given file descriptors --- */

static int pass_fd;

static void use_fd(VfuServerConfig *config)
{
    config->path = NULL;
    config->fd = pass_fd;
}

static void test_connected_fd(void)
{
    int sv[2];
    Rig *rig;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv), ==, 0);
    pass_fd = sv[0];
    rig = rig_new(use_fd);
    rig->fds_before--;          /* the server's end was open before, and will be closed */
    client_hello(sv[1]);
    g_assert_cmpint(client_write(sv[1], 4, 7), ==, 0);
    shutdown(sv[1], SHUT_RDWR);
    rig_await(rig, &rig->detached, 1);
    rig_free(rig);
    close(sv[1]);
}

static void test_listening_fd(void)
{
    g_autofree char *dir = g_dir_make_tmp("vfu-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "sock", NULL);
    Rig *rig;

    pass_fd = bind_at(path, true);
    rig = rig_new(use_fd);
    rig->fds_before--;
    for (unsigned i = 0; i < 3; i++) {
        Rig other = { .path = path };
        int fd = client_connect(&other);

        client_hello(fd);
        close(fd);
        rig_await(rig, &rig->detached, i + 1);
    }
    rig_free(rig);
    g_assert_cmpint(g_access(path, F_OK), ==, 0);       /* whoever made it removes it */
    g_unlink(path);
    g_rmdir(dir);
}

static void test_wrong_fd(void)
{
    VfuServerConfig config;
    int sv[2];

    vfu_server_config_init(&config);
    config.fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    expect_error(try_config(&config), "not a UNIX stream socket");
    g_assert_cmpint(fcntl(config.fd, F_GETFD), ==, -1);         /* moved: closed on failure too */
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sv), ==, 0);
    config.fd = sv[0];
    expect_error(try_config(&config), "not a UNIX stream socket");
    close(sv[1]);
    config.fd = 1000;
    expect_error(try_config(&config), "1000");
    config.fd = memfd_create("x", MFD_CLOEXEC);
    config.path = "/tmp/never-made";
    expect_error(try_config(&config), "either");
    g_assert_cmpint(fcntl(config.fd, F_GETFD), ==, -1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/listener/second-client", test_second_client);
    g_test_add_func("/listener/hand-over", test_hand_over);
    g_test_add_func("/listener/silent-client", test_silent_client);
    g_test_add_func("/listener/mode", test_mode);
    g_test_add_func("/listener/path-too-long", test_path_too_long);
    g_test_add_func("/listener/path-taken", test_path_taken);
    g_test_add_func("/listener/path-replaced", test_path_replaced);
    g_test_add_func("/listener/config", test_config);
    g_test_add_func("/listener/connected-fd", test_connected_fd);
    g_test_add_func("/listener/listening-fd", test_listening_fd);
    g_test_add_func("/listener/wrong-fd", test_wrong_fd);
    return g_test_run();
}
