/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Serves one page of metrics to whoever connects.
 *
 * Bounds: METRICS_CLIENTS_MAX connections, others wait in the kernel;
 * METRICS_CLIENT_MS from a connection's begin to its end; the head of the
 * request is short; nothing ever waits. A page is made once for each request.
 *
 * Threads: all of it belongs to one AioContext, in which @collect is called.
 */
#ifndef METRICS_EXPORTER_H
#define METRICS_EXPORTER_H

#include "block/aio.h"
#include "io/listener.h"

#define METRICS_CLIENTS_MAX 8
#define METRICS_CLIENT_MS 10000

typedef struct MetricsExporter MetricsExporter;

/* Appends the page. */
typedef void MetricsCollect(GString *out, void *opaque);

/* Takes the listener over. */
MetricsExporter *metrics_exporter_new(AioContext *ctx, IOListener *listener,
                                      MetricsCollect *collect, void *opaque);
/* Ends all connections. */
void metrics_exporter_free(MetricsExporter *exporter);

#endif
