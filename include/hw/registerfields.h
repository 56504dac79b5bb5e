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

#define QEMU_REG_NAMES_(reg, addr, bytes)                                   \
    enum { A_ ## reg = (addr) };                                            \
    enum { R_ ## reg = (addr) / (bytes) };

#define REG8(reg, addr) QEMU_REG_NAMES_(reg, addr, 1)
#define REG16(reg, addr) QEMU_REG_NAMES_(reg, addr, 2)
#define REG32(reg, addr) QEMU_REG_NAMES_(reg, addr, 4)
#define REG64(reg, addr) QEMU_REG_NAMES_(reg, addr, 8)

#define FIELD(reg, field, shift, length)                                    \
    enum { R_ ## reg ## _ ## field ## _SHIFT = (shift) };                   \
    enum { R_ ## reg ## _ ## field ## _LENGTH = (length) };                 \
    enum { R_ ## reg ## _ ## field ## _MASK = MAKE_64BIT_MASK(shift, length) };

#define QEMU_FIELD_ARGS_(reg, field)                                        \
    R_ ## reg ## _ ## field ## _SHIFT, R_ ## reg ## _ ## field ## _LENGTH

#define FIELD_EX8(storage, reg, field)                                      \
    extract8((storage), QEMU_FIELD_ARGS_(reg, field))
#define FIELD_EX16(storage, reg, field)                                     \
    extract16((storage), QEMU_FIELD_ARGS_(reg, field))
#define FIELD_EX32(storage, reg, field)                                     \
    extract32((storage), QEMU_FIELD_ARGS_(reg, field))
#define FIELD_EX64(storage, reg, field)                                     \
    extract64((storage), QEMU_FIELD_ARGS_(reg, field))

#define FIELD_SEX8(storage, reg, field)                                     \
    ((int8_t)sextract32((uint8_t)(storage), QEMU_FIELD_ARGS_(reg, field)))
#define FIELD_SEX16(storage, reg, field)                                    \
    ((int16_t)sextract32((uint16_t)(storage), QEMU_FIELD_ARGS_(reg, field)))
#define FIELD_SEX32(storage, reg, field)                                    \
    sextract32((storage), QEMU_FIELD_ARGS_(reg, field))
#define FIELD_SEX64(storage, reg, field)                                    \
    sextract64((storage), QEMU_FIELD_ARGS_(reg, field))

/* A constant that does not fit into the field is a compile-time warning. */
#define QEMU_FIELD_PUT_(fn, kind, storage, reg, field, val) ({              \
        const struct {                                                      \
            kind v:R_ ## reg ## _ ## field ## _LENGTH;                      \
        } qfp_ = { .v = (val) };                                            \
        fn((storage), QEMU_FIELD_ARGS_(reg, field), qfp_.v);                \
    })

#define FIELD_DP8(storage, reg, field, val)                                 \
    ((uint8_t)QEMU_FIELD_PUT_(deposit32, unsigned int, storage, reg, field, val))
#define FIELD_DP16(storage, reg, field, val)                                \
    ((uint16_t)QEMU_FIELD_PUT_(deposit32, unsigned int, storage, reg, field, val))
#define FIELD_DP32(storage, reg, field, val)                                \
    QEMU_FIELD_PUT_(deposit32, unsigned int, storage, reg, field, val)
#define FIELD_DP64(storage, reg, field, val)                                \
    QEMU_FIELD_PUT_(deposit64, uint64_t, storage, reg, field, val)

#define FIELD_SDP8(storage, reg, field, val)                                \
    ((uint8_t)QEMU_FIELD_PUT_(deposit32, signed int, storage, reg, field, val))
#define FIELD_SDP16(storage, reg, field, val)                               \
    ((uint16_t)QEMU_FIELD_PUT_(deposit32, signed int, storage, reg, field, val))
#define FIELD_SDP32(storage, reg, field, val)                               \
    QEMU_FIELD_PUT_(deposit32, signed int, storage, reg, field, val)
#define FIELD_SDP64(storage, reg, field, val)                               \
    QEMU_FIELD_PUT_(deposit64, int64_t, storage, reg, field, val)

#define ARRAY_FIELD_EX32(regs, reg, field)                                  \
    FIELD_EX32((regs)[R_ ## reg], reg, field)
#define ARRAY_FIELD_EX64(regs, reg, field)                                  \
    FIELD_EX64((regs)[R_ ## reg], reg, field)
#define ARRAY_FIELD_DP32(regs, reg, field, val)                             \
    ((regs)[R_ ## reg] = FIELD_DP32((regs)[R_ ## reg], reg, field, val))
#define ARRAY_FIELD_DP64(regs, reg, field, val)                             \
    ((regs)[R_ ## reg] = FIELD_DP64((regs)[R_ ## reg], reg, field, val))
#define ARRAY_FIELD_SDP32(regs, reg, field, val)                            \
    ((regs)[R_ ## reg] = FIELD_SDP32((regs)[R_ ## reg], reg, field, val))
#define ARRAY_FIELD_SDP64(regs, reg, field, val)                            \
    ((regs)[R_ ## reg] = FIELD_SDP64((regs)[R_ ## reg], reg, field, val))

#endif
