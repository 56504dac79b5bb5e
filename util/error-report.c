/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages to the operator. A message is put together completely and written
 * with one call, so lines of two threads do not mix.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/error-report.h"
#include "qemu/cutils.h"

bool message_with_timestamp;
bool error_with_guestname;
const char *error_guest_name;

static char *progname;
static ErrorReportSink *report_sink;
static ErrorReportInDialogue *report_in_dialogue;

static __thread Location outermost_location;
static __thread Location *current_location;

/* ---- where in the configuration we are ---- */

static Location *location(void)
{
    if (!current_location) {
        current_location = &outermost_location;
    }
    return current_location;
}

Location *loc_push_restore(Location *loc)
{
    loc->prev = location();
    current_location = loc;
    return loc;
}

Location *loc_push_none(Location *loc)
{
    *loc = (Location) { .kind = LOC_NONE };
    return loc_push_restore(loc);
}

Location *loc_pop(Location *loc)
{
    g_assert(current_location == loc && loc->prev);
    current_location = loc->prev;
    loc->prev = NULL;
    return loc;
}

Location *loc_save(Location *loc)
{
    *loc = *location();
    loc->prev = NULL;
    return loc;
}

void loc_restore(Location *loc)
{
    Location *prev = location()->prev;

    *location() = *loc;
    location()->prev = prev;
}

void loc_set_none(void)
{
    location()->kind = LOC_NONE;
}

void loc_set_cmdline(char **argv, int idx, int cnt)
{
    location()->kind = LOC_CMDLINE;
    location()->num = cnt;
    location()->ptr = argv + idx;
}

void loc_set_file(const char *fname, int lno)
{
    location()->kind = LOC_FILE;
    location()->num = lno;
    if (fname) {
        location()->ptr = fname;
    }
}

void error_report_set_in_dialogue(ErrorReportInDialogue *fn)
{
    qatomic_store_release(&report_in_dialogue, fn);
}

static bool in_dialogue(void)
{
    ErrorReportInDialogue *fn = qatomic_load_acquire(&report_in_dialogue);

    return fn && fn();
}

static void append_location(GString *out)
{
    const Location *loc = location();
    char *const *words = (char *const *)loc->ptr;

    if (progname && !in_dialogue()) {
        g_string_append_printf(out, "%s:", progname);
    }
    if (loc->kind == LOC_CMDLINE) {
        for (int i = 0; i < loc->num; i++) {
            g_string_append_printf(out, " %s", words[i]);
        }
        g_string_append_c(out, ':');
    } else if (loc->kind == LOC_FILE) {
        g_string_append_printf(out, "%s:", (const char *)loc->ptr);
        if (loc->num) {
            g_string_append_printf(out, "%d:", loc->num);
        }
    }
    if (out->len) {
        g_string_append_c(out, ' ');
    }
}

/* ---- output ---- */

void error_report_set_sink(ErrorReportSink *sink)
{
    qatomic_store_release(&report_sink, sink);
}

static void emit(const char *text, bool unless_qmp)
{
    ErrorReportSink *sink = qatomic_load_acquire(&report_sink);

    if (!sink || !sink(text, unless_qmp)) {
        fflush(stdout);
        fputs(text, stderr);
    }
}

void error_vprintf(const char *fmt, va_list ap)
{
    g_autofree char *text = g_strdup_vprintf(fmt, ap);

    emit(text, false);
}

void error_printf(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    error_vprintf(fmt, ap);
    va_end(ap);
}

int error_vprintf_unless_qmp(const char *fmt, va_list ap)
{
    g_autofree char *text = g_strdup_vprintf(fmt, ap);

    emit(text, true);
    return strlen(text);
}

int error_printf_unless_qmp(const char *fmt, ...)
{
    va_list ap;
    int ret;

    va_start(ap, fmt);
    ret = error_vprintf_unless_qmp(fmt, ap);
    va_end(ap);
    return ret;
}

static void vreport(const char *kind, const char *fmt, va_list ap)
{
    g_autoptr(GString) out = g_string_new(NULL);

    append_location(out);
    if (message_with_timestamp && !in_dialogue()) {
        g_autofree char *now = qemu_now_iso8601();

        g_string_prepend_c(out, ' ');
        g_string_prepend(out, now);
    }
    if (error_with_guestname && error_guest_name) {
        g_string_append_printf(out, "%s ", error_guest_name);
    }
    g_string_append(out, kind);
    g_string_append_vprintf(out, fmt, ap);
    g_string_append_c(out, '\n');
    emit(out->str, false);
}

void error_vreport(const char *fmt, va_list ap)
{
    vreport("", fmt, ap);
}

void warn_vreport(const char *fmt, va_list ap)
{
    vreport("warning: ", fmt, ap);
}

void info_vreport(const char *fmt, va_list ap)
{
    vreport("info: ", fmt, ap);
}

#define DEFINE_REPORT(name, vname) \
    void name(const char *fmt, ...) \
    { \
        va_list ap; \
        va_start(ap, fmt); \
        vname(fmt, ap); \
        va_end(ap); \
    }
DEFINE_REPORT(error_report, error_vreport)
DEFINE_REPORT(warn_report, warn_vreport)
DEFINE_REPORT(info_report, info_vreport)

#define DEFINE_REPORT_ONCE(name, vname) \
    bool name(bool *printed, const char *fmt, ...) \
    { \
        va_list ap; \
        if (qatomic_read(printed) || qatomic_xchg(printed, true)) { \
            return false; \
        } \
        va_start(ap, fmt); \
        vname(fmt, ap); \
        va_end(ap); \
        return true; \
    }
DEFINE_REPORT_ONCE(error_report_once_cond, error_vreport)
DEFINE_REPORT_ONCE(warn_report_once_cond, warn_vreport)

void warn_report_ratelimited_by(LogRateLimit *rl, const char *fmt, ...)
{
    uint32_t suppressed;
    va_list ap;

    if (!log_ratelimit_allow(rl, &suppressed)) {
        return;
    }
    if (suppressed) {
        warn_report("%" PRIu32 " messages of the following kind were dropped", suppressed);
    }
    va_start(ap, fmt);
    warn_vreport(fmt, ap);
    va_end(ap);
}

/* ---- set-up ---- */

const char *error_get_progname(void)
{
    return progname ? progname : "";
}

static void glib_message(const char *domain, GLogLevelFlags level, const char *message, void *data)
{
    if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)) {
        error_report("%s: %s", domain ? domain : "glib", message);
    } else {
        warn_report("%s: %s", domain ? domain : "glib", message);
    }
}

void error_init(const char *argv0)
{
    g_free(progname);
    progname = argv0 ? g_path_get_basename(argv0) : NULL;
    g_log_set_default_handler(glib_message, NULL);
}
