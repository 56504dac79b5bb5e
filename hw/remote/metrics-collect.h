/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The metrics of all vfio-user servers and of the process, as a page.
 *
 * Main context; each server's domain is entered for the time of a copy, one
 * after the other, and nothing is formatted meanwhile.
 */
#ifndef HW_REMOTE_METRICS_COLLECT_H
#define HW_REMOTE_METRICS_COLLECT_H

#include "qemu/osdep.h"
#include "vfio-user/server.h"

void metrics_collect(GString *out);

/*
 * Answers are timed while somebody wants to know: switches that on or off for
 * all servers there are.
 */
void metrics_measure(bool on);
/* For servers that come later; the server's context entered. */
bool metrics_wanted(void);

#endif
