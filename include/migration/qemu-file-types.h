/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a device model's own get/put code may do with a migration stream.
 * All numbers travel big-endian. Nothing here reports an error by itself: a
 * read beyond the end gives zeroes and leaves an error in the file, which
 * qemu_file_get_error() tells and which the load functions check.
 */
#ifndef MIGRATION_QEMU_FILE_TYPES_H
#define MIGRATION_QEMU_FILE_TYPES_H

/* 0, or the first error (-errno) that happened on this stream. */
int qemu_file_get_error(QEMUFile *f);

void qemu_put_byte(QEMUFile *f, int v);
void qemu_put_be16(QEMUFile *f, unsigned int v);
void qemu_put_be32(QEMUFile *f, unsigned int v);
void qemu_put_be64(QEMUFile *f, uint64_t v);
void qemu_put_buffer(QEMUFile *f, const uint8_t *buf, size_t size);

int qemu_get_byte(QEMUFile *f);
unsigned int qemu_get_be16(QEMUFile *f);
unsigned int qemu_get_be32(QEMUFile *f);
uint64_t qemu_get_be64(QEMUFile *f);
/* Returns the bytes that were there; the rest of buf is zeroed. */
size_t qemu_get_buffer(QEMUFile *f, uint8_t *buf, size_t size);

/* QEMU's signed byte forms differ in nothing but the name. */
#define qemu_put_sbyte qemu_put_byte
#define qemu_get_sbyte qemu_get_byte

/* Variants that take the address of a member, one pair for each width and signedness. */
#define QEMU_FILE_BY_POINTER(suffix, type, width) \
    static inline void qemu_put_##suffix(QEMUFile *f, const type *pv) \
    { \
        qemu_put_##width(f, *pv); \
    } \
    static inline void qemu_get_##suffix(QEMUFile *f, type *pv) \
    { \
        *pv = (type)qemu_get_##width(f); \
    }

QEMU_FILE_BY_POINTER(8s, uint8_t, byte)
QEMU_FILE_BY_POINTER(be16s, uint16_t, be16)
QEMU_FILE_BY_POINTER(be32s, uint32_t, be32)
QEMU_FILE_BY_POINTER(be64s, uint64_t, be64)
QEMU_FILE_BY_POINTER(s8s, int8_t, byte)
QEMU_FILE_BY_POINTER(sbe16s, int16_t, be16)
QEMU_FILE_BY_POINTER(sbe32s, int32_t, be32)
QEMU_FILE_BY_POINTER(sbe64s, int64_t, be64)
#undef QEMU_FILE_BY_POINTER

#endif
