/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration files. What is in one is handed to the handlers of the options
 * that it stands for, in order, so a file and a command line that say the same
 * are the same. The location is the place in the file meanwhile.
 *
 * A file is read whole and bounded: CONFIG_FILE_MAX bytes of UTF-8.
 */
#ifndef STARTUP_CONFIG_FILE_H
#define STARTUP_CONFIG_FILE_H

#include "options.h"

#define CONFIG_FILE_MAX (1u << 20)

/* The text of a file, NUL-terminated, and its length; the caller frees. */
char *config_file_read(const char *path, size_t *len, Error **errp);

/* Sets the location; @line 0: the file as a whole. The name is kept with @config. */
void config_file_at(StartupConfig *config, const char *name, unsigned line);

/* Calls the handler of an own option, as the command line does. */
bool config_file_apply(StartupConfig *config, const char *option, const char *arg,
                       Error **errp);

/* Adds "key=value" to option text; commas of the value are doubled. */
void config_file_append(GString *text, const char *key, const char *value);
/* Letters, digits, and "-_." inside: nothing that means something in option text. */
bool config_file_key_ok(const char *key);

#endif
