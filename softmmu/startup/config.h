/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the command line asks for, before anything of it is done.
 *
 * Filled once by command_line_parse(), read by the rest of start-up; belongs
 * to the main thread.
 */
#ifndef STARTUP_CONFIG_H
#define STARTUP_CONFIG_H

#include <json-glib/json-glib.h>

#include "qapi/error.h"
#include "qemu/error-report.h"

/* One use of an option, with its place for messages. */
typedef struct StartupItem {
    Location loc;
    JsonObject *opts;       /* -device, -object, -machine */
    char *text;             /* -qmp, -monitor, -pidfile */
    bool pretty;            /* -qmp-pretty */
    bool human;             /* -monitor */
} StartupItem;

typedef struct StartupConfig {
    StartupItem *machine;   /* NULL: none; several -machine are merged */
    StartupItem *pidfile;   /* NULL: none */
    GPtrArray *blockdevs;   /* -blockdev */
    GPtrArray *drives;      /* -drive */
    GPtrArray *objects;     /* StartupItem, in the order of the command line */
    GPtrArray *devices;
    GPtrArray *monitors;    /* -qmp, -monitor */
    GPtrArray *chardevs;
    GPtrArray *mons;
    StartupItem *qtest;     /* NULL: none; text */
    StartupItem *qtest_ram; /* -m; NULL: none; text */
    char *qtest_log;        /* NULL: stderr */
    bool qtest_accel;
    GStringChunk *places;   /* names of files, which locations point to */
    char *log_file;         /* NULL: stderr */
    int log_mask;
    bool tracing;           /* -trace enabled something */
    bool daemonize;
    bool paused;
    bool done;              /* a help text was printed: exit 0 */
} StartupConfig;

StartupConfig *startup_config_new(void);
void startup_config_free(StartupConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StartupConfig, startup_config_free)

/* A new item at the current location; the caller owns it. */
StartupItem *startup_item_new(void);
void startup_item_free(StartupItem *item);

/* Messages from here on carry the item's place; undo with startup_item_end(). */
void startup_item_begin(const StartupItem *item, Location *saved);
void startup_item_end(Location *saved);

/*
 * Prints @err, with its hint, as one line at the current location, and frees
 * it.
 */
void startup_report(Error *err);

#endif
