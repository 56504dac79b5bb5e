/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Error objects (the contract is in qapi/error.h). Two magic targets are
 * addresses, not values: every function that stores an error asks
 * store_error() where it goes, and that is where the process may end.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/atomic.h"
#include "qemu/error-report.h"

struct Error {
    char *msg;
    GString *hint;
    ErrorClass err_class;
    const char *src;
    const char *func;
    int line;
};

Error *error_abort;
Error *error_fatal;

/* Takes err. The only place that ends the process on an error. */
static void store_error(Error **errp, Error *err)
{
    if (errp == &error_abort) {
        fprintf(stderr, "Unexpected error in %s() at %s:%d:\n", err->func, err->src, err->line);
        error_report("%s", error_get_pretty(err));
        if (err->hint) {
            error_printf("%s", err->hint->str);
        }
        abort();
    }
    if (errp == &error_fatal) {
        error_report_err(err);
        exit(EXIT_FAILURE);
    }
    if (errp && !*errp) {
        *errp = err;
    } else {
        error_free(err);
    }
}

static void set_error(Error **errp, const char *src, int line, const char *func,
                      ErrorClass err_class, char *msg)
{
    Error *err = g_new0(Error, 1);

    /* A second error into the same variable would hide the first one. */
    g_assert(!errp || !*errp);
    err->msg = msg;
    err->err_class = err_class;
    err->src = src;
    err->line = line;
    err->func = func;
    store_error(errp, err);
}

void error_set_internal(Error **errp, const char *src, int line, const char *func,
                        ErrorClass err_class, const char *fmt, ...)
{
    int saved_errno = errno;
    va_list ap;

    if (errp) {
        va_start(ap, fmt);
        set_error(errp, src, line, func, err_class, g_strdup_vprintf(fmt, ap));
        va_end(ap);
    }
    errno = saved_errno;
}

void error_setg_internal(Error **errp, const char *src, int line, const char *func,
                         const char *fmt, ...)
{
    int saved_errno = errno;
    va_list ap;

    if (errp) {
        va_start(ap, fmt);
        set_error(errp, src, line, func, ERROR_CLASS_GENERIC_ERROR, g_strdup_vprintf(fmt, ap));
        va_end(ap);
    }
    errno = saved_errno;
}

void error_setg_errno_internal(Error **errp, const char *src, int line, const char *func,
                               int os_errno, const char *fmt, ...)
{
    int saved_errno = errno;
    g_autofree char *text = NULL;
    va_list ap;

    if (errp) {
        va_start(ap, fmt);
        text = g_strdup_vprintf(fmt, ap);
        va_end(ap);
        set_error(errp, src, line, func, ERROR_CLASS_GENERIC_ERROR,
                  os_errno ? g_strdup_printf("%s: %s", text, g_strerror(os_errno))
                           : g_steal_pointer(&text));
    }
    errno = saved_errno;
}

const char *error_get_pretty(const Error *err)
{
    return err->msg;
}

ErrorClass error_get_class(const Error *err)
{
    return err->err_class;
}

const char *error_get_hint(const Error *err)
{
    return err->hint ? err->hint->str : NULL;
}

void error_propagate(Error **dst_errp, Error *local_err)
{
    if (local_err) {
        store_error(dst_errp, local_err);
    }
}

void error_vprepend(Error *const *errp, const char *fmt, va_list ap)
{
    g_autofree char *old = NULL;
    g_autofree char *front = NULL;

    if (errp && *errp) {
        old = (*errp)->msg;
        front = g_strdup_vprintf(fmt, ap);
        (*errp)->msg = g_strconcat(front, old, NULL);
    }
}

void error_prepend(Error *const *errp, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    error_vprepend(errp, fmt, ap);
    va_end(ap);
}

void error_propagate_prepend(Error **dst_errp, Error *local_err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    error_vprepend(&local_err, fmt, ap);
    va_end(ap);
    error_propagate(dst_errp, local_err);
}

void error_append_hint(Error *const *errp, const char *fmt, ...)
{
    int saved_errno = errno;
    va_list ap;

    if (errp && *errp) {
        g_assert(errp != &error_abort && errp != &error_fatal);
        if (!(*errp)->hint) {
            (*errp)->hint = g_string_new(NULL);
        }
        va_start(ap, fmt);
        g_string_append_vprintf((*errp)->hint, fmt, ap);
        va_end(ap);
    }
    errno = saved_errno;
}

Error *error_copy(const Error *err)
{
    Error *copy = g_new0(Error, 1);

    *copy = *err;
    copy->msg = g_strdup(err->msg);
    copy->hint = err->hint ? g_string_new(err->hint->str) : NULL;
    return copy;
}

Error *error_steal(Error **errp)
{
    return g_steal_pointer(errp);
}

void error_free(Error *err)
{
    if (err) {
        g_free(err->msg);
        if (err->hint) {
            g_string_free(err->hint, TRUE);
        }
        g_free(err);
    }
}

void error_free_or_abort(Error **errp)
{
    g_assert(errp && *errp);
    error_free(g_steal_pointer(errp));
}

void errp_guard_end(ErrpGuard *guard)
{
    error_propagate(guard->caller, g_steal_pointer(&guard->local));
}

/* ---- printing ---- */

static void report_and_free(Error *err, void (*report)(const char *fmt, ...))
{
    report("%s", error_get_pretty(err));
    if (err->hint) {
        error_printf_unless_qmp("%s", err->hint->str);
    }
    error_free(err);
}

void error_report_err(Error *err)
{
    report_and_free(err, error_report);
}

void warn_report_err(Error *err)
{
    report_and_free(err, warn_report);
}

bool warn_report_err_once_cond(bool *printed, Error *err)
{
    if (qatomic_xchg(printed, true)) {
        error_free(err);
        return false;
    }
    warn_report_err(err);
    return true;
}

void error_reportf_err(Error *err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    error_vprepend(&err, fmt, ap);
    va_end(ap);
    error_report_err(err);
}

void warn_reportf_err(Error *err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    error_vprepend(&err, fmt, ap);
    va_end(ap);
    warn_report_err(err);
}
