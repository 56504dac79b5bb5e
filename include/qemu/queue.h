/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intrusive lists with QEMU's names. Four kinds:
 *   QLIST     doubly linked, head is one pointer; O(1) removal without the head
 *   QSLIST    singly linked, head is one pointer; a stack
 *   QSIMPLEQ  singly linked queue with a tail
 *   QTAILQ    doubly linked queue, can be walked backwards
 * Idea of all of them: a link remembers the *pointer that points to it*
 * (`pnext`), never the previous element, so first and other elements are not
 * told apart. QTAILQ heads and links have the same two words; that is why the
 * head can stand in for "the element before the first" when walking backwards
 * (needs -fno-strict-aliasing). Nothing here locks.
 */
#ifndef QEMU_QUEUE_H
#define QEMU_QUEUE_H

#include "qemu/atomic.h"

/* ---------------------------------------------------------------- QLIST -- */

#define QLIST_HEAD(name, type) struct name { struct type *first; }
#define QLIST_HEAD_INITIALIZER(head) { NULL }
#define QLIST_ENTRY(type) struct { struct type *next; struct type **pnext; }

#define QLIST_INIT(head) ((void)((head)->first = NULL))
#define QLIST_FIRST(head) ((head)->first)
#define QLIST_EMPTY(head) (!(head)->first)
#define QLIST_NEXT(elm, field) ((elm)->field.next)
#define QLIST_IS_INSERTED(elm, field) ((elm)->field.pnext != NULL)

#define QLIST_FOREACH(var, head, field) \
    for ((var) = (head)->first; (var); (var) = (var)->field.next)
#define QLIST_FOREACH_SAFE(var, head, field, next_var) \
    for ((var) = (head)->first; (var) && ((next_var) = (var)->field.next, 1); (var) = (next_var))

/* Put elm where *slot points now. */
#define QLIST_LINK_(slot, elm, field) do { \
        __auto_type link_slot_ = (slot); \
        __auto_type link_elm_ = (elm); \
        link_elm_->field.next = *link_slot_; \
        link_elm_->field.pnext = link_slot_; \
        if (*link_slot_) { \
            (*link_slot_)->field.pnext = &link_elm_->field.next; \
        } \
        *link_slot_ = link_elm_; \
    } while (0)

#define QLIST_INSERT_HEAD(head, elm, field) QLIST_LINK_(&(head)->first, elm, field)
#define QLIST_INSERT_AFTER(listelm, elm, field) QLIST_LINK_(&(listelm)->field.next, elm, field)
#define QLIST_INSERT_BEFORE(listelm, elm, field) QLIST_LINK_((listelm)->field.pnext, elm, field)

#define QLIST_REMOVE(elm, field) do { \
        __auto_type gone_ = (elm); \
        if (gone_->field.next) { \
            gone_->field.next->field.pnext = gone_->field.pnext; \
        } \
        *gone_->field.pnext = gone_->field.next; \
        gone_->field.next = NULL; \
        gone_->field.pnext = NULL; \
    } while (0)
#define QLIST_SAFE_REMOVE(elm, field) do { \
        if (QLIST_IS_INSERTED(elm, field)) { \
            QLIST_REMOVE(elm, field); \
        } \
    } while (0)

#define QLIST_SWAP(a, b, field) do { \
        __auto_type swap_first_ = (a)->first; \
        (a)->first = (b)->first; \
        (b)->first = swap_first_; \
        if ((a)->first) { \
            (a)->first->field.pnext = &(a)->first; \
        } \
        if ((b)->first) { \
            (b)->first->field.pnext = &(b)->first; \
        } \
    } while (0)

/* --------------------------------------------------------------- QSLIST -- */

#define QSLIST_HEAD(name, type) struct name { struct type *first; }
#define QSLIST_HEAD_INITIALIZER(head) { NULL }
#define QSLIST_ENTRY(type) struct { struct type *next; }

#define QSLIST_INIT(head) ((void)((head)->first = NULL))
#define QSLIST_FIRST(head) ((head)->first)
#define QSLIST_EMPTY(head) (!(head)->first)
#define QSLIST_NEXT(elm, field) ((elm)->field.next)

#define QSLIST_FOREACH(var, head, field) QLIST_FOREACH(var, head, field)
#define QSLIST_FOREACH_SAFE(var, head, field, tvar) QLIST_FOREACH_SAFE(var, head, field, tvar)

#define QSLIST_LINK_(slot, elm, field) do { \
        __auto_type slink_slot_ = (slot); \
        (elm)->field.next = *slink_slot_; \
        *slink_slot_ = (elm); \
    } while (0)
#define QSLIST_INSERT_HEAD(head, elm, field) QSLIST_LINK_(&(head)->first, elm, field)
#define QSLIST_INSERT_AFTER(listelm, elm, field) QSLIST_LINK_(&(listelm)->field.next, elm, field)
#define QSLIST_INSERT_HEAD_ATOMIC(head, elm, field) do { \
        __typeof__((head)->first) seen_ = qatomic_read(&(head)->first); \
        do { \
            (elm)->field.next = seen_; \
        } while (!__atomic_compare_exchange_n(&(head)->first, &seen_, (elm), true, \
                                              __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)); \
    } while (0)
#define QSLIST_MOVE_ATOMIC(dest, src) \
    ((void)((dest)->first = qatomic_xchg(&(src)->first, NULL)))
#define QSLIST_REMOVE_HEAD(head, field) do { \
        __auto_type sgone_ = (head)->first; \
        (head)->first = sgone_->field.next; \
        sgone_->field.next = NULL; \
    } while (0)
#define QSLIST_REMOVE_AFTER(slistelm, field) \
    ((void)((slistelm)->field.next = (slistelm)->field.next->field.next))
#define QSLIST_REMOVE(head, elm, type, field) do { \
        struct type **spos_ = &(head)->first; \
        while (*spos_ != (elm)) { \
            spos_ = &(*spos_)->field.next; \
        } \
        *spos_ = (elm)->field.next; \
    } while (0)

/* ------------------------------------------------------------- QSIMPLEQ -- */

#define QSIMPLEQ_HEAD(name, type) struct name { struct type *first; struct type **tail; }
#define QSIMPLEQ_HEAD_INITIALIZER(head) { NULL, &(head).first }
#define QSIMPLEQ_ENTRY(type) struct { struct type *next; }

#define QSIMPLEQ_INIT(head) do { \
        (head)->first = NULL; \
        (head)->tail = &(head)->first; \
    } while (0)
#define QSIMPLEQ_FIRST(head) ((head)->first)
#define QSIMPLEQ_EMPTY(head) (!(head)->first)
#define QSIMPLEQ_EMPTY_ATOMIC(head) (!qatomic_read(&(head)->first))
#define QSIMPLEQ_NEXT(elm, field) ((elm)->field.next)
#define QSIMPLEQ_LAST(head, type, field) \
    (QSIMPLEQ_EMPTY(head) ? NULL : container_of((head)->tail, struct type, field.next))

#define QSIMPLEQ_FOREACH(var, head, field) QLIST_FOREACH(var, head, field)
#define QSIMPLEQ_FOREACH_SAFE(var, head, field, next_var) \
    QLIST_FOREACH_SAFE(var, head, field, next_var)

#define QSIMPLEQ_LINK_(head, slot, elm, field) do { \
        __auto_type qlink_slot_ = (slot); \
        (elm)->field.next = *qlink_slot_; \
        *qlink_slot_ = (elm); \
        if (!(elm)->field.next) { \
            (head)->tail = &(elm)->field.next; \
        } \
    } while (0)
#define QSIMPLEQ_UNLINK_(head, slot, field) do { \
        __auto_type qcut_slot_ = (slot); \
        __auto_type qgone_ = *qcut_slot_; \
        *qcut_slot_ = qgone_->field.next; \
        qgone_->field.next = NULL; \
        if (!*qcut_slot_) { \
            (head)->tail = qcut_slot_; \
        } \
    } while (0)
#define QSIMPLEQ_INSERT_HEAD(head, elm, field) QSIMPLEQ_LINK_(head, &(head)->first, elm, field)
#define QSIMPLEQ_INSERT_TAIL(head, elm, field) QSIMPLEQ_LINK_(head, (head)->tail, elm, field)
#define QSIMPLEQ_INSERT_AFTER(head, listelm, elm, field) \
    QSIMPLEQ_LINK_(head, &(listelm)->field.next, elm, field)
#define QSIMPLEQ_REMOVE_HEAD(head, field) QSIMPLEQ_UNLINK_(head, &(head)->first, field)
#define QSIMPLEQ_REMOVE_AFTER(head, elm, field) QSIMPLEQ_UNLINK_(head, &(elm)->field.next, field)
#define QSIMPLEQ_REMOVE(head, elm, type, field) do { \
        struct type **qpos_ = &(head)->first; \
        while (*qpos_ != (elm)) { \
            qpos_ = &(*qpos_)->field.next; \
        } \
        QSIMPLEQ_UNLINK_(head, qpos_, field); \
    } while (0)
#define QSIMPLEQ_SPLIT_AFTER(head, elm, field, removed) do { \
        QSIMPLEQ_INIT(removed); \
        if ((elm)->field.next) { \
            (removed)->first = (elm)->field.next; \
            (removed)->tail = (head)->tail; \
            (elm)->field.next = NULL; \
            (head)->tail = &(elm)->field.next; \
        } \
    } while (0)
/* Everything of src goes behind dst; src is empty afterwards. */
#define QSIMPLEQ_CONCAT(dst, src) do { \
        if ((src)->first) { \
            *(dst)->tail = (src)->first; \
            (dst)->tail = (src)->tail; \
            QSIMPLEQ_INIT(src); \
        } \
    } while (0)
#define QSIMPLEQ_PREPEND(dst, src) do { \
        if ((src)->first) { \
            *(src)->tail = (dst)->first; \
            if (!(dst)->first) { \
                (dst)->tail = (src)->tail; \
            } \
            (dst)->first = (src)->first; \
            QSIMPLEQ_INIT(src); \
        } \
    } while (0)

/* --------------------------------------------------------------- QTAILQ -- */

/* The two words that head and link share; generic code (VMState) may use it by offset. */
typedef struct QTailQPair {
    void *next;
    struct QTailQPair *back;
} QTailQPair;

#define QTAILQ_HEAD(name, type) \
    union name { struct type *first; QTailQPair pair; }
#define QTAILQ_HEAD_INITIALIZER(head) { .pair = { NULL, &(head).pair } }
#define QTAILQ_ENTRY(type) \
    union { struct type *next; QTailQPair pair; }

/*
 * back of a link = the pair whose `next` points to this element; back of a
 * head = the pair of the last element, or of the head itself when empty. So
 * back->back->next names an element from behind.
 */
#define QTAILQ_INIT(head) do { \
        (head)->first = NULL; \
        (head)->pair.back = &(head)->pair; \
    } while (0)
#define QTAILQ_FIRST(head) ((head)->first)
#define QTAILQ_EMPTY(head) (!(head)->first)
#define QTAILQ_NEXT(elm, field) ((elm)->field.next)
#define QTAILQ_IN_USE(elm, field) ((elm)->field.pair.back != NULL)
#define QTAILQ_LAST(head) ((__typeof__((head)->first))(head)->pair.back->back->next)
#define QTAILQ_LINK_PREV(link) ((link).pair.back->back->next)
#define QTAILQ_PREV(elm, field) \
    ((__typeof__((elm)->field.next))QTAILQ_LINK_PREV((elm)->field))

#define QTAILQ_FOREACH(var, head, field) QLIST_FOREACH(var, head, field)
#define QTAILQ_FOREACH_SAFE(var, head, field, next_var) \
    QLIST_FOREACH_SAFE(var, head, field, next_var)
#define QTAILQ_FOREACH_REVERSE(var, head, field) \
    for ((var) = QTAILQ_LAST(head); (var); (var) = QTAILQ_PREV(var, field))
#define QTAILQ_FOREACH_REVERSE_SAFE(var, head, field, prev_var) \
    for ((var) = QTAILQ_LAST(head); (var) && ((prev_var) = QTAILQ_PREV(var, field), 1); \
         (var) = (prev_var))

/* Insert behind `where` (a link's or head's pair); `end` has the pair that follows a last one. */
#define QTAILQ_LINK_(where, elm, field, end) do { \
        QTailQPair *twhere_ = (where); \
        __auto_type telm_ = (elm); \
        telm_->field.pair.next = twhere_->next; \
        telm_->field.pair.back = twhere_; \
        if (telm_->field.next) { \
            telm_->field.next->field.pair.back = &telm_->field.pair; \
        } else { \
            (end)->pair.back = &telm_->field.pair; \
        } \
        twhere_->next = telm_; \
    } while (0)
#define QTAILQ_INSERT_HEAD(head, elm, field) QTAILQ_LINK_(&(head)->pair, elm, field, head)
#define QTAILQ_INSERT_TAIL(head, elm, field) QTAILQ_LINK_((head)->pair.back, elm, field, head)
#define QTAILQ_INSERT_AFTER(head, listelm, elm, field) \
    QTAILQ_LINK_(&(listelm)->field.pair, elm, field, head)
/* Something always follows here, so the head is not needed: listelm stands in for it, unused. */
#define QTAILQ_INSERT_BEFORE(listelm, elm, field) \
    QTAILQ_LINK_((listelm)->field.pair.back, elm, field, &(listelm)->field)
#define QTAILQ_REMOVE(head, elm, field) do { \
        __auto_type tgone_ = (elm); \
        if (tgone_->field.next) { \
            tgone_->field.next->field.pair.back = tgone_->field.pair.back; \
        } else { \
            (head)->pair.back = tgone_->field.pair.back; \
        } \
        tgone_->field.pair.back->next = tgone_->field.next; \
        tgone_->field.pair.next = NULL; \
        tgone_->field.pair.back = NULL; \
    } while (0)

#endif
