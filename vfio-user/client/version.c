/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VERSION: our proposal, and what the persona in use makes of the reply.
 *
 * The limits of the reply are taken over leniently (unknown keys ignored, as
 * the protocol says), then a row of checks says whether the real client would
 * have gone on. This reading is separate from the server's own
 * (vfio-user/protocol/capabilities): tests must not check one with itself.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "internal.h"

/* No reply of a sane server is longer; SPDK's buffer is 4096 bytes. */
#define MAX_VERSION_TEXT 4092

typedef struct NumberKey {
    const char *name;
    uint64_t qemu_min, qemu_max;        /* what QEMU accepts */
    void (*set)(VfuServerLimits *limits, uint64_t value);
} NumberKey;

static void set_fds(VfuServerLimits *l, uint64_t v)
{
    l->max_msg_fds = MIN(v, UINT_MAX);
}

static void set_xfer(VfuServerLimits *l, uint64_t v)
{
    l->max_data_xfer_size = v;
}

static void set_maps(VfuServerLimits *l, uint64_t v)
{
    l->max_dma_maps = v;
}

static void set_pgsizes(VfuServerLimits *l, uint64_t v)
{
    l->pgsizes = v;
}

static const NumberKey number_keys[] = {
    { "max_msg_fds", 1, 16, set_fds },
    { "max_data_xfer_size", 1, 64 * 1024 * 1024, set_xfer },
    { "max_dma_maps", 1, 65535, set_maps },
    { "pgsizes", 4096, UINT64_MAX, set_pgsizes },
};

static bool get_number(JsonObject *caps, const char *key, uint64_t *value, Error **errp)
{
    JsonNode *node = json_object_get_member(caps, key);

    if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_INT64 ||
        json_node_get_int(node) < 0) {
        error_setg(errp, "the server's '%s' is not a whole number", key);
        return false;
    }
    *value = json_node_get_int(node);
    return true;
}

static bool check_number(VfuClient *c, const NumberKey *key, uint64_t value, Error **errp)
{
    if (c->persona->reply_fits_request &&
        (value < key->qemu_min || value > key->qemu_max)) {
        error_setg(errp, "QEMU refuses %s %" PRIu64 " (%" PRIu64 " to %" PRIu64 ")",
                   key->name, value, key->qemu_min, key->qemu_max);
        return false;
    }
    if (c->persona->exact_replies && value > UINT32_MAX) {
        error_setg(errp, "the rust-vmm client cannot hold %s %" PRIu64, key->name, value);
        return false;
    }
    return true;
}

static bool take_numbers(VfuClient *c, JsonObject *caps, Error **errp)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(number_keys); i++) {
        const NumberKey *key = &number_keys[i];
        uint64_t value;

        if (!json_object_has_member(caps, key->name)) {
            continue;
        }
        if (!get_number(caps, key->name, &value, errp) ||
            !check_number(c, key, value, errp)) {
            return false;
        }
        key->set(&c->server, value);
    }
    return true;
}

static bool check_migration(VfuClient *c, JsonObject *migration, Error **errp)
{
    uint64_t pgsize;

    if (json_object_has_member(migration, "pgsize")) {
        return get_number(migration, "pgsize", &pgsize, errp);
    }
    if (c->persona->exact_replies) {
        error_setg(errp, "the server's 'migration' lacks the pgsize that rust-vmm reads");
        return false;
    }
    return true;
}

static bool take_others(VfuClient *c, JsonObject *caps, Error **errp)
{
    JsonNode *multi = json_object_get_member(caps, "write_multiple");
    JsonNode *migration = json_object_get_member(caps, "migration");

    if (multi) {
        if (!JSON_NODE_HOLDS_VALUE(multi) ||
            json_node_get_value_type(multi) != G_TYPE_BOOLEAN) {
            error_setg(errp, "the server's 'write_multiple' is not true or false");
            return false;
        }
        c->server.write_multiple = json_node_get_boolean(multi);
    }
    if (migration) {
        if (!JSON_NODE_HOLDS_OBJECT(migration)) {
            error_setg(errp, "the server's 'migration' is not an object");
            return false;
        }
        if (!check_migration(c, json_node_get_object(migration), errp)) {
            return false;
        }
        c->server.migration = true;
    }
    return true;
}

static bool take_json(VfuClient *c, const char *text, Error **errp)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autoptr(GError) gerr = NULL;
    JsonNode *root, *caps;

    if (!json_parser_load_from_data(parser, text, -1, &gerr)) {
        error_setg(errp, "the server's VERSION text is not JSON: %s", gerr->message);
        return false;
    }
    root = json_parser_get_root(parser);
    if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
        error_setg(errp, "the server's VERSION text is not a JSON object");
        return false;
    }
    caps = json_object_get_member(json_node_get_object(root), "capabilities");
    if (!caps) {
        if (c->persona->exact_replies) {
            error_setg(errp, "the server's VERSION text has no 'capabilities'");
            return false;
        }
        return true;
    }
    if (!JSON_NODE_HOLDS_OBJECT(caps)) {
        error_setg(errp, "the server's 'capabilities' is not an object");
        return false;
    }
    return take_numbers(c, json_node_get_object(caps), errp) &&
           take_others(c, json_node_get_object(caps), errp);
}

static bool check_version(VfuClient *c, const VfuVersion *v, Error **errp)
{
    c->server.major = v->major;
    c->server.minor = v->minor;
    if (c->persona->exact_replies) {
        return true;            /* rust-vmm does not look */
    }
    if (v->major != VFU_MAJOR || v->minor > c->minor) {
        error_setg(errp, "the server answers version %u.%u to our %u.%u", v->major,
                   v->minor, VFU_MAJOR, c->minor);
        return false;
    }
    return true;
}

int vfu_client_parse_version(VfuClient *c, const void *payload, size_t size, Error **errp)
{
    const char *text = (const char *)payload + sizeof(VfuVersion);
    size_t len = size - sizeof(VfuVersion);
    VfuVersion v;

    memcpy(&v, payload, sizeof(v));
    if (!check_version(c, &v, errp)) {
        return -EPROTO;
    }
    if (len == 0) {
        if (c->persona->wants_version_json) {
            error_setg(errp, "the server sent no capabilities, which this client cannot "
                       "take (%s)", c->persona->name);
            return -EPROTO;
        }
        return 0;
    }
    if (text[len - 1] != '\0' || memchr(text, 0, len) != text + len - 1) {
        error_setg(errp, "the server's VERSION text does not end with its only NUL");
        return -EPROTO;
    }
    g_free(c->server_json);
    c->server_json = g_strdup(text);
    c->server.json = c->server_json;
    /* SPDK's driver does not read it. */
    if (c->persona->ids == VFU_ID_ALWAYS_0) {
        return 0;
    }
    return take_json(c, text, errp) ? 0 : -EPROTO;
}

int vfu_client_negotiate(VfuClient *c, Error **errp)
{
    VfuVersion v = { .major = VFU_MAJOR, .minor = c->minor };
    size_t text = c->version_json ? strlen(c->version_json) + 1 : 0;
    struct iovec iov[2] = { { &v, sizeof(v) }, { c->version_json, text } };
    uint8_t reply[sizeof(VfuVersion) + MAX_VERSION_TEXT];
    VfuCall call = {
        .command = VFU_VERSION, .reply = reply, .min = sizeof(v), .expect = VFU_ANY_SIZE,
        .room = c->persona->reply_fits_request ? sizeof(v) + text : sizeof(reply),
    };
    int ret;

    call.room = MIN(call.room, sizeof(reply));
    ret = vfu_client_call(c, &call, iov, text ? 2 : 1);
    if (ret == 0 && call.got > call.room) {
        ret = vfu_client_fail(c, -EPROTO, "VERSION reply of %zu bytes", call.got);
    }
    if (ret) {
        error_setg(errp, "VERSION failed: %s",
                   c->complaint ? c->complaint : strerror(-ret));
        return ret;
    }
    ret = vfu_client_parse_version(c, reply, call.got, errp);
    if (ret) {
        vfu_client_fail(c, ret, "VERSION reply not accepted");
    }
    return ret;
}
