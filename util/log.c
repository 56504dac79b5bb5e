/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log file. One mutex protects which file is open and keeps a block of
 * lines (qemu_log_trylock() ... unlock()) together; it is recursive because a
 * block's owner may well call qemu_log() within it. Each qemu_log() formats
 * first and writes afterwards, flushed: what is in the file when the process
 * dies is what happened.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/lockable.h"
#include "qemu/log.h"
#include "trace/control.h"

int qemu_loglevel;

static pthread_mutex_t log_mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static FILE *log_file;          /* NULL: stderr */
static char *log_filename;

const QEMULogItem qemu_log_items[] = {
    { LOG_GUEST_ERROR, "guest_errors", "a guest or client uses a device in a wrong way" },
    { LOG_UNIMP, "unimp", "a guest or client uses what is not implemented" },
    { LOG_INVALID_MEM, "invalid_mem", "accesses to addresses where nothing is" },
    { LOG_VFIO_USER, "vfio_user", "clients that break the rules of the vfio-user protocol" },
    { CPU_LOG_RESET, "reset", "resets of devices" },
    { LOG_TRACE, "trace", "trace events: trace:NAME switches some on, -trace help lists them" },
    { 0, NULL, NULL },
};

FILE *qemu_log_trylock(void)
{
    if (!qatomic_read(&qemu_loglevel)) {
        return NULL;
    }
    pthread_mutex_lock(&log_mutex);
    return log_file ? log_file : stderr;
}

void qemu_log_unlock(FILE *fd)
{
    if (fd) {
        fflush(fd);
        pthread_mutex_unlock(&log_mutex);
    }
}

static void log_text(const char *text)
{
    FILE *f = qemu_log_trylock();

    if (f) {
        fputs(text, f);
        qemu_log_unlock(f);
    }
}

void qemu_log(const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    log_text(text);
}

void qemu_log_ratelimited(LogRateLimit *rl, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    uint32_t suppressed;
    va_list ap;

    if (!log_ratelimit_allow(rl, &suppressed)) {
        return;
    }
    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    if (suppressed) {
        qemu_log("(%" PRIu32 " lines like the next one were dropped)\n", suppressed);
    }
    log_text(text);
}

bool qemu_log_separate(void)
{
    bool separate;

    pthread_mutex_lock(&log_mutex);
    separate = log_file != NULL;
    pthread_mutex_unlock(&log_mutex);
    return separate;
}

/* ---- set-up ---- */

/* The path that -D NAME means; NULL for stderr. */
static char *log_path(const char *name)
{
    g_auto(GStrv) parts = NULL;

    if (!name || !*name) {
        return NULL;
    }
    parts = g_strsplit(name, "%d", 2);
    return parts[1] ? g_strdup_printf("%s%d%s", parts[0], (int)getpid(), parts[1])
                    : g_strdup(name);
}

static FILE *open_log_file(const char *path, Error **errp)
{
    FILE *f = fopen(path, "ae");

    if (!f) {
        error_setg_errno(errp, errno, "-D: cannot open log file '%s'", path);
    }
    return f;
}

bool qemu_set_log_filename_flags(const char *name, int flags, Error **errp)
{
    g_autofree char *path = NULL;
    FILE *f = NULL;
    FILE *old;

    if (name) {
        if (strchr(name, '%') && !strstr(name, "%d")) {
            error_setg(errp, "-D %s: only %%d (the process id) may follow a '%%'", name);
            return false;
        }
    }
    path = log_path(name);
    if (path) {
        f = open_log_file(path, errp);
        if (!f) {
            return false;
        }
    }
    pthread_mutex_lock(&log_mutex);
    old = log_file;
    if (name) {
        g_free(log_filename);
        log_filename = g_strdup(name);
        log_file = f;
    }
    /* -d and -trace come in any order: what one has switched on the other does not switch off. */
    qatomic_set(&qemu_loglevel, flags | (trace_any_enabled() ? LOG_TRACE : 0));
    pthread_mutex_unlock(&log_mutex);
    if (name && old) {
        fclose(old);
    }
    return true;
}

bool qemu_log_reopen(Error **errp)
{
    g_autofree char *path = NULL;
    FILE *old, *f;

    pthread_mutex_lock(&log_mutex);
    path = log_path(log_filename);
    pthread_mutex_unlock(&log_mutex);
    f = path ? open_log_file(path, errp) : NULL;
    if (!f) {
        return !path;
    }
    pthread_mutex_lock(&log_mutex);
    old = log_file;
    log_file = f;
    pthread_mutex_unlock(&log_mutex);
    if (old) {
        fclose(old);
    }
    return true;
}

bool qemu_set_log_filename(const char *filename, Error **errp)
{
    return qemu_set_log_filename_flags(filename, qemu_loglevel, errp);
}

bool qemu_set_log(int log_flags, Error **errp)
{
    return qemu_set_log_filename_flags(NULL, log_flags, errp);
}

void qemu_set_dfilter_ranges(const char *ranges, Error **errp)
{
    error_setg(errp, "-dfilter %s: no address space here is shared by all devices, so there is "
               "nothing to filter by", ranges);
}

static int item_mask(const char *name)
{
    int all = 0;

    for (const QEMULogItem *item = qemu_log_items; item->mask; item++) {
        if (g_str_equal(item->name, name)) {
            return item->mask;
        }
        all |= item->mask;
    }
    /* "all" does not mean every trace event. */
    return g_str_equal(name, "all") ? all & ~LOG_TRACE : 0;
}

int qemu_str_to_log_mask(const char *str)
{
    g_auto(GStrv) names = g_strsplit(str, ",", -1);
    int mask = 0;

    for (size_t i = 0; names[i]; i++) {
        int one = item_mask(names[i]);

        if (g_str_has_prefix(names[i], "trace:")) {
            one = trace_event_set_state_by_pattern(names[i] + strlen("trace:"), true)
                  ? LOG_TRACE : 0;
        }
        if (!one) {
            return 0;
        }
        mask |= one;
    }
    return mask;
}

void qemu_print_log_usage(FILE *f)
{
    fprintf(f, "Log items (comma separated):\n");
    for (const QEMULogItem *item = qemu_log_items; item->mask; item++) {
        fprintf(f, "%-15s %s\n", item->name, item->help);
    }
}
