/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which export of which NBD server. */
#include "qemu/osdep.h"
#include "nbd-target.h"
#include "qapi/error.h"

/* NBD URI specification: the scheme says how, the path is the export's name. */
static char *uri_of(const NbdTarget *t)
{
    g_autofree char *name = g_uri_escape_string(t->export_name, "/", false);

    if (t->path) {
        g_autofree char *path = g_uri_escape_string(t->path, "/", false);

        return g_strdup_printf("nbd+unix:///%s?socket=%s", name, path);
    }
    return strchr(t->host, ':') ? g_strdup_printf("nbd://[%s]:%s/%s", t->host, t->port, name)
                                : g_strdup_printf("nbd://%s:%s/%s", t->host, t->port, name);
}

static bool set_address(NbdTarget *t, const SocketAddress *a, Error **errp)
{
    switch (a->type) {
    case SOCKET_ADDRESS_TYPE_UNIX:
        t->path = g_strdup(a->u.q_unix.path);
        return true;
    case SOCKET_ADDRESS_TYPE_INET:
        t->host = g_strdup(a->u.inet.host);
        t->port = g_strdup(a->u.inet.port);
        return true;
    default:
        error_setg(errp, "nbd: 'server.type=%s' cannot be connected to again when the server was"
                   " gone: use unix or inet", SocketAddressType_str(a->type));
        return false;
    }
}

NbdTarget *nbd_target_new(const BlockdevOptionsNbd *o, Error **errp)
{
    g_autoptr(NbdTarget) t = g_new0(NbdTarget, 1);

    t->refs = 1;
    if (o->tls_creds) {
        error_setg(errp, "nbd: 'tls-creds=%s': TLS is not supported: connect over a UNIX socket or"
                   " a tunnel that encrypts", o->tls_creds);
        return NULL;
    }
    if (!set_address(t, o->server, errp)) {
        return NULL;
    }
    t->export_name = g_strdup(o->q_export ?: "");
    /* NBD protocol, "Values": names have at most 4096 bytes. */
    if (strlen(t->export_name) > 4096) {
        error_setg(errp, "nbd: the name in 'export' has more than 4096 bytes");
        return NULL;
    }
    t->text = uri_of(t);
    return g_steal_pointer(&t);
}

NbdTarget *nbd_target_ref(NbdTarget *target)
{
    g_atomic_int_inc(&target->refs);
    return target;
}

void nbd_target_unref(NbdTarget *target)
{
    if (target && g_atomic_int_dec_and_test(&target->refs)) {
        g_free(target->path);
        g_free(target->host);
        g_free(target->port);
        g_free(target->export_name);
        g_free(target->text);
        g_free(target);
    }
}
