/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks argv: finds each option's row, takes its argument, calls its handler.
 * The location is set to the words at hand, so every message of a handler
 * starts with the option and its value.
 */
#include "qemu/osdep.h"
#include "options.h"

const OptionRow *option_find(const char *name)
{
    for (const OptionRow *row = option_table; row->name; row++) {
        if (!strcmp(row->name, name)) {
            return row;
        }
    }
    return NULL;
}

static const ForeignOption *find_foreign(const char *name)
{
    for (const ForeignOption *row = foreign_options; row->name; row++) {
        if (!strcmp(row->name, name)) {
            return row;
        }
    }
    return NULL;
}

static bool foreign(const ForeignOption *row, const char *arg, Error **errp)
{
    if (arg && row->harmless && !strcmp(arg, row->harmless)) {
        return true;
    }
    if (row->class == FOREIGN_IGNORED) {
        warn_report("ignored: %s", row->reason);
        return true;
    }
    error_setg(errp, "%s", row->reason);
    return false;
}

static bool no_option(const char *word, Error **errp)
{
    error_setg(errp, "a disk image is of no use here: devices are added with -device,"
               " see -help");
    return false;
}

/* Handles the option at argv[*i] and moves *i behind it. */
static bool one_option(StartupConfig *config, int argc, char **argv, int *i, Error **errp)
{
    int first = (*i)++;
    const char *name = argv[first];
    const OptionRow *own;
    const ForeignOption *other;
    const char *arg = NULL;

    loc_set_cmdline(argv, first, 1);
    if (*name != '-' || !name[1]) {
        return no_option(name, errp);
    }
    name += name[1] == '-' ? 2 : 1;
    own = option_find(name);
    other = own ? NULL : find_foreign(name);
    if (!own && !other) {
        error_setg(errp, "invalid option: see -help for those that exist");
        return false;
    }
    if (own ? own->arg != NULL : other->has_arg) {
        if (*i == argc) {
            error_setg(errp, "requires an argument");
            return false;
        }
        arg = argv[(*i)++];
        loc_set_cmdline(argv, first, 2);
    }
    return own ? own->handler(config, arg, errp) : foreign(other, arg, errp);
}

bool command_line_parse(StartupConfig *config, int argc, char **argv, Error **errp)
{
    int i = 1;

    while (i < argc && !config->done) {
        if (!one_option(config, argc, argv, &i, errp)) {
            return false;
        }
    }
    loc_set_none();
    return true;
}
