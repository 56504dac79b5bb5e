/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reasons against moving state, and whether a move is going on. One list for
 * the process: a blocker is about this server's ability, and its text says
 * which device it is for. blocker_lock protects everything here.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "migration/blocker.h"
#include "migration/misc.h"

static GMutex blocker_lock;
static GSList *blockers;        /* of Error, newest first */
static unsigned moves;

int migrate_add_blocker_internal(Error **reasonp, Error **errp)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&blocker_lock);

    if (moves) {
        error_setg(errp, "state is being moved, this cannot be blocked now: %s",
                   error_get_pretty(*reasonp));
        error_free(*reasonp);
        *reasonp = NULL;
        return -EBUSY;
    }
    blockers = g_slist_prepend(blockers, *reasonp);
    return 0;
}

int migrate_add_blocker(Error **reasonp, Error **errp)
{
    return migrate_add_blocker_internal(reasonp, errp);
}

int migrate_add_blocker_normal(Error **reasonp, Error **errp)
{
    return migrate_add_blocker_internal(reasonp, errp);
}

/* The modes differ in where RAM goes, and RAM is the client's here. */
int migrate_add_blocker_modes(Error **reasonp, Error **errp, MigMode mode, ...)
{
    return migrate_add_blocker_internal(reasonp, errp);
}

void migrate_del_blocker(Error **reasonp)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = NULL;

    if (!*reasonp) {
        return;
    }
    locker = g_mutex_locker_new(&blocker_lock);
    blockers = g_slist_remove(blockers, *reasonp);
    error_free(*reasonp);
    *reasonp = NULL;
}

bool migration_check_blockers(Error **errp)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&blocker_lock);

    if (!blockers) {
        return true;
    }
    error_propagate(errp, error_copy(blockers->data));
    return false;
}

void migration_move_begin(void)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&blocker_lock);

    moves++;
}

void migration_move_end(void)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&blocker_lock);

    g_assert(moves);
    moves--;
}

/* ---- migration/misc.h ---- */

bool migration_is_idle(void)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&blocker_lock);

    return moves == 0;
}

/* There is one state of affairs and no MigrationState object: s may be NULL. */
bool migration_is_active(MigrationState *s)
{
    return !migration_is_idle();
}

/* Postcopy and background snapshots are ways to move RAM, which we have none of. */
bool migration_in_postcopy(void)
{
    return false;
}

bool migration_in_incoming_postcopy(void)
{
    return false;
}

bool migration_incoming_postcopy_advised(void)
{
    return false;
}

bool migration_in_bg_snapshot(void)
{
    return false;
}
