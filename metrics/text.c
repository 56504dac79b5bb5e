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

static void append_name(GString *out, const char *name, const char *suffix, const char *labels)
{
    g_string_append_printf(out, "%s%s", name, suffix);
    if (labels && *labels) {
        g_string_append_printf(out, "{%s}", labels);
    }
    g_string_append_c(out, ' ');
}

static void append_count(GString *out, const char *name, const char *suffix, const char *labels,
                         uint64_t value)
{
    append_name(out, name, suffix, labels);
    g_string_append_printf(out, "%" PRIu64 "\n", value);
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
    append_count(out, name, "", labels, value);
}

static void append_seconds(GString *out, const char *name, const char *suffix,
                           const char *labels, double value)
{
    append_name(out, name, suffix, labels);
    append_double(out, value);
    g_string_append_c(out, '\n');
}

void metrics_sample_seconds(GString *out, const char *name, const char *labels, double value)
{
    append_seconds(out, name, "", labels, value);
}

static char *bucket_labels(const char *labels, int64_t bound_ns)
{
    g_autoptr(GString) bound = g_string_new(NULL);

    append_double(bound, bound_ns / 1e9);
    return metrics_labels_add(labels, "le", bound->str);
}

void metrics_sample_histogram(GString *out, const char *name, const char *labels,
                              const int64_t *bounds_ns, const uint64_t *counts, unsigned buckets,
                              uint64_t sum_ns)
{
    g_autofree char *all = metrics_labels_add(labels, "le", "+Inf");
    uint64_t sum = 0;

    for (unsigned i = 0; i < buckets; i++) {
        g_autofree char *bucket = bucket_labels(labels, bounds_ns[i]);

        sum += counts[i];
        append_count(out, name, "_bucket", bucket, sum);
    }
    sum += counts[buckets];
    append_count(out, name, "_bucket", all, sum);
    append_seconds(out, name, "_sum", labels, sum_ns / 1e9);
    append_count(out, name, "_count", labels, sum);
}
