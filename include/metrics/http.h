/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The least of HTTP/1.0 and 1.1 that a metrics page needs: one request, whose
 * head is read and whose body is not; one answer; the end of the connection.
 * Pure functions.
 */
#ifndef METRICS_HTTP_H
#define METRICS_HTTP_H

#include <glib.h>
#include <stdbool.h>

/* Longest head of a request. */
#define METRICS_HTTP_HEAD_MAX 8192

typedef struct MetricsHttpRequest {
    unsigned status;            /* what to answer: 200, or why not */
    bool head_only;             /* HEAD: the answer has no body */
} MetricsHttpRequest;

/*
 * Looks at the bytes that have come so far. False: more are needed (never with
 * METRICS_HTTP_HEAD_MAX bytes). True: @req says what to answer.
 */
bool metrics_http_parse(const char *bytes, size_t len, MetricsHttpRequest *req);

/* The whole answer; @body is used with status 200. The caller owns it. */
GString *metrics_http_answer(const MetricsHttpRequest *req, const char *content_type,
                             const GString *body);

#endif
