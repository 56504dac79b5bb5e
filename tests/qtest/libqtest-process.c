/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program under test. It connects to our socket, as QEMU does to its
 * libqtest's, so nothing has to be polled for; its monitor listens by then.
 */
#include "qemu/osdep.h"
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include "libqtest-int.h"

QTestState *global_qtest;

/* --- lines --- */

static bool more(QTestLines *lines)
{
    struct pollfd p = { .fd = lines->fd, .events = POLLIN };
    char buf[65536];
    ssize_t n = -1;

    if (poll(&p, 1, QTEST_PATIENCE_MS) == 1) {
        n = read(lines->fd, buf, sizeof(buf));
    }
    if (n > 0) {
        g_string_append_len(lines->in, buf, n);
    }
    return n > 0;
}

char *qtest_lines_get(QTestLines *lines)
{
    size_t searched = 0;
    char *end, *line;

    while (!(end = memchr(lines->in->str + searched, '\n', lines->in->len - searched))) {
        searched = lines->in->len;
        if (!more(lines)) {
            return NULL;
        }
    }
    line = g_strndup(lines->in->str, end - lines->in->str);
    g_string_erase(lines->in, 0, end + 1 - lines->in->str);
    return line;
}

bool qtest_lines_ready(QTestLines *lines)
{
    struct pollfd p = { .fd = lines->fd, .events = POLLIN };

    return memchr(lines->in->str, '\n', lines->in->len) || poll(&p, 1, 0) == 1;
}

bool qtest_lines_put(QTestLines *lines, const char *text, size_t len)
{
    while (len) {
        ssize_t n = send(lines->fd, text, len, MSG_NOSIGNAL);

        if (n <= 0) {
            return false;
        }
        text += n;
        len -= n;
    }
    return true;
}

static void lines_free(QTestLines *lines)
{
    close(lines->fd);
    g_string_free(lines->in, TRUE);
}

/* --- the program --- */

static int listen_at(const char *path)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(addr.sun_path, path, sizeof(addr.sun_path));
    g_assert_cmpint(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), ==, 0);
    g_assert_cmpint(listen(fd, 1), ==, 0);
    return fd;
}

static pid_t start(char **words, pid_t parent)
{
    pid_t pid = fork();

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(1);           /* the test has ended already */
        }
        /* The TAP stream is the test's own. */
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execv(words[0], words);
        _exit(127);
    }
    return pid;
}

static const char *program(void)
{
    const char *name = g_getenv("QTEST_QEMU_BINARY");

    if (!name) {
        g_error("QTEST_QEMU_BINARY is not set: it names the program to test");
    }
    return name;
}

static char **command_line(const char *test, const char *qmp, const char *extra)
{
    g_autofree char *line = NULL;
    g_autofree char *quoted = g_shell_quote(program());
    g_autoptr(GError) err = NULL;
    char **words = NULL;

    line = g_strdup_printf("%s -machine x-remote -nodefaults -display none -accel qtest"
                           " -qtest unix:%s -qtest-log %s -qmp unix:%s,server=on,wait=off %s",
                           quoted, test, g_getenv("QTEST_LOG") ? "/dev/fd/2" : "none", qmp, extra);
    if (!g_shell_parse_argv(line, NULL, &words, &err)) {
        g_error("%s: %s", line, err->message);
    }
    return words;
}

/* The program connects: its socket; or it ends and says why: -1. */
static int accept_program(QTestState *s, int listener)
{
    for (int waited = 0; waited < QTEST_PATIENCE_MS; waited += 10) {
        struct pollfd p = { .fd = listener, .events = POLLIN };

        if (poll(&p, 1, 10) == 1) {
            return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        }
        if (waitpid(s->pid, NULL, WNOHANG) == s->pid) {
            break;
        }
    }
    return -1;
}

/* Once connected nothing is needed in the file system any more, however the test ends. */
static void connect_both(QTestState *s, int listener, const char *test, const char *qmp)
{
    s->test = (QTestLines) { accept_program(s, listener), g_string_new(NULL) };
    unlink(test);
    close(listener);
    if (s->test.fd >= 0) {
        qtest_qmp_connect(s, qmp);
    }
    unlink(qmp);
}

QTestState *qtest_init(const char *extra_args)
{
    QTestState *s = g_new0(QTestState, 1);
    g_autofree char *dir = g_dir_make_tmp("qtest-XXXXXX", NULL);
    g_autofree char *test = g_build_filename(dir, "test", NULL);
    g_autofree char *qmp = g_build_filename(dir, "qmp", NULL);
    g_auto(GStrv) words = NULL;
    int listener;

    words = command_line(test, qmp, extra_args);
    listener = listen_at(test);
    s->pid = start(words, getpid());
    connect_both(s, listener, test, qmp);
    rmdir(dir);
    if (s->test.fd < 0) {
        g_error("the program did not start");
    }
    qtest_qmp_greet(s);
    return s;
}

QTestState *qtest_vinitf(const char *fmt, va_list ap)
{
    g_autofree char *args = g_strdup_vprintf(fmt, ap);

    return qtest_init(args);
}

QTestState *qtest_initf(const char *fmt, ...)
{
    QTestState *s;
    va_list ap;

    va_start(ap, fmt);
    s = qtest_vinitf(fmt, ap);
    va_end(ap);
    return s;
}

static void forget(QTestState *s)
{
    lines_free(&s->qmp);
    g_queue_clear_full(&s->events, (GDestroyNotify)json_object_unref);
    g_free(s);
}

void qtest_quit(QTestState *s)
{
    int status;

    if (!s) {
        return;
    }
    kill(s->pid, SIGTERM);
    g_assert_cmpint(waitpid(s->pid, &status, 0), ==, s->pid);
    /* A crash, or what a sanitizer found, is a failure of the test. */
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
    lines_free(&s->test);
    forget(s);
}

QTestState *qtest_attach(pid_t pid, const char *qmp)
{
    QTestState *s = g_new0(QTestState, 1);

    s->pid = pid;
    qtest_qmp_connect(s, qmp);
    qtest_qmp_greet(s);
    return s;
}

void qtest_detach(QTestState *s)
{
    if (s) {
        forget(s);
    }
}

void qtest_fail(QTestState *s, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    int status;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    if (waitpid(s->pid, &status, WNOHANG) == s->pid) {
        g_error("%s; the program ended with wait status 0x%x", text, status);
    }
    g_error("%s", text);
}

pid_t qtest_pid(QTestState *s)
{
    return s->pid;
}

const char *qtest_get_arch(void)
{
    return "x86_64";
}

/* --- tests --- */

static char *test_path(const char *str)
{
    return g_strdup_printf("/%s/%s", qtest_get_arch(), str);
}

void qtest_add_func(const char *str, void (*fn)(void))
{
    g_autofree char *path = test_path(str);

    g_test_add_func(path, fn);
}

void qtest_add_data_func(const char *str, const void *data, void (*fn)(const void *))
{
    g_autofree char *path = test_path(str);

    g_test_add_data_func(path, data, fn);
}

void qtest_add_data_func_full(const char *str, void *data, void (*fn)(const void *),
                              GDestroyNotify data_free_func)
{
    g_autofree char *path = test_path(str);

    g_test_add_data_func_full(path, data, fn, data_free_func);
}
