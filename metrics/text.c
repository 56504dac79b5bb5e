/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prometheus' text format; see metrics/text.h. */
#include "qemu/osdep.h"
#include "metrics/text.h"

static void append_escaped(GString *out, const char *text, bool quotes)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    for (const char *p = valid; *p; p++) {
        if (*p == '\n') {
            g_string_append(out, "\\n");
        } else {
            if (*p == '\\' || (quotes && *p == '"')) {
                g_string_append_c(out, '\\');
            }
            g_string_append_c(out, *p);
        }
    }
}

static void append_pair(GString *out, const char *name, const char *value)
{
    g_string_append_printf(out, "%s%s=\"", out->len ? "," : "", name);
    append_escaped(out, value, true);
    g_string_append_c(out, '"');
}

char *metrics_labels(const char *name, const char *value, ...)
{
    GString *out = g_string_new(NULL);
    va_list ap;

    va_start(ap, value);
    while (name) {
        append_pair(out, name, value);
        name = va_arg(ap, const char *);
        value = name ? va_arg(ap, const char *) : NULL;
    }
    va_end(ap);
    return g_string_free(out, FALSE);
}

char *metrics_labels_add(const char *labels, const char *name, const char *value)
{
    GString *out = g_string_new(labels);

    append_pair(out, name, value);
    return g_string_free(out, FALSE);
}

void metrics_family(GString *out, const char *name, MetricsType type, const char *help)
{
    static const char *const names[] = {
        [METRICS_COUNTER] = "counter", [METRICS_GAUGE] = "gauge",
        [METRICS_HISTOGRAM] = "histogram",
    };

    g_string_append_printf(out, "# HELP %s ", name);
    append_escaped(out, help, false);
    g_string_append_printf(out, "\n# TYPE %s %s\n", name, names[type]);
}

/* One of many thousand lines of a page: no formatted printing. */
static void append_name(GString *out, const char *name, const char *suffix, const char *labels,
                        const char *le)
{
    bool some = labels && *labels;

    g_string_append(g_string_append(out, name), suffix);
    if (some || le) {
        g_string_append(g_string_append_c(out, '{'), some ? labels : "");
        if (le) {
            g_string_append(g_string_append(out, some ? ",le=\"" : "le=\""), le);
            g_string_append_c(out, '"');
        }
        g_string_append_c(out, '}');
    }
    g_string_append_c(out, ' ');
}

static void append_count(GString *out, uint64_t value)
{
    char digits[21];
    char *p = digits + sizeof(digits);

    *--p = '\0';
    do {
        *--p = '0' + value % 10;
        value /= 10;
    } while (value);
    g_string_append_c(g_string_append(out, p), '\n');
}

/* The shortest text that reads back as the same number. */
static void append_double(GString *out, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    g_ascii_formatd(text, sizeof(text), "%.15g", value);
    g_string_append(out, text);
}

void metrics_sample(GString *out, const char *name, const char *labels, uint64_t value)
{
    append_name(out, name, "", labels, NULL);
    append_count(out, value);
}

void metrics_sample_seconds(GString *out, const char *name, const char *labels, double value)
{
    append_name(out, name, "", labels, NULL);
    append_double(out, value);
    g_string_append_c(out, '\n');
}

char **metrics_bounds(const int64_t *bounds_ns, unsigned buckets)
{
    char **texts = g_new0(char *, buckets + 1);

    for (unsigned i = 0; i < buckets; i++) {
        GString *text = g_string_new(NULL);

        append_double(text, bounds_ns[i] / 1e9);
        texts[i] = g_string_free(text, FALSE);
    }
    return texts;
}

void metrics_sample_histogram(GString *out, const char *name, const char *labels,
                              char *const *bounds, const uint64_t *counts, uint64_t sum_ns)
{
    uint64_t sum = 0;

    for (; *bounds; bounds++, counts++) {
        sum += *counts;
        append_name(out, name, "_bucket", labels, *bounds);
        append_count(out, sum);
    }
    sum += *counts;
    append_name(out, name, "_bucket", labels, "+Inf");
    append_count(out, sum);
    append_name(out, name, "_sum", labels, NULL);
    append_double(out, sum_ns / 1e9);
    append_name(g_string_append_c(out, '\n'), name, "_count", labels, NULL);
    append_count(out, sum);
}
