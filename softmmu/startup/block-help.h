/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Help for -blockdev, from the schema. The caller frees the text. */
#ifndef STARTUP_BLOCK_HELP_H
#define STARTUP_BLOCK_HELP_H

#include "qapi/error.h"

char *block_driver_list_help(void);
/* The options of one; NULL with errp set: there is none of that name. */
char *block_driver_help(const char *driver, Error **errp);

#endif
