/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Life of a client connection: making one, its limits, its end.
 */
#include "qemu/osdep.h"
#include <sys/socket.h>
#include <sys/un.h>
#include "internal.h"

/* Own receive limit: the 1 MiB that every persona announces, with room for the
 * command's struct and a generous VERSION text. */
#define MAX_MESSAGE (1024 * 1024 + 4096)

int vfu_client_fail(VfuClient *c, int err, const char *fmt, ...)
{
    va_list ap;

    c->alive = false;
    if (!c->complaint) {
        va_start(ap, fmt);
        c->complaint = g_strdup_vprintf(fmt, ap);
        va_end(ap);
    }
    return err;
}

static void set_defaults(VfuServerLimits *limits)
{
    *limits = (VfuServerLimits) {
        .max_msg_fds = 1, .max_data_xfer_size = 1024 * 1024,
        .max_dma_maps = 65535, .pgsizes = 4096,
    };
}

VfuClient *vfu_client_from_fd(int fd, const VfuClientOptions *options)
{
    static const VfuClientOptions none;
    VfuClient *c = g_new0(VfuClient, 1);

    options = options ? options : &none;
    c->persona = options->persona ? options->persona : &vfu_personas[0];
    c->timeout_ns = options->timeout_ns ? options->timeout_ns : VFU_CLIENT_TIMEOUT_NS;
    c->minor = options->minor > 0 ? options->minor : c->persona->minor;
    c->version_json = g_strdup(options->version_json ? options->version_json
                                                     : c->persona->version_json);
    if (c->version_json && !*c->version_json) {
        g_clear_pointer(&c->version_json, g_free);
    }
    c->alive = true;
    c->pending = g_array_new(false, false, sizeof(Pending));
    c->lent = g_array_new(false, false, sizeof(Lent));
    c->scratch = g_byte_array_new();
    g_queue_init(&c->ready);
    set_defaults(&c->server);
    frame_init(&c->frame, fd, MAX_MESSAGE);
    return c;
}

/* connect() that gives up: a server's backlog may be full for ever. */
static int connect_by(int fd, const struct sockaddr_un *addr, int64_t deadline)
{
    while (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0) {
        if (errno != EAGAIN && errno != EINTR) {
            return -errno;
        }
        if (frame_now() >= deadline) {
            return -ETIMEDOUT;
        }
        g_usleep(10 * 1000);
    }
    return 0;
}

static const char *connect_hint(int err)
{
    switch (err) {
    case ENOENT:
        return "; is the server running with this path=?";
    case ECONNREFUSED:
        return "; the file is there but no server listens on it";
    case EACCES:
        return "; the socket belongs to its server's user";
    case ETIMEDOUT:
        return "; the server does not accept connections";
    }
    return "";
}

VfuClient *vfu_client_connect(const char *path, const VfuClientOptions *options,
                              Error **errp)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    int64_t timeout = options && options->timeout_ns ? options->timeout_ns
                                                     : VFU_CLIENT_TIMEOUT_NS;
    int fd, ret;

    if (strlen(path) >= sizeof(addr.sun_path)) {
        error_setg(errp, "socket path '%s' is longer than %zu bytes; use a shorter one",
                   path, sizeof(addr.sun_path) - 1);
        return NULL;
    }
    strcpy(addr.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        error_setg_errno(errp, errno, "cannot make a socket");
        return NULL;
    }
    ret = connect_by(fd, &addr, frame_now() + timeout);
    if (ret) {
        error_setg(errp, "cannot connect to '%s': %s%s", path, strerror(-ret),
                   connect_hint(-ret));
        close(fd);
        return NULL;
    }
    /* Blocking from here on: receiving may sleep in the kernel. */
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    return vfu_client_from_fd(fd, options);
}

VfuClient *vfu_client_open(const char *path, const VfuClientOptions *options,
                           Error **errp)
{
    g_autoptr(VfuClient) c = vfu_client_connect(path, options, errp);
    Error *err = NULL;

    if (!c) {
        return NULL;
    }
    if (vfu_client_negotiate(c, &err) < 0) {
        error_setg(errp, "'%s': %s", path, error_get_pretty(err));
        error_free(err);
        return NULL;
    }
    return g_steal_pointer(&c);
}

void vfu_client_free(VfuClient *c)
{
    if (!c) {
        return;
    }
    g_queue_clear_full(&c->ready, (GDestroyNotify)vfu_client_message_free);
    frame_destroy(&c->frame);
    g_array_free(c->pending, true);
    g_array_free(c->lent, true);
    g_byte_array_unref(c->scratch);
    g_free(c->version_json);
    g_free(c->server_json);
    g_free(c->complaint);
    g_free(c);
}

const VfuServerLimits *vfu_client_server(const VfuClient *c)
{
    return &c->server;
}

const VfuPersona *vfu_client_persona(const VfuClient *c)
{
    return c->persona;
}

bool vfu_client_alive(const VfuClient *c)
{
    return c->alive;
}

const char *vfu_client_complaint(const VfuClient *c)
{
    return c->complaint ? c->complaint : "";
}

int vfu_client_fd(const VfuClient *c)
{
    return c->frame.fd;
}

void vfu_client_set_timeout(VfuClient *c, int64_t timeout_ns)
{
    c->timeout_ns = timeout_ns;
}

void vfu_client_set_spin(VfuClient *c, bool spin)
{
    c->frame.spin = spin;
}

const VfuClientStats *vfu_client_stats(const VfuClient *c)
{
    return &c->stats;
}

void vfu_client_set_hooks(VfuClient *c, const VfuClientHooks *hooks, void *opaque)
{
    c->hooks = hooks ? *hooks : (VfuClientHooks) { 0 };
    c->hooks_opaque = opaque;
}
