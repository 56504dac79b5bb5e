/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page by way of a socket; clients that are slow, many, mad or gone. */
#include "qemu/osdep.h"
#include "metrics/exporter.h"
#include "metrics/http.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"

#include <sys/socket.h>
#include <sys/un.h>

static char *dir, *path;
static MetricsExporter *exporter;
static unsigned collected;
static size_t page_size;

static void collect(GString *out, void *opaque)
{
    g_assert_true(opaque == &collected);
    collected++;
    g_string_append_printf(out, "page %u\n", collected);
    while (out->len < page_size) {
        g_string_append(out, "0123456789abcdef\n");
    }
}

static void begin(void)
{
    IOAddress addr = { .kind = IO_ADDRESS_UNIX, .mode = 0600 };

    dir = g_dir_make_tmp("metrics-XXXXXX", NULL);
    addr.path = path = g_build_filename(dir, "m", NULL);
    collected = 0;
    page_size = 0;
    exporter = metrics_exporter_new(aio_context_main(), io_listener_new(&addr, &error_abort),
                                    collect, &collected);
}

static void finish(void)
{
    g_clear_pointer(&exporter, metrics_exporter_free);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    rmdir(dir);
    g_free(dir);
    g_free(path);
}

static void turn(void)
{
    while (aio_poll(aio_context_main(), false)) {
    }
}

static int try_connect(void)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    g_strlcpy(un.sun_path, path, sizeof(un.sun_path));
    if (connect(fd, (struct sockaddr *)&un, sizeof(un)) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int connect_now(void)
{
    int fd = try_connect();

    g_assert_cmpint(fd, >=, 0);
    turn();
    return fd;
}

static void say(int fd, const char *text)
{
    g_assert_cmpint(send(fd, text, strlen(text), MSG_NOSIGNAL), ==, strlen(text));
    turn();
}

/* Everything up to the end of the stream. */
static char *hear(int fd)
{
    GString *out = g_string_new(NULL);
    char buffer[4096];
    ssize_t n;

    do {
        turn();
        n = recv(fd, buffer, sizeof(buffer), 0);
        if (n > 0) {
            g_string_append_len(out, buffer, n);
        }
    } while (n > 0 || (n < 0 && errno == EAGAIN));
    close(fd);
    return g_string_free(out, FALSE);
}

static bool is_silent(int fd)
{
    char byte;

    turn();
    return recv(fd, &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN;
}

#define GET "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"

static void assert_page(int fd, const char *body)
{
    g_autofree char *text = hear(fd);

    g_assert_true(g_str_has_prefix(text, "HTTP/1.1 200 OK\r\n"));
    g_assert_true(g_str_has_suffix(text, body));
}

static void test_page(void)
{
    begin();
    for (int i = 1; i < 4; i++) {
        g_autofree char *body = g_strdup_printf("\r\n\r\npage %d\n", i);
        int fd = connect_now();

        say(fd, GET);
        assert_page(fd, body);
    }
    finish();
}

static void test_mode(void)
{
    struct stat st;

    begin();
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 0777, ==, 0600);
    finish();
}

static void test_slow_writer(void)
{
    int fd;

    begin();
    fd = connect_now();
    for (const char *p = GET; *p; p++) {
        char byte[2] = { *p };

        g_assert_true(is_silent(fd));
        say(fd, byte);
    }
    assert_page(fd, "page 1\n");
    finish();
}

/* It takes its page bit by bit; others are served meanwhile. */
static void test_slow_reader(void)
{
    int slow, fast;

    begin();
    page_size = 8 << 20;
    slow = connect_now();
    say(slow, GET);
    page_size = 0;
    fast = connect_now();
    say(fast, GET);
    assert_page(fast, "page 2\n");
    assert_page(slow, "0123456789abcdef\n");
    finish();
}

static void test_half_closed(void)
{
    g_autofree char *nothing = NULL;
    int fd;

    begin();
    fd = connect_now();
    say(fd, GET);
    shutdown(fd, SHUT_WR);
    assert_page(fd, "page 1\n");
    fd = connect_now();
    say(fd, "GET /met");
    shutdown(fd, SHUT_WR);
    nothing = hear(fd);
    g_assert_cmpstr(nothing, ==, "");
    finish();
}

static void test_gone(void)
{
    begin();
    page_size = 8 << 20;
    for (int i = 0; i < 3 * METRICS_CLIENTS_MAX; i++) {
        int fd = connect_now();

        if (i % 3) {
            say(fd, i % 3 == 1 ? GET : "GET");
        }
        close(fd);
        turn();
    }
    page_size = 0;
    {
        int fd = connect_now();

        say(fd, GET);
        g_free(hear(fd));
    }
    finish();
}

static void test_garbage(void)
{
    int fd;
    g_autofree char *text = NULL;

    begin();
    fd = connect_now();
    say(fd, "\x16\x03\x01\x02");
    text = hear(fd);
    g_assert_true(g_str_has_prefix(text, "HTTP/1.1 400 "));
    g_assert_cmpuint(collected, ==, 0);
    finish();
}

static void test_endless_head(void)
{
    g_autofree char *line = g_strnfill(1024, 'a');
    g_autofree char *text = NULL;
    int fd;

    begin();
    fd = connect_now();
    say(fd, "GET /metrics HTTP/1.1\r\n");
    for (int i = 0; i < METRICS_HTTP_HEAD_MAX / 1024; i++) {
        say(fd, line);
    }
    text = hear(fd);
    g_assert_true(g_str_has_prefix(text, "HTTP/1.1 431 "));
    finish();
}

/* Those who say nothing keep their places; the next one waits until one goes. */
static void test_many(void)
{
    int idle[METRICS_CLIENTS_MAX], more;

    begin();
    for (int i = 0; i < METRICS_CLIENTS_MAX; i++) {
        idle[i] = connect_now();
    }
    more = connect_now();       /* in the kernel's queue */
    say(more, GET);
    g_assert_true(is_silent(more));
    close(idle[3]);
    assert_page(more, "page 1\n");
    finish();                   /* with connections still open */
    for (int i = 0; i < METRICS_CLIENTS_MAX; i++) {
        if (i != 3) {
            close(idle[i]);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qemu_init_main_loop(&error_abort);
    signal(SIGPIPE, SIG_IGN);
    g_test_add_func("/metrics/exporter/page", test_page);
    g_test_add_func("/metrics/exporter/mode", test_mode);
    g_test_add_func("/metrics/exporter/slow-writer", test_slow_writer);
    g_test_add_func("/metrics/exporter/slow-reader", test_slow_reader);
    g_test_add_func("/metrics/exporter/half-closed", test_half_closed);
    g_test_add_func("/metrics/exporter/gone", test_gone);
    g_test_add_func("/metrics/exporter/garbage", test_garbage);
    g_test_add_func("/metrics/exporter/endless-head", test_endless_head);
    g_test_add_func("/metrics/exporter/many", test_many);
    return g_test_run();
}
