/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers from text. One function does the checking that strtol() leaves to
 * its callers; all widths and signs are the same code with other limits.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include <math.h>

/* What every strto function reports about its input: text without a number, or text behind it. */
static int check_rest(const char *nptr, const char *end, const char **endptr)
{
    if (endptr) {
        *endptr = end;
    }
    if (end == nptr || (!endptr && *end)) {
        return -EINVAL;
    }
    return 0;
}

/* Magnitude and sign apart, so that all of -2^63 .. 2^64-1 can be told from an overflow. */
static int parse_magnitude(const char *nptr, const char **endptr, int base, bool *negative,
                           uint64_t *magnitude)
{
    const char *p = nptr;
    char *end;
    int err;

    *negative = false;
    *magnitude = 0;
    if (!nptr) {
        if (endptr) {
            *endptr = NULL;
        }
        return -EINVAL;
    }
    while (g_ascii_isspace(*p)) {
        p++;
    }
    if (*p == '-' || *p == '+') {
        *negative = *p++ == '-';
    }
    /* strtoull() would take one more sign or blank here. */
    if (!g_ascii_isalnum(*p)) {
        return check_rest(nptr, nptr, endptr);
    }
    errno = 0;
    *magnitude = strtoull(p, &end, base);
    err = errno == ERANGE ? -ERANGE : 0;
    return check_rest(nptr, end == p ? nptr : end, endptr) ? -EINVAL : err;
}

static int parse_signed(const char *nptr, const char **endptr, int base, int64_t min, int64_t max,
                        int64_t *result)
{
    uint64_t magnitude;
    bool negative;
    int err = parse_magnitude(nptr, endptr, base, &negative, &magnitude);
    uint64_t limit = negative ? -(uint64_t)min : (uint64_t)max;

    *result = 0;
    if (err == -EINVAL) {
        return err;
    }
    if (magnitude > limit) {
        *result = negative ? min : max;
        return -ERANGE;
    }
    *result = negative ? (int64_t)-magnitude : (int64_t)magnitude;
    return err;
}

/* As in strtoul(), "-1" is the largest number; what does not fit in either sign is out of range. */
static int parse_unsigned(const char *nptr, const char **endptr, int base, uint64_t max,
                          uint64_t *result)
{
    uint64_t magnitude;
    bool negative;
    int err = parse_magnitude(nptr, endptr, base, &negative, &magnitude);

    *result = 0;
    if (err == -EINVAL) {
        return err;
    }
    if (err || magnitude > max) {
        *result = max;
        return -ERANGE;
    }
    *result = (negative ? -magnitude : magnitude) & max;
    return 0;
}

#define DEFINE_STRTO_SIGNED(name, type, min, max) \
    int name(const char *nptr, const char **endptr, int base, type *result) \
    { \
        int64_t value; \
        int err = parse_signed(nptr, endptr, base, min, max, &value); \
        *result = value; \
        return err; \
    }
DEFINE_STRTO_SIGNED(qemu_strtoi, int, INT_MIN, INT_MAX)
DEFINE_STRTO_SIGNED(qemu_strtol, long, LONG_MIN, LONG_MAX)
DEFINE_STRTO_SIGNED(qemu_strtoi64, int64_t, INT64_MIN, INT64_MAX)

#define DEFINE_STRTO_UNSIGNED(name, type, max) \
    int name(const char *nptr, const char **endptr, int base, type *result) \
    { \
        uint64_t value; \
        int err = parse_unsigned(nptr, endptr, base, max, &value); \
        *result = value; \
        return err; \
    }
DEFINE_STRTO_UNSIGNED(qemu_strtoui, unsigned int, UINT_MAX)
DEFINE_STRTO_UNSIGNED(qemu_strtoul, unsigned long, ULONG_MAX)
DEFINE_STRTO_UNSIGNED(qemu_strtou64, uint64_t, UINT64_MAX)

/* A count: no sign accepted. */
int parse_uint(const char *s, const char **endptr, int base, uint64_t *value)
{
    uint64_t magnitude;
    bool negative;
    int err = parse_magnitude(s, endptr, base, &negative, &magnitude);

    *value = 0;
    if (err != -EINVAL && negative) {
        err = -EINVAL;
        if (endptr) {
            *endptr = s;
        }
    } else if (err != -EINVAL) {
        *value = magnitude;
    }
    return err;
}

int parse_uint_full(const char *s, int base, uint64_t *value)
{
    return parse_uint(s, NULL, base, value);
}

int qemu_strtod(const char *nptr, const char **endptr, double *result)
{
    char *end;
    int err;

    if (!nptr) {
        if (endptr) {
            *endptr = NULL;
        }
        *result = 0;
        return -EINVAL;
    }
    errno = 0;
    /* The C library's one follows the locale's decimal point; an option must not. */
    *result = g_ascii_strtod(nptr, &end);
    err = errno == ERANGE ? -ERANGE : 0;
    return check_rest(nptr, end, endptr) ? -EINVAL : err;
}

int qemu_strtod_finite(const char *nptr, const char **endptr, double *result)
{
    int err = qemu_strtod(nptr, endptr, result);

    if (err != -EINVAL && !isfinite(*result)) {
        *result = 0;
        if (endptr) {
            *endptr = nptr;
        }
        return -EINVAL;
    }
    return err;
}
