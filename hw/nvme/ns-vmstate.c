/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of the namespaces travels with a controller: which are attached, and what
 * formats and features have made of them. Both sides have the same drives, of the
 * same size: the destination's own must fit.
 */
#include "qemu/osdep.h"
#include "hw/nvme/admin.h"

typedef struct NvmeNsState {
    uint32_t nsid;
    uint8_t lbaf, dps;
    bool extended, write_protected;
    uint16_t tler;
    uint64_t created, commands[2], bytes[2], media_errors;
} NvmeNsState;

typedef struct NvmeNsStates {
    NvmeCtrl *parent;
    uint32_t count;
    NvmeNsState ns[NVME_MAX_NAMESPACES];
} NvmeNsStates;

static void save_one(const NvmeNamespace *ns, NvmeNsState *state)
{
    *state = (NvmeNsState) {
        .nsid = ns->nsid, .lbaf = ns->lbaf, .dps = ns->dps, .extended = ns->extended,
        .write_protected = ns->write_protected, .tler = ns->tler,
        .created = ns->created, .media_errors = ns->stats->media_errors,
    };
    memcpy(state->commands, ns->stats->commands, sizeof(state->commands));
    memcpy(state->bytes, ns->stats->bytes, sizeof(state->bytes));
}

static int states_pre_save(void *opaque)
{
    NvmeNsStates *states = opaque;
    NvmeNamespace **all = states->parent->namespaces;

    states->count = 0;
    for (NvmeNamespace *ns = nvme_next_ns(all, 0); ns; ns = nvme_next_ns(all, ns->nsid)) {
        save_one(ns, &states->ns[states->count++]);
    }
    return 0;
}

static bool fits(NvmeNamespace *ns, const NvmeNsState *state)
{
    return ns && state->lbaf < nvme_ns_formats(ns) &&
           (ns->writable || state->write_protected) && !(state->dps & ~0xf) &&
           nvme_protection_fits(ns, state->lbaf, state->dps);
}

static int load_one(NvmeCtrl *n, const NvmeNsState *state)
{
    NvmeNamespace *ns = NULL;

    if (state->nsid >= 1 && state->nsid <= NVME_MAX_NAMESPACES) {
        ns = n->subsys->namespaces[state->nsid];
    }
    if (!fits(ns, state)) {
        return -EINVAL;
    }
    n->namespaces[state->nsid] = ns;
    nvme_ns_set_format(ns, state->lbaf, state->extended, state->dps);
    ns->created = state->created;
    ns->write_protected = state->write_protected;
    ns->tler = state->tler;
    ns->stats->media_errors = state->media_errors;
    memcpy(ns->stats->commands, state->commands, sizeof(state->commands));
    memcpy(ns->stats->bytes, state->bytes, sizeof(state->bytes));
    return nvme_ns_layout(ns) ? 0 : -EINVAL;
}

static int states_post_load(void *opaque, int version_id)
{
    NvmeNsStates *states = opaque;
    NvmeCtrl *n = states->parent;

    memset(n->namespaces, 0, sizeof(n->namespaces));
    for (uint32_t i = 0; i < states->count; i++) {
        if (load_one(n, &states->ns[i]) < 0) {
            return -EINVAL;
        }
    }
    return 0;
}

static const VMStateDescription vmstate_ns = {
    .name = "nvme/namespace",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(nsid, NvmeNsState),
        VMSTATE_UINT8(lbaf, NvmeNsState),
        VMSTATE_UINT8(dps, NvmeNsState),
        VMSTATE_BOOL(extended, NvmeNsState),
        VMSTATE_BOOL(write_protected, NvmeNsState),
        VMSTATE_UINT16(tler, NvmeNsState),
        VMSTATE_UINT64(created, NvmeNsState),
        VMSTATE_UINT64_ARRAY(commands, NvmeNsState, 2),
        VMSTATE_UINT64_ARRAY(bytes, NvmeNsState, 2),
        VMSTATE_UINT64(media_errors, NvmeNsState),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_states = {
    .name = "nvme/namespaces/states",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_save = states_pre_save,
    .post_load = states_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(count, NvmeNsStates),
        VMSTATE_STRUCT_VARRAY_UINT32(ns, NvmeNsStates, count, 1, vmstate_ns, NvmeNsState),
        VMSTATE_END_OF_LIST()
    }
};

const VMStateDescription nvme_vmstate_namespaces = {
    .name = "nvme/namespaces",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_WITH_TMP(NvmeCtrl, NvmeNsStates, vmstate_states),
        VMSTATE_END_OF_LIST()
    }
};
