/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The four kinds of lists: each operation, then what is seen walking both ways. */
#include "qemu/osdep.h"
#include "qemu/queue.h"

typedef struct Elm {
    char name;
    QLIST_ENTRY(Elm) list;
    QSLIST_ENTRY(Elm) slist;
    QSIMPLEQ_ENTRY(Elm) simpleq;
    QTAILQ_ENTRY(Elm) tailq;
} Elm;

static Elm a = { 'a' }, b = { 'b' }, c = { 'c' }, d = { 'd' };
static char text[16];

#define WALK(KIND, head, field) __extension__({ \
        Elm *walk_; \
        char *out_ = text; \
        KIND##_FOREACH(walk_, head, field) { \
            *out_++ = walk_->name; \
        } \
        *out_ = 0; \
        (const char *)text; })

static void test_qlist(void)
{
    QLIST_HEAD(, Elm) head = QLIST_HEAD_INITIALIZER(head), other;
    Elm *e, *next;

    g_assert_true(QLIST_EMPTY(&head));
    QLIST_INSERT_HEAD(&head, &b, list);
    QLIST_INSERT_BEFORE(&b, &a, list);
    QLIST_INSERT_AFTER(&b, &d, list);
    QLIST_INSERT_BEFORE(&d, &c, list);
    g_assert_cmpstr(WALK(QLIST, &head, list), ==, "abcd");
    g_assert_true(QLIST_FIRST(&head) == &a && QLIST_NEXT(&a, list) == &b);
    QLIST_REMOVE(&a, list);
    g_assert_false(QLIST_IS_INSERTED(&a, list));
    QLIST_SAFE_REMOVE(&a, list);
    QLIST_REMOVE(&c, list);
    g_assert_cmpstr(WALK(QLIST, &head, list), ==, "bd");
    QLIST_INIT(&other);
    QLIST_SWAP(&head, &other, list);
    g_assert_true(QLIST_EMPTY(&head));
    QLIST_REMOVE(&b, list);
    g_assert_cmpstr(WALK(QLIST, &other, list), ==, "d");
    QLIST_FOREACH_SAFE(e, &other, list, next) {
        QLIST_REMOVE(e, list);
    }
    g_assert_true(QLIST_EMPTY(&other));
}

static void test_qslist(void)
{
    QSLIST_HEAD(, Elm) head = QSLIST_HEAD_INITIALIZER(head), other;

    QSLIST_INSERT_HEAD(&head, &c, slist);
    QSLIST_INSERT_HEAD_ATOMIC(&head, &b, slist);
    QSLIST_INSERT_HEAD(&head, &a, slist);
    QSLIST_INSERT_AFTER(&c, &d, slist);
    g_assert_cmpstr(WALK(QSLIST, &head, slist), ==, "abcd");
    QSLIST_REMOVE(&head, &c, Elm, slist);
    QSLIST_REMOVE_AFTER(&a, slist);
    g_assert_cmpstr(WALK(QSLIST, &head, slist), ==, "ad");
    QSLIST_MOVE_ATOMIC(&other, &head);
    g_assert_true(QSLIST_EMPTY(&head));
    QSLIST_REMOVE_HEAD(&other, slist);
    g_assert_true(QSLIST_FIRST(&other) == &d);
}

static void test_qsimpleq(void)
{
    QSIMPLEQ_HEAD(, Elm) head = QSIMPLEQ_HEAD_INITIALIZER(head), other;

    QSIMPLEQ_INSERT_TAIL(&head, &b, simpleq);
    QSIMPLEQ_INSERT_HEAD(&head, &a, simpleq);
    QSIMPLEQ_INSERT_AFTER(&head, &b, &d, simpleq);
    QSIMPLEQ_INSERT_AFTER(&head, &b, &c, simpleq);
    g_assert_cmpstr(WALK(QSIMPLEQ, &head, simpleq), ==, "abcd");
    g_assert_true(QSIMPLEQ_LAST(&head, Elm, simpleq) == &d);
    QSIMPLEQ_SPLIT_AFTER(&head, &b, simpleq, &other);
    g_assert_cmpstr(WALK(QSIMPLEQ, &head, simpleq), ==, "ab");
    g_assert_cmpstr(WALK(QSIMPLEQ, &other, simpleq), ==, "cd");
    QSIMPLEQ_PREPEND(&head, &other);
    g_assert_cmpstr(WALK(QSIMPLEQ, &head, simpleq), ==, "cdab");
    QSIMPLEQ_REMOVE(&head, &b, Elm, simpleq);
    QSIMPLEQ_REMOVE_HEAD(&head, simpleq);
    g_assert_cmpstr(WALK(QSIMPLEQ, &head, simpleq), ==, "da");
    QSIMPLEQ_INSERT_TAIL(&other, &c, simpleq);
    QSIMPLEQ_CONCAT(&head, &other);
    g_assert_cmpstr(WALK(QSIMPLEQ, &head, simpleq), ==, "dac");
    QSIMPLEQ_REMOVE_AFTER(&head, &d, simpleq);
    QSIMPLEQ_REMOVE_AFTER(&head, &d, simpleq);
    QSIMPLEQ_REMOVE_HEAD(&head, simpleq);
    g_assert_true(QSIMPLEQ_EMPTY(&head));
    QSIMPLEQ_INSERT_TAIL(&head, &a, simpleq);
    g_assert_cmpstr(WALK(QSIMPLEQ, &head, simpleq), ==, "a");
}

static const char *walk_back(void *headp)
{
    QTAILQ_HEAD(, Elm) *head = headp;
    char *out = text;
    Elm *e;

    QTAILQ_FOREACH_REVERSE(e, head, tailq) {
        *out++ = e->name;
    }
    *out = 0;
    return text;
}

static void test_qtailq(void)
{
    QTAILQ_HEAD(, Elm) head = QTAILQ_HEAD_INITIALIZER(head);
    Elm *e, *next;

    g_assert_true(QTAILQ_EMPTY(&head));
    g_assert_null(QTAILQ_LAST(&head));
    g_assert_cmpstr(walk_back(&head), ==, "");
    QTAILQ_INSERT_TAIL(&head, &b, tailq);
    QTAILQ_INSERT_BEFORE(&b, &a, tailq);
    QTAILQ_INSERT_AFTER(&head, &b, &d, tailq);
    QTAILQ_INSERT_BEFORE(&d, &c, tailq);
    g_assert_cmpstr(WALK(QTAILQ, &head, tailq), ==, "abcd");
    g_assert_cmpstr(walk_back(&head), ==, "dcba");
    g_assert_true(QTAILQ_LAST(&head) == &d && QTAILQ_PREV(&b, tailq) == &a);
    g_assert_null(QTAILQ_PREV(&a, tailq));
    g_assert_true(QTAILQ_IN_USE(&a, tailq));
    QTAILQ_REMOVE(&head, &d, tailq);
    QTAILQ_REMOVE(&head, &a, tailq);
    g_assert_false(QTAILQ_IN_USE(&a, tailq));
    g_assert_cmpstr(walk_back(&head), ==, "cb");
    QTAILQ_INSERT_HEAD(&head, &d, tailq);
    g_assert_cmpstr(WALK(QTAILQ, &head, tailq), ==, "dbc");
    QTAILQ_FOREACH_REVERSE_SAFE(e, &head, tailq, next) {
        if (e != &b) {
            QTAILQ_REMOVE(&head, e, tailq);
        }
    }
    g_assert_cmpstr(WALK(QTAILQ, &head, tailq), ==, "b");
    QTAILQ_FOREACH_SAFE(e, &head, tailq, next) {
        QTAILQ_REMOVE(&head, e, tailq);
    }
    g_assert_true(QTAILQ_EMPTY(&head));
    QTAILQ_INSERT_TAIL(&head, &c, tailq);
    g_assert_true(QTAILQ_LAST(&head) == &c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/queue/qlist", test_qlist);
    g_test_add_func("/queue/qslist", test_qslist);
    g_test_add_func("/queue/qsimpleq", test_qsimpleq);
    g_test_add_func("/queue/qtailq", test_qtailq);
    return g_test_run();
}
