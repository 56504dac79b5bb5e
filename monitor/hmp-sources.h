/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where completions come from: each asks QMP for what there is now. */
#ifndef MONITOR_HMP_SOURCES_H
#define MONITOR_HMP_SOURCES_H

#include "hmp.h"

struct HmpCompletion {
    const char *typed;      /* the part of the line that may go on */
    GPtrArray *before;      /* char *: the earlier words behind the command's name */
    GPtrArray *words;       /* char *, owned: what was offered */
};

/* Offers @text, with @end behind it, when it begins with what was typed. */
void hmp_offer(HmpCompletion *c, const char *text, const char *end);

HmpSource hmp_source_command, hmp_source_subcommand, hmp_source_switch;
HmpSource hmp_source_log_item, hmp_source_watchdog_action;
HmpSource hmp_source_device_options, hmp_source_object_options, hmp_source_chardev_options;
HmpSource hmp_source_device_id, hmp_source_object_id, hmp_source_chardev;
HmpSource hmp_source_path, hmp_source_property;
HmpSource hmp_source_trace_event;
HmpSource hmp_source_domain, hmp_source_space, hmp_source_server;

#endif
