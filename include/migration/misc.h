/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What device models ask about a migration in progress. State moves in one
 * step in this process (migration_move_begin() to _end()), there is no RAM
 * of our own to copy and no postcopy: the answers follow from that.
 */
#ifndef MIGRATION_MISC_H
#define MIGRATION_MISC_H

bool migration_is_idle(void);
bool migration_is_active(MigrationState *s);
bool migration_in_postcopy(void);
bool migration_in_incoming_postcopy(void);
bool migration_incoming_postcopy_advised(void);
bool migration_in_bg_snapshot(void);

#endif
