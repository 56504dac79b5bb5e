/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of code writes both outputs: in text mode out_text() prints and the
 * members are dropped, in JSON mode it is the other way round. Results that
 * come one by one (interrupts, traced messages) are one JSON object per line.
 */
#ifndef TOOLS_VFU_OUTPUT_H
#define TOOLS_VFU_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <glib.h>

typedef struct VfuOut VfuOut;

VfuOut *out_new(bool json, FILE *file);         /* file is borrowed */
void out_free(VfuOut *o);
bool out_is_json(const VfuOut *o);

void out_text(VfuOut *o, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/* The top object of a result; end prints it (one line when compact). */
void out_begin(VfuOut *o);
void out_end(VfuOut *o, bool compact);

/* Members; key is NULL inside a list. */
void out_object(VfuOut *o, const char *key);
void out_object_end(VfuOut *o);
void out_list(VfuOut *o, const char *key);
void out_list_end(VfuOut *o);
void out_int(VfuOut *o, const char *key, int64_t value);
/* As a string "0x..": JSON readers lose the low bits of 64-bit numbers. */
void out_hex(VfuOut *o, const char *key, uint64_t value);
void out_double(VfuOut *o, const char *key, double value);
void out_bool(VfuOut *o, const char *key, bool value);
void out_string(VfuOut *o, const char *key, const char *value);

#endif
