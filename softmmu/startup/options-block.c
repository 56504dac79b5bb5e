/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -blockdev and -drive: read now, made before the devices that use them. */
#include "qemu/osdep.h"
#include "block-help.h"
#include "options.h"
#include "qapi/json-visitor.h"
#include "qapi/keyval.h"
#include "qapi/qapi-visit-block-core.h"
#include "qapi/qmp-marshal.h"

static bool print_help(StartupConfig *config, JsonObject *opts, Error **errp)
{
    const char *driver = json_object_get_string_member_with_default(opts, "driver", NULL);
    g_autofree char *text = driver ? block_driver_help(driver, errp) : block_driver_list_help();

    if (text) {
        fputs(text, stdout);
        config->done = true;
    }
    return text;
}

/* The same with numbers and booleans where they are wanted, as blockdev-add takes it. */
static JsonObject *to_schema(JsonObject *opts, bool text, Error **errp)
{
    g_autoptr(JsonNode) node = json_node_init_object(json_node_alloc(), opts);
    g_autoptr(BlockdevOptions) options = NULL;
    Visitor *v = text ? json_input_visitor_new_keyval(node) : json_input_visitor_new(node);

    visit_type_BlockdevOptions(v, NULL, &options, errp);
    visit_free(v);
    return options ? qmp_event_data(&qapi_type_BlockdevOptions, options) : NULL;
}

bool option_blockdev(StartupConfig *config, const char *arg, Error **errp)
{
    bool help;
    g_autoptr(JsonObject) opts = keyval_or_json_parse(arg, "driver", KEYVAL_NESTED, &help, errp);
    JsonObject *checked;

    if (!opts) {
        return false;
    }
    if (help) {
        return print_help(config, opts, errp);
    }
    checked = to_schema(opts, *arg != '{', errp);
    if (checked) {
        options_keep(config->blockdevs, checked);
    }
    return checked;
}

static const char drive_help[] =
    "Options of -drive:\n"
    "  if=none (required)\n"
    "  id=<str>\n"
    "  file=<path, or file.KEY for each option of a -blockdev>\n"
    "  format=<raw, or another block driver>\n"
    "  cache=<writeback|none|writethrough|directsync|unsafe>\n"
    "  cache.writeback=<bool>\n"
    "  aio=<threads|native|io_uring>\n"
    "  readonly=<bool>\n"
    "  rerror=<report|ignore|stop|auto> (default: report)\n"
    "  werror=<report|ignore|enospc|stop|auto> (default: report)\n"
    "and those of -blockdev of the format (see -blockdev raw,help)\n";

bool option_drive(StartupConfig *config, const char *arg, Error **errp)
{
    bool help;
    g_autoptr(JsonObject) opts = keyval_parse(arg, NULL, KEYVAL_NESTED, &help, errp);

    if (!opts) {
        return false;
    }
    if (help) {
        fputs(drive_help, stdout);
        config->done = true;
        return true;
    }
    options_keep(config->drives, g_steal_pointer(&opts));
    return true;
}
