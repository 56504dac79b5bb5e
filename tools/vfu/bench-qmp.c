/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A QMP client that looks at nothing but whether a command succeeded. */
#include "qemu/osdep.h"
#include <sys/socket.h>
#include <sys/un.h>
#include "bench-qmp.h"

struct BenchQmp {
    int fd;
    GString *text;              /* received and not used up */
};

/* The next line without its end; NULL when the connection is over. Caller frees. */
static char *next_line(BenchQmp *q)
{
    char part[65536];
    char *end, *line;

    while (!(end = memchr(q->text->str, '\n', q->text->len))) {
        ssize_t n = read(q->fd, part, sizeof(part));

        if (n <= 0) {
            return NULL;
        }
        g_string_append_len(q->text, part, n);
    }
    line = g_strndup(q->text->str, end - q->text->str);
    g_string_erase(q->text, 0, end - q->text->str + 1);
    return line;
}

static bool is_answer(const char *line)
{
    return g_str_has_prefix(line, "{\"return\"") || g_str_has_prefix(line, "{\"error\"");
}

int bench_qmp_run(Bench *b, BenchQmp *q, const char *command)
{
    size_t len = strlen(command);
    g_autofree char *line = NULL;

    if (write(q->fd, command, len) != (ssize_t)len) {
        return vfu_error(b->tool, "QMP: cannot send %s", command);
    }
    do {
        g_free(line);
        line = next_line(q);
    } while (line && !is_answer(line));
    if (!line || !g_str_has_prefix(line, "{\"return\"")) {
        return vfu_error(b->tool, "QMP: %s answers %s", command, line ? line : "nothing");
    }
    return 0;
}

BenchQmp *bench_qmp_connect(Bench *b)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    g_autofree char *path = g_build_filename(b->dir, "qmp", NULL);
    g_autofree char *greeting = NULL;
    BenchQmp *q = g_new0(BenchQmp, 1);

    q->text = g_string_new(NULL);
    q->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    if (connect(q->fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        vfu_error(b->tool, "QMP: cannot connect to %s: %s", path, strerror(errno));
        bench_qmp_close(q);
        return NULL;
    }
    greeting = next_line(q);
    if (bench_qmp_run(b, q, "{\"execute\":\"qmp_capabilities\"}\n")) {
        bench_qmp_close(q);
        return NULL;
    }
    return q;
}

void bench_qmp_close(BenchQmp *q)
{
    if (q) {
        close(q->fd);
        g_string_free(q->text, TRUE);
        g_free(q);
    }
}
