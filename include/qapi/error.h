/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Error: why something that the operator asked for could not be done.
 *
 * A function that takes `Error **errp` (last argument) also shows failure in
 * its return value, and sets *errp exactly then. errp may be NULL (the caller
 * does not care), &local, &error_abort (cannot happen: stop the process with
 * the text) or &error_fatal (start-up only: print the text and exit(1)).
 * Errors that a client or guest provokes never use the last two.
 *
 * An Error has one owner, and is freed by error_free(), error_report_err() and
 * error_propagate(). Texts name option, value and remedy; no full stop, no
 * newline. No locking: an Error belongs to one thread at a time.
 */
#ifndef QAPI_ERROR_H
#define QAPI_ERROR_H

#include "qapi/qapi-types-error.h"
#include "qemu/compiler.h"
#include "qemu/typedefs.h"

typedef enum ErrorClass {
    ERROR_CLASS_GENERIC_ERROR = QAPI_ERROR_CLASS_GENERICERROR,
    ERROR_CLASS_COMMAND_NOT_FOUND = QAPI_ERROR_CLASS_COMMANDNOTFOUND,
    ERROR_CLASS_DEVICE_NOT_ACTIVE = QAPI_ERROR_CLASS_DEVICENOTACTIVE,
    ERROR_CLASS_DEVICE_NOT_FOUND = QAPI_ERROR_CLASS_DEVICENOTFOUND,
    ERROR_CLASS_KVM_MISSING_CAP = QAPI_ERROR_CLASS_KVMMISSINGCAP,
} ErrorClass;

extern Error *error_abort;
extern Error *error_fatal;

const char *error_get_pretty(const Error *err);
ErrorClass error_get_class(const Error *err);
/* ours: the lines appended by error_append_hint(), NULL when there are none. */
const char *error_get_hint(const Error *err);

#define error_setg(errp, ...) \
    error_setg_internal((errp), __FILE__, __LINE__, __func__, __VA_ARGS__)
/* Appends ": strerror(os_errno)"; os_errno is positive. */
#define error_setg_errno(errp, os_errno, ...) \
    error_setg_errno_internal((errp), __FILE__, __LINE__, __func__, (os_errno), __VA_ARGS__)
#define error_setg_file_open(errp, os_errno, filename) \
    error_setg_errno((errp), (os_errno), "cannot open '%s'", (filename))
#define error_set(errp, err_class, ...) \
    error_set_internal((errp), __FILE__, __LINE__, __func__, (err_class), __VA_ARGS__)

void error_setg_internal(Error **errp, const char *src, int line, const char *func,
                         const char *fmt, ...) G_GNUC_PRINTF(5, 6);
void error_setg_errno_internal(Error **errp, const char *src, int line, const char *func,
                               int os_errno, const char *fmt, ...) G_GNUC_PRINTF(6, 7);
void error_set_internal(Error **errp, const char *src, int line, const char *func,
                        ErrorClass err_class, const char *fmt, ...) G_GNUC_PRINTF(6, 7);

/* dst_errp takes local_err, or frees it when it is NULL or holds one already. NULL: nothing. */
void error_propagate(Error **dst_errp, Error *local_err);
void error_propagate_prepend(Error **dst_errp, Error *local_err, const char *fmt, ...)
    G_GNUC_PRINTF(3, 4);
void error_vprepend(Error *const *errp, const char *fmt, va_list ap) G_GNUC_PRINTF(2, 0);
void error_prepend(Error *const *errp, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
/* Needs ERRP_GUARD() in a function that got errp from its caller. Ends with a newline. */
void error_append_hint(Error *const *errp, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

Error *error_copy(const Error *err);
/* Moves the error out of *errp (which must be set) to the caller. */
Error *error_steal(Error **errp);
void error_free(Error *err);
void error_free_or_abort(Error **errp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Error, error_free)

/* Print (to the monitor or stderr) and free. The f forms put text in front. */
void error_report_err(Error *err);
void warn_report_err(Error *err);
bool warn_report_err_once_cond(bool *printed, Error *err);
#define warn_report_err_once(err) __extension__({ \
        static bool warned_once_; \
        warn_report_err_once_cond(&warned_once_, (err)); })
void error_reportf_err(Error *err, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
void warn_reportf_err(Error *err, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/*
 * First line of a function that looks at *errp or appends to it: from here on
 * errp is never NULL and never &error_fatal; what is set goes to the caller's
 * errp at the end of the scope.
 */
typedef struct ErrpGuard {
    Error *local;
    Error **caller;
} ErrpGuard;
void errp_guard_end(ErrpGuard *guard);
#define ERRP_GUARD() \
    __attribute__((cleanup(errp_guard_end))) ErrpGuard errp_guard_ = { .caller = errp }; \
    do { \
        if (!errp || errp == &error_fatal) { \
            errp = &errp_guard_.local; \
        } \
    } while (0)

#endif
