/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The human monitor's commands. A command is a row: its words, the QMP command
 * that does it and how the answer is printed. The monitor knows no subsystem:
 * all that it can do and show is what QMP can.
 */
#ifndef MONITOR_HMP_H
#define MONITOR_HMP_H

#include <json-glib/json-glib.h>

#include "monitor/monitor.h"
#include "qapi/error.h"

typedef struct HmpCompletion HmpCompletion;
typedef struct HmpCommand HmpCommand;

/* Offers what the word under the cursor may become: hmp-sources.h. */
typedef void HmpSource(HmpCompletion *c);

typedef enum HmpArgType {
    HMP_WORD,       /* up to a space, or "quoted" with \n \r \\ \' \" */
    HMP_LINE,       /* the rest of the line, with its spaces */
    HMP_INT,        /* 10, 0x10, 0b10, 010; also 4K, 1M ... */
    HMP_SWITCH,     /* an option without a value: true when it is there */
    HMP_OPTIONS,    /* key=value,... or a JSON object: its members join the others */
    HMP_NESTED,     /* the same, and "a.b=c" is a member of an object */
    HMP_FORMAT,     /* /4xw: an object with "count", "format" and "size" as far as given */
} HmpArgType;

typedef struct HmpArg {
    const char *name;       /* member of the arguments; NULL ends the list */
    HmpArgType type;
    bool optional;
    const char *option;     /* "-d": the word that announces it; else its place does */
    const char *implied;    /* HMP_OPTIONS, HMP_NESTED: key of a bare first part */
    HmpSource *source;      /* NULL: nothing to complete */
} HmpArg;

/* Prints what QMP answered. */
typedef void HmpRender(Monitor *mon, JsonNode *answer);
/* Does what one QMP command does not. @args is the caller's. */
typedef void HmpRun(Monitor *mon, JsonObject *args, Error **errp);

struct HmpCommand {
    const char *name;           /* several spellings: "quit|q"; NULL ends the table */
    const HmpArg *args;         /* NULL: none */
    const char *params;         /* for help */
    const char *help;
    const char *qmp;            /* gets the arguments as they are */
    HmpRender *render;          /* NULL: the answer has nothing to show */
    HmpRun *run;                /* instead of qmp */
    const HmpCommand *sub;      /* its first word chooses a row here */
};

extern const HmpCommand hmp_commands[];

/* By one spelling, which has @len bytes; NULL when there is none. */
const HmpCommand *hmp_find(const HmpCommand *table, const char *name, size_t len);

/* Runs one line; everything that there is to say goes to @mon. */
void hmp_run_line(Monitor *mon, const char *line);

/* ---- hmp-args.c ---- */

/* The caller owns the arguments; NULL with @errp set when the line is not right. */
JsonObject *hmp_parse_args(const HmpArg *rows, const char *text, Error **errp);

/* ---- hmp-value.c ---- */

/* What a user wrote, as JSON of the type that a QOM property says it has. */
JsonNode *hmp_value(const char *type, const char *text, Error **errp);

/* ---- hmp-complete.c ---- */

/*
 * How the line may go on behind @before: sorted words that begin with the last
 * *typed bytes of it. The caller frees.
 */
GPtrArray *hmp_complete(const char *before, size_t *typed);

/* ---- handlers of rows ---- */

HmpRun hmp_help;                                                        /* hmp.c */
HmpRun hmp_log, hmp_logfile;                                            /* hmp-log.c */
void hmp_log_items(Monitor *mon);
HmpRun hmp_device_add, hmp_object_add, hmp_qom_set, hmp_trace_event,
       hmp_info_trace_events;                                           /* hmp-run.c */
HmpRun hmp_examine;                                                     /* hmp-memory.c */
HmpRender hmp_show_version, hmp_show_status, hmp_show_name, hmp_show_uuid, hmp_show_text,
          hmp_show_json, hmp_show_properties, hmp_show_chardevs, hmp_show_trace_events;
                                                                        /* hmp-show.c */
HmpRun hmp_chardev_add;                                                 /* hmp-chardev.c */
/* Where the user of a pseudo terminal finds it; NULL: it is none. The caller frees. */
char *hmp_pty_notice(struct Chardev *chr);
HmpRender hmp_show_ringbuf;
HmpRender hmp_show_block, hmp_show_blockstats;                          /* hmp-show-block.c */
HmpRender hmp_show_pci;                                                 /* hmp-show-pci.c */
HmpRender hmp_show_address_spaces;                                      /* hmp-show-isolation.c */
HmpRun hmp_info_isolation;
HmpRun hmp_info_vfio_user, hmp_info_dma;                                /* hmp-show-servers.c */

#endif
