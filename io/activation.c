/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See io/activation.h. */
#include "qemu/osdep.h"
#include "inherited-fds.h"
#include "io/activation.h"

#include <systemd/sd-daemon.h>

struct IOActivatedSocket {
    int fd;
    char *name;
    bool in_use;
};

static IOActivatedSocket *sockets;
static unsigned nr_sockets;

void io_activation_note(void)
{
    char **names = NULL;
    int n = sd_listen_fds_with_names(1, &names);

    if (n > 0) {
        sockets = g_new0(IOActivatedSocket, n);
        nr_sockets = n;
    }
    for (int i = 0; i < n; i++) {
        sockets[i].fd = SD_LISTEN_FDS_START + i;
        io_inherited_fd_take(sockets[i].fd);    /* nobody else gets it by its number */
        sockets[i].name = g_strdup(names[i]);
        free(names[i]);
    }
    free(names);
}

bool io_activation_has(const char *name)
{
    for (unsigned i = 0; i < nr_sockets; i++) {
        if (g_str_equal(sockets[i].name, name)) {
            return true;
        }
    }
    return false;
}

static char *all_names(void)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < nr_sockets; i++) {
        g_string_append_printf(text, "%s%s", i ? ", " : "", sockets[i].name);
    }
    return g_string_free(text, FALSE);
}

static IOActivatedSocket *find(const char *name, Error **errp)
{
    g_autofree char *names = all_names();
    IOActivatedSocket *found = NULL;

    if (!nr_sockets) {
        error_setg(errp, "the service manager has passed no sockets (LISTEN_FDS): start this "
                   "process from a socket unit");
        return NULL;
    }
    if (!name && nr_sockets > 1) {
        error_setg(errp, "the service manager has passed %u sockets, choose one by name: %s",
                   nr_sockets, names);
        return NULL;
    }
    /* Several sockets of one unit have one name. */
    for (unsigned i = 0; i < nr_sockets && (!found || found->in_use); i++) {
        if (!name || g_str_equal(sockets[i].name, name)) {
            found = &sockets[i];
        }
    }
    if (!found) {
        error_setg(errp, "the service manager has passed no socket '%s', it has passed: %s", name,
                   names);
    } else if (found->in_use) {
        error_setg(errp, "the socket '%s' of the service manager is in use", found->name);
        found = NULL;
    }
    return found;
}

IOActivatedSocket *io_activation_take(const char *name, int *fd, Error **errp)
{
    IOActivatedSocket *s = find(name, errp);

    if (!s) {
        return NULL;
    }
    *fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0);
    if (*fd < 0) {
        error_setg_errno(errp, errno, "cannot use the socket '%s' of the service manager",
                         s->name);
        return NULL;
    }
    s->in_use = true;
    return s;
}

void io_activation_put(IOActivatedSocket *s)
{
    if (s) {
        s->in_use = false;
    }
}
