/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How values travel that are more than bytes at an address: bitmaps, scratch
 * structs, lists and trees. A list is elements, each behind a byte 1, ended by
 * a byte 0; a tree is the same behind a count, keys before values. Elements
 * are allocated one by one out of the stream's budget and are the device's as
 * soon as they are linked, so a load that fails half way leaks nothing.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/queue.h"
#include "migration/qemu-file.h"
#include "migration/vmstate.h"
#include "stream-budget.h"

static int save_one(QEMUFile *f, const VMStateDescription *vmsd, void *pv)
{
    Error *reason = NULL;
    int ret = vmstate_save_state_errp(f, vmsd, pv, NULL, &reason);

    if (ret) {
        qemu_file_set_error_obj(f, ret, reason);
    }
    return ret;
}

static int load_one(QEMUFile *f, const VMStateDescription *vmsd, void *pv)
{
    Error *reason = NULL;
    int ret = vmstate_load_state_errp(f, vmsd, pv, vmsd->version_id, &reason);

    if (ret) {
        qemu_file_set_error_obj(f, ret, reason);
    }
    return ret;
}

/* NULL with the stream's error set. */
static void *load_new(QEMUFile *f, const VMStateDescription *vmsd, size_t size)
{
    g_autofree void *one = NULL;

    if (!stream_budget_take(f, size)) {
        qemu_file_set_error(f, -ENOMEM);
        return NULL;
    }
    one = g_malloc0(size);
    return load_one(f, vmsd, one) ? NULL : g_steal_pointer(&one);
}

/* ---- bitmap: words of 64 bits; `size` is in bits ---- */

#define BITMAP_WORDS(bits) ((bits) / 64 + ((bits) % 64 != 0))

static int get_bitmap(QEMUFile *f, void *pv, size_t size, const VMStateField *field)
{
    unsigned long *bits = pv;

    QEMU_BUILD_BUG_ON(sizeof(long) != 8);
    for (size_t i = 0; i < BITMAP_WORDS(size); i++) {
        bits[i] = qemu_get_be64(f);
    }
    /* Users count set bits: none may be beyond the end. */
    if (size % 64) {
        bits[size / 64] &= (1ul << size % 64) - 1;
    }
    return 0;
}

static int put_bitmap(QEMUFile *f, void *pv, size_t size, const VMStateField *field,
                      JSONWriter *vmdesc)
{
    const unsigned long *bits = pv;

    for (size_t i = 0; i < BITMAP_WORDS(size); i++) {
        qemu_put_be64(f, bits[i]);
    }
    return 0;
}

const VMStateInfo vmstate_info_bitmap = {
    .name = "bitmap", .get = get_bitmap, .put = put_bitmap,
};

/* ---- scratch struct: its first word is the parent, its hooks move the values ---- */

static void *scratch_for(void *parent, size_t size)
{
    void **scratch = g_malloc0(size);

    *scratch = parent;
    return scratch;
}

static int get_tmp(QEMUFile *f, void *pv, size_t size, const VMStateField *field)
{
    g_autofree void *scratch = scratch_for(pv, size);

    return load_one(f, field->vmsd, scratch);
}

static int put_tmp(QEMUFile *f, void *pv, size_t size, const VMStateField *field,
                   JSONWriter *vmdesc)
{
    g_autofree void *scratch = scratch_for(pv, size);

    return save_one(f, field->vmsd, scratch);
}

const VMStateInfo vmstate_info_tmp = { .name = "tmp", .get = get_tmp, .put = put_tmp };

/* ---- QTAILQ ---- */

static QTailQPair *tail_link(const VMStateField *field, void *elm)
{
    return (QTailQPair *)((char *)elm + field->start);
}

static int get_qtailq(QEMUFile *f, void *pv, size_t size, const VMStateField *field)
{
    QTailQPair *head = pv;

    while (qemu_get_byte(f)) {
        void *elm = load_new(f, field->vmsd, size);
        QTailQPair *link;

        if (!elm) {
            break;
        }
        link = tail_link(field, elm);
        link->next = NULL;
        link->back = head->back;
        head->back->next = elm;
        head->back = link;
    }
    return qemu_file_get_error(f);
}

/* An element of a list: each is preceded by "one more". */
static int save_element(QEMUFile *f, const VMStateField *field, void *elm)
{
    qemu_put_byte(f, true);
    return save_one(f, field->vmsd, elm);
}

static int put_qtailq(QEMUFile *f, void *pv, size_t size, const VMStateField *field,
                      JSONWriter *vmdesc)
{
    for (void *elm = ((QTailQPair *)pv)->next; elm; elm = tail_link(field, elm)->next) {
        int ret = save_element(f, field, elm);

        if (ret) {
            return ret;
        }
    }
    qemu_put_byte(f, false);
    return 0;
}

const VMStateInfo vmstate_info_qtailq = {
    .name = "qtailq", .get = get_qtailq, .put = put_qtailq,
};

/* ---- QLIST ---- */

typedef struct QListLink {
    void *next;
    void **pnext;
} QListLink;

static QListLink *list_link(const VMStateField *field, void *elm)
{
    return (QListLink *)((char *)elm + field->start);
}

static int get_qlist(QEMUFile *f, void *pv, size_t size, const VMStateField *field)
{
    void **slot = pv;

    while (*slot) {
        slot = &list_link(field, *slot)->next;
    }
    while (qemu_get_byte(f)) {
        void *elm = load_new(f, field->vmsd, size);

        if (!elm) {
            break;
        }
        *list_link(field, elm) = (QListLink) { .next = NULL, .pnext = slot };
        *slot = elm;
        slot = &list_link(field, elm)->next;
    }
    return qemu_file_get_error(f);
}

static int put_qlist(QEMUFile *f, void *pv, size_t size, const VMStateField *field,
                     JSONWriter *vmdesc)
{
    for (void *elm = *(void **)pv; elm; elm = list_link(field, elm)->next) {
        int ret = save_element(f, field, elm);

        if (ret) {
            return ret;
        }
    }
    qemu_put_byte(f, false);
    return 0;
}

const VMStateInfo vmstate_info_qlist = {
    .name = "qlist", .get = get_qlist, .put = put_qlist,
};

/* ---- GTree: .vmsd[0] is the value's, .vmsd[1] the key's; .start the key's size, 0: direct ---- */

typedef struct TreeWalk {
    QEMUFile *f;
    const VMStateField *field;
    int ret;
} TreeWalk;

static gboolean put_node(gpointer key, gpointer value, gpointer opaque)
{
    TreeWalk *walk = opaque;

    qemu_put_byte(walk->f, true);
    if (walk->field->start) {
        walk->ret = save_one(walk->f, &walk->field->vmsd[1], key);
    } else {
        qemu_put_be64(walk->f, (uintptr_t)key);
    }
    if (!walk->ret) {
        walk->ret = save_one(walk->f, &walk->field->vmsd[0], value);
    }
    return walk->ret != 0;
}

static int put_gtree(QEMUFile *f, void *pv, size_t size, const VMStateField *field,
                     JSONWriter *vmdesc)
{
    TreeWalk walk = { .f = f, .field = field };
    GTree *tree = *(GTree **)pv;

    qemu_put_be32(f, tree ? g_tree_nnodes(tree) : 0);
    if (tree) {
        g_tree_foreach(tree, put_node, &walk);
    }
    qemu_put_byte(f, false);
    return walk.ret;
}

static bool get_node(QEMUFile *f, const VMStateField *field, GTree *tree)
{
    g_autofree void *key = NULL;
    void *value;
    uintptr_t direct = 0;

    if (field->start) {
        key = load_new(f, &field->vmsd[1], field->start);
    } else {
        direct = qemu_get_be64(f);
    }
    value = qemu_file_get_error(f) ? NULL : load_new(f, &field->vmsd[0], field->size);
    if (!value) {
        return false;
    }
    /* A key that is there twice would make the tree drop a value that nobody frees. */
    if (g_tree_lookup_extended(tree, key ? key : (void *)direct, NULL, NULL)) {
        g_free(value);
        return false;
    }
    g_tree_insert(tree, key ? g_steal_pointer(&key) : (void *)direct, value);
    return true;
}

static int get_gtree(QEMUFile *f, void *pv, size_t size, const VMStateField *field)
{
    GTree *tree = *(GTree **)pv;
    uint32_t want = qemu_get_be32(f);
    uint32_t got = 0;

    while (qemu_get_byte(f)) {
        if (!tree || got == want || !get_node(f, field, tree)) {
            qemu_file_set_error(f, -EINVAL);
            break;
        }
        got++;
    }
    return qemu_file_get_error(f) ? qemu_file_get_error(f) : got == want ? 0 : -EINVAL;
}

const VMStateInfo vmstate_info_gtree = {
    .name = "gtree", .get = get_gtree, .put = put_gtree,
};
