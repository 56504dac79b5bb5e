/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/defer-call.h"

typedef struct DeferredCall {
    void (*fn)(void *opaque);
    void *opaque;
} DeferredCall;

/* A domain has few back ends, so few calls are put off: what is beyond is done at once. */
enum { CALLS_MAX = 16 };

static __thread struct {
    unsigned depth, n;
    DeferredCall calls[CALLS_MAX];
} section;

void defer_call_begin(void)
{
    section.depth++;
}

void defer_call(void (*fn)(void *opaque), void *opaque)
{
    if (section.depth == 0) {
        fn(opaque);
        return;
    }
    for (unsigned i = 0; i < section.n; i++) {
        if (section.calls[i].fn == fn && section.calls[i].opaque == opaque) {
            return;
        }
    }
    if (section.n == CALLS_MAX) {
        fn(opaque);
    } else {
        section.calls[section.n++] = (DeferredCall) { fn, opaque };
    }
}

/* Each is taken off before it is made: it may put off others, or itself again. */
void defer_call_flush(void)
{
    while (section.n > 0) {
        DeferredCall call = section.calls[--section.n];

        call.fn(call.opaque);
    }
}

void defer_call_end(void)
{
    g_assert(section.depth > 0);
    if (--section.depth == 0) {
        defer_call_flush();
    }
}
