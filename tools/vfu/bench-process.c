/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process as a whole: how fast it starts, how much memory it takes, and
 * that it sleeps when nobody wants anything.
 */
#include "qemu/osdep.h"
#include <dirent.h>
#include "bench.h"

#define MORE_DEVICES 32
#define IDLE_DEVICES 64

int bench_start(Bench *b, BenchResult *r)
{
    int starts = b->quick ? 5 : BENCH_ROUNDS_MAX;

    for (int i = 0; i < starts; i++) {
        double seconds;
        BenchServer *s = bench_server_start(b, "edu", 1, "", b->server_cpu, &seconds);

        if (!s) {
            return 1;
        }
        bench_server_stop(s);
        bench_add(r, 0, seconds * 1e3);
    }
    return 0;
}

/* The number behind "key:" in /proc/PID/.../status; -1: not there. */
static int64_t status_value(const char *path, const char *key)
{
    g_autofree char *text = NULL;
    const char *at;

    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        return -1;
    }
    at = strstr(text, key);
    return at ? g_ascii_strtoll(at + strlen(key), NULL, 10) : -1;
}

static double resident_kib(Bench *b, int devices)
{
    g_autoptr(BenchServer) s = bench_server_start(b, "edu", devices, "", -1, NULL);
    g_autofree char *path = NULL;

    if (!s) {
        return -1;
    }
    path = g_strdup_printf("/proc/%d/status", (int)bench_server_pid(s));
    return status_value(path, "VmRSS:");
}

int bench_rss_one(Bench *b, BenchResult *r)
{
    for (int i = 0; i < 3; i++) {
        double kib = resident_kib(b, 1);

        if (kib < 0) {
            return 1;
        }
        bench_add(r, 0, kib / 1024);
    }
    return 0;
}

int bench_rss_more(Bench *b, BenchResult *r)
{
    for (int i = 0; i < 3; i++) {
        double one = resident_kib(b, 1), more = resident_kib(b, 1 + MORE_DEVICES);

        if (one < 0 || more < 0) {
            return 1;
        }
        bench_add(r, 0, (more - one) / MORE_DEVICES);
    }
    return 0;
}

/* --- idle --- */

static int64_t task_switches(pid_t pid, const char *task)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/task/%s/status", (int)pid, task);
    int64_t own = status_value(path, "\nvoluntary_ctxt_switches:");
    int64_t forced = status_value(path, "\nnonvoluntary_ctxt_switches:");

    return MAX(own, 0) + MAX(forced, 0);
}

/* Of all threads: one that does not wake up does not switch either. */
static int64_t all_switches(pid_t pid, int *threads)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/task", (int)pid);
    DIR *dir = opendir(path);
    struct dirent *entry;
    int64_t sum = 0;

    *threads = 0;
    while (dir && (entry = readdir(dir))) {
        if (g_ascii_isdigit(*entry->d_name)) {
            sum += task_switches(pid, entry->d_name);
            (*threads)++;
        }
    }
    if (dir) {
        closedir(dir);
    }
    return sum;
}

int bench_idle(Bench *b, BenchResult *r)
{
    g_autoptr(BenchServer) s = bench_server_start(b, "edu", IDLE_DEVICES, "", -1, NULL);
    VfuClient *clients[IDLE_DEVICES] = { NULL };
    int threads = 0, connected = 0;
    int64_t before;

    while (s && connected < IDLE_DEVICES) {
        clients[connected] = bench_server_connect(b, s, connected);
        if (!clients[connected]) {
            break;
        }
        connected++;
    }
    if (connected == IDLE_DEVICES) {
        g_usleep(1000 * 1000);          /* what the start left to do is done */
        before = all_switches(bench_server_pid(s), &threads);
        g_usleep((b->quick ? 2 : 10) * 1000 * 1000);
        bench_add(r, 0, all_switches(bench_server_pid(s), &threads) - before);
    }
    for (int i = 0; i < connected; i++) {
        vfu_client_free(clients[i]);
    }
    return connected < IDLE_DEVICES;
}
