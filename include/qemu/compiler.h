/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What we expect from gcc >= 12 and clang >= 14, spelled in QEMU's words, so
 * that a device model finds the attribute and cast names that it knows.
 */
#ifndef QEMU_COMPILER_H
#define QEMU_COMPILER_H

#include <stddef.h>

#define HOST_BIG_ENDIAN (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
#define HOST_LONG_BITS (__SIZEOF_POINTER__ * 8)

#define QEMU_NORETURN __attribute__((noreturn))
#define QEMU_WARN_UNUSED_RESULT __attribute__((warn_unused_result))
#define QEMU_SENTINEL __attribute__((sentinel))
#define QEMU_PACKED __attribute__((packed))
#define QEMU_ALIGNED(bytes) __attribute__((aligned(bytes)))
#define QEMU_ALWAYS_INLINE __attribute__((always_inline)) inline
#define QEMU_NONSTRING
#define QEMU_COLD __attribute__((cold))
#define QEMU_USED __attribute__((used))
#define QEMU_UNINITIALIZED
#define QEMU_ANNOTATE(text)
#define G_NORETURN_COLD __attribute__((noreturn, cold))

/* Coroutine and lock annotations exist for source compatibility: no tool of ours reads them. */
#define coroutine_fn
#define coroutine_mixed_fn
#define no_coroutine_fn
#define co_wrapper
#define TSA_GUARDED_BY(lock)
#define TSA_REQUIRES(...)
#define TSA_EXCLUDES(...)
#define TSA_NO_TSA

#ifndef likely
#define likely(cond) __builtin_expect((cond) ? 1 : 0, 1)
#define unlikely(cond) __builtin_expect((cond) ? 1 : 0, 0)
#endif

#define barrier() __asm__ __volatile__("" : : : "memory")

#define xstr(text) str(text)
#define str(text) #text
#ifndef stringify
#define stringify_raw(text) #text
#define stringify(text) stringify_raw(text)
#endif

#ifndef glue
#define glue_raw(left, right) left##right
#define glue(left, right) glue_raw(left, right)
#endif

#define typeof_field(type, member) __typeof__(((type *)NULL)->member)
#define sizeof_field(type, member) sizeof(((type *)NULL)->member)
#define endof(type, member) (offsetof(type, member) + sizeof_field(type, member))

/* The detour over a typed pointer makes the compiler check that ptr points to such a member. */
#undef container_of
#define container_of(ptr, type, member) __extension__({ \
        const typeof_field(type, member) *member_ptr_ = (ptr); \
        (type *)((char *)(__UINTPTR_TYPE__)member_ptr_ - offsetof(type, member)); })

/* Old QEMU spelling; the build fails when the member is not the first one. */
#define DO_UPCAST(type, member, ptr) __extension__({ \
        QEMU_BUILD_BUG_ON(offsetof(type, member) != 0); \
        container_of(ptr, type, member); })

#define QEMU_BUILD_BUG_MSG(cond, text) _Static_assert(!(cond), text)
#define QEMU_BUILD_BUG_ON(cond) QEMU_BUILD_BUG_MSG(cond, "not expecting: " #cond)
#define QEMU_BUILD_BUG_ON_ZERO(cond) \
    (sizeof(struct { int must_hold : (cond) ? -1 : 1; }) - sizeof(struct { int must_hold : 1; }))

/* 1 when the expression is an array and not a pointer. */
#define QEMU_IS_ARRAY(thing) \
    (!__builtin_types_compatible_p(__typeof__(thing), __typeof__(&(thing)[0])))

#if defined(__clang__)
#define QEMU_FLATTEN
#else
#define QEMU_FLATTEN __attribute__((flatten))
#endif
#define QEMU_DISABLE_CFI
#define HAS_ASSUME_ALIGNED

/* Turned on by the build for TSan; device models ask for it by this name. */
#if defined(__SANITIZE_THREAD__)
#define QEMU_SANITIZE_THREAD 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define QEMU_SANITIZE_THREAD 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define QEMU_SANITIZE_ADDRESS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define QEMU_SANITIZE_ADDRESS 1
#endif
#endif

/*
 * Typed void pointers (habit A12): a type that begins with
 * OPAQUE_MAGIC_FIELD sets it with OPAQUE_INIT, and each callback that gets a
 * `void *opaque` takes it back with OPAQUE_CAST, which stops at once on a
 * pointer of another type. The tag is the type's name, so no table of numbers.
 */
#define OPAQUE_MAGIC_FIELD const char *opaque_magic;
#define OPAQUE_INIT(Type, ptr) ((ptr)->opaque_magic = #Type)
#define OPAQUE_CAST(Type, ptr) __extension__({ \
        Type *opaque_ptr_ = (ptr); \
        g_assert(opaque_ptr_ && !g_strcmp0(opaque_ptr_->opaque_magic, #Type)); \
        opaque_ptr_; })

#endif
