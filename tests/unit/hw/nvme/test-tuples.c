/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/nvme/pi.c on memory: guards against the definition bit by bit and against published
 * check values, each check, each escape, how reference tags move.
 */
#include "qemu/osdep.h"
#include "hw/nvme/pi.h"
#include "slow-pi.h"

enum { BLOCKS = 5 };

typedef struct Fixture {
    NvmeNamespace ns;
    NvmePiLayout pi;
    uint8_t data[BLOCKS * 4096];
    uint8_t meta[BLOCKS * 128];
} Fixture;

static Fixture *fixture(unsigned type, bool first, bool wide, unsigned ms, unsigned lbads)
{
    static Fixture f;

    f.ns = (NvmeNamespace) { .lbads = lbads, .ms = ms, .dps = type | (first ? 8 : 0) };
    f.ns.params.pif = wide;
    f.pi = nvme_pi_layout(&f.ns);
    for (size_t i = 0; i < sizeof(f.data); i++) {
        f.data[i] = g_test_rand_int();
    }
    for (size_t i = 0; i < sizeof(f.meta); i++) {
        f.meta[i] = g_test_rand_int();
    }
    return &f;
}

static void test_check_values(void)
{
    const uint8_t digits[] = "123456789";
    uint8_t zeroes[4096] = { 0 }, ones[4096];

    memset(ones, 0xff, sizeof(ones));
    g_assert_cmphex(slow_crc16(0, digits, 9), ==, 0xd0db);
    g_assert_cmphex((uint64_t)~nvme_crc64(~0ull, digits, 9), ==, 0xae8b14860a799888ull);
    g_assert_cmphex((uint64_t)~nvme_crc64(~0ull, zeroes, 4096), ==, 0x6482d367eb22b64eull);
    g_assert_cmphex((uint64_t)~nvme_crc64(~0ull, ones, 4096), ==, 0xc0ddba7302eca3acull);
}

static void test_crc64_lengths(void)
{
    uint8_t buf[64];

    for (size_t i = 0; i < sizeof(buf); i++) {
        buf[i] = g_test_rand_int();
    }
    for (unsigned at = 0; at < 8; at++) {
        for (unsigned n = 0; n + at <= sizeof(buf); n++) {
            g_assert_cmphex(nvme_crc64(n, buf + at, n), ==, slow_crc64(n, buf + at, n));
        }
    }
}

static uint64_t slow_guard(const Fixture *f, const uint8_t *data, const uint8_t *meta)
{
    unsigned size = f->pi.wide ? 16 : 8;
    unsigned before = f->ns.dps & 8 ? 0 : f->ns.ms - size;

    if (f->pi.wide) {
        return ~slow_crc64(slow_crc64(~0ull, data, 1u << f->ns.lbads), meta, before);
    }
    return slow_crc16(slow_crc16(0, data, 1u << f->ns.lbads), meta, before);
}

/* Looks at every byte of every tuple, and that nothing else has changed. */
static void check_generated(Fixture *f, uint64_t first_tag, uint16_t apptag)
{
    unsigned size = f->pi.wide ? 16 : 8, type = f->ns.dps & 7;
    unsigned at = f->ns.dps & 8 ? 0 : f->ns.ms - size;
    uint8_t before[sizeof(f->meta)];
    NvmePiTags tags = { .apptag = apptag, .reftag = first_tag };

    memcpy(before, f->meta, sizeof(before));
    nvme_pi_generate(&f->pi, &tags, f->data, f->meta, BLOCKS);
    for (unsigned i = 0; i < BLOCKS; i++) {
        uint8_t *meta = f->meta + i * f->ns.ms, *p = meta + at;
        uint64_t guard = slow_guard(f, f->data + ((size_t)i << f->ns.lbads), meta);
        uint64_t tag = type == 3 ? first_tag : first_tag + i;
        unsigned tag_bytes = f->pi.wide ? 6 : 4, guard_bytes = f->pi.wide ? 8 : 2;

        for (unsigned k = 0; k < guard_bytes; k++) {
            g_assert_cmphex(p[k], ==, guard >> 8 * (guard_bytes - 1 - k) & 0xff);
        }
        g_assert_cmphex(p[guard_bytes] << 8 | p[guard_bytes + 1], ==, apptag);
        for (unsigned k = 0; k < tag_bytes; k++) {
            g_assert_cmphex(p[guard_bytes + 2 + k], ==, tag >> 8 * (tag_bytes - 1 - k) & 0xff);
        }
        memcpy(before + i * f->ns.ms + at, p, size);
    }
    g_assert_cmpmem(before, sizeof(before), f->meta, sizeof(f->meta));
}

static void for_all_layouts(void (*fn)(Fixture *f))
{
    static const unsigned sizes[] = { 8, 16, 64, 128 };

    for (unsigned type = 1; type <= 3; type++) {
        for (unsigned wide = 0; wide <= 1; wide++) {
            for (unsigned i = wide; i < ARRAY_SIZE(sizes); i++) {
                for (unsigned rest = 0; rest < 4; rest++) {
                    fn(fixture(type, rest & 1, wide, sizes[i], rest & 2 ? 12 : 9));
                }
            }
        }
    }
}

static void generate_one(Fixture *f)
{
    check_generated(f, 0x12345678, 0xabcd);
    check_generated(f, f->pi.wide ? 0xfffffffffffdull : 0xfffffffdu, 0x0001);
}

static void check_one(Fixture *f)
{
    bool is_three = (f->ns.dps & 7) == 3;
    const NvmePiTags right = { NVME_PRCHK_GUARD | NVME_PRCHK_APP | NVME_PRCHK_REF, 0x1234, 0xffff,
                               0x9abcdef0 };
    NvmePiTags tags = right;
    uint8_t *victim = f->data + ((size_t)3 << f->ns.lbads) + 7;
    uint16_t all_but_ref;

    nvme_pi_generate(&f->pi, &tags, f->data, f->meta, BLOCKS);
    tags = right;
    g_assert_cmphex(nvme_pi_check(&f->pi, &tags, f->data, f->meta, BLOCKS), ==, NVME_SUCCESS);
    g_assert_cmphex(tags.reftag, ==, right.reftag + (is_three ? 0 : BLOCKS));

    *victim ^= 0x10;
    tags = right;
    g_assert_cmphex(nvme_pi_check(&f->pi, &tags, f->data, f->meta, BLOCKS), ==,
                    NVME_GUARD_CHECK_ERROR);
    tags = right;
    g_assert_cmphex(nvme_pi_check(&f->pi, &tags, f->data, f->meta, 3), ==, NVME_SUCCESS);
    tags = right;
    tags.prinfo &= ~NVME_PRCHK_GUARD;
    g_assert_cmphex(nvme_pi_check(&f->pi, &tags, f->data, f->meta, BLOCKS), ==, NVME_SUCCESS);
    *victim ^= 0x10;

    tags = right;
    tags.apptag = 0x1235;
    g_assert_cmphex(nvme_pi_check(&f->pi, &tags, f->data, f->meta, BLOCKS), ==,
                    NVME_APPTAG_CHECK_ERROR);
    tags = right;
    tags.apptag = 0x1235;
    tags.appmask = 0xfffe;
    g_assert_cmphex(nvme_pi_check(&f->pi, &tags, f->data, f->meta, BLOCKS), ==, NVME_SUCCESS);
    tags = right;
    tags.reftag++;
    g_assert_cmphex(nvme_pi_check(&f->pi, &tags, f->data, f->meta, BLOCKS), ==,
                    NVME_REFTAG_CHECK_ERROR);
    tags = right;
    tags.reftag++;
    all_but_ref = NVME_PRCHK_GUARD | NVME_PRCHK_APP;
    tags.prinfo = all_but_ref;
    g_assert_cmphex(nvme_pi_check(&f->pi, &tags, f->data, f->meta, BLOCKS), ==, NVME_SUCCESS);
}

static void escape_one(Fixture *f)
{
    bool is_three = (f->ns.dps & 7) == 3;
    uint8_t *p = f->meta + f->pi.offset;
    unsigned apptag = f->pi.wide ? 8 : 2;
    const NvmePiTags right = { NVME_PRCHK_GUARD | NVME_PRCHK_APP | NVME_PRCHK_REF, 1, 0xffff, 5 };
    NvmePiTags tags = right;

    memset(p, 0x77, f->pi.size);
    memset(p + apptag, 0xff, 2);
    g_assert_cmphex(nvme_pi_check(&f->pi, &tags, f->data, f->meta, 1), ==,
                    is_three ? NVME_GUARD_CHECK_ERROR : NVME_SUCCESS);
    memset(p + apptag, 0xff, f->pi.size - apptag);
    tags = right;
    g_assert_cmphex(nvme_pi_check(&f->pi, &tags, f->data, f->meta, 1), ==, NVME_SUCCESS);
    g_assert_cmphex(tags.reftag, ==, is_three ? 5 : 6);
}

static void hole_one(Fixture *f)
{
    const NvmePiTags right = { NVME_PRCHK_GUARD | NVME_PRCHK_APP | NVME_PRCHK_REF, 1, 0xffff, 5 };
    NvmePiTags tags = right;
    uint8_t before[sizeof(f->meta)];

    memset(f->meta, 0, sizeof(f->meta));
    nvme_pi_invert(&f->pi, f->meta, BLOCKS);
    g_assert_cmphex(nvme_pi_check(&f->pi, &tags, f->data, f->meta, BLOCKS), ==, NVME_SUCCESS);
    for (unsigned i = 0; i < f->ns.ms; i++) {
        bool in_tuple = i >= f->pi.offset && i < f->pi.offset + f->pi.size;

        g_assert_cmphex(f->meta[i], ==, in_tuple ? 0xff : 0);
    }
    for (unsigned i = 0; i < sizeof(before); i++) {
        f->meta[i] = before[i] = g_test_rand_int();
    }
    nvme_pi_invert(&f->pi, f->meta, BLOCKS);
    g_assert_cmpint(memcmp(before, f->meta, sizeof(before)), !=, 0);
    nvme_pi_invert(&f->pi, f->meta, BLOCKS);
    g_assert_cmpmem(before, sizeof(before), f->meta, sizeof(f->meta));
}

static void test_generate(void)
{
    for_all_layouts(generate_one);
}
static void test_check(void)
{
    for_all_layouts(check_one);
}
static void test_escape(void)
{
    for_all_layouts(escape_one);
}
static void test_hole(void)
{
    for_all_layouts(hole_one);
}

static void test_tag_rules(void)
{
    const uint16_t invalid = NVME_INVALID_PROTECTION_INFO | NVME_DNR;
    NvmePiTags tags = { NVME_PRCHK_REF, 0, 0, 0x89abcdef };
    NvmePiLayout one = fixture(1, false, false, 8, 9)->pi;
    NvmePiLayout two = fixture(2, false, false, 8, 9)->pi;
    NvmePiLayout three = fixture(3, false, false, 8, 9)->pi;

    g_assert_cmphex(nvme_pi_check_tags(&one, &tags, 0x189abcdefull), ==, NVME_SUCCESS);
    g_assert_cmphex(nvme_pi_check_tags(&one, &tags, 0x189abcdeeull), ==, invalid);
    g_assert_cmphex(nvme_pi_check_tags(&two, &tags, 7), ==, NVME_SUCCESS);
    g_assert_cmphex(nvme_pi_check_tags(&three, &tags, 0x89abcdef), ==, invalid);
    tags.prinfo = NVME_PRCHK_GUARD | NVME_PRCHK_APP | NVME_PRACT;
    g_assert_cmphex(nvme_pi_check_tags(&one, &tags, 7), ==, NVME_SUCCESS);
    g_assert_cmphex(nvme_pi_check_tags(&three, &tags, 7), ==, NVME_SUCCESS);
}

static void test_fields(void)
{
    NvmeRequest req = { 0 };
    NvmePiLayout narrow = fixture(2, false, false, 8, 9)->pi;
    NvmePiLayout wide = fixture(2, false, true, 16, 9)->pi;
    NvmePiTags tags;

    req.cmd.cdw3 = cpu_to_le32(0x5a5a1234);
    req.cmd.cdw12 = cpu_to_le32((NVME_PRACT | NVME_PRCHK_REF) << 26);
    req.cmd.cdw14 = cpu_to_le32(0x89abcdef);
    req.cmd.cdw15 = cpu_to_le32(0xf00d1234);
    tags = nvme_pi_tags(&req, &narrow);
    g_assert_cmphex(tags.prinfo, ==, NVME_PRACT | NVME_PRCHK_REF);
    g_assert_cmphex(tags.apptag, ==, 0x1234);
    g_assert_cmphex(tags.appmask, ==, 0xf00d);
    g_assert_cmphex(tags.reftag, ==, 0x89abcdef);
    tags = nvme_pi_tags(&req, &wide);
    g_assert_cmphex(tags.reftag, ==, 0x123489abcdefull);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme/tuples/check-values", test_check_values);
    g_test_add_func("/nvme/tuples/crc64-lengths", test_crc64_lengths);
    g_test_add_func("/nvme/tuples/generate", test_generate);
    g_test_add_func("/nvme/tuples/check", test_check);
    g_test_add_func("/nvme/tuples/escape", test_escape);
    g_test_add_func("/nvme/tuples/hole", test_hole);
    g_test_add_func("/nvme/tuples/rules", test_tag_rules);
    g_test_add_func("/nvme/tuples/fields", test_fields);
    return g_test_run();
}
