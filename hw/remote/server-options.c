/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The option tables of vfio-user-server; see server-options.h. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/units.h"
#include "server-options.h"

static const ServerOptionsAccess *access_to;

/* --- numbers --- */

typedef struct NumberOption {
    const char *name;
    size_t offset;
    uint64_t min, max, fallback;
    bool size;                  /* takes k, M, G */
    const char *help;
} NumberOption;

#define NUMBER(member) offsetof(ServerOptions, member)

static const NumberOption numbers[] = {
    { "max-dma-maps", NUMBER(max_dma_maps), 1, 65535, 65535, false,
      "mappings that the client may have" },
    { "max-dma-size", NUMBER(max_dma_size), 4 * KiB, 64 * TiB, TiB, true,
      "sum of the sizes of the mappings that carry files" },
    { "max-data-xfer-size", NUMBER(max_data_xfer_size), 4 * KiB, 64 * MiB, MiB, true,
      "bytes of data that one message may carry" },
    { "max-msg-fds", NUMBER(max_msg_fds), 1, 16, 16, false,
      "file descriptors that one message may carry" },
    { "dma-pipeline", NUMBER(dma_pipeline), 1, 32, 16, false,
      "DMA messages in flight for one transfer" },
    { "dma-drain-timeout", NUMBER(dma_drain_timeout_ms), 1, 4500, 4000, false,
      "ms that DMA_UNMAP waits for a device to let go of the memory" },
    { "dma-timeout", NUMBER(dma_timeout_ms), 1, 60000, 3000, false,
      "ms that the client has to answer DMA_READ or DMA_WRITE" },
    { "message-timeout", NUMBER(message_timeout_ms), 1, 60000, 5000, false,
      "ms from the first to the last byte of a message" },
    { "write-timeout", NUMBER(write_timeout_ms), 1, 60000, 5000, false,
      "ms that the client may leave replies unread" },
    { "unplug-timeout", NUMBER(unplug_timeout_ms), 0, 86400000, 0, false,
      "ms that a client has to give the device back, 0 is for ever" },
    { "poll-max-ns", NUMBER(poll_max_ns), 0, 1000000000, 0, false,
      "longest busy wait for the next message, 0 sleeps at once" },
};

static uint64_t *number_of(Object *obj, const NumberOption *row)
{
    return (uint64_t *)((char *)access_to->of(obj) + row->offset);
}

static bool refuse_when_locked(Object *obj, const char *name, Error **errp)
{
    if (access_to->locked(obj)) {
        error_setg(errp, "'%s' cannot be changed once the server listens: delete the object "
                   "and add it again", name);
        return true;
    }
    return false;
}

static void get_number(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    uint64_t value = *number_of(obj, opaque);

    visit_type_uint64(v, name, &value, errp);
}

static void set_number(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    const NumberOption *row = opaque;
    uint64_t value;
    bool ok;

    if (refuse_when_locked(obj, name, errp)) {
        return;
    }
    ok = row->size ? visit_type_size(v, name, &value, errp)
                   : visit_type_uint64(v, name, &value, errp);
    if (!ok) {
        return;
    }
    if (value < row->min || value > row->max) {
        error_setg(errp, "Parameter '%s' expects a value from %" PRIu64 " to %" PRIu64
                   ", not %" PRIu64, name, row->min, row->max, value);
        return;
    }
    *number_of(obj, row) = value;
}

/* --- choices --- */

typedef struct ChoiceOption {
    const char *name;
    size_t offset;
    int fallback;
    const char *help;
    const char *const *values;  /* NULL ends */
} ChoiceOption;

#define VALUES(...) (const char *const[]) { __VA_ARGS__, NULL }

static const ChoiceOption choices[] = {
    { "on-disconnect", NUMBER(on_disconnect), ON_DISCONNECT_RESET,
      "what happens to the device when its client leaves", VALUES("reset", "keep") },
    { "dma-access", NUMBER(dma_access), IOVA_ACCESS_AUTO,
      "how memory that comes with a file is reached", VALUES("auto", "message", "file") },
    { "require-seals", NUMBER(require_seals), REQUIRE_SEALS_NONE,
      "refuse memory that the client can truncate", VALUES("none", "shrink") },
    { "dma-unmap-missing", NUMBER(dma_unmap_missing), UNMAP_MISSING_OK,
      "answer to a DMA_UNMAP that matches nothing", VALUES("success", "error") },
    { "unplug", NUMBER(unplug), UNPLUG_REFUSE,
      "what device_del does while the device is served",
      VALUES("refuse", "request", "force") },
    { "x-dma-message-layout", NUMBER(dma_layout), VFU_DMA_LAYOUT_SPEC,
      "layout of DMA messages; qemu28 is that of QEMU 10.1 to 11.0",
      VALUES("spec", "qemu28", "auto") },
};

static int *choice_of(Object *obj, const ChoiceOption *row)
{
    return (int *)((char *)access_to->of(obj) + row->offset);
}

static void get_choice(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    const ChoiceOption *row = opaque;
    char *value = (char *)row->values[*choice_of(obj, row)];

    visit_type_str(v, name, &value, errp);
}

static void set_choice(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    const ChoiceOption *row = opaque;
    g_autofree char *value = NULL;
    g_autofree char *known = NULL;

    if (refuse_when_locked(obj, name, errp) || !visit_type_str(v, name, &value, errp)) {
        return;
    }
    for (int i = 0; row->values[i]; i++) {
        if (g_str_equal(row->values[i], value)) {
            *choice_of(obj, row) = i;
            return;
        }
    }
    known = g_strjoinv(", ", (char **)row->values);
    error_setg(errp, "Parameter '%s' does not accept value '%s', it takes one of: %s", name,
               value, known);
}

/* --- texts --- */

typedef struct TextOption {
    const char *name;
    size_t offset;
    const char *help;
} TextOption;

static const TextOption texts[] = {
    { "type", NUMBER(socket_type), "where to listen: unix, fd or systemd" },
    { "path", NUMBER(path), "UNIX socket to listen on" },
    { "mode", NUMBER(mode), "permissions of the socket file, octal" },
    { "fd", NUMBER(fd), "with type=fd: number or getfd name of a socket" },
    { "name", NUMBER(name), "with type=systemd: name of a socket of the service manager" },
    { "peer-uid", NUMBER(peer_uid), "the only user whose clients are accepted" },
    { "device", NUMBER(device), "id of the PCI device to serve" },
};

static char **text_of(Object *obj, const TextOption *row)
{
    return (char **)((char *)access_to->of(obj) + row->offset);
}

static void get_text(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    char *value = *text_of(obj, opaque);
    char *empty = (char *)"";

    visit_type_str(v, name, value ? &value : &empty, errp);
}

static void set_text(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    char *value = NULL;

    if (refuse_when_locked(obj, name, errp) || !visit_type_str(v, name, &value, errp)) {
        return;
    }
    g_free(*text_of(obj, opaque));
    *text_of(obj, opaque) = value;
}

/* Members of the nested form: all of the rows above but the last. QEMU's name of fd in
 * a SocketAddress is str. */
#define NESTED (ARRAY_SIZE(texts) - 1)

static void set_member(Object *obj, Visitor *v, const char *name, const TextOption *row,
                       Error **errp)
{
    bool has = true;

    if (!*errp && visit_optional(v, name, &has) && has) {
        set_text(obj, v, name, (void *)row, errp);
    }
}

/* QEMU's spelling: socket.type, socket.path or a nested JSON object. */
static void set_socket(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    if (!visit_start_struct(v, name, NULL, 0, errp)) {
        return;
    }
    set_text(obj, v, "type", (void *)&texts[0], errp);
    for (size_t i = 1; i < NESTED; i++) {
        set_member(obj, v, texts[i].name, &texts[i], errp);
        if (g_str_equal(texts[i].name, "fd")) {
            set_member(obj, v, "str", &texts[i], errp);
        }
    }
    if (!*errp) {
        visit_check_struct(v, errp);
    }
    visit_end_struct(v, NULL);
}

static void set_socket_guarded(Object *obj, Visitor *v, const char *name, void *opaque,
                               Error **errp)
{
    Error *err = NULL;

    set_socket(obj, v, name, opaque, &err);
    error_propagate(errp, err);
}

static bool get_write_multiple(Object *obj, Error **errp)
{
    return access_to->of(obj)->write_multiple;
}

static void set_write_multiple(Object *obj, bool value, Error **errp)
{
    if (!refuse_when_locked(obj, "write-multiple", errp)) {
        access_to->of(obj)->write_multiple = value;
    }
}

void server_options_add_properties(ObjectClass *oc, const ServerOptionsAccess *access)
{
    access_to = access;
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        object_class_property_add(oc, texts[i].name, "str", get_text, set_text, NULL,
                                  (void *)&texts[i]);
        object_class_property_set_description(oc, texts[i].name, texts[i].help);
    }
    for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
        object_class_property_add(oc, choices[i].name, "str", get_choice, set_choice, NULL,
                                  (void *)&choices[i]);
        object_class_property_set_description(oc, choices[i].name, choices[i].help);
    }
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        object_class_property_add(oc, numbers[i].name, numbers[i].size ? "size" : "uint64",
                                  get_number, set_number, NULL, (void *)&numbers[i]);
        object_class_property_set_description(oc, numbers[i].name, numbers[i].help);
    }
    object_class_property_add(oc, "socket", "SocketAddress", NULL, set_socket_guarded, NULL, NULL);
    object_class_property_set_description(oc, "socket", "the options of the socket, nested");
    object_class_property_add_bool(oc, "write-multiple", get_write_multiple, set_write_multiple);
    object_class_property_set_description(oc, "write-multiple", "offer REGION_WRITE_MULTI");
}

void server_options_init(ServerOptions *o)
{
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        *(uint64_t *)((char *)o + numbers[i].offset) = numbers[i].fallback;
    }
    for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
        *(int *)((char *)o + choices[i].offset) = choices[i].fallback;
    }
    o->socket_type = g_strdup("unix");
    o->write_multiple = true;
}

void server_options_clear(ServerOptions *o)
{
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        g_free(g_steal_pointer((char **)((char *)o + texts[i].offset)));
    }
}

#define MS(ms) ((int64_t)(ms) * 1000000)

void server_options_vfu(const ServerOptions *o, const char *name, VfuServerConfig *config)
{
    vfu_server_config_init(config);
    config->name = name;
    config->max_msg_fds = o->max_msg_fds;
    config->max_data_xfer_size = o->max_data_xfer_size;
    config->max_dma_maps = o->max_dma_maps;
    config->write_multiple = o->write_multiple;
    config->message_timeout_ns = MS(o->message_timeout_ms);
    config->write_timeout_ns = MS(o->write_timeout_ms);
    config->dma_timeout_ns = MS(o->dma_timeout_ms);
    config->poll = o->poll_max_ns > 0;
    config->dma_layout = o->dma_layout;
}

void server_options_dma(const ServerOptions *o, const char *name, IOVASpaceConfig *config)
{
    *config = (IOVASpaceConfig) {
        .name = name,
        .access = o->dma_access,
        .require_shrink_seal = o->require_seals == REQUIRE_SEALS_SHRINK,
        .unmap_missing_is_error = o->dma_unmap_missing == UNMAP_MISSING_ERROR,
        .max_maps = o->max_dma_maps,
        .max_bytes = o->max_dma_size,
        .pipeline = o->dma_pipeline,
        .drain_timeout_ns = MS(o->dma_drain_timeout_ms),
        .op_timeout_ns = MS(o->dma_timeout_ms),
    };
}
