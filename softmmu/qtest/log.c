/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The transcript of a qtest connection; see log.h. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "log.h"

#define MAX_LINE 1024

static FILE *out;
static int64_t opened_us;

bool qtest_log_open(const char *file, Error **errp)
{
    if (!file) {
        out = stderr;
    } else if (strcmp(file, "none")) {
        out = fopen(file, "we");
        if (!out) {
            error_setg_errno(errp, errno, "cannot write the qtest log '%s'", file);
            return false;
        }
        setlinebuf(out);
    }
    return true;
}

void qtest_log_close(void)
{
    if (out && out != stderr) {
        fclose(out);
    }
    out = NULL;
}

static void put(char kind, const char *text, int len, const char *more)
{
    int64_t us = g_get_monotonic_time() - opened_us;

    if (out) {
        fprintf(out, "[%c +%" PRId64 ".%06" PRId64 "] %.*s%s\n", kind, us / G_USEC_PER_SEC,
                us % G_USEC_PER_SEC, len, text, more);
    }
}

void qtest_log_opened(void)
{
    opened_us = g_get_monotonic_time();
    put('I', "OPENED", 6, "");
}

void qtest_log_closed(void)
{
    put('I', "CLOSED", 6, "");
}

void qtest_log_line(char kind, const char *text, size_t len)
{
    put(kind, text, MIN(len, MAX_LINE), len > MAX_LINE ? "..." : "");
}
