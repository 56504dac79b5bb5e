/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both kinds of configuration file need; see config-file.h. */
#include "qemu/osdep.h"
#include "config-file.h"

/* Reads one byte more than may be, so that it is known whether there is one. */
static ssize_t read_up_to(int fd, char *text, size_t max)
{
    size_t len = 0;

    while (len <= max) {
        ssize_t n = RETRY_ON_EINTR(read(fd, text + len, max + 1 - len));

        if (n < 0) {
            return -1;
        }
        if (n == 0) {
            break;
        }
        len += n;
    }
    return len;
}

static bool check_text(const char *text, size_t len, Error **errp)
{
    const char *end = memchr(text, '\0', len);

    if (len > CONFIG_FILE_MAX) {
        error_setg(errp, "the file is longer than %u bytes: split it, the option may be given"
                   " several times", CONFIG_FILE_MAX);
        return false;
    }
    if (end || !g_utf8_validate_len(text, len, &end)) {
        error_setg(errp, "the file is not UTF-8 text: see byte %zu", (size_t)(end - text));
        return false;
    }
    return true;
}

char *config_file_read(const char *path, size_t *len, Error **errp)
{
    g_auto(OwnedFd) fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    g_autofree char *text = NULL;
    ssize_t n;

    if (fd < 0) {
        error_setg_errno(errp, errno, "cannot open the file");
        return NULL;
    }
    text = g_malloc(CONFIG_FILE_MAX + 2);
    n = read_up_to(fd, text, CONFIG_FILE_MAX);
    if (n < 0) {
        error_setg_errno(errp, errno, "cannot read the file");
        return NULL;
    }
    text[n] = '\0';
    if (!check_text(text, n, errp)) {
        return NULL;
    }
    *len = n;
    return g_steal_pointer(&text);
}

void config_file_at(StartupConfig *config, const char *name, unsigned line)
{
    loc_set_file(g_string_chunk_insert_const(config->places, name), line);
}

/* Some handlers answer it and end the process: -trace does in any place of a list. */
static bool asks_for_help(const char *option, const char *arg)
{
    g_auto(GStrv) parts = g_strsplit(arg, ",", strcmp(option, "trace") ? 1 : -1);

    for (unsigned i = 0; parts[i]; i++) {
        const char *word = parts[i] + (g_str_has_prefix(parts[i], "enable=") ? 7 : 0);

        if (!strcmp(word, "help") || !strcmp(word, "?")) {
            return true;
        }
    }
    return false;
}

bool config_file_apply(StartupConfig *config, const char *option, const char *arg,
                       Error **errp)
{
    if (arg && asks_for_help(option, arg)) {
        error_setg(errp, "'help' is for the command line: -%s help", option);
        return false;
    }
    return option_find(option)->handler(config, arg, errp);
}

void config_file_append(GString *text, const char *key, const char *value)
{
    g_string_append_printf(text, "%s%s=", text->len ? "," : "", key);
    for (; *value; value++) {
        if (*value == ',') {
            g_string_append_c(text, ',');
        }
        g_string_append_c(text, *value);
    }
}

bool config_file_key_ok(const char *key)
{
    const char *p = key;

    while (g_ascii_isalnum(*p) || *p == '-' || *p == '_' || *p == '.') {
        p++;
    }
    return p != key && !*p;
}
