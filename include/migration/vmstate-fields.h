/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VMSTATE_* macros that fill a field table; names and arguments are those
 * of QEMU 8.2. Included by migration/vmstate.h only.
 *
 * Every macro is one VMS_ROW: a label, a version, a test, flags, and pieces
 * that say where the member is (VMS_AT_*), how many elements it has
 * (VMS_COUNT_*) and how an element is carried (VMS_BY_*). The VMS_AT_* pieces
 * compare the member's type with the one that the macro's name promises, so
 * a table that does not fit its struct does not compile.
 */
#ifndef MIGRATION_VMSTATE_FIELDS_H
#define MIGRATION_VMSTATE_FIELDS_H

/* ---- pieces ---- */

#define VMS_ROW(label, ver, test, kind, ...) \
    { .name = (label), .version_id = (ver), .field_exists = (test), .flags = (kind), __VA_ARGS__ }

/* 0 when `have` is `want`, else nothing that compiles. Enums match their integer. */
#define VMS_TYPE_IS(want, have) \
    _Generic((__typeof__(have) *)NULL, __typeof__(want) *: 0, const __typeof__(want) *: 0)
#define VMS_AT(state, member, want) \
    .offset = offsetof(state, member) + VMS_TYPE_IS(want, typeof_field(state, member))
#define VMS_AT_PTR(state, member, elem) VMS_AT(state, member, __typeof__(elem) *)
#define VMS_AT_ARRAY(state, member, elem, n) VMS_AT(state, member, __typeof__(elem)[n])
#define VMS_AT_2D(state, member, elem, n1, n2) VMS_AT(state, member, __typeof__(elem)[n1][n2])
/* An element inside an array: for in-place arrays of which only a part travels. */
#define VMS_AT_ELEM(state, member, elem, n) \
    .offset = offsetof(state, member[n]) + VMS_TYPE_IS(elem, typeof_field(state, member[0]))
#define VMS_AT_BYTES(state, member, skip) \
    .offset = offsetof(state, member) + (skip) + \
              VMS_TYPE_IS(uint8_t[sizeof_field(state, member)], typeof_field(state, member))
#define VMS_AT_ANY(state, member) .offset = offsetof(state, member)

#define VMS_COUNT_IN(state, member, want) \
    .num_offset = offsetof(state, member) + VMS_TYPE_IS(want, typeof_field(state, member))
#define VMS_SIZE_IN(state, member, want) \
    .size_offset = offsetof(state, member) + VMS_TYPE_IS(want, typeof_field(state, member))
/* How many elements fit in place; what a stream says never goes beyond it. */
#define VMS_ROOM(state, member, elem) .num = sizeof_field(state, member) / sizeof(elem)

#define VMS_BY_INFO(how, elem) .info = &(how), .size = sizeof(elem)
#define VMS_BY_VMSD(desc, elem) .vmsd = &(desc), .size = sizeof(elem)

/* ---- one value, any info ---- */

#define VMSTATE_SINGLE_FULL(_field, _state, _test, _version, _info, _type, _err_hint) \
    VMS_ROW(stringify(_field), _version, _test, VMS_SINGLE, VMS_AT(_state, _field, _type), \
            VMS_BY_INFO(_info, _type), .err_hint = (_err_hint))
#define VMSTATE_SINGLE_TEST(_field, _state, _test, _version, _info, _type) \
    VMSTATE_SINGLE_FULL(_field, _state, _test, _version, _info, _type, NULL)
#define VMSTATE_SINGLE(_field, _state, _version, _info, _type) \
    VMSTATE_SINGLE_TEST(_field, _state, NULL, _version, _info, _type)

/* Nothing travels; loading (and saving) fails when _test says false. */
#define VMSTATE_VALIDATE(_name, _test) \
    VMS_ROW(_name, 0, _test, VMS_ARRAY | VMS_MUST_EXIST, .num = 0)

#define VMS_POINTER_ROW(_field, _state, _test, _version, _info, _type) \
    VMS_ROW(stringify(_field), _version, _test, VMS_SINGLE | VMS_POINTER, \
            VMS_AT(_state, _field, _type), VMS_BY_INFO(_info, _type))
#define VMSTATE_POINTER(_field, _state, _version, _info, _type) \
    VMS_POINTER_ROW(_field, _state, NULL, _version, _info, _type)
#define VMSTATE_POINTER_TEST(_field, _state, _test, _info, _type) \
    VMS_POINTER_ROW(_field, _state, _test, 0, _info, _type)

/* ---- arrays of a known length, any info ---- */

#define VMS_ARRAY_ROW(_field, _state, _num, _test, _version, _info, _type) \
    VMS_ROW(stringify(_field), _version, _test, VMS_ARRAY, \
            VMS_AT_ARRAY(_state, _field, _type, _num), VMS_BY_INFO(_info, _type), .num = (_num))
#define VMSTATE_ARRAY(_field, _state, _num, _version, _info, _type) \
    VMS_ARRAY_ROW(_field, _state, _num, NULL, _version, _info, _type)
#define VMSTATE_ARRAY_TEST(_field, _state, _num, _test, _info, _type) \
    VMS_ARRAY_ROW(_field, _state, _num, _test, 0, _info, _type)
#define VMSTATE_2DARRAY(_field, _state, _n1, _n2, _version, _info, _type) \
    VMS_ROW(stringify(_field), _version, NULL, VMS_ARRAY, \
            VMS_AT_2D(_state, _field, _type, _n1, _n2), VMS_BY_INFO(_info, _type), \
            .num = (_n1) * (_n2))
#define VMSTATE_SUB_ARRAY(_field, _state, _start, _num, _version, _info, _type) \
    VMS_ROW(stringify(_field), _version, NULL, VMS_ARRAY, \
            VMS_AT_ELEM(_state, _field, _type, _start), VMS_BY_INFO(_info, _type), .num = (_num))
#define VMSTATE_ARRAY_OF_POINTER(_field, _state, _num, _version, _info, _type) \
    VMS_ROW(stringify(_field), _version, NULL, VMS_ARRAY | VMS_ARRAY_OF_POINTER, \
            VMS_AT_ARRAY(_state, _field, _type, _num), VMS_BY_INFO(_info, _type), .num = (_num))

/* ---- arrays whose length is a member, any info ---- */

#define VMS_VARRAY_PTR_ROW(_field, _state, _count, _ctype, _kind, _version, _info, _type) \
    VMS_ROW(stringify(_field), _version, NULL, (_kind) | VMS_POINTER, \
            VMS_AT_PTR(_state, _field, _type), VMS_BY_INFO(_info, _type), \
            VMS_COUNT_IN(_state, _count, _ctype))
#define VMSTATE_VARRAY_INT32(_field, _state, _field_num, _version, _info, _type) \
    VMS_VARRAY_PTR_ROW(_field, _state, _field_num, int32_t, VMS_VARRAY_INT32, \
                       _version, _info, _type)
#define VMSTATE_VARRAY_UINT32(_field, _state, _field_num, _version, _info, _type) \
    VMS_VARRAY_PTR_ROW(_field, _state, _field_num, uint32_t, VMS_VARRAY_UINT32, \
                       _version, _info, _type)
#define VMSTATE_VARRAY_UINT32_ALLOC(_field, _state, _field_num, _version, _info, _type) \
    VMS_VARRAY_PTR_ROW(_field, _state, _field_num, uint32_t, VMS_VARRAY_UINT32 | VMS_ALLOC, \
                       _version, _info, _type)
#define VMSTATE_VARRAY_UINT16_ALLOC(_field, _state, _field_num, _version, _info, _type) \
    VMS_VARRAY_PTR_ROW(_field, _state, _field_num, uint16_t, VMS_VARRAY_UINT16 | VMS_ALLOC, \
                       _version, _info, _type)

/* In place. "Unsafe" because the array may be a flexible member whose room nobody knows here. */
#define VMS_VARRAY_HERE_ROW(_field, _state, _count, _ctype, _kind, _version, _info, _type) \
    VMS_ROW(stringify(_field), _version, NULL, _kind, \
            VMS_AT_ELEM(_state, _field, _type, 0), VMS_BY_INFO(_info, _type), \
            VMS_COUNT_IN(_state, _count, _ctype))
#define VMSTATE_VARRAY_UINT16_UNSAFE(_field, _state, _field_num, _version, _info, _type) \
    VMS_VARRAY_HERE_ROW(_field, _state, _field_num, uint16_t, VMS_VARRAY_UINT16, \
                        _version, _info, _type)
#define VMSTATE_ARRAY_INT32_UNSAFE(_field, _state, _field_num, _info, _type) \
    VMS_VARRAY_HERE_ROW(_field, _state, _field_num, int32_t, VMS_VARRAY_INT32, \
                        0, _info, _type)
#define VMSTATE_VARRAY_MULTIPLY(_field, _state, _field_num, _multiply, _info, _type) \
    VMS_ROW(stringify(_field), 0, NULL, VMS_VARRAY_UINT32 | VMS_MULTIPLY_ELEMENTS, \
            VMS_AT_ELEM(_state, _field, _type, 0), VMS_BY_INFO(_info, _type), \
            VMS_COUNT_IN(_state, _field_num, uint32_t), .num = (_multiply))

/* ---- structs ---- */

#define VMS_STRUCT_ROW(_field, _state, _test, _version, _vmsd, _type, _kind, ...) \
    VMS_ROW(stringify(_field), _version, _test, _kind, VMS_BY_VMSD(_vmsd, _type), __VA_ARGS__)

#define VMSTATE_STRUCT_TEST(_field, _state, _test, _version, _vmsd, _type) \
    VMS_STRUCT_ROW(_field, _state, _test, _version, _vmsd, _type, VMS_STRUCT, \
                   VMS_AT(_state, _field, _type))
#define VMSTATE_STRUCT(_field, _state, _version, _vmsd, _type) \
    VMSTATE_STRUCT_TEST(_field, _state, NULL, _version, _vmsd, _type)
#define VMSTATE_VSTRUCT_TEST(_field, _state, _test, _version, _vmsd, _type, _struct_version) \
    VMS_STRUCT_ROW(_field, _state, _test, _version, _vmsd, _type, VMS_VSTRUCT, \
                   VMS_AT(_state, _field, _type), .struct_version_id = (_struct_version))
#define VMSTATE_VSTRUCT(_field, _state, _vmsd, _type, _struct_version) \
    VMSTATE_VSTRUCT_TEST(_field, _state, NULL, 0, _vmsd, _type, _struct_version)
#define VMSTATE_VSTRUCT_V(_field, _state, _version, _vmsd, _type, _struct_version) \
    VMSTATE_VSTRUCT_TEST(_field, _state, NULL, _version, _vmsd, _type, _struct_version)

/* _type is the struct, the member a pointer to it. */
#define VMSTATE_STRUCT_POINTER_TEST_V(_field, _state, _test, _version, _vmsd, _type) \
    VMS_STRUCT_ROW(_field, _state, _test, _version, _vmsd, _type, VMS_STRUCT | VMS_POINTER, \
                   VMS_AT_PTR(_state, _field, _type))
#define VMSTATE_STRUCT_POINTER_V(_field, _state, _version, _vmsd, _type) \
    VMSTATE_STRUCT_POINTER_TEST_V(_field, _state, NULL, _version, _vmsd, _type)
#define VMSTATE_STRUCT_POINTER_TEST(_field, _state, _test, _vmsd, _type) \
    VMSTATE_STRUCT_POINTER_TEST_V(_field, _state, _test, 0, _vmsd, _type)
#define VMSTATE_STRUCT_POINTER(_field, _state, _vmsd, _type) \
    VMSTATE_STRUCT_POINTER_TEST_V(_field, _state, NULL, 0, _vmsd, _type)

#define VMSTATE_STRUCT_ARRAY_TEST(_field, _state, _num, _test, _version, _vmsd, _type) \
    VMS_STRUCT_ROW(_field, _state, _test, _version, _vmsd, _type, VMS_STRUCT | VMS_ARRAY, \
                   VMS_AT_ARRAY(_state, _field, _type, _num), .num = (_num))
#define VMSTATE_STRUCT_ARRAY(_field, _state, _num, _version, _vmsd, _type) \
    VMSTATE_STRUCT_ARRAY_TEST(_field, _state, _num, NULL, _version, _vmsd, _type)
#define VMSTATE_STRUCT_SUB_ARRAY(_field, _state, _start, _num, _version, _vmsd, _type) \
    VMS_STRUCT_ROW(_field, _state, NULL, _version, _vmsd, _type, VMS_STRUCT | VMS_ARRAY, \
                   VMS_AT_ELEM(_state, _field, _type, _start), .num = (_num))
#define VMSTATE_STRUCT_2DARRAY_TEST(_field, _state, _n1, _n2, _test, _version, _vmsd, _type) \
    VMS_STRUCT_ROW(_field, _state, _test, _version, _vmsd, _type, VMS_STRUCT | VMS_ARRAY, \
                   VMS_AT_2D(_state, _field, _type, _n1, _n2), .num = (_n1) * (_n2))
#define VMSTATE_STRUCT_2DARRAY(_field, _state, _n1, _n2, _version, _vmsd, _type) \
    VMSTATE_STRUCT_2DARRAY_TEST(_field, _state, _n1, _n2, NULL, _version, _vmsd, _type)
/* _type is the pointer type, as the array's elements have it. */
#define VMSTATE_ARRAY_OF_POINTER_TO_STRUCT(_field, _state, _num, _version, _vmsd, _type) \
    VMS_STRUCT_ROW(_field, _state, NULL, _version, _vmsd, _type, \
                   VMS_STRUCT | VMS_ARRAY | VMS_ARRAY_OF_POINTER, \
                   VMS_AT_ARRAY(_state, _field, _type, _num), .num = (_num))

#define VMS_SVARRAY_HERE_ROW(_field, _state, _count, _ctype, _kind, _version, _vmsd, _type) \
    VMS_STRUCT_ROW(_field, _state, NULL, _version, _vmsd, _type, VMS_STRUCT | (_kind), \
                   VMS_AT_ELEM(_state, _field, _type, 0), VMS_ROOM(_state, _field, _type), \
                   VMS_COUNT_IN(_state, _count, _ctype))
#define VMSTATE_STRUCT_VARRAY_UINT8(_field, _state, _field_num, _version, _vmsd, _type) \
    VMS_SVARRAY_HERE_ROW(_field, _state, _field_num, uint8_t, VMS_VARRAY_UINT8, \
                         _version, _vmsd, _type)
#define VMSTATE_STRUCT_VARRAY_INT32(_field, _state, _field_num, _version, _vmsd, _type) \
    VMS_SVARRAY_HERE_ROW(_field, _state, _field_num, int32_t, VMS_VARRAY_INT32, \
                         _version, _vmsd, _type)
#define VMSTATE_STRUCT_VARRAY_UINT32(_field, _state, _field_num, _version, _vmsd, _type) \
    VMS_SVARRAY_HERE_ROW(_field, _state, _field_num, uint32_t, VMS_VARRAY_UINT32, \
                         _version, _vmsd, _type)

#define VMS_SVARRAY_PTR_ROW(_field, _state, _count, _ctype, _kind, _version, _vmsd, _type) \
    VMS_STRUCT_ROW(_field, _state, NULL, _version, _vmsd, _type, \
                   VMS_STRUCT | VMS_POINTER | (_kind), VMS_AT_PTR(_state, _field, _type), \
                   VMS_COUNT_IN(_state, _count, _ctype))
#define VMSTATE_STRUCT_VARRAY_POINTER_INT32(_field, _state, _field_num, _vmsd, _type) \
    VMS_SVARRAY_PTR_ROW(_field, _state, _field_num, int32_t, VMS_VARRAY_INT32, 0, _vmsd, _type)
#define VMSTATE_STRUCT_VARRAY_POINTER_UINT32(_field, _state, _field_num, _vmsd, _type) \
    VMS_SVARRAY_PTR_ROW(_field, _state, _field_num, uint32_t, VMS_VARRAY_UINT32, 0, _vmsd, _type)
#define VMSTATE_STRUCT_VARRAY_POINTER_UINT16(_field, _state, _field_num, _vmsd, _type) \
    VMS_SVARRAY_PTR_ROW(_field, _state, _field_num, uint16_t, VMS_VARRAY_UINT16, 0, _vmsd, _type)
#define VMSTATE_STRUCT_VARRAY_ALLOC(_field, _state, _field_num, _version, _vmsd, _type) \
    VMS_SVARRAY_PTR_ROW(_field, _state, _field_num, int32_t, VMS_VARRAY_INT32 | VMS_ALLOC, \
                        _version, _vmsd, _type)
#define VMSTATE_STRUCT_VARRAY_POINTER_KNOWN(_field, _state, _num, _version, _vmsd, _type) \
    VMS_STRUCT_ROW(_field, _state, NULL, _version, _vmsd, _type, \
                   VMS_STRUCT | VMS_POINTER | VMS_ARRAY, VMS_AT_PTR(_state, _field, _type), \
                   .num = (_num))

/* ---- bytes ---- */

#define VMS_BYTES_ROW(_field, _version, _test, _kind, ...) \
    VMS_ROW(stringify(_field), _version, _test, _kind, .info = &vmstate_info_buffer, __VA_ARGS__)

#define VMSTATE_STATIC_BUFFER(_field, _state, _version, _test, _start, _size) \
    VMS_BYTES_ROW(_field, _version, _test, VMS_BUFFER, VMS_AT_BYTES(_state, _field, _start), \
                  .size = (_size) - (_start))
#define VMSTATE_BUFFER_V(_field, _state, _version) \
    VMSTATE_STATIC_BUFFER(_field, _state, _version, NULL, 0, sizeof_field(_state, _field))
#define VMSTATE_BUFFER(_field, _state) VMSTATE_BUFFER_V(_field, _state, 0)
#define VMSTATE_BUFFER_TEST(_field, _state, _test) \
    VMSTATE_STATIC_BUFFER(_field, _state, 0, _test, 0, sizeof_field(_state, _field))
#define VMSTATE_PARTIAL_BUFFER(_field, _state, _size) \
    VMSTATE_STATIC_BUFFER(_field, _state, 0, NULL, 0, _size)
#define VMSTATE_BUFFER_START_MIDDLE_V(_field, _state, _start, _version) \
    VMSTATE_STATIC_BUFFER(_field, _state, _version, NULL, _start, sizeof_field(_state, _field))
#define VMSTATE_BUFFER_START_MIDDLE(_field, _state, _start) \
    VMSTATE_BUFFER_START_MIDDLE_V(_field, _state, _start, 0)

/* Any member as raw bytes, or by an info of the caller's. */
#define VMSTATE_BUFFER_UNSAFE_INFO_TEST(_field, _state, _test, _version, _info, _size) \
    VMS_ROW(stringify(_field), _version, _test, VMS_BUFFER, VMS_AT_ANY(_state, _field), \
            .info = &(_info), .size = (_size))
#define VMSTATE_BUFFER_UNSAFE_INFO(_field, _state, _version, _info, _size) \
    VMSTATE_BUFFER_UNSAFE_INFO_TEST(_field, _state, NULL, _version, _info, _size)
#define VMSTATE_BUFFER_UNSAFE(_field, _state, _version, _size) \
    VMSTATE_BUFFER_UNSAFE_INFO(_field, _state, _version, vmstate_info_buffer, _size)
#define VMSTATE_BUFFER_POINTER_UNSAFE(_field, _state, _version, _size) \
    VMS_BYTES_ROW(_field, _version, NULL, VMS_BUFFER | VMS_POINTER, \
                  VMS_AT_ANY(_state, _field), .size = (_size))

#define VMS_VBUFFER_ROW(_field, _state, _version, _test, _count, _ctype, _kind, ...) \
    VMS_BYTES_ROW(_field, _version, _test, VMS_VBUFFER | VMS_POINTER | (_kind), \
                  VMS_AT_ANY(_state, _field), VMS_SIZE_IN(_state, _count, _ctype), __VA_ARGS__)
#define VMSTATE_VBUFFER(_field, _state, _version, _test, _field_size) \
    VMS_VBUFFER_ROW(_field, _state, _version, _test, _field_size, int32_t, 0, .size = 1)
#define VMSTATE_VBUFFER_UINT32(_field, _state, _version, _test, _field_size) \
    VMS_VBUFFER_ROW(_field, _state, _version, _test, _field_size, uint32_t, 0, .size = 1)
#define VMSTATE_VBUFFER_ALLOC_UINT32(_field, _state, _version, _test, _field_size) \
    VMS_VBUFFER_ROW(_field, _state, _version, _test, _field_size, uint32_t, VMS_ALLOC, .size = 1)
#define VMSTATE_VBUFFER_MULTIPLY(_field, _state, _version, _test, _field_size, _multiply) \
    VMS_VBUFFER_ROW(_field, _state, _version, _test, _field_size, uint32_t, VMS_MULTIPLY, \
                    .size = (_multiply))

/* Bytes of older versions that nobody wants: zeroes out, skipped in. */
#define VMSTATE_UNUSED_BUFFER(_test, _version, _size) \
    VMS_ROW("unused", _version, _test, VMS_BUFFER, .info = &vmstate_info_unused_buffer, \
            .size = (_size))
#define VMSTATE_UNUSED_V(_version, _size) VMSTATE_UNUSED_BUFFER(NULL, _version, _size)
#define VMSTATE_UNUSED(_size) VMSTATE_UNUSED_V(0, _size)
#define VMSTATE_UNUSED_TEST(_test, _size) VMSTATE_UNUSED_BUFFER(_test, 0, _size)
#define VMSTATE_UNUSED_VARRAY_UINT32(_state, _test, _version, _field_num, _size) \
    VMS_ROW("unused", _version, _test, VMS_VARRAY_UINT32 | VMS_BUFFER, \
            .info = &vmstate_info_unused_buffer, .size = (_size), \
            VMS_COUNT_IN(_state, _field_num, uint32_t))

/* ---- values that need an info of their own ---- */

/* The member points to _field_size (int32_t) bits. */
#define VMSTATE_BITMAP_TEST(_field, _state, _test, _version, _field_size) \
    VMS_ROW(stringify(_field), _version, _test, VMS_VBUFFER | VMS_POINTER, \
            VMS_AT_PTR(_state, _field, unsigned long), .info = &vmstate_info_bitmap, .size = 1, \
            VMS_SIZE_IN(_state, _field_size, int32_t))
#define VMSTATE_BITMAP(_field, _state, _version, _field_size) \
    VMSTATE_BITMAP_TEST(_field, _state, NULL, _version, _field_size)

/*
 * A scratch struct, allocated for the time of the walk and described by _vmsd;
 * its first member must be `parent`, a pointer to _state.
 */
#define VMSTATE_WITH_TMP_TEST(_state, _test, _tmp_type, _vmsd) \
    VMS_ROW("tmp", 0, _test, VMS_SINGLE, .info = &vmstate_info_tmp, .vmsd = &(_vmsd), \
            .size = sizeof(_tmp_type) + \
                    QEMU_BUILD_BUG_ON_ZERO(offsetof(_tmp_type, parent) != 0) + \
                    VMS_TYPE_IS(_state *, typeof_field(_tmp_type, parent)))
#define VMSTATE_WITH_TMP(_state, _tmp_type, _vmsd) \
    VMSTATE_WITH_TMP_TEST(_state, NULL, _tmp_type, _vmsd)

/* Lists of g_malloc'ed elements; loading fills an empty list. */
#define VMSTATE_QTAILQ_V(_field, _state, _version, _vmsd, _type, _next) \
    VMS_ROW(stringify(_field), _version, NULL, VMS_SINGLE, VMS_AT_ANY(_state, _field), \
            .info = &vmstate_info_qtailq, VMS_BY_VMSD(_vmsd, _type), \
            .start = offsetof(_type, _next))
#define VMSTATE_QLIST_V(_field, _state, _version, _vmsd, _type, _next) \
    VMS_ROW(stringify(_field), _version, NULL, VMS_SINGLE, VMS_AT_ANY(_state, _field), \
            .info = &vmstate_info_qlist, VMS_BY_VMSD(_vmsd, _type), \
            .start = offsetof(_type, _next))
/* A GTree *. _vmsd is an array: value's description, then key's; .start is the key's size. */
#define VMSTATE_GTREE_V(_field, _state, _version, _vmsd, _key_type, _val_type) \
    VMS_ROW(stringify(_field), _version, NULL, VMS_SINGLE, VMS_AT_PTR(_state, _field, GTree), \
            .info = &vmstate_info_gtree, .vmsd = (_vmsd), .size = sizeof(_val_type), \
            .start = sizeof(_key_type))
/* Keys are numbers kept in the key pointer itself. */
#define VMSTATE_GTREE_DIRECT_KEY_V(_field, _state, _version, _vmsd, _val_type) \
    VMS_ROW(stringify(_field), _version, NULL, VMS_SINGLE, VMS_AT_PTR(_state, _field, GTree), \
            .info = &vmstate_info_gtree, .vmsd = (_vmsd), .size = sizeof(_val_type), .start = 0)

/* ---- integers ---- */

extern const VMStateInfo vmstate_info_bool;
extern const VMStateInfo vmstate_info_int8;
extern const VMStateInfo vmstate_info_int16;
extern const VMStateInfo vmstate_info_int32;
extern const VMStateInfo vmstate_info_int64;
extern const VMStateInfo vmstate_info_uint8;
extern const VMStateInfo vmstate_info_uint16;
extern const VMStateInfo vmstate_info_uint32;
extern const VMStateInfo vmstate_info_uint64;
/* Loading fails when the stream's value is another one than the device has. */
extern const VMStateInfo vmstate_info_uint8_equal;
extern const VMStateInfo vmstate_info_uint16_equal;
extern const VMStateInfo vmstate_info_int32_equal;
extern const VMStateInfo vmstate_info_uint32_equal;
extern const VMStateInfo vmstate_info_uint64_equal;
/* 0 <= stream's value <= the device's own. */
extern const VMStateInfo vmstate_info_int32_le;
/* A NULL element in an array of pointers: one mark byte. */
extern const VMStateInfo vmstate_info_nullptr;
extern const VMStateInfo vmstate_info_timer;
extern const VMStateInfo vmstate_info_buffer;
extern const VMStateInfo vmstate_info_unused_buffer;
extern const VMStateInfo vmstate_info_tmp;
extern const VMStateInfo vmstate_info_bitmap;
extern const VMStateInfo vmstate_info_qtailq;
extern const VMStateInfo vmstate_info_qlist;
extern const VMStateInfo vmstate_info_gtree;

#define VMSTATE_BOOL_V(_f, _s, _v)   VMSTATE_SINGLE(_f, _s, _v, vmstate_info_bool, bool)
#define VMSTATE_INT8_V(_f, _s, _v)   VMSTATE_SINGLE(_f, _s, _v, vmstate_info_int8, int8_t)
#define VMSTATE_INT16_V(_f, _s, _v)  VMSTATE_SINGLE(_f, _s, _v, vmstate_info_int16, int16_t)
#define VMSTATE_INT32_V(_f, _s, _v)  VMSTATE_SINGLE(_f, _s, _v, vmstate_info_int32, int32_t)
#define VMSTATE_INT64_V(_f, _s, _v)  VMSTATE_SINGLE(_f, _s, _v, vmstate_info_int64, int64_t)
#define VMSTATE_UINT8_V(_f, _s, _v)  VMSTATE_SINGLE(_f, _s, _v, vmstate_info_uint8, uint8_t)
#define VMSTATE_UINT16_V(_f, _s, _v) VMSTATE_SINGLE(_f, _s, _v, vmstate_info_uint16, uint16_t)
#define VMSTATE_UINT32_V(_f, _s, _v) VMSTATE_SINGLE(_f, _s, _v, vmstate_info_uint32, uint32_t)
#define VMSTATE_UINT64_V(_f, _s, _v) VMSTATE_SINGLE(_f, _s, _v, vmstate_info_uint64, uint64_t)

#define VMSTATE_BOOL(_f, _s)   VMSTATE_BOOL_V(_f, _s, 0)
#define VMSTATE_INT8(_f, _s)   VMSTATE_INT8_V(_f, _s, 0)
#define VMSTATE_INT16(_f, _s)  VMSTATE_INT16_V(_f, _s, 0)
#define VMSTATE_INT32(_f, _s)  VMSTATE_INT32_V(_f, _s, 0)
#define VMSTATE_INT64(_f, _s)  VMSTATE_INT64_V(_f, _s, 0)
#define VMSTATE_UINT8(_f, _s)  VMSTATE_UINT8_V(_f, _s, 0)
#define VMSTATE_UINT16(_f, _s) VMSTATE_UINT16_V(_f, _s, 0)
#define VMSTATE_UINT32(_f, _s) VMSTATE_UINT32_V(_f, _s, 0)
#define VMSTATE_UINT64(_f, _s) VMSTATE_UINT64_V(_f, _s, 0)

#define VMS_TESTED(_f, _s, _t, _info, _type) VMSTATE_SINGLE_TEST(_f, _s, _t, 0, _info, _type)
#define VMSTATE_BOOL_TEST(_f, _s, _t)   VMS_TESTED(_f, _s, _t, vmstate_info_bool, bool)
#define VMSTATE_INT8_TEST(_f, _s, _t)   VMS_TESTED(_f, _s, _t, vmstate_info_int8, int8_t)
#define VMSTATE_INT16_TEST(_f, _s, _t)  VMS_TESTED(_f, _s, _t, vmstate_info_int16, int16_t)
#define VMSTATE_INT32_TEST(_f, _s, _t)  VMS_TESTED(_f, _s, _t, vmstate_info_int32, int32_t)
#define VMSTATE_INT64_TEST(_f, _s, _t)  VMS_TESTED(_f, _s, _t, vmstate_info_int64, int64_t)
#define VMSTATE_UINT8_TEST(_f, _s, _t)  VMS_TESTED(_f, _s, _t, vmstate_info_uint8, uint8_t)
#define VMSTATE_UINT16_TEST(_f, _s, _t) VMS_TESTED(_f, _s, _t, vmstate_info_uint16, uint16_t)
#define VMSTATE_UINT32_TEST(_f, _s, _t) VMS_TESTED(_f, _s, _t, vmstate_info_uint32, uint32_t)
#define VMSTATE_UINT64_TEST(_f, _s, _t) VMS_TESTED(_f, _s, _t, vmstate_info_uint64, uint64_t)

#define VMS_EQUAL(_f, _s, _v, _info, _type, _hint) \
    VMSTATE_SINGLE_FULL(_f, _s, NULL, _v, _info, _type, _hint)
#define VMSTATE_UINT8_EQUAL(_f, _s, _err_hint) \
    VMS_EQUAL(_f, _s, 0, vmstate_info_uint8_equal, uint8_t, _err_hint)
#define VMSTATE_UINT16_EQUAL_V(_f, _s, _v, _err_hint) \
    VMS_EQUAL(_f, _s, _v, vmstate_info_uint16_equal, uint16_t, _err_hint)
#define VMSTATE_UINT16_EQUAL(_f, _s, _err_hint) VMSTATE_UINT16_EQUAL_V(_f, _s, 0, _err_hint)
#define VMSTATE_INT32_EQUAL(_f, _s, _err_hint) \
    VMS_EQUAL(_f, _s, 0, vmstate_info_int32_equal, int32_t, _err_hint)
#define VMSTATE_UINT32_EQUAL_V(_f, _s, _v, _err_hint) \
    VMS_EQUAL(_f, _s, _v, vmstate_info_uint32_equal, uint32_t, _err_hint)
#define VMSTATE_UINT32_EQUAL(_f, _s, _err_hint) VMSTATE_UINT32_EQUAL_V(_f, _s, 0, _err_hint)
#define VMSTATE_UINT64_EQUAL_V(_f, _s, _v, _err_hint) \
    VMS_EQUAL(_f, _s, _v, vmstate_info_uint64_equal, uint64_t, _err_hint)
#define VMSTATE_UINT64_EQUAL(_f, _s, _err_hint) VMSTATE_UINT64_EQUAL_V(_f, _s, 0, _err_hint)
#define VMSTATE_INT32_POSITIVE_LE(_f, _s) \
    VMSTATE_SINGLE(_f, _s, 0, vmstate_info_int32_le, int32_t)

/* For one integer type: VMSTATE_<T>_ARRAY(_V), _SUB_ARRAY, _2DARRAY(_V). */
#define VMSTATE_BOOL_ARRAY_V(_f, _s, _n, _v) \
    VMSTATE_ARRAY(_f, _s, _n, _v, vmstate_info_bool, bool)
#define VMSTATE_BOOL_ARRAY(_f, _s, _n) VMSTATE_BOOL_ARRAY_V(_f, _s, _n, 0)
#define VMSTATE_BOOL_SUB_ARRAY(_f, _s, _start, _num) \
    VMSTATE_SUB_ARRAY(_f, _s, _start, _num, 0, vmstate_info_bool, bool)
#define VMSTATE_UINT8_ARRAY_V(_f, _s, _n, _v) \
    VMSTATE_ARRAY(_f, _s, _n, _v, vmstate_info_uint8, uint8_t)
#define VMSTATE_UINT8_ARRAY(_f, _s, _n) VMSTATE_UINT8_ARRAY_V(_f, _s, _n, 0)
#define VMSTATE_UINT8_SUB_ARRAY(_f, _s, _start, _num) \
    VMSTATE_SUB_ARRAY(_f, _s, _start, _num, 0, vmstate_info_uint8, uint8_t)
#define VMSTATE_UINT8_2DARRAY_V(_f, _s, _n1, _n2, _v) \
    VMSTATE_2DARRAY(_f, _s, _n1, _n2, _v, vmstate_info_uint8, uint8_t)
#define VMSTATE_UINT8_2DARRAY(_f, _s, _n1, _n2) VMSTATE_UINT8_2DARRAY_V(_f, _s, _n1, _n2, 0)
#define VMSTATE_UINT16_ARRAY_V(_f, _s, _n, _v) \
    VMSTATE_ARRAY(_f, _s, _n, _v, vmstate_info_uint16, uint16_t)
#define VMSTATE_UINT16_ARRAY(_f, _s, _n) VMSTATE_UINT16_ARRAY_V(_f, _s, _n, 0)
#define VMSTATE_UINT16_SUB_ARRAY(_f, _s, _start, _num) \
    VMSTATE_SUB_ARRAY(_f, _s, _start, _num, 0, vmstate_info_uint16, uint16_t)
#define VMSTATE_UINT16_2DARRAY_V(_f, _s, _n1, _n2, _v) \
    VMSTATE_2DARRAY(_f, _s, _n1, _n2, _v, vmstate_info_uint16, uint16_t)
#define VMSTATE_UINT16_2DARRAY(_f, _s, _n1, _n2) VMSTATE_UINT16_2DARRAY_V(_f, _s, _n1, _n2, 0)
#define VMSTATE_UINT32_ARRAY_V(_f, _s, _n, _v) \
    VMSTATE_ARRAY(_f, _s, _n, _v, vmstate_info_uint32, uint32_t)
#define VMSTATE_UINT32_ARRAY(_f, _s, _n) VMSTATE_UINT32_ARRAY_V(_f, _s, _n, 0)
#define VMSTATE_UINT32_SUB_ARRAY(_f, _s, _start, _num) \
    VMSTATE_SUB_ARRAY(_f, _s, _start, _num, 0, vmstate_info_uint32, uint32_t)
#define VMSTATE_UINT32_2DARRAY_V(_f, _s, _n1, _n2, _v) \
    VMSTATE_2DARRAY(_f, _s, _n1, _n2, _v, vmstate_info_uint32, uint32_t)
#define VMSTATE_UINT32_2DARRAY(_f, _s, _n1, _n2) VMSTATE_UINT32_2DARRAY_V(_f, _s, _n1, _n2, 0)
#define VMSTATE_UINT64_ARRAY_V(_f, _s, _n, _v) \
    VMSTATE_ARRAY(_f, _s, _n, _v, vmstate_info_uint64, uint64_t)
#define VMSTATE_UINT64_ARRAY(_f, _s, _n) VMSTATE_UINT64_ARRAY_V(_f, _s, _n, 0)
#define VMSTATE_UINT64_SUB_ARRAY(_f, _s, _start, _num) \
    VMSTATE_SUB_ARRAY(_f, _s, _start, _num, 0, vmstate_info_uint64, uint64_t)
#define VMSTATE_UINT64_2DARRAY_V(_f, _s, _n1, _n2, _v) \
    VMSTATE_2DARRAY(_f, _s, _n1, _n2, _v, vmstate_info_uint64, uint64_t)
#define VMSTATE_UINT64_2DARRAY(_f, _s, _n1, _n2) VMSTATE_UINT64_2DARRAY_V(_f, _s, _n1, _n2, 0)
#define VMSTATE_INT16_ARRAY_V(_f, _s, _n, _v) \
    VMSTATE_ARRAY(_f, _s, _n, _v, vmstate_info_int16, int16_t)
#define VMSTATE_INT16_ARRAY(_f, _s, _n) VMSTATE_INT16_ARRAY_V(_f, _s, _n, 0)
#define VMSTATE_INT32_ARRAY_V(_f, _s, _n, _v) \
    VMSTATE_ARRAY(_f, _s, _n, _v, vmstate_info_int32, int32_t)
#define VMSTATE_INT32_ARRAY(_f, _s, _n) VMSTATE_INT32_ARRAY_V(_f, _s, _n, 0)
#define VMSTATE_INT64_ARRAY_V(_f, _s, _n, _v) \
    VMSTATE_ARRAY(_f, _s, _n, _v, vmstate_info_int64, int64_t)
#define VMSTATE_INT64_ARRAY(_f, _s, _n) VMSTATE_INT64_ARRAY_V(_f, _s, _n, 0)

/* ---- timers: the expiry travels; loading arms or disarms ---- */

#define VMSTATE_TIMER_PTR_TEST(_f, _s, _test) \
    VMSTATE_POINTER_TEST(_f, _s, _test, vmstate_info_timer, QEMUTimer *)
#define VMSTATE_TIMER_PTR_V(_f, _s, _v) \
    VMSTATE_POINTER(_f, _s, _v, vmstate_info_timer, QEMUTimer *)
#define VMSTATE_TIMER_PTR(_f, _s) VMSTATE_TIMER_PTR_V(_f, _s, 0)
#define VMSTATE_TIMER_PTR_ARRAY(_f, _s, _n) \
    VMSTATE_ARRAY_OF_POINTER(_f, _s, _n, 0, vmstate_info_timer, QEMUTimer *)
#define VMSTATE_TIMER_TEST(_f, _s, _test) \
    VMSTATE_SINGLE_TEST(_f, _s, _test, 0, vmstate_info_timer, QEMUTimer)
#define VMSTATE_TIMER_V(_f, _s, _v) VMSTATE_SINGLE(_f, _s, _v, vmstate_info_timer, QEMUTimer)
#define VMSTATE_TIMER(_f, _s) VMSTATE_TIMER_V(_f, _s, 0)
#define VMSTATE_TIMER_ARRAY(_f, _s, _n) \
    VMSTATE_ARRAY(_f, _s, _n, 0, vmstate_info_timer, QEMUTimer)

/* The walkers stop at the flag, not at a NULL name. */
#define VMSTATE_END_OF_LIST() { .flags = VMS_END }

#endif
