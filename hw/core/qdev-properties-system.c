/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kinds of properties with a text form of their own: PCI addresses, MAC
 * addresses, UUIDs; and the PCI enums.
 */
#include "qemu/osdep.h"
#include "qemu/uuid.h"
#include "hw/qdev-properties-system.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qdev-internal.h"

static void bad_value(Object *obj, const char *name, const char *text, const char *want,
                      Error **errp)
{
    error_setg(errp, "Property '%s.%s' expects %s, not '%s'",
               object_get_typename(obj), name, want, text);
}

/* --- MAC addresses ---------------------------------------------------- */

static void macaddr_get(Object *obj, Visitor *v, const char *name, void *opaque,
                        Error **errp)
{
    MACAddr *mac = object_field_prop_ptr(obj, opaque);
    g_autofree char *text = NULL;

    text = g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", mac->a[0], mac->a[1],
                           mac->a[2], mac->a[3], mac->a[4], mac->a[5]);
    visit_type_str(v, name, &text, errp);
}

/* Six pairs of hexadecimal digits with ':' or '-' between them. */
static bool parse_mac(const char *text, MACAddr *mac)
{
    int i;

    for (i = 0; i < 6; i++, text += 2) {
        if (i && *text != ':' && *text != '-') {
            return false;
        }
        text += i > 0;
        if (!g_ascii_isxdigit(text[0]) || !g_ascii_isxdigit(text[1])) {
            return false;
        }
        mac->a[i] = g_ascii_xdigit_value(text[0]) << 4 | g_ascii_xdigit_value(text[1]);
    }
    return !*text;
}

static void macaddr_set(Object *obj, Visitor *v, const char *name, void *opaque,
                        Error **errp)
{
    g_autofree char *text = NULL;
    MACAddr mac;

    if (!visit_type_str(v, name, &text, errp)) {
        return;
    }
    if (!parse_mac(text, &mac)) {
        bad_value(obj, name, text, "an address like 52:54:00:12:34:56", errp);
        return;
    }
    *(MACAddr *)object_field_prop_ptr(obj, opaque) = mac;
}

const PropertyInfo qdev_prop_macaddr = {
    .name = "str",
    .description = "Ethernet 6-byte MAC Address, example: 52:54:00:12:34:56",
    .get = macaddr_get,
    .set = macaddr_set,
};

/* --- network back ends ----------------------------------------------------- */

static void netdev_get(Object *obj, Visitor *v, const char *name, void *opaque,
                       Error **errp)
{
    char *none = (char *)"";

    visit_type_str(v, name, &none, errp);
}

static void netdev_set(Object *obj, Visitor *v, const char *name, void *opaque,
                       Error **errp)
{
    g_autofree char *text = NULL;

    if (visit_type_str(v, name, &text, errp) && *text) {
        bad_value(obj, name, text, "the id of a network back end, of which this build "
                  "has none", errp);
    }
}

const PropertyInfo qdev_prop_netdev = {
    .name = "str",
    .description = "ID of a netdev to use as a backend",
    .get = netdev_get,
    .set = netdev_set,
};

/* --- UUIDs ------------------------------------------------------------ */

static void uuid_get(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    QemuUUID *uuid = object_field_prop_ptr(obj, opaque);
    g_autofree char *text = qemu_uuid_unparse_strdup(uuid);

    visit_type_str(v, name, &text, errp);
}

static void uuid_set(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    QemuUUID *uuid = object_field_prop_ptr(obj, opaque);
    g_autofree char *text = NULL;

    if (!visit_type_str(v, name, &text, errp)) {
        return;
    }
    if (strcmp(text, "auto") == 0) {
        qemu_uuid_generate(uuid);
    } else if (qemu_uuid_parse(text, uuid) < 0) {
        bad_value(obj, name, text, "a UUID or 'auto'", errp);
    }
}

static void uuid_set_default(ObjectProperty *op, const Property *prop)
{
    object_property_set_default_str(op, "auto");
}

const PropertyInfo qdev_prop_uuid = {
    .name = "str",
    .description = "UUID (aka GUID) or \"auto\" for random value (default)",
    .get = uuid_get,
    .set = uuid_set,
    .set_default_value = uuid_set_default,
};

/* --- slot and function ------------------------------------------------ */

/* Hexadecimal up to @max; *@end is what follows it. */
static bool parse_hex(const char *text, unsigned max, unsigned *value, const char **end)
{
    char *stop;
    unsigned long n;

    if (!g_ascii_isxdigit(*text)) {
        return false;
    }
    n = strtoul(text, &stop, 16);
    *end = stop;
    *value = n;
    return n <= max;
}

static bool parse_devfn(const char *text, int32_t *devfn)
{
    unsigned slot, fn = 0;
    const char *end;

    if (!parse_hex(text, 0x1f, &slot, &end) ||
        (*end == '.' && !parse_hex(end + 1, 7, &fn, &end)) || *end) {
        return false;
    }
    *devfn = slot << 3 | fn;
    return true;
}

/* Text is slot.function; a JSON number, which is no text, is the devfn itself. */
static void devfn_set(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    int32_t *field = object_field_prop_ptr(obj, opaque);
    g_autofree char *text = NULL;
    int32_t value;

    if (visit_type_str(v, name, &text, NULL)) {
        if (!parse_devfn(text, field)) {
            bad_value(obj, name, text,
                      "slot[.function] in hexadecimal, 0 to 1f and 0 to 7", errp);
        }
    } else if (visit_type_int32(v, name, &value, errp)) {
        if (value < -1 || value > 255) {
            error_setg(errp, "Property '%s.%s' expects -1 to 255, not %d",
                       object_get_typename(obj), name, value);
            return;
        }
        *field = value;
    }
}

/* As a number, so that what is read can be set: "10" would be slot 16. */
static void devfn_get(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    visit_type_int32(v, name, object_field_prop_ptr(obj, opaque), errp);
}

static int devfn_print(Object *obj, const Property *prop, char *dest, size_t len)
{
    int32_t devfn = *(int32_t *)object_field_prop_ptr(obj, prop);

    if (devfn < 0) {
        return snprintf(dest, len, "<unset>");
    }
    return snprintf(dest, len, "%02x.%x", devfn >> 3, devfn & 7);
}

const PropertyInfo qdev_prop_pci_devfn = {
    .name = "int32",
    .description = "Slot and optional function number, example: 06.0 or 06",
    .print = devfn_print,
    .get = devfn_get,
    .set = devfn_set,
    .set_default_value = qdev_propinfo_set_default_value_int,
};

/* --- PCI enums -------------------------------------------------------- */

QDEV_PROP_ENUM_KIND(off_auto_pcibar, OffAutoPCIBAR, "off/auto/bar0/bar1/bar2/bar3/bar4/bar5");

/*
 * Link speed and width are kept as the link capability register has them
 * (PCIe 7.5.3.6), not as the enum numbers them.
 */
static const int speed_codes[PCIE_LINK_SPEED__MAX] = { 1, 2, 3, 4, 5, 6 };
static const int width_codes[PCIE_LINK_WIDTH__MAX] = { 1, 2, 4, 8, 12, 16, 32 };

static int code_to_enum(const int *codes, int n, int code)
{
    int i;

    for (i = 0; i < n; i++) {
        if (codes[i] == code) {
            return i;
        }
    }
    g_assert_not_reached();
}

#define LINK_KIND(tag, Enum, codes, text)                                   \
    static void tag ## _get(Object *obj, Visitor *v, const char *name,      \
                            void *opaque, Error **errp)                     \
    {                                                                       \
        int *field = object_field_prop_ptr(obj, opaque);                    \
        int value = code_to_enum(codes, ARRAY_SIZE(codes), *field);         \
                                                                            \
        visit_type_enum(v, name, &value, &Enum ## _lookup, errp);           \
    }                                                                       \
    static void tag ## _set(Object *obj, Visitor *v, const char *name,      \
                            void *opaque, Error **errp)                     \
    {                                                                       \
        int value;                                                          \
                                                                            \
        if (visit_type_enum(v, name, &value, &Enum ## _lookup, errp)) {     \
            *(int *)object_field_prop_ptr(obj, opaque) = codes[value];      \
        }                                                                   \
    }                                                                       \
    static void tag ## _default(ObjectProperty *op, const Property *prop)   \
    {                                                                       \
        int value = code_to_enum(codes, ARRAY_SIZE(codes), prop->defval.i); \
                                                                            \
        object_property_set_default_str(op, Enum ## _lookup.array[value]);  \
    }                                                                       \
    const PropertyInfo qdev_prop_ ## tag = {                                \
        .name = #Enum,                                                      \
        .description = text,                                                \
        .enum_table = &Enum ## _lookup,                                     \
        .get = tag ## _get,                                                 \
        .set = tag ## _set,                                                 \
        .set_default_value = tag ## _default,                               \
    }

LINK_KIND(pcie_link_speed, PCIELinkSpeed, speed_codes, "2_5/5/8/16/32/64");
LINK_KIND(pcie_link_width, PCIELinkWidth, width_codes, "1/2/4/8/12/16/32");
