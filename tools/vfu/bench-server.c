/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Servers that "vfu bench --self" starts, pins, measures and stops.
 */
#include "qemu/osdep.h"
#include <sys/prctl.h>
#include "bench.h"

#define START_DEADLINE 10.0

struct BenchServer {
    pid_t pid;
    int count;
    char *dir;
};

static char *socket_path(const char *dir, int index)
{
    return g_strdup_printf("%s/%d.sock", dir, index);
}

static GPtrArray *command_line(Bench *b, const char *device, int count, const char *options)
{
    GPtrArray *args = g_ptr_array_new_with_free_func(g_free);
    static const char *const fixed[] = {
        "-machine", "x-remote", "-nodefaults", "-display", "none",
    };

    g_ptr_array_add(args, g_strdup(b->server_program));
    for (unsigned i = 0; i < G_N_ELEMENTS(fixed); i++) {
        g_ptr_array_add(args, g_strdup(fixed[i]));
    }
    if (b->with_qmp) {
        g_ptr_array_add(args, g_strdup("-qmp"));
        g_ptr_array_add(args, g_strdup_printf("unix:%s/qmp,server=on,wait=off", b->dir));
    }
    for (const char *const *more = b->more_args; more && *more; more++) {
        g_ptr_array_add(args, g_strdup(*more));
    }
    if (b->one_domain) {
        g_ptr_array_add(args, g_strdup("-device"));
        g_ptr_array_add(args, g_strdup("isolated-rc,id=vm"));
    }
    for (int i = 0; i < count; i++) {
        const char *comma = strchrnul(device, ',');
        g_autofree char *place = b->one_domain
            ? g_strdup_printf(",bus=vm.0,addr=%x.%x,multifunction=on", i / 8, i % 8)
            : g_strdup("");

        g_ptr_array_add(args, g_strdup("-device"));
        g_ptr_array_add(args, g_strdup_printf("%.*s,id=d%d%s%s", (int)(comma - device), device,
                                              i, place, comma));
        g_ptr_array_add(args, g_strdup("-object"));
        g_ptr_array_add(args, g_strdup_printf("vfio-user-server,id=s%d,type=unix,device=d%d,"
                                              "path=%s/%d.sock%s", i, i, b->dir, i, options));
    }
    g_ptr_array_add(args, NULL);
    return args;
}

/* A trial connection would be a client, and the next one turned away: so the
 * kernel's table is asked. Flag 0x10000 is a listening socket. */
static bool listening(const char *path)
{
    g_autofree char *table = NULL;
    g_autofree char *end = g_strdup_printf(" %s\n", path);
    const char *at, *line;

    if (!g_file_get_contents("/proc/net/unix", &table, NULL, NULL)) {
        return false;
    }
    at = strstr(table, end);
    line = at;
    while (line && line > table && line[-1] != '\n') {
        line--;
    }
    return line && strstr(line, " 00010000 ") && strstr(line, " 00010000 ") < at;
}

/* It says "terminating" each time; what matters is said if it ends at once. */
static char *stderr_path(Bench *b)
{
    return g_strdup_printf("%s/stderr", b->dir);
}

static void quiet_stderr(Bench *b)
{
    g_autofree char *path = stderr_path(b);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    dup2(fd, STDERR_FILENO);
}

static void show_stderr(Bench *b)
{
    g_autofree char *path = stderr_path(b);
    g_autofree char *text = NULL;

    if (g_file_get_contents(path, &text, NULL, NULL)) {
        fputs(text, stderr);
    }
}

/* The last socket listens: all do. */
static bool wait_listening(Bench *b, pid_t pid, int count)
{
    g_autofree char *path = socket_path(b->dir, count - 1);
    double deadline = bench_now() + START_DEADLINE;

    while (!listening(path)) {
        if (waitpid(pid, NULL, WNOHANG) == pid) {
            vfu_error(b->tool, "%s ended at once:", b->server_program);
            show_stderr(b);
            return false;
        }
        if (bench_now() > deadline) {
            vfu_error(b->tool, "%s does not listen after %g s", b->server_program,
                      START_DEADLINE);
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
            return false;
        }
        g_usleep(100);
    }
    return true;
}

BenchServer *bench_server_start(Bench *b, const char *device, int count,
                                const char *options, int cpu, double *seconds)
{
    g_autoptr(GPtrArray) args = command_line(b, device, count, options);
    double from = bench_now();
    pid_t parent = getpid(), pid = fork();
    BenchServer *s;

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(127);
        }
        bench_pin(b, cpu);
        quiet_stderr(b);
        execv(b->server_program, (char **)args->pdata);
        _exit(127);
    }
    if (pid < 0 || !wait_listening(b, pid, count)) {
        return NULL;
    }
    if (seconds) {
        *seconds = bench_now() - from;
    }
    s = g_new0(BenchServer, 1);
    s->pid = pid;
    s->count = count;
    s->dir = g_strdup(b->dir);
    return s;
}

pid_t bench_server_pid(const BenchServer *s)
{
    return s->pid;
}

VfuClient *bench_server_connect(Bench *b, BenchServer *s, int index)
{
    g_autofree char *path = socket_path(s->dir, index);

    return vfu_connect(b->tool, path);
}

void bench_server_stop(BenchServer *s)
{
    if (!s) {
        return;
    }
    kill(s->pid, SIGTERM);
    waitpid(s->pid, NULL, 0);
    /* A server that was killed by something else leaves its files behind. */
    for (int i = 0; i < s->count; i++) {
        g_autofree char *path = socket_path(s->dir, i);
        unlink(path);
    }
    g_free(s->dir);
    g_free(s);
}

VfuClient *bench_connect(Bench *b, const char *device, const char *options,
                         BenchServer **server)
{
    *server = NULL;
    if (b->sock) {
        return vfu_connect(b->tool, b->sock);
    }
    *server = bench_server_start(b, device, 1, options, b->server_cpu, NULL);
    return *server ? bench_server_connect(b, *server, 0) : NULL;
}
