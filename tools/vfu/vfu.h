/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the subcommands of vfu share. Each one lives in a file of its own and
 * has a row in the table of commands.c. A subcommand returns the exit status:
 * 0 done, 1 it failed (said on stderr, with option, value and remedy), 2 wrong
 * usage.
 */
#ifndef TOOLS_VFU_VFU_H
#define TOOLS_VFU_VFU_H

#include "output.h"
#include "vfio-user/client.h"

/* Options that every subcommand takes. */
typedef struct VfuTool {
    const char *command;        /* its name, for messages */
    gboolean json;
    char *persona_name;
    double timeout;             /* seconds */
    VfuClientOptions client;    /* made from the above */
    VfuOut *out;
} VfuTool;

typedef struct VfuSubcommand {
    const char *name;
    const char *usage;          /* arguments, for the first line of help */
    const char *summary;        /* one line */
    const char *help;           /* paragraphs, for "vfu help NAME" */
    int (*run)(VfuTool *tool, int argc, char **argv);
} VfuSubcommand;

const VfuSubcommand *vfu_find_subcommand(const char *name);
int vfu_run(int argc, char **argv);

extern const VfuSubcommand vfu_cmd_info, vfu_cmd_read, vfu_cmd_write, vfu_cmd_dma,
    vfu_cmd_irq, vfu_cmd_nvme, vfu_cmd_reset, vfu_cmd_bench, vfu_cmd_trace, vfu_cmd_help;

/* Prints "vfu COMMAND: ..." and returns 1. */
int vfu_error(const VfuTool *tool, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
/*
 * Parses options (entries may be NULL) together with the common ones; what is
 * left are argv[1..]. Between min and max arguments are demanded. False when a
 * message was printed; then *status is the exit status.
 */
bool vfu_options(VfuTool *tool, int *argc, char ***argv, const GOptionEntry *entries,
                 int min, int max, int *status);
/* Connects and negotiates, or says why not. */
VfuClient *vfu_connect(VfuTool *tool, const char *path);
/* "what: strerror" for a result of the client library; returns 1. */
int vfu_failed(VfuTool *tool, VfuClient *c, int ret, const char *what);

/* Set by SIGINT and SIGTERM once vfu_catch_signals() was called. */
extern volatile sig_atomic_t vfu_interrupted;
void vfu_catch_signals(void);

#endif
