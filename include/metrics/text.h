/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prometheus' text format, version 0.0.4: families of samples, one after the
 * other. Whoever writes a family writes all its samples before the next one.
 * Pure functions that append to a string; numbers do not depend on the locale.
 */
#ifndef METRICS_TEXT_H
#define METRICS_TEXT_H

#include <glib.h>
#include <stdint.h>

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

typedef enum MetricsType {
    METRICS_COUNTER,
    METRICS_GAUGE,
    METRICS_HISTOGRAM,
} MetricsType;

/*
 * Labels for the functions below: pairs of name and value, NULL ends. Values
 * may be any text; names are ours. The caller frees.
 */
char *metrics_labels(const char *name, const char *value, ...) G_GNUC_NULL_TERMINATED;
/* The same with one pair added to @labels, which may be NULL. */
char *metrics_labels_add(const char *labels, const char *name, const char *value);

void metrics_family(GString *out, const char *name, MetricsType type, const char *help);
/* @labels may be NULL. */
void metrics_sample(GString *out, const char *name, const char *labels, uint64_t value);
void metrics_sample_seconds(GString *out, const char *name, const char *labels, double value);
/* Upper bounds of buckets as text, in seconds; g_strfreev(). Once for many histograms. */
char **metrics_bounds(const int64_t *bounds_ns, unsigned buckets);
/*
 * @bounds: upper bounds, inclusive, ascending, NULL at the end; @counts has one
 * more entry, for what is beyond them, and counts each bucket alone.
 */
void metrics_sample_histogram(GString *out, const char *name, const char *labels,
                              char *const *bounds, const uint64_t *counts, uint64_t sum_ns);

#endif
