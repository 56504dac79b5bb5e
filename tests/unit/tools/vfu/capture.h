/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a piece of vfu's code prints, as text and as JSON. */
#ifndef TEST_VFU_CAPTURE_H
#define TEST_VFU_CAPTURE_H

#include "qemu/osdep.h"
#include "tools/vfu/output.h"

typedef void CaptureFn(VfuOut *o, void *opaque);

static inline char *capture(bool json, CaptureFn *fn, void *opaque)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    VfuOut *o = out_new(json, f);

    out_begin(o);
    fn(o, opaque);
    out_end(o, true);
    out_free(o);
    fclose(f);
    return text;
}

static inline void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        g_test_message("not found: %s\nin: %s", part, text);
        g_test_fail();
    }
}

#endif
