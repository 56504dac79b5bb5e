/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands that are about the monitor itself. */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "monitor/version.h"
#include "qapi/json.h"
#include "qapi/qapi-commands-control.h"
#include "qapi/qapi-commands-introspect.h"
#include "qapi/qapi-introspect.h"
#include "qapi/qmp-registry.h"

const char *program_package(void)
{
    return "x-remote " PROJECT_VERSION;
}

/* No capability is offered, so none can be switched on. */
void qmp_qmp_capabilities(bool has_enable, QMPCapabilityList *enable, Error **errp)
{
    if (enable) {
        error_setg(errp, "Capability '%s' is not offered by this monitor: see"
                   " 'capabilities' of the greeting", QMPCapability_str(enable->value));
    }
}

VersionInfo *qmp_query_version(Error **errp)
{
    VersionInfo *info = g_new0(VersionInfo, 1);

    info->qemu = g_new0(VersionTriple, 1);
    info->qemu->major = SPOKEN_QEMU_MAJOR;
    info->qemu->minor = SPOKEN_QEMU_MINOR;
    info->qemu->micro = SPOKEN_QEMU_MICRO;
    info->package = g_strdup(program_package());
    return info;
}

CommandInfoList *qmp_query_commands(Error **errp)
{
    CommandInfoList *list = NULL, **tail = &list;
    g_autoptr(GList) names = qmp_command_names();

    for (GList *l = names; l; l = l->next) {
        CommandInfo *info = g_new0(CommandInfo, 1);

        info->name = g_strdup(l->data);
        QAPI_LIST_APPEND(tail, info);
    }
    return list;
}

/* Made to JSON when somebody asks: the text costs nothing until then. */
JsonNode *qmp_query_qmp_schema(JsonObject *args, Error **errp)
{
    return qapi_json_parse(qapi_introspection, strlen(qapi_introspection), errp);
}
