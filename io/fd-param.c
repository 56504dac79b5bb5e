/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fd=NAME and fd=NUMBER. A name is one of getfd, or of a socket of the service
 * manager, which is the caller's for as long as the process lives.
 */
#include "qemu/osdep.h"
#include "inherited-fds.h"
#include "io/activation.h"
#include "monitor/fd-param.h"

static MonitorTakeFd *take_name;

void monitor_fd_param_set_names(MonitorTakeFd *fn)
{
    take_name = fn;
}

static int take_number(const char *text, Error **errp)
{
    guint64 fd;

    if (!g_ascii_string_to_unsigned(text, 10, 0, INT_MAX, &fd, NULL) ||
        !io_inherited_fd_take(fd)) {
        error_setg(errp, "Invalid file descriptor number '%s': it is none that this process"
                   " was started with, or is in use", text);
        return -1;
    }
    qemu_set_cloexec(fd);
    return fd;
}

static int take_by_name(const char *name, Error **errp)
{
    if (take_name) {
        return take_name(name, errp);
    }
    error_setg(errp, "File descriptor named '%s' has not been found: use the number of"
               " an inherited one", name);
    return -1;
}

int monitor_fd_param(Monitor *mon, const char *fdname, Error **errp)
{
    int fd;

    if (g_ascii_isdigit(*fdname)) {
        return take_number(fdname, errp);
    }
    if (io_activation_has(fdname)) {
        return io_activation_take(fdname, &fd, errp) ? fd : -1;
    }
    return take_by_name(fdname, errp);
}
