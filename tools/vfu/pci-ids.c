/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci.ids is looked through line by line for each question: at most four
 * questions are asked in a run, so an index would cost more than it saves.
 * A section starts in column 0 ("vvvv  Name" or "C cc  Name"), its members
 * are behind one tab.
 */
#include "qemu/osdep.h"
#include "pci-ids.h"

struct PciIds {
    char *text;
    const char *end;            /* of the text: lines are cut without looking for NULs */
};

static const char *const places[] = {
    "/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids",
};

PciIds *pci_ids_load(const char *path)
{
    PciIds *ids = g_new0(PciIds, 1);

    if (path) {
        g_file_get_contents(path, &ids->text, NULL, NULL);
    }
    for (unsigned i = 0; !path && !ids->text && i < G_N_ELEMENTS(places); i++) {
        g_file_get_contents(places[i], &ids->text, NULL, NULL);
    }
    if (!ids->text) {
        g_clear_pointer(&ids, g_free);
    } else {
        ids->end = ids->text + strlen(ids->text);
    }
    return ids;
}

void pci_ids_free(PciIds *ids)
{
    if (ids) {
        g_free(ids->text);
        g_free(ids);
    }
}

/* One past the line's last character. */
static const char *line_end(PciIds *ids, const char *line)
{
    const char *end = memchr(line, '\n', ids->end - line);

    return end ? end : ids->end;
}

/* The rest of the line after the key, when the line begins with it. */
static char *name_after(PciIds *ids, const char *line, const char *key)
{
    size_t key_len = strlen(key), len = line_end(ids, line) - line;

    if (len < key_len || memcmp(line, key, key_len) != 0) {
        return NULL;
    }
    return g_strstrip(g_strndup(line + key_len, len - key_len));
}

static const char *next_line(PciIds *ids, const char *line)
{
    const char *end = line_end(ids, line);

    return ids->end - end > 1 ? end + 1 : NULL;
}

/* section "1af4  ", member NULL or "\t1041  ". */
static char *find(PciIds *ids, const char *section, const char *member)
{
    const char *line = ids ? ids->text : NULL;
    char *name = NULL;

    for (; line && !name; line = next_line(ids, line)) {
        name = name_after(ids, line, section);
        if (name && member) {
            g_clear_pointer(&name, g_free);
            break;
        }
    }
    if (!member || !line) {
        return name;
    }
    for (line = next_line(ids, line); line && !name; line = next_line(ids, line)) {
        if (*line != '\t' && *line != '#' && *line != '\n') {
            break;
        }
        name = name_after(ids, line, member);
    }
    return name;
}

char *pci_ids_vendor(PciIds *ids, unsigned vendor)
{
    g_autofree char *section = g_strdup_printf("%04x  ", vendor);

    return find(ids, section, NULL);
}

char *pci_ids_device(PciIds *ids, unsigned vendor, unsigned device)
{
    g_autofree char *section = g_strdup_printf("%04x  ", vendor);
    g_autofree char *member = g_strdup_printf("\t%04x  ", device);

    return find(ids, section, member);
}

char *pci_ids_class(PciIds *ids, unsigned base, unsigned sub)
{
    g_autofree char *section = g_strdup_printf("C %02x  ", base);
    g_autofree char *member = g_strdup_printf("\t%02x  ", sub);
    char *name = find(ids, section, member);

    return name ? name : find(ids, section, NULL);
}
