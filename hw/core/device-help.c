/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -device help and -device MODEL,help.
 */
#include "qemu/osdep.h"
#include "monitor/qdev.h"
#include "qapi/error.h"
#include "qdev-internal.h"

/* In the order of the enum; the last one is for models without a category. */
static const char *const category_names[DEVICE_CATEGORY_MAX + 1] = {
    [DEVICE_CATEGORY_BRIDGE] = "Controller/Bridge/Hub",
    [DEVICE_CATEGORY_USB] = "USB",
    [DEVICE_CATEGORY_STORAGE] = "Storage",
    [DEVICE_CATEGORY_NETWORK] = "Network",
    [DEVICE_CATEGORY_INPUT] = "Input",
    [DEVICE_CATEGORY_DISPLAY] = "Display",
    [DEVICE_CATEGORY_SOUND] = "Sound",
    [DEVICE_CATEGORY_MISC] = "Misc",
    [DEVICE_CATEGORY_CPU] = "CPU",
    [DEVICE_CATEGORY_WATCHDOG] = "Watchdog",
    [DEVICE_CATEGORY_MAX] = "Uncategorized",
};

static bool in_category(DeviceClass *dc, int category)
{
    if (category < DEVICE_CATEGORY_MAX) {
        return test_bit(category, dc->categories);
    }
    return bitmap_empty(dc->categories, DEVICE_CATEGORY_MAX);
}

static void describe_model(GString *text, DeviceClass *dc)
{
    g_string_append_printf(text, "name \"%s\"", object_class_get_name(OBJECT_CLASS(dc)));
    if (dc->bus_type) {
        g_string_append_printf(text, ", bus %s", dc->bus_type);
    }
    if (dc->desc) {
        g_string_append_printf(text, ", desc \"%s\"", dc->desc);
    }
    g_string_append_c(text, '\n');
}

static void describe_category(GString *text, GSList *models, int category)
{
    bool first = true;
    GSList *l;

    for (l = models; l; l = l->next) {
        DeviceClass *dc = l->data;

        if (!dc->user_creatable || !in_category(dc, category)) {
            continue;
        }
        if (first) {
            g_string_append_printf(text, "%s%s devices:\n", text->len ? "\n" : "",
                                   category_names[category]);
            first = false;
        }
        describe_model(text, dc);
    }
}

char *qdev_device_list_help(void)
{
    g_autoptr(GSList) models = object_class_get_list_sorted(TYPE_DEVICE, false);
    GString *text = g_string_new(NULL);
    int category;

    for (category = 0; category <= DEVICE_CATEGORY_MAX; category++) {
        describe_category(text, models, category);
    }
    return g_string_free(text, FALSE);
}

/* What is no option of the user's, though it can be set. */
static bool not_an_option(const ObjectProperty *prop)
{
    return strcmp(prop->name, "realized") == 0;
}

char *qdev_device_type_help(const char *driver, Error **errp)
{
    DeviceClass *dc = qdev_get_device_class(&driver, errp);

    return dc ? object_class_help(OBJECT_CLASS(dc), not_an_option) : NULL;
}
