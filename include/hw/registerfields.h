/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names for registers and the fields in them:
 *
 *     REG32(CTRL, 0x10)            A_CTRL (byte address), R_CTRL (index)
 *         FIELD(CTRL, MODE, 4, 3)  R_CTRL_MODE_{SHIFT,LENGTH,MASK}
 *
 *     FIELD_EX32(value, CTRL, MODE)           take the field out
 *     value = FIELD_DP32(value, CTRL, MODE, 5)  put it in
 *
 * ARRAY_FIELD_ forms work on an array indexed by R_<reg>.  The signed forms
 * extend or accept two's complement.
 */
#ifndef REGISTERFIELDS_H
#define REGISTERFIELDS_H

#include "qemu/bitops.h"

/* Address and index of one register, @width bytes wide. */
#define REG_OF_WIDTH_(name, byte, width)                                    \
    enum { A_ ## name = (byte), R_ ## name = (byte) / (width) };

#define REG8(name, byte) REG_OF_WIDTH_(name, byte, 1)
#define REG16(name, byte) REG_OF_WIDTH_(name, byte, 2)
#define REG32(name, byte) REG_OF_WIDTH_(name, byte, 4)
#define REG64(name, byte) REG_OF_WIDTH_(name, byte, 8)

/*
 * The mask has an enum of its own: one that does not fit into int would give
 * shift and length its wider type.
 */
#define FIELD(name, part, low, bits)                                        \
    enum { R_ ## name ## _ ## part ## _SHIFT = (low),                       \
           R_ ## name ## _ ## part ## _LENGTH = (bits) };                   \
    enum { R_ ## name ## _ ## part ## _MASK =                               \
           (UINT64_MAX >> (64 - (bits))) << (low) };

/* Where the field is, as two arguments. */
#define FIELD_AT_(name, part)                                               \
    R_ ## name ## _ ## part ## _SHIFT, R_ ## name ## _ ## part ## _LENGTH

#define FIELD_EX8(from, name, part) extract8((from), FIELD_AT_(name, part))
#define FIELD_EX16(from, name, part) extract16((from), FIELD_AT_(name, part))
#define FIELD_EX32(from, name, part) extract32((from), FIELD_AT_(name, part))
#define FIELD_EX64(from, name, part) extract64((from), FIELD_AT_(name, part))

#define FIELD_SEX8(from, name, part)                                        \
    ((int8_t)sextract32((uint8_t)(from), FIELD_AT_(name, part)))
#define FIELD_SEX16(from, name, part)                                       \
    ((int16_t)sextract32((uint16_t)(from), FIELD_AT_(name, part)))
#define FIELD_SEX32(from, name, part) sextract32((from), FIELD_AT_(name, part))
#define FIELD_SEX64(from, name, part) sextract64((from), FIELD_AT_(name, part))

/* What does not fit into the field is cut off; bits around it stay. */
#define FIELD_DP8(into, name, part, value)                                  \
    ((uint8_t)deposit32((into), FIELD_AT_(name, part), (value)))
#define FIELD_DP16(into, name, part, value)                                 \
    ((uint16_t)deposit32((into), FIELD_AT_(name, part), (value)))
#define FIELD_DP32(into, name, part, value)                                 \
    deposit32((into), FIELD_AT_(name, part), (value))
#define FIELD_DP64(into, name, part, value)                                 \
    deposit64((into), FIELD_AT_(name, part), (value))

#define FIELD_SDP8(into, name, part, value) FIELD_DP8(into, name, part, value)
#define FIELD_SDP16(into, name, part, value) FIELD_DP16(into, name, part, value)
#define FIELD_SDP32(into, name, part, value) FIELD_DP32(into, name, part, value)
#define FIELD_SDP64(into, name, part, value) FIELD_DP64(into, name, part, value)

#define REG_IN_(array, name) ((array)[R_ ## name])

#define ARRAY_FIELD_EX32(array, name, part)                                 \
    FIELD_EX32(REG_IN_(array, name), name, part)
#define ARRAY_FIELD_EX64(array, name, part)                                 \
    FIELD_EX64(REG_IN_(array, name), name, part)
#define ARRAY_FIELD_DP32(array, name, part, value)                          \
    (REG_IN_(array, name) = FIELD_DP32(REG_IN_(array, name), name, part, value))
#define ARRAY_FIELD_DP64(array, name, part, value)                          \
    (REG_IN_(array, name) = FIELD_DP64(REG_IN_(array, name), name, part, value))
#define ARRAY_FIELD_SDP32(array, name, part, value)                         \
    ARRAY_FIELD_DP32(array, name, part, value)
#define ARRAY_FIELD_SDP64(array, name, part, value)                         \
    ARRAY_FIELD_DP64(array, name, part, value)

#endif
