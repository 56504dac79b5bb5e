/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVM subsystems: which controllers share which namespaces. A controller that names
 * none has one to itself. All controllers of one are in the same isolation domain,
 * because they work on the same namespaces under one lock.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "qemu/cutils.h"
#include "qemu/module.h"
#include "qapi/error.h"
#include "hw/qdev-properties.h"
#include "hw/nvme/admin.h"

#define NQN_PREFIX "nqn.2019-08.org.qemu:"
/* Base 4.5: bytes of a qualified name without the end. */
enum { NQN_MAX = 223 };

/* ---- joining and leaving ---- */

static bool check_domain(NvmeSubsystem *subsys, AioContext *ctx, Error **errp)
{
    g_autofree char *name = NULL;

    if (!subsys->ctx || subsys->ctx == ctx) {
        return true;
    }
    name = qdev_get_human_name(DEVICE(subsys));
    error_setg(errp, "subsys=%s has controllers of another isolation domain: put all of them on "
               "the buses of one isolated-rc", name);
    return false;
}

static int free_cntlid(const NvmeSubsystem *subsys)
{
    for (int id = 0; id < NVME_MAX_CONTROLLERS; id++) {
        if (!subsys->ctrls[id]) {
            return id;
        }
    }
    return -1;
}

static NvmeSubsystem *private_subsys(const NvmeCtrl *n)
{
    NvmeSubsystem *subsys = NVME_SUBSYS(object_new(TYPE_NVME_SUBSYS));

    subsys->private = true;
    pstrcpy(subsys->nqn, sizeof(subsys->nqn), NQN_PREFIX);
    g_strlcat(subsys->nqn, n->params.serial, sizeof(subsys->nqn));
    return subsys;
}

static void attach_shared(NvmeCtrl *n)
{
    NvmeNamespace **all = n->subsys->namespaces;

    for (NvmeNamespace *ns = nvme_next_ns(all, 0); ns; ns = nvme_next_ns(all, ns->nsid)) {
        if (ns->shared && !ns->params.detached) {
            nvme_ns_attach(n, ns);
        }
    }
}

bool nvme_subsys_join(NvmeCtrl *n, Error **errp)
{
    AioContext *ctx = qdev_get_aio_context(DEVICE(n));
    int id;

    if (!n->subsys) {
        n->subsys = private_subsys(n);
    }
    if (!check_domain(n->subsys, ctx, errp)) {
        return false;
    }
    id = free_cntlid(n->subsys);
    if (id < 0) {
        error_setg(errp, "subsystem '%s' has %u controllers already", n->subsys->nqn,
                   NVME_MAX_CONTROLLERS);
        return false;
    }
    n->cntlid = id;
    n->subsys->ctrls[id] = n;
    n->subsys->ctx = ctx;
    attach_shared(n);
    return true;
}

static bool is_deserted(const NvmeSubsystem *subsys)
{
    for (unsigned id = 0; id < NVME_MAX_CONTROLLERS; id++) {
        if (subsys->ctrls[id]) {
            return false;
        }
    }
    return true;
}

static void remove_implicit(NvmeCtrl *n)
{
    NvmeNamespace *ns = g_steal_pointer(&n->implicit);

    if (ns) {
        nvme_ns_release(ns);
        nvme_ns_close(ns);
        g_free(ns);
    }
}

void nvme_subsys_leave(NvmeCtrl *n)
{
    remove_implicit(n);
    memset(n->namespaces, 0, sizeof(n->namespaces));
    n->subsys->ctrls[n->cntlid] = NULL;
    if (is_deserted(n->subsys)) {
        n->subsys->ctx = NULL;
    }
    if (n->subsys->private) {
        object_unref(OBJECT(g_steal_pointer(&n->subsys)));
    }
}

bool nvme_ns_add_implicit(NvmeCtrl *n, Error **errp)
{
    g_autofree NvmeNamespace *ns = g_new0(NvmeNamespace, 1);

    ns->dev = DEVICE(n);
    ns->blkconf = n->conf;
    ns->params.mssrl = 128;
    ns->params.mcl = 128;
    ns->params.msrc = 127;
    if (!nvme_ns_open(ns, n->subsys, errp)) {
        return false;
    }
    if (!nvme_ns_allocate(ns, n->subsys, 0, errp)) {
        nvme_ns_close(ns);
        return false;
    }
    nvme_ns_attach(n, ns);
    n->implicit = g_steal_pointer(&ns);
    return true;
}

void nvme_subsys_capacity(NvmeSubsystem *subsys, uint64_t *total, uint64_t *unallocated)
{
    *total = *unallocated = 0;
    for (guint i = 0; i < subsys->media->len; i++) {
        const NvmeNamespace *ns = g_ptr_array_index(subsys->media, i);

        *total += ns->medium;
        *unallocated += ns->nsid ? 0 : ns->medium;
    }
}

/* ---- the device ---- */

static void nvme_subsys_realize(DeviceState *dev, Error **errp)
{
    NvmeSubsystem *subsys = NVME_SUBSYS(dev);
    const char *suffix = subsys->nqn_suffix ?: dev->id;

    if (!suffix || !*suffix) {
        error_setg(errp, "nvme-subsys needs a name: set property 'nqn' or 'id'");
        return;
    }
    if (strlen(suffix) > NQN_MAX - strlen(NQN_PREFIX)) {
        error_setg(errp, "property 'nqn' of nvme-subsys has %zu characters, but at most %zu fit",
                   strlen(suffix), NQN_MAX - strlen(NQN_PREFIX));
        return;
    }
    pstrcpy(subsys->nqn, sizeof(subsys->nqn), NQN_PREFIX);
    g_strlcat(subsys->nqn, suffix, sizeof(subsys->nqn));
}

static void nvme_subsys_init(Object *obj)
{
    NvmeSubsystem *subsys = NVME_SUBSYS(obj);

    subsys->media = g_ptr_array_new();
    subsys->retired = g_new0(NvmeNsStats, 1);
}

static void nvme_subsys_finalize(Object *obj)
{
    NvmeSubsystem *subsys = NVME_SUBSYS(obj);

    g_ptr_array_unref(subsys->media);
    g_free(subsys->retired);
}

static Property nvme_subsys_properties[] = {
    DEFINE_PROP_STRING("nqn", NvmeSubsystem, nqn_suffix),
    DEFINE_PROP_END_OF_LIST(),
};

static void nvme_subsys_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->realize = nvme_subsys_realize;
    dc->hotpluggable = false;
    dc->desc = "Virtual NVMe subsystem";
    device_class_set_props(dc, nvme_subsys_properties);
    set_bit(DEVICE_CATEGORY_STORAGE, dc->categories);
}

static const TypeInfo nvme_subsys_types[] = {
    {
        .name = TYPE_NVME_SUBSYS,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(NvmeSubsystem),
        .instance_init = nvme_subsys_init,
        .instance_finalize = nvme_subsys_finalize,
        .class_init = nvme_subsys_class_init,
    },
};

DEFINE_TYPES(nvme_subsys_types)
