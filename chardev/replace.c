/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chardev-change: another back end under the feet of a front end that agrees. */
#include "qemu/osdep.h"
#include "internal.h"

static void give(Chardev *from, Chardev *to, CharBackend *be)
{
    chardev_drop_watches(from);
    qatomic_set(&from->be, NULL);
    qatomic_set(&from->listen_ctx, NULL);
    be->chr = to;
    qatomic_set(&to->be, be);
    qatomic_set(&to->listen_ctx, to->ctx);
}

/* The front end's context is entered; it sets its handlers anew, for the new one. */
static bool hand_over(Chardev *old, Chardev *fresh, CharBackend *be)
{
    ChardevClass *cc = CHARDEV_GET_CLASS(fresh);

    give(old, fresh, be);
    chardev_move(fresh, old->ctx);
    qatomic_set(&fresh->listen_ctx, fresh->ctx);
    if (be->fe_is_open && cc->chr_set_fe_open) {
        cc->chr_set_fe_open(fresh, true);
    }
    if (be->chr_be_change(be->opaque)) {
        give(fresh, old, be);
        return false;
    }
    return true;
}

static bool change_user(Chardev *old, Chardev *fresh, Error **errp)
{
    g_auto(ChardevVisit) G_GNUC_UNUSED visit = chardev_visit_begin(old);
    CharBackend *be = old->be;
    bool ok;

    if (!be) {
        return true;
    }
    if (!be->chr_be_change) {
        error_setg(errp, "Chardev user does not support chardev hotswap");
        return false;
    }
    ok = hand_over(old, fresh, be);
    chardev_move(ok ? old : fresh, aio_context_main());
    if (!ok) {
        chardev_update(old);
        error_setg(errp, "Chardev '%s' change failed", old->label);
    }
    return ok;
}

bool chardev_replace(Chardev *old, Chardev *fresh, Error **errp)
{
    Object *parent = object_get_parent(OBJECT(old));

    if (!change_user(old, fresh, errp)) {
        return false;
    }
    g_free(fresh->label);
    fresh->label = g_strdup(old->label);
    object_unparent(OBJECT(old));
    object_property_add_child(parent, fresh->label, OBJECT(fresh));
    return true;
}
