/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors of a session, and getfd and closefd. */
#include "qemu/osdep.h"
#include "fds.h"
#include "fdsets.h"
#include "monitor/fd-param.h"
#include "qapi/qapi-commands-fds.h"
#include "qemu/module.h"

static MonitorFds *current;
static unsigned sessions;

static void close_it(gpointer fd)
{
    close(GPOINTER_TO_INT(fd));
}

void monitor_fds_init(MonitorFds *fds)
{
    *fds = (MonitorFds) {
        .names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, close_it),
    };
    sessions++;
}

static int take_oldest(MonitorFds *fds)
{
    int fd = fds->waiting[0].fd;

    fds->n--;
    memmove(fds->waiting, fds->waiting + 1, fds->n * sizeof(fds->waiting[0]));
    return fd;
}

void monitor_fds_clear(MonitorFds *fds)
{
    while (fds->n) {
        close(take_oldest(fds));
    }
    g_hash_table_unref(fds->names);
    if (--sessions == 0) {
        fdsets_drop_unused();
    }
}

void monitor_fds_arrive(MonitorFds *fds, IOFdList *list)
{
    fds->arrivals++;
    for (unsigned i = 0; i < list->n; i++) {
        if (fds->n == MONITOR_FDS_WAITING) {
            close(take_oldest(fds));
        }
        fds->waiting[fds->n].fd = list->fd[i];
        fds->waiting[fds->n++].arrival = fds->arrivals;
    }
    list->n = 0;
}

void monitor_fds_answered(MonitorFds *fds)
{
    while (fds->n && fds->waiting[0].arrival != fds->arrivals) {
        close(take_oldest(fds));
    }
}

MonitorFds *monitor_fds_enter(MonitorFds *fds)
{
    MonitorFds *before = current;

    current = fds;
    return before;
}

int monitor_fds_take(Error **errp)
{
    if (!current || !current->n) {
        error_setg(errp, "No file descriptor supplied via SCM_RIGHTS");
        return -1;
    }
    return take_oldest(current);
}

void qmp_getfd(const char *fdname, Error **errp)
{
    int fd = monitor_fds_take(errp);

    if (fd < 0) {
        return;
    }
    if (!*fdname || g_ascii_isdigit(*fdname)) {
        close(fd);
        error_setg(errp, "Parameter 'fdname' expects a name not starting with a digit");
    } else if (g_hash_table_size(current->names) >= MONITOR_FDS_NAMED &&
               !g_hash_table_contains(current->names, fdname)) {
        close(fd);
        error_setg(errp, "there are %d named file descriptors already: closefd some",
                   MONITOR_FDS_NAMED);
    } else {
        g_hash_table_replace(current->names, g_strdup(fdname), GINT_TO_POINTER(fd));
    }
}

void qmp_closefd(const char *fdname, Error **errp)
{
    if (!current || !g_hash_table_remove(current->names, fdname)) {
        error_setg(errp, "File descriptor named '%s' not found", fdname);
    }
}

/* For fd=NAME of this client's commands. */
static int take_named(const char *fdname, Error **errp)
{
    gpointer name, fd;

    if (!current || !g_hash_table_steal_extended(current->names, fdname, &name, &fd)) {
        error_setg(errp, "File descriptor named '%s' has not been found", fdname);
        return -1;
    }
    g_free(name);
    return GPOINTER_TO_INT(fd);
}

static void offer_names(void)
{
    monitor_fd_param_set_names(take_named);
}
type_init(offer_names)
