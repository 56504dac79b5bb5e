/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reasons why state cannot be moved now. A blocker is an Error that its owner
 * keeps a pointer to; the list takes the Error over until the owner removes
 * it. Any thread.
 *
 * Lock order: the list's lock is a leaf.
 */
#ifndef MIGRATION_BLOCKER_H
#define MIGRATION_BLOCKER_H

typedef enum MigMode {
    MIG_MODE_NORMAL,
    MIG_MODE_CPR_REBOOT,
    MIG_MODE__MAX,
} MigMode;
#define MIG_MODE_ALL MIG_MODE__MAX

/*
 * Adds *reasonp. 0; or -EBUSY with errp while state is being moved, then
 * *reasonp is freed and NULL. Arguments as in QEMU 8.2; the _modes form ends
 * with -1. We have one way to move state, so a blocker of any mode blocks.
 */
int migrate_add_blocker(Error **reasonp, Error **errp);
int migrate_add_blocker_internal(Error **reasonp, Error **errp);
int migrate_add_blocker_normal(Error **reasonp, Error **errp);
int migrate_add_blocker_modes(Error **reasonp, Error **errp, MigMode mode, ...);
/* Removes and frees *reasonp and makes it NULL; NULL is fine. */
void migrate_del_blocker(Error **reasonp);

/* Ours, for the code that moves state: false and errp with the newest reason while there is one. */
bool migration_check_blockers(Error **errp);
/* While a move runs no blocker can be added. Calls nest. */
void migration_move_begin(void);
void migration_move_end(void);

#endif
