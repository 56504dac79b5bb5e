/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User-creatable objects: what -object and object-add make.  They live in
 * /objects under the id that the user gave.
 *
 * Creation has two phases: all properties are set, then the object gets its
 * place in the tree and complete() is called; when that fails the object is
 * taken out again and is gone.
 * All functions run in the main context.
 */
#ifndef QOM_OBJECT_INTERFACES_H
#define QOM_OBJECT_INTERFACES_H

#include "qom/object.h"

#define TYPE_USER_CREATABLE "user-creatable"

typedef struct UserCreatable UserCreatable;
typedef struct UserCreatableClass UserCreatableClass;
DECLARE_CLASS_CHECKERS(UserCreatableClass, USER_CREATABLE, TYPE_USER_CREATABLE)
#define USER_CREATABLE(obj) \
    INTERFACE_CHECK(UserCreatable, (obj), TYPE_USER_CREATABLE)

/*
 * @complete: all properties are set; fails through errp.
 * @can_be_deleted: false refuses object-del (the object is in use); NULL: always.
 */
struct UserCreatableClass {
    InterfaceClass parent_class;

    void (*complete)(UserCreatable *uc, Error **errp);
    bool (*can_be_deleted)(UserCreatable *uc);
};

bool user_creatable_complete(UserCreatable *uc, Error **errp);
bool user_creatable_can_be_deleted(UserCreatable *uc);

/*
 * @opts: "qom-type", "id" and the properties; stays the caller's.
 * The result is borrowed from /objects; NULL on error, and nothing is left then.
 */
Object *user_creatable_add_from_json(JsonObject *opts, Error **errp);
/* @props NULL: none.  As above, with the type and id apart from the properties. */
Object *user_creatable_add_type(const char *type, const char *id,
                                JsonObject *props, Error **errp);
bool user_creatable_del(const char *id, Error **errp);
/* At exit: deletes every object that lets itself be deleted, latest first. */
void user_creatable_cleanup(void);

/* The text of "-object help"; the caller frees. */
char *user_creatable_list_help(void);
/* "-object TYPE,help"; NULL with errp set when there is no such type. */
char *user_creatable_type_help(const char *type, Error **errp);

#endif
