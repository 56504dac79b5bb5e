/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types: order of the init functions, what a class inherits, interfaces and
 * their methods, casts, listings, and look-ups from several threads at once.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qom/object.h"

/* --- a small family: animal <- dog <- poodle, with the interface "sound" --- */

#define TYPE_SOUND "test-sound"
typedef struct SoundClass SoundClass;
typedef struct Sound Sound;
DECLARE_CLASS_CHECKERS(SoundClass, SOUND, TYPE_SOUND)
#define SOUND(obj) INTERFACE_CHECK(Sound, (obj), TYPE_SOUND)

struct SoundClass {
    InterfaceClass parent_class;
    const char *(*make)(Sound *s);
    int loudness;
};

#define TYPE_ANIMAL "test-animal"
OBJECT_DECLARE_TYPE(Animal, AnimalClass, ANIMAL)
struct Animal {
    Object parent_obj;
    int inits;
};
struct AnimalClass {
    ObjectClass parent_class;
    int legs;
    int base_inits;
};

#define TYPE_DOG "test-dog"
OBJECT_DECLARE_SIMPLE_TYPE(Dog, DOG)
struct Dog {
    Animal parent_obj;
};

#define TYPE_POODLE "test-poodle"

static GString *trace;

static const char *bark(Sound *s)
{
    return "woof";
}

static const char *yap(Sound *s)
{
    return "yap";
}

static void sound_class_init(ObjectClass *oc, void *data)
{
    SOUND_CLASS(oc)->loudness = 1;
}

static void animal_class_init(ObjectClass *oc, void *data)
{
    ANIMAL_CLASS(oc)->legs = 4;
}

static void animal_class_base_init(ObjectClass *oc, void *data)
{
    ANIMAL_CLASS(oc)->base_inits++;
}

static void animal_init(Object *obj)
{
    ANIMAL(obj)->inits++;
    g_string_append_c(trace, 'a');
}

static void animal_post_init(Object *obj)
{
    g_string_append_c(trace, 'A');
}

static void animal_finalize(Object *obj)
{
    g_string_append_c(trace, '1');
}

/* 8.2's form of class_init */
static void dog_class_init(ObjectClass *oc, void *data)
{
    SOUND_CLASS(oc)->make = bark;
    SOUND_CLASS(oc)->loudness++;
}

static void dog_init(Object *obj)
{
    ANIMAL(obj)->inits++;
    g_string_append_c(trace, 'd');
}

static void dog_post_init(Object *obj)
{
    g_string_append_c(trace, 'D');
}

static void dog_finalize(Object *obj)
{
    g_string_append_c(trace, '2');
}

/* the newer form */
static void poodle_class_init(ObjectClass *oc, const void *data)
{
    g_assert_cmpstr(data, ==, "curly");
    g_assert_cmpint(SOUND_CLASS(oc)->loudness, ==, 2);
    SOUND_CLASS(oc)->make = yap;
}

static const TypeInfo infos[] = {
    /* children first: names are resolved on use */
    {
        .name = TYPE_POODLE,
        .parent = TYPE_DOG,
        .class_init = poodle_class_init,
        .class_data = "curly",
    }, {
        .name = TYPE_DOG,
        .parent = TYPE_ANIMAL,
        .instance_size = sizeof(Dog),
        .instance_init = dog_init,
        .instance_post_init = dog_post_init,
        .instance_finalize = dog_finalize,
        .class_init = dog_class_init,
        .interfaces = (const InterfaceInfo[]) { { TYPE_SOUND }, { } },
    }, {
        .name = TYPE_ANIMAL,
        .parent = TYPE_OBJECT,
        .abstract = true,
        .instance_size = sizeof(Animal),
        .instance_init = animal_init,
        .instance_post_init = animal_post_init,
        .instance_finalize = animal_finalize,
        .class_size = sizeof(AnimalClass),
        .class_init = animal_class_init,
        .class_base_init = animal_class_base_init,
    }, {
        .name = TYPE_SOUND,
        .parent = TYPE_INTERFACE,
        .class_size = sizeof(SoundClass),
        .class_init = sound_class_init,
    },
};

DEFINE_TYPES(infos)

/* --- tests ------------------------------------------------------------ */

static void test_init_order(void)
{
    Object *obj = object_new(TYPE_POODLE);

    g_assert_cmpstr(trace->str, ==, "adDA");
    g_assert_cmpint(ANIMAL(obj)->inits, ==, 2);
    g_string_truncate(trace, 0);
    object_unref(obj);
    g_assert_cmpstr(trace->str, ==, "21");
    g_string_truncate(trace, 0);
}

static void test_class(void)
{
    ObjectClass *poodle = object_class_by_name(TYPE_POODLE);
    ObjectClass *animal = object_class_by_name(TYPE_ANIMAL);

    g_assert_cmpint(ANIMAL_CLASS(poodle)->legs, ==, 4);
    /* inherited by memcpy, then incremented for each class below */
    g_assert_cmpint(ANIMAL_CLASS(animal)->base_inits, ==, 0);
    g_assert_cmpint(ANIMAL_CLASS(poodle)->base_inits, ==, 2);
    g_assert_cmpstr(object_class_get_name(object_class_get_parent(poodle)), ==, TYPE_DOG);
    g_assert_null(object_class_get_parent(object_class_by_name(TYPE_OBJECT)));
    g_assert_true(object_class_is_abstract(animal));
    g_assert_false(object_class_is_abstract(poodle));
    g_assert_null(object_class_by_name("no-such-type"));
    g_assert_null(object_class_by_name(NULL));
    g_assert_cmpuint(object_type_get_instance_size(TYPE_POODLE), ==, sizeof(Dog));
    g_assert_true(poodle == object_class_by_name(TYPE_POODLE));
}

static void test_interface(void)
{
    g_autoptr(Object) dog = object_new(TYPE_DOG);
    g_autoptr(Object) poodle = object_new(TYPE_POODLE);

    g_assert_cmpstr(SOUND_GET_CLASS(dog)->make(SOUND(dog)), ==, "woof");
    g_assert_cmpstr(SOUND_GET_CLASS(poodle)->make(SOUND(poodle)), ==, "yap");
    g_assert_cmpint(SOUND_GET_CLASS(poodle)->loudness, ==, 2);
    g_assert_true((void *)SOUND(poodle) == poodle);
    g_assert_true(object_dynamic_cast(poodle, TYPE_SOUND) == poodle);
    g_assert_nonnull(object_dynamic_cast(poodle, TYPE_INTERFACE));
    /* the class struct of an interface is another than the class */
    g_assert_true((void *)SOUND_GET_CLASS(dog) != (void *)object_get_class(dog));
    g_assert_true((void *)SOUND_GET_CLASS(dog) == (void *)SOUND_GET_CLASS(dog));
}

static void test_casts(void)
{
    g_autoptr(Object) dog = object_new(TYPE_DOG);
    g_autoptr(Object) box = object_new(TYPE_CONTAINER);
    int i;

    for (i = 0; i < 3; i++) {
        g_assert_true((void *)DOG(dog) == dog);
        g_assert_true((void *)ANIMAL(dog) == dog);
        g_assert_true(ANIMAL_GET_CLASS(dog)->legs == 4);
        g_assert_true(OBJECT_CLASS_CHECK(ObjectClass, object_get_class(dog), TYPE_OBJECT) ==
                      object_get_class(dog));
    }
    g_assert_null(object_dynamic_cast(dog, TYPE_POODLE));
    g_assert_null(object_dynamic_cast(box, TYPE_ANIMAL));
    g_assert_null(object_dynamic_cast(box, TYPE_SOUND));
    g_assert_null(object_dynamic_cast(box, "no-such-type"));
    g_assert_null(object_dynamic_cast(NULL, TYPE_ANIMAL));
    g_assert_null(DOG(NULL));
    g_assert_null(object_class_dynamic_cast(NULL, TYPE_ANIMAL));
}

static void test_bad_cast(void)
{
    if (g_test_subprocess()) {
        Object *box = object_new(TYPE_CONTAINER);

        DOG(box);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*of type 'container' is no 'test-dog'*");
}

static void test_abstract(void)
{
    if (g_test_subprocess()) {
        object_new(TYPE_ANIMAL);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*abstract type 'test-animal'*");
}

static void count_class(ObjectClass *oc, void *opaque)
{
    ++*(int *)opaque;
}

static void test_lists(void)
{
    g_autoptr(GSList) all = object_class_get_list_sorted(TYPE_ANIMAL, true);
    g_autoptr(GSList) concrete = object_class_get_list_sorted(TYPE_ANIMAL, false);
    g_autoptr(GSList) loud = object_class_get_list_sorted(TYPE_SOUND, false);
    int n = 0;

    g_assert_cmpuint(g_slist_length(all), ==, 3);
    g_assert_cmpuint(g_slist_length(concrete), ==, 2);
    g_assert_cmpstr(object_class_get_name(concrete->data), ==, TYPE_DOG);
    g_assert_cmpstr(object_class_get_name(concrete->next->data), ==, TYPE_POODLE);
    g_assert_cmpuint(g_slist_length(loud), ==, 2);
    object_class_foreach(count_class, TYPE_DOG, false, &n);
    g_assert_cmpint(n, ==, 2);
}

static void test_register_copy(void)
{
    g_autofree char *name = g_strdup("test-copied");
    TypeInfo info = { .name = name, .parent = TYPE_DOG };

    type_register(&info);
    memset(name, 'x', strlen(name));
    info.parent = NULL;
    g_assert_nonnull(object_class_dynamic_cast(object_class_by_name("test-copied"),
                                               TYPE_ANIMAL));
}

/* --- many threads ask for classes that nobody has built --------------- */

#define N_LAZY 64
#define N_THREADS 4

static int lazy_inits;      /* atomic */

static void lazy_class_init(ObjectClass *oc, void *data)
{
    __atomic_add_fetch(&lazy_inits, 1, __ATOMIC_RELAXED);
    g_usleep(100);
}

static void *use_lazy_types(void *opaque)
{
    int i;

    for (i = 0; i < N_LAZY; i++) {
        g_autofree char *name = g_strdup_printf("test-lazy-%d", i);
        Object *obj = object_new(name);

        g_assert_nonnull(object_dynamic_cast(obj, "test-lazy-base"));
        object_unref(obj);
    }
    return NULL;
}

static void test_threads(void)
{
    GThread *threads[N_THREADS];
    int i;

    type_register(&(TypeInfo) {
        .name = "test-lazy-base", .parent = TYPE_CONTAINER, .class_init = lazy_class_init,
    });
    for (i = 0; i < N_LAZY; i++) {
        g_autofree char *name = g_strdup_printf("test-lazy-%d", i);

        type_register(&(TypeInfo) {
            .name = name, .parent = "test-lazy-base", .class_init = lazy_class_init,
        });
    }
    for (i = 0; i < N_THREADS; i++) {
        threads[i] = g_thread_new("lazy", use_lazy_types, NULL);
    }
    for (i = 0; i < N_THREADS; i++) {
        g_thread_join(threads[i]);
    }
    g_assert_cmpint(lazy_inits, ==, N_LAZY + 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    trace = g_string_new(NULL);
    g_test_add_func("/type/init-order", test_init_order);
    g_test_add_func("/type/class", test_class);
    g_test_add_func("/type/interface", test_interface);
    g_test_add_func("/type/casts", test_casts);
    g_test_add_func("/type/bad-cast", test_bad_cast);
    g_test_add_func("/type/abstract", test_abstract);
    g_test_add_func("/type/lists", test_lists);
    g_test_add_func("/type/register-copy", test_register_copy);
    g_test_add_func("/type/threads", test_threads);
    return g_test_run();
}
