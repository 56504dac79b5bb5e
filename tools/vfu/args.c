/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See args.h. */
#include "qemu/osdep.h"
#include "args.h"
#include "vfio-user/protocol.h"

static const char *const region_names[VFU_NUM_REGIONS] = {
    "bar0", "bar1", "bar2", "bar3", "bar4", "bar5", "rom", "config", "vga",
};

static const char *const irq_names[VFU_NUM_IRQS] = {
    "intx", "msi", "msix", "err", "req",
};

G_STATIC_ASSERT(VFU_REGION_VGA == 8 && VFU_IRQ_REQ == 4);

const char *region_name(uint32_t index)
{
    return index < G_N_ELEMENTS(region_names) ? region_names[index] : NULL;
}

const char *irq_name(uint32_t index)
{
    return index < G_N_ELEMENTS(irq_names) ? irq_names[index] : NULL;
}

static bool find_name(const char *const *names, unsigned nr, const char *word,
                      uint32_t *index)
{
    for (unsigned i = 0; i < nr; i++) {
        if (g_ascii_strcasecmp(names[i], word) == 0) {
            *index = i;
            return true;
        }
    }
    return false;
}

static unsigned suffix_shift(const char *end)
{
    static const char suffixes[] = "kKmMgGtT";
    const char *at = *end ? strchr(suffixes, *end) : NULL;

    return at && !end[1] ? 10 * ((at - suffixes) / 2 + 1) : 0;
}

bool arg_number(const char *what, const char *word, uint64_t *value, Error **errp)
{
    bool binary = g_str_has_prefix(word, "0b");
    const char *digits = binary ? word + 2 : word;
    unsigned shift;
    char *end;

    errno = 0;
    *value = g_ascii_strtoull(digits, &end, binary ? 2 : 0);
    shift = suffix_shift(end);
    if (!g_ascii_isxdigit(*digits) || end == digits || (*end && !shift)) {
        error_setg(errp, "%s '%s' is not a number; use decimal, 0x.. or 0b.., "
                   "with K, M, G or T behind it if you like", what, word);
        return false;
    }
    if (errno == ERANGE || (shift && *value > UINT64_MAX >> shift)) {
        error_setg(errp, "%s '%s' does not fit in 64 bits", what, word);
        return false;
    }
    *value <<= shift;
    return true;
}

bool arg_region(const char *word, uint32_t *index, Error **errp)
{
    uint64_t n;

    if (find_name(region_names, G_N_ELEMENTS(region_names), word, index)) {
        return true;
    }
    if (g_ascii_isdigit(*word) && arg_number("region", word, &n, NULL) && n <= UINT32_MAX) {
        *index = n;
        return true;
    }
    error_setg(errp, "no region '%s'; use bar0 to bar5, rom, config, vga or an index", word);
    return false;
}

bool arg_irq(const char *word, uint32_t *index, Error **errp)
{
    if (find_name(irq_names, G_N_ELEMENTS(irq_names), word, index)) {
        return true;
    }
    error_setg(errp, "no interrupt type '%s'; use intx, msi, msix, err or req", word);
    return false;
}

bool arg_width(const char *word, unsigned *width, Error **errp)
{
    static const char words[] = "1b2w4l8q";
    const char *at = *word ? strchr(words, *word) : NULL;

    if (!at || word[1]) {
        error_setg(errp, "no access width '%s'; use 1, 2, 4 or 8 bytes (or b, w, l, q)",
                   word);
        return false;
    }
    *width = 1u << ((at - words) / 2);
    return true;
}
