/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -object throttle-group: the limits that throttle nodes refer to. Main context. */
#ifndef BLOCK_THROTTLE_OBJECT_H
#define BLOCK_THROTTLE_OBJECT_H

#include "throttle-group.h"

#define TYPE_THROTTLE_GROUP "throttle-group"

/* The group of the object with that id; borrowed. NULL with errp set. */
ThrottleGroup *throttle_object_find(const char *id, Error **errp);

#endif
