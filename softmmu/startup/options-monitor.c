/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -qmp, -qmp-pretty and -monitor: kept until the main loop exists. */
#include "qemu/osdep.h"
#include "options.h"

static bool keep(StartupConfig *config, const char *arg, bool human, bool pretty)
{
    StartupItem *item = startup_item_new();

    item->text = g_strdup(arg);
    item->human = human;
    item->pretty = pretty;
    g_ptr_array_add(config->monitors, item);
    return true;
}

bool option_qmp(StartupConfig *config, const char *arg, Error **errp)
{
    return keep(config, arg, false, false);
}

bool option_qmp_pretty(StartupConfig *config, const char *arg, Error **errp)
{
    return keep(config, arg, false, true);
}

bool option_monitor(StartupConfig *config, const char *arg, Error **errp)
{
    return !strcmp(arg, "none") || keep(config, arg, true, false);
}
