/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How scalar values, timers and plain bytes travel. Integers are carried in
 * their own width; get() accepts every bit pattern, except in the forms that
 * compare with what the device has.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/timer.h"
#include "migration/qemu-file.h"
#include "migration/vmstate.h"

/* The text becomes the stream's reason, with the table's hint behind it. */
static int refuse(QEMUFile *f, const VMStateField *field, const char *rule, uint64_t have,
                  uint64_t got)
{
    Error *reason = NULL;

    error_setg(&reason, "the stream has 0x%" PRIx64 ", %s 0x%" PRIx64 "%s%s", got, rule, have,
               field->err_hint ? ": " : "", field->err_hint ? field->err_hint : "");
    qemu_file_set_error_obj(f, -EINVAL, reason);
    return -EINVAL;
}

/* An integer type and its stream width: a VMStateInfo that stores what comes. */
#define INTEGER_INFO(label, type, width) \
    static int get_##label(QEMUFile *f, void *pv, size_t size, const VMStateField *field) \
    { \
        type v = (type)qemu_get_##width(f); \
        memcpy(pv, &v, sizeof(v)); \
        return 0; \
    } \
    static int put_##label(QEMUFile *f, void *pv, size_t size, const VMStateField *field, \
                           JSONWriter *vmdesc) \
    { \
        type v; \
        memcpy(&v, pv, sizeof(v)); \
        qemu_put_##width(f, v); \
        return 0; \
    } \
    const VMStateInfo vmstate_info_##label = { \
        .name = #label, .get = get_##label, .put = put_##label, \
    };

/* The same, but a value other than the device's own is refused. */
#define EQUAL_INFO(label, type, width) \
    static int get_##label##_equal(QEMUFile *f, void *pv, size_t size, \
                                   const VMStateField *field) \
    { \
        type have, got = (type)qemu_get_##width(f); \
        memcpy(&have, pv, sizeof(have)); \
        return qemu_file_get_error(f) || have == got \
               ? 0 : refuse(f, field, "the device", (uint64_t)have, (uint64_t)got); \
    } \
    const VMStateInfo vmstate_info_##label##_equal = { \
        .name = #label " equal", .get = get_##label##_equal, .put = put_##label, \
    };

INTEGER_INFO(int8, int8_t, byte)
INTEGER_INFO(uint8, uint8_t, byte)
INTEGER_INFO(int16, int16_t, be16)
INTEGER_INFO(uint16, uint16_t, be16)
INTEGER_INFO(int32, int32_t, be32)
INTEGER_INFO(uint32, uint32_t, be32)
INTEGER_INFO(int64, int64_t, be64)
INTEGER_INFO(uint64, uint64_t, be64)

EQUAL_INFO(uint8, uint8_t, byte)
EQUAL_INFO(uint16, uint16_t, be16)
EQUAL_INFO(int32, int32_t, be32)
EQUAL_INFO(uint32, uint32_t, be32)
EQUAL_INFO(uint64, uint64_t, be64)

/* A bool that holds another byte than 0 or 1 is undefined behaviour later on. */
static int get_bool(QEMUFile *f, void *pv, size_t size, const VMStateField *field)
{
    *(bool *)pv = qemu_get_byte(f) != 0;
    return 0;
}

static int put_bool(QEMUFile *f, void *pv, size_t size, const VMStateField *field,
                    JSONWriter *vmdesc)
{
    qemu_put_byte(f, *(bool *)pv);
    return 0;
}

const VMStateInfo vmstate_info_bool = { .name = "bool", .get = get_bool, .put = put_bool };

static int get_int32_le(QEMUFile *f, void *pv, size_t size, const VMStateField *field)
{
    int32_t have = *(int32_t *)pv;
    int32_t got = (int32_t)qemu_get_be32(f);

    if (!qemu_file_get_error(f) && (got < 0 || got > have)) {
        return refuse(f, field, "the device allows 0 to", have, (uint32_t)got);
    }
    *(int32_t *)pv = got;
    return 0;
}

const VMStateInfo vmstate_info_int32_le = {
    .name = "int32 le", .get = get_int32_le, .put = put_int32,
};

/* ---- null pointers in arrays of pointers: both ends must have them at the same places ---- */

#define NULL_MARK '0'

static int get_nullptr(QEMUFile *f, void *pv, size_t size, const VMStateField *field)
{
    int mark = qemu_get_byte(f);

    return mark == NULL_MARK || qemu_file_get_error(f)
           ? 0 : refuse(f, field, "a null pointer is", NULL_MARK, mark);
}

static int put_nullptr(QEMUFile *f, void *pv, size_t size, const VMStateField *field,
                       JSONWriter *vmdesc)
{
    qemu_put_byte(f, NULL_MARK);
    return 0;
}

const VMStateInfo vmstate_info_nullptr = {
    .name = "nullptr", .get = get_nullptr, .put = put_nullptr,
};

/* ---- timers ---- */

static int get_timer(QEMUFile *f, void *pv, size_t size, const VMStateField *field)
{
    timer_get(f, pv);
    return 0;
}

static int put_timer(QEMUFile *f, void *pv, size_t size, const VMStateField *field,
                     JSONWriter *vmdesc)
{
    timer_put(f, pv);
    return 0;
}

const VMStateInfo vmstate_info_timer = { .name = "timer", .get = get_timer, .put = put_timer };

/* ---- bytes ---- */

static int get_buffer(QEMUFile *f, void *pv, size_t size, const VMStateField *field)
{
    qemu_get_buffer(f, pv, size);
    return 0;
}

static int put_buffer(QEMUFile *f, void *pv, size_t size, const VMStateField *field,
                      JSONWriter *vmdesc)
{
    qemu_put_buffer(f, pv, size);
    return 0;
}

const VMStateInfo vmstate_info_buffer = {
    .name = "buffer", .get = get_buffer, .put = put_buffer,
};

static int get_unused(QEMUFile *f, void *pv, size_t size, const VMStateField *field)
{
    qemu_file_skip(f, MIN(size, (size_t)INT_MAX));
    return size > INT_MAX ? -EINVAL : 0;
}

static int put_unused(QEMUFile *f, void *pv, size_t size, const VMStateField *field,
                      JSONWriter *vmdesc)
{
    static const uint8_t zeroes[256];

    while (size && !qemu_file_get_error(f)) {
        size_t n = MIN(size, sizeof(zeroes));

        qemu_put_buffer(f, zeroes, n);
        size -= n;
    }
    return 0;
}

const VMStateInfo vmstate_info_unused_buffer = {
    .name = "unused_buffer", .get = get_unused, .put = put_unused,
};
