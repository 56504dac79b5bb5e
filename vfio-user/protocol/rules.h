/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of single commands, for validate.c. The general checks (length
 * within the table's bounds among them) have passed already.
 */
#ifndef VFIO_USER_PROTOCOL_RULES_H
#define VFIO_USER_PROTOCOL_RULES_H

#include "vfio-user/validate.h"

int vfu_check_rule(const VfuCommandView *cmd, const VfuLimits *limits, const VfuShape *shape);

/* DEVICE_FEATURE has rules for each feature; rules-feature.c. */
int vfu_check_feature(const VfuCommandView *cmd, const VfuLimits *limits);

#endif
