/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blockers: one blocks until it is removed, none can come while state moves.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "migration/blocker.h"
#include "migration/misc.h"

static void expect_blocked_by(const char *text)
{
    Error *err = NULL;

    g_assert_cmpint(migration_check_blockers(&err), ==, text == NULL);
    g_assert_cmpstr(err ? error_get_pretty(err) : NULL, ==, text);
    error_free(err);
}

static void test_add_del(void)
{
    Error *one = NULL;
    Error *two = NULL;
    Error *none = NULL;

    expect_blocked_by(NULL);
    error_setg(&one, "one");
    error_setg(&two, "two");
    g_assert_cmpint(migrate_add_blocker(&one, &error_abort), ==, 0);
    g_assert_cmpint(migrate_add_blocker_modes(&two, &error_abort, MIG_MODE_NORMAL, -1), ==, 0);
    expect_blocked_by("two");
    migrate_del_blocker(&two);
    g_assert_null(two);
    expect_blocked_by("one");
    migrate_del_blocker(&one);
    migrate_del_blocker(&none);
    expect_blocked_by(NULL);
}

static void test_while_moving(void)
{
    Error *reason = NULL;
    Error *err = NULL;

    g_assert_true(migration_is_idle());
    migration_move_begin();
    g_assert_false(migration_is_idle());
    g_assert_true(migration_is_active(NULL));
    error_setg(&reason, "late");
    g_assert_cmpint(migrate_add_blocker_normal(&reason, &err), ==, -EBUSY);
    g_assert_null(reason);
    g_assert_nonnull(strstr(error_get_pretty(err), "late"));
    error_free(err);
    migration_move_end();
    g_assert_true(migration_is_idle());
    expect_blocked_by(NULL);
    g_assert_false(migration_in_postcopy() || migration_in_incoming_postcopy() ||
                   migration_incoming_postcopy_advised() || migration_in_bg_snapshot());
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/blocker/add-del", test_add_del);
    g_test_add_func("/blocker/while-moving", test_while_moving);
    return g_test_run();
}
