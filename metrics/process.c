/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What proc(5) says of us. Only /proc/self is looked at: a service may see no
 * more of /proc (systemd's ProcSubset=pid).
 */
#include "qemu/osdep.h"
#include "metrics/process.h"
#include "metrics/text.h"

#include <sys/resource.h>
#include <time.h>

/* Fields of /proc/self/stat, counted from the one behind the name, "state". */
enum {
    STAT_UTIME = 11,
    STAT_STIME = 12,
    STAT_THREADS = 17,
    STAT_START = 19,
    STAT_VSIZE = 20,
    STAT_RSS = 21,
    STAT_FIELDS = 22,
};

static void gauge(GString *out, const char *name, const char *help, uint64_t value)
{
    metrics_family(out, name, METRICS_GAUGE, help);
    metrics_sample(out, name, NULL, value);
}

static double clock_seconds(clockid_t clock)
{
    struct timespec ts = { 0 };

    clock_gettime(clock, &ts);
    return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void from_stat(GString *out, const uint64_t *field)
{
    static double started;      /* once: a wall clock that is set does not move it */
    double hz = sysconf(_SC_CLK_TCK);

    if (!started) {
        started = clock_seconds(CLOCK_REALTIME) -
                  (clock_seconds(CLOCK_BOOTTIME) - field[STAT_START] / hz);
    }

    metrics_family(out, "process_start_time_seconds", METRICS_GAUGE,
                   "When the process started, in seconds since 1970.");
    metrics_sample_seconds(out, "process_start_time_seconds", NULL, started);
    metrics_family(out, "process_cpu_seconds_total", METRICS_COUNTER,
                   "User and system time that the process took.");
    metrics_sample_seconds(out, "process_cpu_seconds_total", NULL,
                           (field[STAT_UTIME] + field[STAT_STIME]) / hz);
    gauge(out, "process_resident_memory_bytes", "Memory in use, with pages of clients' memory.",
          field[STAT_RSS] * sysconf(_SC_PAGESIZE));
    gauge(out, "process_virtual_memory_bytes", "Address space, with clients' mapped memory.",
          field[STAT_VSIZE]);
    gauge(out, "process_threads", "Threads of the process.", field[STAT_THREADS]);
}

/* The name is the only field that may hold blanks; it ends at the last ")". */
static bool parse_stat(const char *text, uint64_t field[STAT_FIELDS])
{
    const char *p = strrchr(text, ')');
    char *end;

    if (!p || !p[1]) {
        return false;
    }
    p += 2;
    for (unsigned i = 0; i < STAT_FIELDS; i++) {
        if (i > 0) {            /* the state is a letter */
            field[i] = g_ascii_strtoull(p, &end, 10);
            if (end == p && *p != '-') {
                return false;
            }
        }
        p += strcspn(p, " ");
        p += *p == ' ';
    }
    return true;
}

/* Without the one through which the folder is read. */
static bool count_files(uint64_t *n)
{
    g_autoptr(GDir) dir = g_dir_open("/proc/self/fd", 0, NULL);

    *n = 0;
    while (dir && g_dir_read_name(dir)) {
        (*n)++;
    }
    *n -= *n > 0;
    return dir != NULL;
}

void metrics_process(GString *out)
{
    g_autofree char *text = NULL;
    uint64_t field[STAT_FIELDS] = { 0 };
    struct rlimit limit;
    uint64_t files;

    if (g_file_get_contents("/proc/self/stat", &text, NULL, NULL) && parse_stat(text, field)) {
        from_stat(out, field);
    }
    if (count_files(&files)) {
        gauge(out, "process_open_fds", "Open file descriptors.", files);
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        gauge(out, "process_max_fds", "Most file descriptors that may be open.", limit.rlim_cur);
    }
}
