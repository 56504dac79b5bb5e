/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One vfio-user message as text: the fields of its payload by a table. Pure;
 * takes any bytes.
 */
#ifndef TOOLS_VFU_DECODE_H
#define TOOLS_VFU_DECODE_H

#include "output.h"
#include "vfio-user/protocol.h"

/* "argsz=32 flags=READ|WRITE ..." as a new string; also members of the object
 * that is open in o, when o is not NULL. */
char *decode_payload(VfuOut *o, const VfuHeader *h, const uint8_t *payload, size_t size);

#endif
