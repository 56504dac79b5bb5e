/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this cell share. Locking as in chardev/char.h. */
#ifndef CHARDEV_INTERNAL_H
#define CHARDEV_INTERNAL_H

#include "block/aio.h"
#include "chardev/char-fe.h"
#include "chardev/char.h"

/* ---- home.c: which context a Chardev is in ---- */

/*
 * A Chardev kept alive and its home entered, for the length of one call. The
 * home may change meanwhile (a callback lets go), the object not go away.
 */
typedef struct ChardevVisit {
    Chardev *chr;           /* NULL: not possible from this thread */
    AioContext *ctx;
} ChardevVisit;

/* NULL or a home that the thread may not enter gives a visit without chr. */
ChardevVisit chardev_visit_begin(Chardev *chr);
void chardev_visit_end(ChardevVisit *visit);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ChardevVisit, chardev_visit_end)

/*
 * Brings @chr to @ctx: at once when the main context is entered, else a
 * moment later, by a bottom half of the main context.
 */
void chardev_move(Chardev *chr, AioContext *ctx);

/* ---- watch.c: who waits for room to write ---- */

bool chardev_has_watches(Chardev *chr);
/* There is room: held bytes go first, then the watches are called. Home entered. */
void chardev_room(Chardev *chr);
/* The peer has gone: every watch hears of it. */
void chardev_hung_up(Chardev *chr);
/* Removes all without a call. */
void chardev_drop_watches(Chardev *chr);
guint chardev_add_watch(Chardev *chr, GIOCondition cond, FEWatchFunc func, void *opaque);

/* ---- write.c ---- */

/* As qemu_chr_fe_write() and _write_all(); home entered. */
int chardev_write(Chardev *chr, const uint8_t *buf, int len, bool all);
bool chardev_has_held(Chardev *chr);
/* Sends what was held. True: nothing is left. */
bool chardev_flush_held(Chardev *chr);

/* ---- char.c ---- */

/* NULL with @errp set in the words of QMP. */
Chardev *chardev_find(const char *id, Error **errp);

/* ---- front.c ---- */

/* The front end, when it listens in the home of @chr; else NULL. */
CharBackend *chardev_listener(Chardev *chr);
/* The back end looks again at what the front end takes and who waits. */
void chardev_update(Chardev *chr);
/* Tells a front end that has just begun to listen what it missed. */
void chardev_sync_state(Chardev *chr);

/* ---- replace.c ---- */

/* @fresh, which is not in the tree, takes the place and the front end of @old. Main context. */
bool chardev_replace(Chardev *old, Chardev *fresh, Error **errp);

/* ---- options.c ---- */

/* Text of an option; NULL when it was not given. */
const char *chardev_opt(JsonObject *opts, const char *name);
/* false with errp set when it is no on/off; *@has tells whether it was given. */
bool chardev_opt_bool(JsonObject *opts, const char *name, bool *has, bool *value, Error **errp);
bool chardev_opt_int(JsonObject *opts, const char *name, int64_t min, int64_t max, bool *has,
                     int64_t *value, Error **errp);

/* The rows that every back end has, for the start of its list. */
#define CHARDEV_COMMON_OPTIONS \
    { "logfile", "string", "a copy of all output goes to this file" }, \
    { "logappend", "boolean", "keep what is in that file" }

#endif
