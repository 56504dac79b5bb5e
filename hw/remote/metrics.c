/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The object that shows metrics to Prometheus:
 *
 *   -object metrics,id=m0,path=/run/x-remote/metrics.sock
 *
 * It lives in the main context. While one exists, servers time their answers.
 */
#include "qemu/osdep.h"
#include "metrics/exporter.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "qom/object_interfaces.h"
#include "metrics-collect.h"

#define TYPE_METRICS "metrics"
OBJECT_DECLARE_SIMPLE_TYPE(Metrics, METRICS)

struct Metrics {
    Object parent_obj;

    char *path;
    MetricsExporter *exporter;
};

static unsigned nr_exporters;   /* main thread */

static void collect(GString *out, void *opaque)
{
    metrics_collect(out);
}

/* "unix:PATH" or PATH. */
static bool parse_path(const char *path, IOAddress *addr, Error **errp)
{
    g_autofree char *text = NULL;

    if (!path || !*path) {
        error_setg(errp, "Parameter 'path' is missing: give the path of a UNIX socket");
        return false;
    }
    if (g_str_has_prefix(path, "tcp:")) {
        error_setg(errp, "path=%s: metrics are served on a UNIX socket only, use the path of one "
                   "(socat gives it a port)", path);
        return false;
    }
    text = g_str_has_prefix(path, "unix:") ? g_strdup(path) : g_strconcat("unix:", path, NULL);
    addr->kind = IO_ADDRESS_NONE;
    if (!io_address_parse(text, addr, errp)) {
        return false;
    }
    addr->mode = 0600;
    return true;
}

static void metrics_complete(UserCreatable *uc, Error **errp)
{
    Metrics *m = METRICS(uc);
    g_auto(IOAddress) addr = { 0 };
    g_autoptr(IOListener) listener = NULL;

    if (!parse_path(m->path, &addr, errp)) {
        return;
    }
    listener = io_listener_new(&addr, errp);
    if (!listener) {
        return;
    }
    m->exporter = metrics_exporter_new(aio_context_main(), g_steal_pointer(&listener), collect,
                                       NULL);
    if (nr_exporters++ == 0) {
        metrics_measure(true);
    }
}

static void metrics_unparent(Object *obj)
{
    Metrics *m = METRICS(obj);

    if (m->exporter) {
        g_clear_pointer(&m->exporter, metrics_exporter_free);
        if (--nr_exporters == 0) {
            metrics_measure(false);
        }
    }
}

static void metrics_finalize(Object *obj)
{
    g_free(METRICS(obj)->path);
}

static char *get_path(Object *obj, Error **errp)
{
    return g_strdup(METRICS(obj)->path);
}

static void set_path(Object *obj, const char *value, Error **errp)
{
    Metrics *m = METRICS(obj);

    if (m->exporter) {
        error_setg(errp, "'path' cannot be changed once the object listens: delete it and add it"
                   " again");
        return;
    }
    g_free(m->path);
    m->path = g_strdup(value);
}

static void metrics_class_init(ObjectClass *oc, void *data)
{
    USER_CREATABLE_CLASS(oc)->complete = metrics_complete;
    oc->unparent = metrics_unparent;
    object_class_property_add_str(oc, "path", get_path, set_path);
    object_class_property_set_description(oc, "path",
                                          "UNIX socket that serves GET /metrics over HTTP");
}

static const TypeInfo metrics_type = {
    .name = TYPE_METRICS,
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(Metrics),
    .instance_finalize = metrics_finalize,
    .class_init = metrics_class_init,
    .interfaces = (InterfaceInfo[]) { { TYPE_USER_CREATABLE }, { } },
};

static void metrics_register(void)
{
    type_register_static(&metrics_type);
}
type_init(metrics_register)
