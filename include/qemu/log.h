/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log: lines that an operator asked for with -d, to stderr or the -D file.
 * Arguments of qemu_log_mask() are not evaluated unless a bit is on.
 *
 * Lines are written whole, from any thread. What a client or guest can cause
 * over and over uses qemu_log_mask_ratelimited(): a burst, then a few lines a
 * second, and one line that says how many were dropped.
 *
 * Protects: the log file and its lines.
 * Lock order: a leaf: nothing is taken while it is held.
 */
#ifndef QEMU_LOG_H
#define QEMU_LOG_H

#include <glib.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "qemu/compiler.h"
#include "qemu/log-for-trace.h"
#include "qemu/typedefs.h"

#define CPU_LOG_TB_OUT_ASM (1u << 0)
#define CPU_LOG_TB_IN_ASM (1u << 1)
#define CPU_LOG_TB_OP (1u << 2)
#define CPU_LOG_INT (1u << 4)
#define CPU_LOG_EXEC (1u << 5)
#define CPU_LOG_RESET (1u << 9)
#define LOG_UNIMP (1u << 10)
#define LOG_GUEST_ERROR (1u << 11)
#define CPU_LOG_MMU (1u << 12)
#define CPU_LOG_PAGE (1u << 14)
#define LOG_STRACE (1u << 19)
#define LOG_PER_THREAD (1u << 20)
#define LOG_INVALID_MEM (1u << 24)
/* ours: what clients do wrong on the wire. */
#define LOG_VFIO_USER (1u << 28)

static inline bool qemu_log_enabled(void)
{
    return qemu_loglevel != 0;
}

/* A log file other than stderr. */
bool qemu_log_separate(void);

#define qemu_log_mask(mask, ...) do { \
        if (unlikely(qemu_loglevel_mask(mask))) { \
            qemu_log(__VA_ARGS__); \
        } \
    } while (0)

/* No range filter (-dfilter) exists here: there is no address space that all devices share. */
#define qemu_log_mask_and_addr(mask, addr, ...) do { \
        (void)(addr); \
        qemu_log_mask(mask, __VA_ARGS__); \
    } while (0)

/* Several calls that make one block of lines. NULL: logging is off. */
FILE *qemu_log_trylock(void) G_GNUC_WARN_UNUSED_RESULT;
void qemu_log_unlock(FILE *fd);

/* ---- floods (ours) ---- */

/* One for each place; all zero to begin with. Any thread may use it. */
typedef struct LogRateLimit {
    int64_t refill_ns;      /* when the budget was last filled up */
    uint32_t spent;
    uint32_t dropped;
} LogRateLimit;

enum {
    LOG_RATE_BURST = 10,            /* lines at once */
    LOG_RATE_PER_SECOND = 2,        /* then */
};

/*
 * Whether the caller may write its line now. *suppressed gets how many lines
 * were dropped since the last one that was written.
 */
bool log_ratelimit_allow(LogRateLimit *rl, uint32_t *suppressed);
void qemu_log_ratelimited(LogRateLimit *rl, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/* The budget belongs to the source line. */
#define qemu_log_mask_ratelimited(mask, ...) do { \
        static LogRateLimit ratelimit_here_; \
        if (unlikely(qemu_loglevel_mask(mask))) { \
            qemu_log_ratelimited(&ratelimit_here_, __VA_ARGS__); \
        } \
    } while (0)
/* The budget is the caller's, e.g. one for each session. */
#define qemu_log_mask_ratelimited_by(rl, mask, ...) do { \
        if (unlikely(qemu_loglevel_mask(mask))) { \
            qemu_log_ratelimited((rl), __VA_ARGS__); \
        } \
    } while (0)

/* ---- set-up ---- */

typedef struct QEMULogItem {
    int mask;
    const char *name;
    const char *help;
} QEMULogItem;

/* Ends with mask 0. */
extern const QEMULogItem qemu_log_items[];

bool qemu_set_log(int log_flags, Error **errp);
bool qemu_set_log_filename(const char *filename, Error **errp);
bool qemu_set_log_filename_flags(const char *name, int flags, Error **errp);
/*
 * ours: opens the log file by its name once more, for it was moved away. When
 * that fails the old file stays in use. Without a log file there is nothing to
 * do.
 */
bool qemu_log_reopen(Error **errp);
void qemu_set_dfilter_ranges(const char *ranges, Error **errp);
/* "guest_errors,unimp", "all", "trace:PATTERN"; 0 = unknown item. */
int qemu_str_to_log_mask(const char *str);
void qemu_print_log_usage(FILE *f);

#endif
