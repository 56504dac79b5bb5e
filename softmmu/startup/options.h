/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of the command line: tables of rows, and the reading of argv.
 *
 * Own options (option-table.c) do something. Foreign ones (foreign-options.c)
 * are all other options of QEMU: a user of QEMU who tries one is told why it
 * has no place here, and what to do instead.
 */
#ifndef STARTUP_OPTIONS_H
#define STARTUP_OPTIONS_H

#include "config.h"

struct QtestConfig;

/* @arg is NULL for an option without argument. */
typedef bool OptionHandler(StartupConfig *config, const char *arg, Error **errp);

typedef struct OptionRow {
    const char *name;
    const char *arg;        /* its shape for -help; NULL: no argument */
    OptionHandler *handler;
    const char *help;       /* NULL: another spelling of the row before */
} OptionRow;

typedef enum ForeignClass {
    FOREIGN_IGNORED,        /* without effect, harmless: one warning */
    FOREIGN_REFUSED,        /* the user would be misled: one error */
} ForeignClass;

typedef struct ForeignOption {
    const char *name;
    bool has_arg;
    ForeignClass class;
    const char *harmless;   /* value that asks for what is so anyway: no word */
    const char *reason;     /* why; and for refused ones the remedy */
} ForeignOption;

/* Both end with a NULL name. */
extern const OptionRow option_table[];
extern const ForeignOption foreign_options[];

/*
 * Reads all options into @config. Handlers that only inform set config->done.
 * Each error names the option and its value by its location.
 */
bool command_line_parse(StartupConfig *config, int argc, char **argv, Error **errp);

/* The row of an own option; NULL: there is none. */
const OptionRow *option_find(const char *name);

/* ---- option-values.c ---- */

/* Nothing but @known, which ends with NULL. */
bool options_check_names(JsonObject *opts, const char *const *known, Error **errp);
bool options_read_switch(const char *name, const char *text, bool *value, Error **errp);
/* For later, with the place in the command line; @opts is taken over. */
void options_keep(GPtrArray *list, JsonObject *opts);

/* The argument of -accel and of accel=; what is not there to accelerate is ignored aloud. */
void options_choose_accel(StartupConfig *config, const char *accel);

/* What -qtest, -qtest-log, -accel and -m together ask for; @out borrows from @config. */
bool options_resolve_qtest(const StartupConfig *config, struct QtestConfig *out, Error **errp);

/* Handlers, by file. */
OptionHandler option_help, option_version;                          /* options-info.c */
OptionHandler option_machine, option_name, option_uuid, option_paused, option_global,
              option_action, option_watchdog_action;                /* options-machine.c */
OptionHandler option_device, option_object;                         /* options-devices.c */
OptionHandler option_blockdev, option_drive;                        /* options-block.c */
OptionHandler option_qmp, option_qmp_pretty, option_monitor;        /* options-monitor.c */
OptionHandler option_chardev, option_mon, option_add_fd;           /* options-chardev.c, -fd.c */
OptionHandler option_qtest, option_qtest_log, option_accel, option_ram; /* options-qtest.c */
OptionHandler option_pidfile, option_daemonize, option_sandbox;     /* options-process.c */
OptionHandler option_log_file, option_log_items, option_trace, option_msg; /* options-log.c */
OptionHandler option_readconfig, option_config;                     /* config-ini.c, -json.c */
OptionHandler option_nothing;           /* asks for what is so anyway */

#endif
