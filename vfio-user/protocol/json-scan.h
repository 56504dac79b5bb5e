/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A look at a stranger's JSON text before the parser sees it.
 */
#ifndef VFIO_USER_PROTOCOL_JSON_SCAN_H
#define VFIO_USER_PROTOCOL_JSON_SCAN_H

#include "qemu/osdep.h"

/* Deepest nesting of {} and [] that is let through; the parser recurses. */
#define VFU_JSON_DEPTH_MAX 8

/*
 * True when text (len bytes, no NUL inside) is UTF-8, one pair of braces made
 * of JSON's tokens only (the parser also takes comments, hex and octal numbers,
 * and a second text behind the first) and not nested deeper than
 * VFU_JSON_DEPTH_MAX. Says nothing about the order of tokens.
 */
bool vfu_json_scan(const char *text, size_t len);

#endif
