/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ids: made ones begin with '#', which no well-formed one does. */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/id.h"

static const char *const subsystem_names[ID_MAX] = {
    [ID_QDEV] = "qdev",
    [ID_BLOCK] = "block",
    [ID_CHR] = "chr",
    [ID_NET] = "net",
};

char *id_generate(IdSubSystems id)
{
    static uint64_t counters[ID_MAX];

    g_assert(id < ID_MAX);
    return g_strdup_printf("#%s%" PRIu64, subsystem_names[id], qatomic_fetch_inc(&counters[id]));
}

bool id_wellformed(const char *id)
{
    if (!g_ascii_isalpha(*id)) {
        return false;
    }
    for (id++; *id; id++) {
        if (!g_ascii_isalnum(*id) && !strchr("-._", *id)) {
            return false;
        }
    }
    return true;
}
