/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options about the process as its host sees it. */
#include "qemu/osdep.h"
#include "options.h"

bool option_pidfile(StartupConfig *config, const char *arg, Error **errp)
{
    if (!*arg) {
        error_setg(errp, "the file name is empty: give a path");
        return false;
    }
    startup_item_free(config->pidfile);
    config->pidfile = startup_item_new();
    config->pidfile->text = g_strdup(arg);
    return true;
}

bool option_daemonize(StartupConfig *config, const char *arg, Error **errp)
{
    config->daemonize = true;
    return true;
}

/*
 * Saying "on" to a filter that does not exist would be worse than refusing;
 * what does apply always is in isolation.c.
 */
bool option_sandbox(StartupConfig *config, const char *arg, Error **errp)
{
    if (!strcmp(arg, "off") || !strcmp(arg, "enable=off")) {
        return true;
    }
    error_setg(errp, "this program has no system call filter of its own: run it by systemd with"
               " the unit x-remote@.service, which has one, or use -sandbox off");
    return false;
}
