/* SPDX-License-Identifier: GPL-2.0-or-later */
/* add-fd, remove-fd, query-fdsets, -add-fd, and the opening of /dev/fdset/ID. */
#include "qemu/osdep.h"
#include "fds.h"
#include "fdsets.h"
#include "monitor/fd-param.h"
#include "monitor/monitor.h"
#include "qapi/qapi-commands-fds.h"
#include "qemu/lockable.h"
#include "qemu/module.h"

typedef struct SetFd {
    int fd;
    char *opaque;
} SetFd;

typedef struct FdSet {
    int64_t id;
    bool used;              /* somebody has opened it */
    GArray *fds;            /* SetFd, owned */
} FdSet;

static QemuMutex lock;
static GPtrArray *sets;     /* FdSet, owned, by ascending id */
static unsigned total;      /* descriptors in them */

static void clear_fd(gpointer p)
{
    SetFd *f = p;

    close(f->fd);
    g_free(f->opaque);
    total--;
}

static void set_free(gpointer p)
{
    FdSet *set = p;

    g_array_unref(set->fds);
    g_free(set);
}

static FdSet *set_find(int64_t id)
{
    for (guint i = 0; i < sets->len; i++) {
        FdSet *set = g_ptr_array_index(sets, i);

        if (set->id == id) {
            return set;
        }
    }
    return NULL;
}

static FdSet *set_new(int64_t id)
{
    FdSet *set = g_new0(FdSet, 1);
    guint at = 0;

    set->id = id;
    set->fds = g_array_new(FALSE, FALSE, sizeof(SetFd));
    g_array_set_clear_func(set->fds, clear_fd);
    while (at < sets->len && ((FdSet *)g_ptr_array_index(sets, at))->id < id) {
        at++;
    }
    g_ptr_array_insert(sets, at, set);
    return set;
}

static int64_t free_id(void)
{
    int64_t id = 0;

    for (guint i = 0; i < sets->len && ((FdSet *)g_ptr_array_index(sets, i))->id == id; i++) {
        id++;
    }
    return id;
}

/* Takes @fd over, on failure too. */
static int64_t add(int fd, bool has_id, int64_t id, const char *opaque, Error **errp)
{
    QEMU_LOCK_GUARD(&lock);
    SetFd f = { fd, g_strdup(opaque) };
    FdSet *set;

    if ((has_id && id < 0) || total >= MONITOR_FDS_IN_SETS) {
        close(fd);
        g_free(f.opaque);
        if (has_id && id < 0) {
            error_setg(errp, "Parameter 'fdset-id' expects a non-negative value");
        } else {
            error_setg(errp, "there are %d file descriptors in sets already: remove-fd some",
                       MONITOR_FDS_IN_SETS);
        }
        return -1;
    }
    id = has_id ? id : free_id();
    set = set_find(id) ?: set_new(id);
    g_array_append_val(set->fds, f);
    total++;
    return id;
}

AddfdInfo *qmp_add_fd(bool has_fdset_id, int64_t fdset_id, const char *opaque, Error **errp)
{
    int fd = monitor_fds_take(errp);
    int64_t id = fd < 0 ? -1 : add(fd, has_fdset_id, fdset_id, opaque, errp);
    AddfdInfo *info;

    if (id < 0) {
        return NULL;
    }
    info = g_new0(AddfdInfo, 1);
    info->fdset_id = id;
    info->fd = fd;
    return info;
}

bool monitor_add_fd_option(int64_t set, const char *fd, const char *opaque, Error **errp)
{
    int taken = monitor_fd_param(NULL, fd, errp);

    return taken >= 0 && add(taken, true, set, opaque, errp) >= 0;
}

static bool remove_fds(int64_t id, bool has_fd, int64_t fd)
{
    QEMU_LOCK_GUARD(&lock);
    FdSet *set = set_find(id);
    bool any = false;

    for (guint i = set ? set->fds->len : 0; i-- > 0; ) {
        if (!has_fd || g_array_index(set->fds, SetFd, i).fd == fd) {
            g_array_remove_index(set->fds, i);
            any = true;
        }
    }
    if (set && !set->fds->len) {
        g_ptr_array_remove(sets, set);
    }
    return any;
}

void qmp_remove_fd(int64_t fdset_id, bool has_fd, int64_t fd, Error **errp)
{
    if (!remove_fds(fdset_id, has_fd, fd)) {
        g_autofree char *which = has_fd ? g_strdup_printf(", fd:%" PRId64, fd) : g_strdup("");

        error_setg(errp, "File descriptor named 'fdset-id:%" PRId64 "%s' not found", fdset_id,
                   which);
    }
}

static FdsetInfo *describe(const FdSet *set)
{
    FdsetInfo *info = g_new0(FdsetInfo, 1);
    FdsetFdInfoList **tail = &info->fds;

    info->fdset_id = set->id;
    for (guint i = 0; i < set->fds->len; i++) {
        const SetFd *f = &g_array_index(set->fds, SetFd, i);
        FdsetFdInfo *one = g_new0(FdsetFdInfo, 1);

        one->fd = f->fd;
        one->opaque = g_strdup(f->opaque);
        QAPI_LIST_APPEND(tail, one);
    }
    return info;
}

FdsetInfoList *qmp_query_fdsets(Error **errp)
{
    QEMU_LOCK_GUARD(&lock);
    FdsetInfoList *list = NULL, **tail = &list;

    for (guint i = 0; i < sets->len; i++) {
        QAPI_LIST_APPEND(tail, describe(g_ptr_array_index(sets, i)));
    }
    return list;
}

void fdsets_drop_unused(void)
{
    QEMU_LOCK_GUARD(&lock);

    for (guint i = sets->len; i-- > 0; ) {
        if (!((FdSet *)g_ptr_array_index(sets, i))->used) {
            g_ptr_array_remove_index(sets, i);
        }
    }
}

/* ---- opening ---- */

/* The one of the set that has the access asked for. */
static int find_access(FdSet *set, int flags)
{
    for (guint i = 0; i < set->fds->len; i++) {
        int fd = g_array_index(set->fds, SetFd, i).fd;
        int has = fcntl(fd, F_GETFL);

        if (has >= 0 && (has & O_ACCMODE) == (flags & O_ACCMODE)) {
            return fd;
        }
    }
    return -1;
}

static int duplicate(int fd, int flags)
{
    const int changeable = O_APPEND | O_NONBLOCK;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

    if (copy >= 0) {
        fcntl(copy, F_SETFL, (fcntl(copy, F_GETFL) & ~changeable) | (flags & changeable));
        if (flags & O_TRUNC && ftruncate(copy, 0) < 0) {
            /* a pipe or a terminal has no length */
        }
    }
    return copy;
}

static int open_from_set(const char *id_text, int flags)
{
    QEMU_LOCK_GUARD(&lock);
    guint64 id;
    FdSet *set;
    int fd;

    if (!g_ascii_string_to_unsigned(id_text, 10, 0, G_MAXINT64, &id, NULL)) {
        errno = EINVAL;
        return -1;
    }
    set = set_find(id);
    if (!set) {
        errno = ENOENT;
        return -1;
    }
    fd = find_access(set, flags);
    if (fd < 0) {
        errno = EACCES;
        return -1;
    }
    set->used = true;
    return duplicate(fd, flags);
}

static void offer_sets(void)
{
    qemu_mutex_init(&lock);
    sets = g_ptr_array_new_with_free_func(set_free);
    qemu_open_set_fdset_hook(open_from_set);
}
type_init(offer_sets)
