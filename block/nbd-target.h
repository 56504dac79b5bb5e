/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which export of which NBD server, as the options say it. Never changed once
 * it is made, so the thread that connects reads it without a lock.
 */
#ifndef BLOCK_NBD_TARGET_H
#define BLOCK_NBD_TARGET_H

#include "qapi/qapi-types-block-core.h"
#include "nbd-lib.h"

typedef struct NbdTarget {
    gint refs;                  /* atomic */
    char *path;                 /* UNIX socket, or NULL: */
    char *host, *port;          /* TCP */
    char *export_name;
    char *text;                 /* as an NBD URI, for people */
} NbdTarget;

/* One reference. */
NbdTarget *nbd_target_new(const BlockdevOptionsNbd *o, Error **errp);
NbdTarget *nbd_target_ref(NbdTarget *target);
void nbd_target_unref(NbdTarget *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NbdTarget, nbd_target_unref)

#endif
