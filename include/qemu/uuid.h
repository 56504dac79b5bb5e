/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RFC 4122 UUIDs: 16 bytes in wire order, text, random ones. */
#ifndef QEMU_UUID_H
#define QEMU_UUID_H

#include <stdbool.h>
#include <stdint.h>

#include "qemu/bswap.h"

typedef struct {
    union {
        unsigned char data[16];
        struct {
            uint32_t time_low;
            uint16_t time_mid;
            uint16_t time_high_and_version;
            uint8_t clock_seq_and_reserved;
            uint8_t clock_seq_low;
            uint8_t node[6];
        } fields;
    };
} QemuUUID;

/* The 16 bytes of a UUID whose first three parts are numbers, big endian, as an initialiser. */
#define UUID(low, mid, high, seq_hi, seq_lo, n0, n1, n2, n3, n4, n5) \
    { ((low) >> 24) & 0xff, ((low) >> 16) & 0xff, ((low) >> 8) & 0xff, (low) & 0xff, \
      ((mid) >> 8) & 0xff, (mid) & 0xff, ((high) >> 8) & 0xff, (high) & 0xff, \
      (seq_hi), (seq_lo), (n0), (n1), (n2), (n3), (n4), (n5) }
#define UUID_LE(low, mid, high, seq_hi, seq_lo, n0, n1, n2, n3, n4, n5) \
    { (low) & 0xff, ((low) >> 8) & 0xff, ((low) >> 16) & 0xff, ((low) >> 24) & 0xff, \
      (mid) & 0xff, ((mid) >> 8) & 0xff, (high) & 0xff, ((high) >> 8) & 0xff, \
      (seq_hi), (seq_lo), (n0), (n1), (n2), (n3), (n4), (n5) }

#define UUID_FMT "%02hhx%02hhx%02hhx%02hhx-%02hhx%02hhx-%02hhx%02hhx-%02hhx%02hhx-" \
                 "%02hhx%02hhx%02hhx%02hhx%02hhx%02hhx"
#define UUID_FMT_LEN 36
#define UUID_STR_LEN (UUID_FMT_LEN + 1)
#define UUID_NONE "00000000-0000-0000-0000-000000000000"

void qemu_uuid_generate(QemuUUID *out);
int qemu_uuid_is_null(const QemuUUID *uu);
int qemu_uuid_is_equal(const QemuUUID *lhv, const QemuUUID *rhv);
void qemu_uuid_unparse(const QemuUUID *uuid, char *out);     /* UUID_STR_LEN bytes */
char *qemu_uuid_unparse_strdup(const QemuUUID *uuid);
int qemu_uuid_parse(const char *text, QemuUUID *uuid);       /* 0 or -1 */
QemuUUID qemu_uuid_bswap(QemuUUID uuid);
uint32_t qemu_uuid_hash(const void *uuid);

/* -uuid of the command line, all zero unless set. */
extern QemuUUID qemu_uuid;
extern bool qemu_uuid_set;

#endif
