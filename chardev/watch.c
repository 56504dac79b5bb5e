/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watches of front ends that wait for room.
 *
 * Device models remove a watch with g_source_remove(), so its tag must be the
 * id of a GSource of GLib's default context. No loop of this program ever runs
 * that context: the source is never ready, it only tells, by the destroy
 * notification of its callback, that it was removed. What runs the watch is
 * the home's loop.
 */
#include "qemu/osdep.h"
#include "internal.h"

struct ChardevWatch {
    Chardev *chr;           /* NULL: off the list */
    GSource *source;
    GIOCondition cond;
    FEWatchFunc func;
    void *opaque;
    unsigned refs;          /* list, source; home's lock, as all of it */
};

static void watch_unref(ChardevWatch *w)
{
    if (--w->refs == 0) {
        g_source_unref(w->source);
        g_free(w);
    }
}

/* g_source_remove() by the front end, or our own end of it. */
static void source_gone(gpointer opaque)
{
    ChardevWatch *w = opaque;
    Chardev *chr = w->chr;

    if (chr) {
        w->chr = NULL;
        g_queue_remove(&chr->watches, w);
        watch_unref(w);
        if (!chr->ringing) {
            chardev_update(chr);
        }
    }
    watch_unref(w);
}

static gboolean never(gpointer opaque)
{
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs inert;

guint chardev_add_watch(Chardev *chr, GIOCondition cond, FEWatchFunc func, void *opaque)
{
    ChardevClass *cc = CHARDEV_GET_CLASS(chr);
    ChardevWatch *w;
    guint tag;

    if (!cc->can_wait || !cc->can_wait(chr)) {
        return 0;
    }
    w = g_new(ChardevWatch, 1);
    *w = (ChardevWatch) { chr, g_source_new(&inert, sizeof(GSource)), cond, func, opaque, 2 };
    g_source_set_callback(w->source, never, w, source_gone);
    tag = g_source_attach(w->source, NULL);
    g_queue_push_tail(&chr->watches, w);
    chardev_update(chr);
    return tag;
}

bool chardev_has_watches(Chardev *chr)
{
    return !g_queue_is_empty(&chr->watches);
}

/*
 * Each watch that is there now, once; one that comes back later, or is added
 * by a callback, waits for the next time.
 */
static void ring(Chardev *chr, GIOCondition cond)
{
    g_autoptr(GPtrArray) now = g_ptr_array_new();

    for (GList *l = chr->watches.head; l; l = l->next) {
        ChardevWatch *w = l->data;

        if (w->cond & cond) {
            w->refs++;
            g_ptr_array_add(now, w);
        }
    }
    object_ref(chr);
    chr->ringing = true;
    for (guint i = 0; i < now->len; i++) {
        ChardevWatch *w = g_ptr_array_index(now, i);

        if (w->chr && !w->func(NULL, cond, w->opaque) && w->chr) {
            g_source_destroy(w->source);
        }
        watch_unref(w);
    }
    chr->ringing = false;
    chardev_update(chr);
    object_unref(chr);
}

void chardev_room(Chardev *chr)
{
    if (chardev_flush_held(chr)) {
        ring(chr, G_IO_OUT);
    } else {
        chardev_update(chr);
    }
}

void chardev_hung_up(Chardev *chr)
{
    g_byte_array_set_size(chr->held, 0);
    ring(chr, G_IO_HUP);
}

void chardev_drop_watches(Chardev *chr)
{
    ChardevWatch *w;

    while ((w = g_queue_peek_head(&chr->watches))) {
        g_source_destroy(w->source);
    }
}
