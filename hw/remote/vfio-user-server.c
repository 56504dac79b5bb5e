/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The object that serves one PCI function on one socket:
 *
 *   -object vfio-user-server,id=s0,type=unix,path=/run/d0.sock,device=d0
 *
 * x-vfio-user-server is the same type under QEMU's older name. The object is
 * made and deleted by the main thread, which enters the device's domain to do
 * it; sessions run in the domain.
 *
 * While the object exists its device cannot be unplugged, or only with the
 * client's consent (unplug.h).
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "hw/boards.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_device.h"
#include "monitor/qdev.h"
#include "qapi/error.h"
#include "qapi/qapi-events-isolation.h"
#include "qapi/qmp-event-limit.h"
#include "qemu/error-report.h"
#include "qemu/module.h"
#include "qom/object_interfaces.h"
#include "sysemu/sysemu.h"
#include "inbound/stand-in.h"
#include "function.h"
#include "machine.h"
#include "metrics-collect.h"
#include "server-object.h"
#include "trace.h"
#include "vfio-user-server.h"

/* --- sessions --- */

typedef void ClientEvent(const char *vfu_id, const char *vfu_qom_path, const char *dev_id,
                         const char *dev_qom_path);

static void emit(VfioUserServer *s, ClientEvent *send)
{
    g_autofree char *path = object_get_canonical_path(OBJECT(s));
    g_autofree char *dev_path = object_get_canonical_path(OBJECT(s->dev));

    send(s->id, path, s->options.device, dev_path);
}

/* The operations' opaque is the function; it names its server here. */
static VfioUserServer *server_of(RemoteFunction *fn)
{
    return fn->server;
}

static void attached(void *opaque, VfuSession *session)
{
    RemoteFunction *fn = opaque;

    trace_server_attached(fn->name, vfu_session_peer(session)->pid);
    remote_function_attach(fn, session, NULL);
    emit(server_of(fn), qapi_event_send_vfu_client_connected);
    machine_client_attached();
}

static void detached(void *opaque, VfuSession *session, VfuCloseReason reason)
{
    RemoteFunction *fn = opaque;

    trace_server_detached(fn->name, reason);
    remote_function_detach(fn);
    emit(server_of(fn), qapi_event_send_vfu_client_hangup);
    unplug_client_left(server_of(fn));
    machine_client_detached();
}

static void client_fault(void *opaque, const char *why)
{
    VfioUserServer *s = server_of(opaque);
    uint64_t lost;

    if (qmp_event_limit_pass(&s->fault_limit, &lost)) {
        g_autofree char *path = object_get_canonical_path(OBJECT(s));
        g_autofree char *dev_path = object_get_canonical_path(OBJECT(s->dev));

        qapi_event_send_vfu_protocol_error(s->id, path, s->options.device, dev_path, why,
                                           lost > 0, lost);
    }
}

static void map_refused(RemoteFunction *fn, int err, const char *why)
{
    VfioUserServer *s = server_of(fn);
    uint64_t lost;

    if (s->server) {            /* NULL: it is being deleted, and does what was sent before */
        vfu_server_note_error(s->server, "DMA_MAP refused: %s: %s", strerrorname_np(err), why);
    }
    if (qmp_event_limit_pass(&s->map_limit, &lost)) {
        qapi_event_send_dma_map_rejected(s->id, err, why, lost > 0, lost);
    }
}

/* --- the next client --- */

static bool ready(void *opaque)
{
    return remote_function_is_settled(opaque);
}

static void settled(RemoteFunction *fn)
{
    if (server_of(fn)->server) {        /* NULL: it is being deleted */
        vfu_server_turn(server_of(fn)->server);
    }
}

/* Counted as a client: with auto-shutdown=on it is a reason to go on. */
static void *begin_to_wait(void *opaque, VfuSession *session)
{
    machine_client_attached();
    return stand_in_new(opaque);
}

static void end_waiting(void *opaque, VfuSession *session, void *stand_in)
{
    stand_in_free(stand_in);
    machine_client_detached();
}

static void turn(void *opaque, VfuSession *session, void *stand_in)
{
    RemoteFunction *fn = opaque;

    trace_server_turn(fn->name, vfu_session_peer(session)->pid);
    emit(server_of(fn), qapi_event_send_vfu_client_connected);
    remote_function_attach(fn, session, stand_in);
}

static const VfuWaitOps wait_ops = {
    .ready = ready, .begin = begin_to_wait, .end = end_waiting, .turn = turn,
    .ops = &stand_in_ops,
};

/* --- making it --- */

typedef struct ServerSearch {
    PCIDevice *dev;
    VfioUserServer *found;
} ServerSearch;

static int serves_device(Object *obj, void *opaque)
{
    VfioUserServer *s = (VfioUserServer *)object_dynamic_cast(obj, TYPE_VFIO_USER_SERVER);
    ServerSearch *search = opaque;

    if (!s || !s->fn || s->dev != search->dev) {
        return 0;
    }
    search->found = s;
    return 1;
}

VfioUserServer *server_object_of(PCIDevice *dev)
{
    ServerSearch search = { .dev = dev };

    object_child_foreach(object_get_objects_root(), serves_device, &search);
    return search.found;
}

static PCIDevice *find_device(VfioUserServer *s, Error **errp)
{
    const char *id = s->options.device;
    g_autoptr(Error) err = NULL;
    DeviceState *dev;
    PCIDevice *pci;

    if (!id) {
        error_setg(errp, "Parameter 'device' is missing: give the id of the PCI device to serve");
        return NULL;
    }
    dev = qdev_find_by_id(id, &err);
    if (!dev) {
        error_setg(errp, "device=%s: no device has this id, add -device ...,id=%s before it is "
                   "served", id, id);
        return NULL;
    }
    pci = (PCIDevice *)object_dynamic_cast(OBJECT(dev), TYPE_PCI_DEVICE);
    if (!pci) {
        error_setg(errp, "device=%s: '%s' is not a PCI device, only PCI devices can be served", id,
                   object_get_typename(OBJECT(dev)));
        return NULL;
    }
    if (object_dynamic_cast(OBJECT(dev), TYPE_PCI_BRIDGE)) {
        error_setg(errp, "device=%s: '%s' is a bridge and cannot be served, serve the devices "
                   "behind it", id, object_get_typename(OBJECT(dev)));
        return NULL;
    }
    if (server_object_of(pci)) {
        error_setg(errp, "device=%s is served by another vfio-user-server already, use another "
                   "device", id);
        return NULL;
    }
    return pci;
}

static void drain_in_domain(void *opaque)
{
    VfioUserServer *s = opaque;

    vfu_server_drain(s->server);
}

static void drain_asked(Notifier *notifier, void *data)
{
    qemu_bh_schedule(container_of(notifier, VfioUserServer, drain)->drain_bh);
}

/* Two phases: the function is complete before the socket shows it. */
static bool start_serving(VfioUserServer *s, Error **errp)
{
    VfuServerConfig config;
    IOVASpaceConfig dma;
    AIO_CONTEXT_GUARD(s->ctx);

    server_options_vfu(&s->options, s->id, &config);
    server_options_dma(&s->options, s->id, &dma);
    if (!server_socket_open(&s->socket, &s->options, &config, errp)) {
        return false;
    }
    s->ops = remote_function_ops;
    s->ops.attached = attached;
    s->ops.detached = detached;
    s->ops.client_fault = client_fault;
    s->ops.waiting = &wait_ops;
    s->fn = remote_function_new(s->dev, OBJECT(s), &dma,
                                s->options.on_disconnect == ON_DISCONNECT_KEEP);
    s->fn->server = s;
    s->fn->settled = settled;
    s->fn->map_refused = map_refused;
    if (config.poll) {
        aio_context_set_poll_params(s->ctx, s->options.poll_max_ns, 0, 0, &error_abort);
    }
    s->server = vfu_server_new(s->ctx, &config, &s->ops, s->fn, errp);
    if (!s->server) {
        remote_function_free(g_steal_pointer(&s->fn));
        server_socket_close(&s->socket);
        return false;
    }
    vfu_server_measure_latency(s->server, metrics_wanted());
    s->drain_bh = aio_bh_new(s->ctx, drain_in_domain, s);
    return true;
}

static void server_complete(UserCreatable *uc, Error **errp)
{
    VfioUserServer *s = VFIO_USER_SERVER(uc);

    s->id = object_get_canonical_path_component(OBJECT(s))
          ? g_strdup(object_get_canonical_path_component(OBJECT(s))) : g_strdup("server");
    if (!machine_serves_vfio_user(errp) || !server_socket_check(&s->options, errp)) {
        return;
    }
    s->dev = find_device(s, errp);
    if (!s->dev) {
        return;
    }
    s->ctx = qdev_get_aio_context(DEVICE(s->dev));
    aio_context_ref(s->ctx);
    if (!start_serving(s, errp)) {
        return;
    }
    if (s->options.unplug == UNPLUG_REFUSE) {
        error_setg(&s->blocker, "%s must be deleted before unplugging", s->id);
        qdev_add_unplug_blocker(DEVICE(s->dev), s->blocker);
    }
    s->drain.notify = drain_asked;
    qemu_add_drain_notifier(&s->drain);
    machine_server_added();
}

static void stop_serving(VfioUserServer *s)
{
    AIO_CONTEXT_GUARD(s->ctx);

    qemu_remove_drain_notifier(&s->drain);
    qemu_bh_delete(g_steal_pointer(&s->drain_bh));
    qdev_del_unplug_blocker(DEVICE(s->dev), s->blocker);
    remote_function_forbid_waits(true);         /* for what it has sent before */
    vfu_server_free(g_steal_pointer(&s->server));
    remote_function_forbid_waits(false);
    remote_function_wait_quiet(s->fn);
    remote_function_free(g_steal_pointer(&s->fn));
    server_socket_close(&s->socket);
}

/* It was asked for while it was served. */
static void unplug_device(VfioUserServer *s, DeviceState *dev)
{
    g_autoptr(Error) err = NULL;

    qdev_unplug(dev, &err);
    if (err) {
        warn_report("%s: cannot unplug its device: %s", s->id, error_get_pretty(err));
    }
}

static void server_unparent(Object *obj)
{
    VfioUserServer *s = VFIO_USER_SERVER(obj);
    bool unplug;

    if (!s->server) {
        return;
    }
    object_ref(OBJECT(s->dev));
    unplug = unplug_end(s);
    stop_serving(s);
    WITH_AIO_CONTEXT_GUARD(s->ctx) {
        if (unplug) {
            unplug_device(s, DEVICE(s->dev));
        }
        object_unref(OBJECT(g_steal_pointer(&s->dev)));
    }
    machine_server_removed();
}

static void server_finalize(Object *obj)
{
    VfioUserServer *s = VFIO_USER_SERVER(obj);

    if (s->ctx) {
        aio_context_unref(s->ctx);
    }
    error_free(s->blocker);
    server_options_clear(&s->options);
    g_free(s->id);
}

/* --- for those who look --- */

typedef struct Search {
    VfioUserServerFn *fn;
    void *opaque;
    const char *id;
    VfioUserServerView view;
    bool found;
} Search;

static int look_at(Object *obj, void *opaque)
{
    VfioUserServer *s = (VfioUserServer *)object_dynamic_cast(obj, TYPE_VFIO_USER_SERVER);
    Search *search = opaque;

    if (!s || !s->server || (search->id && !g_str_equal(search->id, s->id))) {
        return 0;
    }
    search->found = true;
    search->view = (VfioUserServerView) {
        .id = s->id, .device = s->options.device, .dev = s->dev, .ctx = s->ctx, .fn = s->fn,
        .server = s->server,
    };
    if (search->fn) {
        search->fn(&search->view, search->opaque);
    }
    return 0;
}

void vfio_user_server_foreach(VfioUserServerFn *fn, void *opaque)
{
    Search search = { .fn = fn, .opaque = opaque };

    object_child_foreach(object_get_objects_root(), look_at, &search);
}

bool vfio_user_server_find(const char *id, VfioUserServerView *view, Error **errp)
{
    Search search = { .id = id };

    object_child_foreach(object_get_objects_root(), look_at, &search);
    if (!search.found) {
        error_set(errp, ERROR_CLASS_DEVICE_NOT_FOUND, "Server '%s' not found: use the id of a "
                  "vfio-user-server object", id);
        return false;
    }
    *view = search.view;
    return true;
}

static void server_instance_init(Object *obj)
{
    server_options_init(&VFIO_USER_SERVER(obj)->options);
}

static ServerOptions *options_of(Object *obj)
{
    return &VFIO_USER_SERVER(obj)->options;
}

static bool options_locked(Object *obj)
{
    return VFIO_USER_SERVER(obj)->server != NULL;
}

static void server_class_init(ObjectClass *oc, void *data)
{
    static const ServerOptionsAccess access = { options_of, options_locked };

    USER_CREATABLE_CLASS(oc)->complete = server_complete;
    oc->unparent = server_unparent;
    server_options_add_properties(oc, &access);
}

static const TypeInfo server_types[] = {
    {
        .name = TYPE_VFIO_USER_SERVER,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(VfioUserServer),
        .instance_init = server_instance_init,
        .instance_finalize = server_finalize,
        .class_init = server_class_init,
        .interfaces = (InterfaceInfo[]) { { TYPE_USER_CREATABLE }, { } },
    },
    {
        .name = TYPE_X_VFIO_USER_SERVER,
        .parent = TYPE_VFIO_USER_SERVER,
    },
};
DEFINE_TYPES(server_types)
