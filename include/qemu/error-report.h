/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages to the operator: "program: message" on stderr, or to the monitor
 * whose command is being run, with the place in the command line or
 * configuration file in front while that is being read.
 *
 * Locations are per thread; messages are written whole.
 */
#ifndef QEMU_ERROR_REPORT_H
#define QEMU_ERROR_REPORT_H

#include <glib.h>
#include <stdarg.h>
#include <stdbool.h>

#include "qemu/log.h"

typedef struct Location {
    enum { LOC_NONE, LOC_CMDLINE, LOC_FILE } kind;
    int num;                /* line of the file, or number of words */
    const void *ptr;        /* file name, or the words (char **) */
    struct Location *prev;
} Location;

/* push saves the state of this thread in *loc (the caller's), pop restores it. */
Location *loc_push_restore(Location *loc);
Location *loc_push_none(Location *loc);
Location *loc_pop(Location *loc);
Location *loc_save(Location *loc);
void loc_restore(Location *loc);
void loc_set_none(void);
void loc_set_cmdline(char **argv, int idx, int cnt);
void loc_set_file(const char *fname, int lno);

void error_vprintf(const char *fmt, va_list ap) G_GNUC_PRINTF(1, 0);
void error_printf(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
int error_vprintf_unless_qmp(const char *fmt, va_list ap) G_GNUC_PRINTF(1, 0);
int error_printf_unless_qmp(const char *fmt, ...) G_GNUC_PRINTF(1, 2);

void error_vreport(const char *fmt, va_list ap) G_GNUC_PRINTF(1, 0);
void warn_vreport(const char *fmt, va_list ap) G_GNUC_PRINTF(1, 0);
void info_vreport(const char *fmt, va_list ap) G_GNUC_PRINTF(1, 0);
void error_report(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
void warn_report(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
void info_report(const char *fmt, ...) G_GNUC_PRINTF(1, 2);

bool error_report_once_cond(bool *printed, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
bool warn_report_once_cond(bool *printed, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
#define error_report_once(fmt, ...) __extension__({ \
        static bool reported_once_; \
        error_report_once_cond(&reported_once_, fmt, ##__VA_ARGS__); })
#define warn_report_once(fmt, ...) __extension__({ \
        static bool reported_once_; \
        warn_report_once_cond(&reported_once_, fmt, ##__VA_ARGS__); })

/* ours: for what a client or guest can cause over and over; budget per source line. */
void warn_report_ratelimited_by(LogRateLimit *rl, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
#define warn_report_ratelimited(fmt, ...) do { \
        static LogRateLimit ratelimit_here_; \
        warn_report_ratelimited_by(&ratelimit_here_, fmt, ##__VA_ARGS__); \
    } while (0)

const char *error_get_progname(void);
/* Once at start: name in front of messages; GLib's own messages go the same way. */
void error_init(const char *argv0);

extern bool message_with_timestamp;
extern bool error_with_guestname;
extern const char *error_guest_name;

/*
 * ours: the monitor's seam. write() takes text for the operator whose command
 * this thread is running and returns true, or false when there is none (stderr then).
 */
typedef bool ErrorReportSink(const char *text, bool unless_qmp);
void error_report_set_sink(ErrorReportSink *sink);
/* true: that operator sees the text in a dialogue, and needs no program name or time in front. */
typedef bool ErrorReportInDialogue(void);
void error_report_set_in_dialogue(ErrorReportInDialogue *fn);

#endif
