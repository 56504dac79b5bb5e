/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scalars from text.  Nothing may follow the value, and what does not fit is
 * refused instead of cut.
 */
#include "qemu/osdep.h"
#include <math.h>
#include "qapi/error.h"
#include "visitor-impl.h"
#include "text-scalar.h"

static bool bad_text(const char *name, const char *text, const char *want, Error **errp)
{
    error_setg(errp, "Parameter '%s' expects %s, not '%s'",
               visitor_name(name), want, text);
    return false;
}

/* strtol and its kin skip blanks and take signs; we want neither by surprise. */
static bool starts_number(const char *text, bool sign)
{
    if (sign && (*text == '-' || *text == '+')) {
        text++;
    }
    return g_ascii_isdigit(*text);
}

bool text_to_int64(const char *name, const char *text, int64_t *obj, Error **errp)
{
    char *end = NULL;
    long long value;

    errno = 0;
    value = starts_number(text, true) ? strtoll(text, &end, 0) : 0;
    if (!end || *end) {
        return bad_text(name, text, "an integer", errp);
    }
    if (errno) {
        return bad_text(name, text, "an integer of at most 64 bits", errp);
    }
    *obj = value;
    return true;
}

bool text_to_uint64(const char *name, const char *text, uint64_t *obj, Error **errp)
{
    char *end = NULL;
    unsigned long long value;

    errno = 0;
    value = starts_number(text, false) ? strtoull(text, &end, 0) : 0;
    if (!end || *end) {
        return bad_text(name, text, "a non-negative integer", errp);
    }
    if (errno) {
        return bad_text(name, text, "an integer of at most 64 bits", errp);
    }
    *obj = value;
    return true;
}

/* log2 of the unit that a size ends in, -1 for none of them. */
static int size_unit(const char *suffix)
{
    static const char units[] = "bkmgtpe";
    const char *at;

    if (!*suffix) {
        return 0;
    }
    at = strchr(units, g_ascii_tolower(*suffix));
    return at && !suffix[1] ? (at - units) * 10 : -1;
}

/* "1.5G": the fraction counts in units, so the result must be whole bytes. */
static bool fraction_to_size(const char *text, uint64_t *obj)
{
    char *end;
    double value = g_ascii_strtod(text, &end);
    int unit = size_unit(end);
    double bytes = unit > 0 ? ldexp(value, unit) : -1;

    if (bytes < 0 || bytes >= 18446744073709551616.0) {
        return false;
    }
    *obj = bytes;
    return true;
}

bool text_to_size(const char *name, const char *text, uint64_t *obj, Error **errp)
{
    const char *want = "a size: a number with an optional suffix k, M, G, T, P or E";
    char *end = NULL;
    unsigned long long value = 0;
    bool hex = g_ascii_strncasecmp(text, "0x", 2) == 0;
    int unit;

    errno = 0;
    if (starts_number(text, false)) {
        /* base 10: a size with a leading zero is not octal */
        value = strtoull(text, &end, hex ? 16 : 10);
    }
    if (end && *end == '.' && !hex && fraction_to_size(text, obj)) {
        return true;
    }
    unit = end ? size_unit(end) : -1;
    if (unit < 0 || (hex && *end)) {
        return bad_text(name, text, want, errp);
    }
    if (errno || value > UINT64_MAX >> unit) {
        return bad_text(name, text, "a size below 2^64", errp);
    }
    *obj = (uint64_t)value << unit;
    return true;
}

bool text_to_bool(const char *name, const char *text, bool *obj, Error **errp)
{
    static const char *const yes[] = { "on", "yes", "true", "y", NULL };
    static const char *const no[] = { "off", "no", "false", "n", NULL };

    if (g_strv_contains(yes, text)) {
        *obj = true;
        return true;
    }
    if (g_strv_contains(no, text)) {
        *obj = false;
        return true;
    }
    return bad_text(name, text, "'on' or 'off'", errp);
}

bool text_to_number(const char *name, const char *text, double *obj, Error **errp)
{
    char *end = NULL;
    double value;

    errno = 0;
    value = starts_number(text, true) ? g_ascii_strtod(text, &end) : 0;
    if (!end || *end || errno || !isfinite(value)) {
        return bad_text(name, text, "a finite number", errp);
    }
    *obj = value;
    return true;
}
