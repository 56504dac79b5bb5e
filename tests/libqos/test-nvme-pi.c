/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metadata and end-to-end protection, NVM command set 5.2: each type, metadata
 * apart and with the data, protection information first and last.
 */
#include "qemu/osdep.h"
#include "nvme-case.h"

enum { BLOCK = 512, BLOCKS = 4, LBA = 16, TUPLE = 8, APP_TAG = 0x1234 };

typedef struct Format {
    const char *options;
    unsigned type, ms;
    bool extended, first;
} Format;

static const Format formats[] = {
    { ",ms=8", 0, 8 },
    { ",ms=64,mset=1", 0, 64, true },
    { ",ms=8,pi=1", 1, 8 },
    { ",ms=8,pi=1,mset=1", 1, 8, true },
    { ",ms=16,pi=1,pil=1", 1, 16, false, true },
    { ",ms=64,pi=1,pil=0", 1, 64 },
    { ",ms=8,pi=2", 2, 8 },
    { ",ms=64,pi=2,pil=1,mset=1", 2, 64, true, true },
    { ",ms=8,pi=3", 3, 8 },
    { ",ms=16,pi=3,mset=1", 3, 16, true },
};

/* --- what a host computes --- */

/* Polynomial 8BB7h, starting with 0. */
static uint16_t guard(const uint8_t *data, size_t len, uint16_t crc)
{
    for (size_t i = 0; i < len; i++) {
        crc ^= data[i] << 8;
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = crc << 1 ^ (crc & 0x8000 ? 0x8bb7 : 0);
        }
    }
    return crc;
}

/* Where block i's data and metadata are in a buffer of blocks followed by metadata, or mixed. */
typedef struct Image {
    const Format *f;
    uint8_t bytes[BLOCKS * (BLOCK + 64)];
} Image;

static uint8_t *data_of(Image *m, unsigned i)
{
    return m->bytes + i * (BLOCK + (m->f->extended ? m->f->ms : 0));
}

static uint8_t *meta_of(Image *m, unsigned i)
{
    return m->f->extended ? data_of(m, i) + BLOCK : m->bytes + BLOCKS * BLOCK + i * m->f->ms;
}

static uint8_t *tuple_of(Image *m, unsigned i)
{
    return meta_of(m, i) + (m->f->first ? 0 : m->f->ms - TUPLE);
}

static void protect(Image *m, unsigned i, uint32_t ref)
{
    uint8_t *tuple = tuple_of(m, i);
    uint16_t crc = guard(data_of(m, i), BLOCK, 0);

    /* What of the metadata lies before the tuple is guarded too. */
    crc = guard(meta_of(m, i), tuple - meta_of(m, i), crc);
    stw_be_p(tuple, crc);
    stw_be_p(tuple + 2, APP_TAG);
    stl_be_p(tuple + 4, ref);
}

static Image make(const Format *f, unsigned seed)
{
    Image m = { f };

    qn_pattern(m.bytes, sizeof(m.bytes), seed);
    for (unsigned i = 0; f->type && i < BLOCKS; i++) {
        protect(&m, i, LBA + (f->type == 3 ? 0 : i));
    }
    return m;
}

/* --- transfers --- */

static size_t data_size(const Format *f)
{
    return BLOCKS * (BLOCK + (f->extended ? f->ms : 0));
}

static uint16_t transfer(QNvme *n, uint8_t opcode, Image *m, uint32_t control, uint32_t ref)
{
    uint64_t mark = n->next, data = qn_alloc(n, sizeof(m->bytes)), meta = qn_alloc(n, QN_PAGE);
    size_t metas = m->f->extended ? 0 : BLOCKS * m->f->ms;
    QNSqe cmd = qn_rw(opcode, 1, LBA, BLOCKS);
    uint16_t status;

    qos_mem_write(n->d, data, m->bytes, data_size(m->f));
    qos_mem_write(n->d, meta, m->bytes + BLOCKS * BLOCK, metas);
    cmd.mptr = meta;
    cmd.cdw12 |= control;
    cmd.cdw14 = ref;
    cmd.cdw15 = 0xffffu << 16 | APP_TAG;
    qn_prp(n, &cmd, data, data_size(m->f));
    status = qn_do(n, &n->sq, &cmd, NULL);
    if (opcode == QN_READ) {
        qos_mem_read(n->d, data, m->bytes, data_size(m->f));
        qos_mem_read(n->d, meta, m->bytes + BLOCKS * BLOCK, metas);
    }
    qn_rewind(n, mark);
    return status;
}

static void assert_same(Image *a, Image *b)
{
    size_t size = BLOCKS * (BLOCK + a->f->ms);

    g_assert_cmpmem(a->bytes, size, b->bytes, size);
}

enum { CHECK_ALL = QN_PRCHK_GUARD | QN_PRCHK_APP | QN_PRCHK_REF };

/* Type 3 has no reference tags that anybody checks. */
static uint32_t checks(const Format *f)
{
    return f->type == 0 ? 0 : f->type == 3 ? CHECK_ALL & ~QN_PRCHK_REF : CHECK_ALL;
}

/* --- cases --- */

static const Format *format_of(QNvme *n)
{
    const QNRig *rig = n->d->driver->rig;

    for (unsigned i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (formats[i].options == rig->disk[0].options) {
            return &formats[i];
        }
    }
    g_assert_not_reached();
}

static void test_identify(QNvme *n)
{
    const Format *f = format_of(n);
    uint8_t id[QN_PAGE];
    unsigned lbaf;

    g_assert_cmphex(qn_identify(n, 0, 1, id), ==, QN_OK);
    lbaf = id[26] & 15;
    g_assert_cmpuint(lduw_le_p(id + 128 + 4 * lbaf), ==, f->ms);
    g_assert_cmpuint(id[26] >> 4 & 1, ==, f->extended);
    g_assert_cmpuint(id[29] & 7, ==, f->type);                  /* DPS */
    g_assert_cmpuint(id[29] >> 3 & 1, ==, f->type && f->first);
    g_assert_cmpuint(ldq_le_p(id), <=, QN_FILE_SIZE / (BLOCK + f->ms));
}

static void test_round_trip(QNvme *n)
{
    const Format *f = format_of(n);
    Image wrote = make(f, 1), read = { f };

    g_assert_cmphex(transfer(n, QN_WRITE, &wrote, checks(f), LBA), ==, QN_OK);
    g_assert_cmphex(transfer(n, QN_READ, &read, checks(f), LBA), ==, QN_OK);
    assert_same(&wrote, &read);
}

/* One thing wrong in the third block. */
static void check_wrong(QNvme *n, unsigned byte, uint16_t status)
{
    const Format *f = format_of(n);
    Image good = make(f, 2), wrong = make(f, 3), read = { f };

    g_assert_cmphex(transfer(n, QN_WRITE, &good, checks(f), LBA), ==, QN_OK);
    tuple_of(&wrong, 2)[byte] ^= 1;
    g_assert_cmphex(transfer(n, QN_WRITE, &wrong, checks(f), LBA), ==, status);
    g_assert_cmphex(transfer(n, QN_READ, &read, checks(f), LBA), ==, QN_OK);
    assert_same(&read, &good);
    /* unchecked it goes to the medium, and reads tell */
    g_assert_cmphex(transfer(n, QN_WRITE, &wrong, 0, LBA), ==, QN_OK);
    g_assert_cmphex(transfer(n, QN_READ, &read, checks(f), LBA), ==, status);
    g_assert_cmphex(transfer(n, QN_READ, &read, 0, LBA), ==, QN_OK);
    assert_same(&read, &wrong);
}

static void test_wrong(QNvme *n)
{
    const Format *f = format_of(n);

    check_wrong(n, 0, QN_GUARD);
    check_wrong(n, 2, QN_APP_TAG);
    if (f->type != 3) {
        check_wrong(n, 7, QN_REF_TAG);
    }
}

/* PRACT: the controller makes the tuple; when it is all of the metadata, nothing of it moves. */
static void test_generate(QNvme *n)
{
    const Format *f = format_of(n);
    bool only = f->ms == TUPLE;
    Image m = make(f, 4), read = { f };
    uint64_t data = qn_alloc(n, QN_PAGE);
    QNSqe cmd = qn_rw(QN_WRITE, 1, LBA, BLOCKS);

    if (!only) {
        for (unsigned i = 0; i < BLOCKS; i++) {
            memset(tuple_of(&m, i), 0, TUPLE);
        }
        g_assert_cmphex(transfer(n, QN_WRITE, &m, QN_PRACT, LBA), ==, QN_OK);
    } else {
        for (unsigned i = 0; i < BLOCKS; i++) {
            qos_mem_write(n->d, data + i * BLOCK, data_of(&m, i), BLOCK);
        }
        cmd.prp1 = data;
        cmd.cdw12 |= QN_PRACT;
        cmd.cdw14 = LBA;
        cmd.cdw15 = 0xffffu << 16 | APP_TAG;
        g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_OK);
    }
    for (unsigned i = 0; i < BLOCKS; i++) {
        protect(&m, i, LBA + (f->type == 3 ? 0 : i));
    }
    g_assert_cmphex(transfer(n, QN_READ, &read, checks(f), LBA), ==, QN_OK);
    assert_same(&m, &read);
    if (only) {
        cmd.opcode = QN_READ;
        cmd.cdw12 |= checks(f);
        qos_mem_set(n->d, data, 0, QN_PAGE);
        g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_OK);
        for (unsigned i = 0; i < BLOCKS; i++) {
            qn_assert_memory(n, data + i * BLOCK, data_of(&m, i), BLOCK);
        }
        qn_assert_filled(n, data + BLOCKS * BLOCK, 0, QN_PAGE - BLOCKS * BLOCK);
    }
}

/* Type 1: the reference tag is the block's address: base of the check is in the command. */
static void test_reference(QNvme *n)
{
    const Format *f = format_of(n);
    Image m = make(f, 5);

    if (f->type == 1) {
        g_assert_cmphex(transfer(n, QN_WRITE, &m, checks(f), LBA + 1), ==, QN_INVALID_PI);
    } else if (f->type == 2) {
        g_assert_cmphex(transfer(n, QN_WRITE, &m, checks(f), LBA + 1), ==, QN_REF_TAG);
    }
}

/* FFFFh of the application tag turns the checks off; type 3 wants the reference tag too. */
static void test_escape(QNvme *n)
{
    const Format *f = format_of(n);
    Image m = make(f, 6), read = { f };

    for (unsigned i = 0; i < BLOCKS; i++) {
        memset(tuple_of(&m, i), 0xff, TUPLE);
    }
    g_assert_cmphex(transfer(n, QN_WRITE, &m, 0, LBA), ==, QN_OK);
    g_assert_cmphex(transfer(n, QN_READ, &read, checks(f), LBA), ==, QN_OK);
    assert_same(&m, &read);
}

static void test_meta_nowhere(QNvme *n)
{
    const Format *f = format_of(n);
    QNSqe cmd = qn_rw(QN_WRITE, 1, LBA, BLOCKS);

    cmd.mptr = f->extended ? 0 : QN_NOWHERE;
    qn_prp(n, &cmd, f->extended ? QN_NOWHERE : qn_alloc(n, QN_PAGE), data_size(f));
    g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_TRANSFER_ERROR);
}

static const struct {
    const char *name;
    void (*run)(QNvme *n);
    bool protection;            /* only with it */
} what[] = {
    { "identify", test_identify }, { "round-trip", test_round_trip },
    { "wrong", test_wrong, true }, { "generate", test_generate, true },
    { "reference", test_reference, true }, { "escape", test_escape, true },
    { "meta-nowhere", test_meta_nowhere },
};

int main(int argc, char **argv)
{
    static QNRig rigs[G_N_ELEMENTS(formats)];
    static QNCase cases[G_N_ELEMENTS(formats) * G_N_ELEMENTS(what) + 1];
    unsigned count = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(formats); i++) {
        rigs[i] = (QNRig) { NULL, { { QN_MEDIUM_FILE, formats[i].options } } };
        for (unsigned k = 0; k < G_N_ELEMENTS(what); k++) {
            if (formats[i].type || !what[k].protection) {
                cases[count++] = (QNCase) { g_strdup_printf("pi/%s/%s", formats[i].options + 1,
                                            what[k].name), what[k].run, &rigs[i] };
            }
        }
    }
    return qn_cases_run(argc, argv, cases);
}
