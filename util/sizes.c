/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sizes such as "64k", "1.5G", "0x1000". A fraction needs a suffix (there is
 * no half byte) and a decimal number before it; the whole part is an integer of
 * its own so that no bit of a 64-bit size gets lost in a double.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/host-utils.h"

static const char size_suffixes[] = "BKMGTPE";

/* 0 when c is no suffix. */
static uint64_t suffix_factor(char c, uint64_t unit)
{
    const char *at = c ? strchr(size_suffixes, g_ascii_toupper(c)) : NULL;
    uint64_t factor = 1;

    if (!at) {
        return 0;
    }
    for (long i = at - size_suffixes; i > 0; i--) {
        factor *= unit;
    }
    return factor;
}

/* Digits behind the point; *end moves past them. */
static double parse_fraction(const char **end)
{
    double place = 0.1, fraction = 0;
    const char *p = *end;

    if (*p == '.') {
        for (p++; g_ascii_isdigit(*p); p++, place /= 10) {
            fraction += (*p - '0') * place;
        }
        *end = p;
    }
    return fraction;
}

static int scale_size(uint64_t whole, double fraction, uint64_t factor, uint64_t *result)
{
    uint64_t extra = (uint64_t)(fraction * factor + 0.5);

    if (umul64_overflow(whole, factor, result) || uadd64_overflow(*result, extra, result)) {
        *result = UINT64_MAX;
        return -ERANGE;
    }
    return 0;
}

static int parse_size(const char *nptr, const char **endptr, char default_suffix, uint64_t unit,
                      uint64_t *result)
{
    const char *end = NULL;
    uint64_t whole = 0, factor;
    double fraction;
    bool hex = nptr && (g_str_has_prefix(nptr, "0x") || g_str_has_prefix(nptr, "0X"));
    int err = nptr && g_ascii_isdigit(*nptr) ? parse_uint(nptr, &end, hex ? 16 : 10, &whole)
                                             : -EINVAL;

    *result = 0;
    if (endptr) {
        *endptr = nptr;
    }
    if (err == -EINVAL) {
        return err;
    }
    fraction = hex ? 0 : parse_fraction(&end);
    factor = suffix_factor(*end, unit);
    if (factor) {
        end++;
    } else {
        factor = suffix_factor(default_suffix, unit);
    }
    if ((fraction > 0 && factor == 1) || (!endptr && *end)) {
        return -EINVAL;
    }
    if (endptr) {
        *endptr = end;
    }
    if (err) {
        *result = UINT64_MAX;
        return err;
    }
    return scale_size(whole, fraction, factor, result);
}

int qemu_strtosz(const char *nptr, const char **end, uint64_t *result)
{
    return parse_size(nptr, end, 'B', 1024, result);
}

int qemu_strtosz_MiB(const char *nptr, const char **end, uint64_t *result)
{
    return parse_size(nptr, end, 'M', 1024, result);
}

int qemu_strtosz_metric(const char *nptr, const char **end, uint64_t *result)
{
    return parse_size(nptr, end, 'B', 1000, result);
}

static char *with_prefix(double value, double unit, const char *const *names, size_t nr_names)
{
    size_t i = 0;

    while (value >= unit && i + 1 < nr_names) {
        value /= unit;
        i++;
    }
    return g_strdup_printf("%0.3g %s", value, names[i]);
}

char *size_to_str(uint64_t val)
{
    static const char *const names[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };

    return with_prefix(val, 1024, names, ARRAY_SIZE(names));
}

char *freq_to_str(uint64_t freq_hz)
{
    static const char *const names[] = { "Hz", "KHz", "MHz", "GHz", "THz", "PHz", "EHz" };

    return with_prefix(freq_hz, 1000, names, ARRAY_SIZE(names));
}
