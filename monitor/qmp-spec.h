/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The argument of -qmp: an address and a character device's options. */
#ifndef MONITOR_QMP_SPEC_H
#define MONITOR_QMP_SPEC_H

#include "io/address.h"

bool qmp_spec_parse(const char *spec, IOAddress *addr, Error **errp);

#endif
