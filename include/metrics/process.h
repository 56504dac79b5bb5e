/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics of the process itself, by the names that Prometheus' client libraries use. */
#ifndef METRICS_PROCESS_H
#define METRICS_PROCESS_H

#include <glib.h>

/* A figure that the system does not tell is left out. */
void metrics_process(GString *out);

#endif
