/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all VMState tests do: save a struct into bytes, load bytes into a
 * struct, and try every shorter stream. Texts of errors are kept for checks.
 */
#ifndef TESTS_UNIT_MIGRATION_STREAM_H
#define TESTS_UNIT_MIGRATION_STREAM_H

#include "qapi/error.h"
#include "migration/qemu-file.h"
#include "migration/vmstate.h"

static inline GBytes *stream_save(const VMStateDescription *vmsd, void *state)
{
    g_autoptr(QEMUFile) f = qemu_file_new_writer(0);

    g_assert_cmpint(vmstate_save_state(f, vmsd, state, NULL, &error_abort), ==, 0);
    g_assert_cmpint(qemu_file_get_error(f), ==, 0);
    return qemu_file_take_bytes(f);
}

/* All of the stream must have been consumed for a 0. */
static inline int stream_load_bytes(const VMStateDescription *vmsd, void *state, int version,
                                    const void *data, size_t len, char **text)
{
    g_autoptr(GBytes) bytes = g_bytes_new(data, len);
    g_autoptr(QEMUFile) f = qemu_file_new_reader(bytes);
    Error *err = NULL;
    int ret = vmstate_load_state(f, vmsd, state, version, &err);

    g_assert_cmpint(ret != 0, ==, err != NULL);
    g_assert_cmpint(ret, <=, 0);
    if (ret) {
        g_assert_cmpint(qemu_file_get_error(f), !=, 0);
    } else {
        g_assert_cmpint(qemu_file_remaining(f), ==, 0);
    }
    if (text) {
        *text = err ? g_strdup(error_get_pretty(err)) : NULL;
    }
    error_free(err);
    return ret;
}

static inline int stream_load(const VMStateDescription *vmsd, void *state, GBytes *bytes)
{
    size_t len;
    const void *data = g_bytes_get_data(bytes, &len);

    return stream_load_bytes(vmsd, state, vmsd->version_id, data, len, NULL);
}

/* Every proper prefix of a stream without subsections is refused. `wipe` readies the struct. */
static inline void stream_truncate_everywhere(const VMStateDescription *vmsd, void *state,
                                              GBytes *bytes, void (*wipe)(void *state))
{
    size_t len;
    const uint8_t *data = g_bytes_get_data(bytes, &len);

    for (size_t cut = 0; cut < len; cut++) {
        wipe(state);
        g_assert_cmpint(stream_load_bytes(vmsd, state, vmsd->version_id, data, cut, NULL), <, 0);
    }
    wipe(state);
}

static inline void stream_expect(GBytes *bytes, const char *hex)
{
    size_t len;
    const uint8_t *data = g_bytes_get_data(bytes, &len);
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < len; i++) {
        g_string_append_printf(text, "%02x", data[i]);
    }
    g_assert_cmpstr(text->str, ==, hex);
}

#endif
