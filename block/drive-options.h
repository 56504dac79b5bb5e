/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -drive in terms of nodes and back ends. */
#ifndef BLOCK_DRIVE_OPTIONS_H
#define BLOCK_DRIVE_OPTIONS_H

#include <json-glib/json-glib.h>

#include "qapi/error.h"
#include "qapi/qapi-types-block-core.h"
#include "throttle-bucket.h"

typedef struct DriveOptions {
    char *id;                   /* NULL: none was given */
    BlockdevOptions *node;      /* NULL: no medium */
    bool write_cache;
    bool cdrom;
    BlockdevOnError rerror, werror;
    ThrottleConfig limits;      /* checked */
    char *throttle_group;       /* NULL: none was given */
} DriveOptions;

/* Takes out of opts what it has read. NULL with errp set. */
DriveOptions *drive_options_parse(JsonObject *opts, Error **errp);
void drive_options_free(DriveOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DriveOptions, drive_options_free)

#endif
