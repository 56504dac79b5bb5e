/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User-creatable objects: creation from JSON in two phases, errors that leave
 * nothing behind, deletion and its refusal, help.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "qapi/error.h"
#include "qapi/json.h"
#include "qom/object_interfaces.h"

#define TYPE_THING "test-thing"
OBJECT_DECLARE_SIMPLE_TYPE(Thing, THING)

struct Thing {
    Object parent_obj;
    uint8_t level;
    bool completed;
    bool busy;
};

static int things_alive;

OBJECT_DEFINE_SIMPLE_TYPE_WITH_INTERFACES(Thing, thing, THING, OBJECT,
                                          { TYPE_USER_CREATABLE }, { })

static void thing_complete(UserCreatable *uc, Error **errp)
{
    Thing *t = THING(uc);

    if (t->level == 13) {
        error_setg(errp, "level 13 is unlucky");
        return;
    }
    t->completed = true;
}

static bool thing_can_be_deleted(UserCreatable *uc)
{
    return !THING(uc)->busy;
}

static void thing_init(Object *obj)
{
    things_alive++;
    object_property_add_uint8_ptr(obj, "level", &THING(obj)->level,
                                  OBJ_PROP_FLAG_READWRITE);
}

static void thing_finalize(Object *obj)
{
    things_alive--;
}

static void thing_class_init(ObjectClass *oc, void *data)
{
    USER_CREATABLE_CLASS(oc)->complete = thing_complete;
    USER_CREATABLE_CLASS(oc)->can_be_deleted = thing_can_be_deleted;
}

static Object *add(const char *text, Error **errp)
{
    g_autoptr(JsonObject) opts = qapi_json_parse_object(text, strlen(text), &error_abort);

    return user_creatable_add_from_json(opts, errp);
}

static void check_refused(const char *text, const char *why)
{
    Error *err = NULL;

    g_assert_null(add(text, &err));
    g_assert_nonnull(err);
    if (!strstr(error_get_pretty(err), why)) {
        g_error("'%s' does not say '%s'", error_get_pretty(err), why);
    }
    error_free(err);
    g_assert_cmpint(things_alive, ==, 0);
    g_assert_null(object_resolve_path("/objects/t0", NULL));
}

static void test_add_del(void)
{
    Object *t = add("{\"qom-type\":\"test-thing\",\"id\":\"t0\",\"level\":\"7\"}",
                    &error_abort);
    Error *err = NULL;

    g_assert_true(THING(t)->completed);
    g_assert_cmpuint(THING(t)->level, ==, 7);
    g_assert_true(object_resolve_path("/objects/t0", NULL) == t);
    THING(t)->busy = true;
    g_assert_false(user_creatable_del("t0", &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "'t0' is in use"));
    error_free_or_abort(&err);
    THING(t)->busy = false;
    g_assert_true(user_creatable_del("t0", &error_abort));
    g_assert_cmpint(things_alive, ==, 0);
    g_assert_false(user_creatable_del("t0", &err));
    g_assert_cmpint(error_get_class(err), ==, ERROR_CLASS_GENERIC_ERROR);
    error_free_or_abort(&err);
}

static void test_refused(void)
{
    check_refused("{\"id\":\"t0\"}", "'qom-type' is missing");
    check_refused("{\"qom-type\":\"test-thing\"}", "'id' is missing");
    check_refused("{\"qom-type\":1,\"id\":\"t0\"}", "expected: string");
    check_refused("{\"qom-type\":\"nope\",\"id\":\"t0\"}", "invalid object type: nope");
    check_refused("{\"qom-type\":\"container\",\"id\":\"t0\"}", "cannot be made by a user");
    check_refused("{\"qom-type\":\"test-thing\",\"id\":\"0t\"}", "identifier");
    check_refused("{\"qom-type\":\"test-thing\",\"id\":\"t0\",\"level\":256}", "0 to 255");
    check_refused("{\"qom-type\":\"test-thing\",\"id\":\"t0\",\"x\":1}",
                  "Property 'test-thing.x' not found");
    check_refused("{\"qom-type\":\"test-thing\",\"id\":\"t0\",\"level\":13}", "unlucky");
}

static void test_hint(void)
{
    Error *err = NULL;

    g_assert_null(add("{\"qom-type\":\"test-thing\",\"id\":\"t0\",\"x\":1}", &err));
    g_assert_nonnull(strstr(error_get_hint(err), "-object test-thing,help"));
    error_free(err);
}

static void test_duplicate(void)
{
    Error *err = NULL;

    add("{\"qom-type\":\"test-thing\",\"id\":\"t1\"}", &error_abort);
    g_assert_null(add("{\"qom-type\":\"test-thing\",\"id\":\"t1\"}", &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "'t1' is in use"));
    error_free(err);
    g_assert_cmpint(things_alive, ==, 1);
    user_creatable_cleanup();
    g_assert_cmpint(things_alive, ==, 0);
}

static void test_cleanup_keeps_busy(void)
{
    Object *t = add("{\"qom-type\":\"test-thing\",\"id\":\"t2\"}", &error_abort);

    add("{\"qom-type\":\"test-thing\",\"id\":\"t3\"}", &error_abort);
    THING(t)->busy = true;
    user_creatable_cleanup();
    g_assert_cmpint(things_alive, ==, 1);
    THING(t)->busy = false;
    user_creatable_cleanup();
    g_assert_cmpint(things_alive, ==, 0);
}

static void test_help(void)
{
    g_autofree char *list = user_creatable_list_help();
    g_autofree char *one = user_creatable_type_help(TYPE_THING, &error_abort);
    Error *err = NULL;

    g_assert_nonnull(strstr(list, "List of user creatable objects:\n"));
    g_assert_nonnull(strstr(list, "\n  test-thing\n"));
    g_assert_nonnull(strstr(one, "test-thing options:\n  level=<uint8>\n"));
    g_assert_null(user_creatable_type_help("container", &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "-object help"));
    error_free(err);
    g_assert_cmpint(things_alive, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    g_test_add_func("/user-creatable/add-del", test_add_del);
    g_test_add_func("/user-creatable/refused", test_refused);
    g_test_add_func("/user-creatable/hint", test_hint);
    g_test_add_func("/user-creatable/duplicate", test_duplicate);
    g_test_add_func("/user-creatable/cleanup", test_cleanup_keeps_busy);
    g_test_add_func("/user-creatable/help", test_help);
    return g_test_run();
}
