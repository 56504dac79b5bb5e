/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The byte ring against a GQueue-like model. */
#include "qemu/osdep.h"
#include "qemu/fifo8.h"

static void test_against_model(void)
{
    g_autoptr(GByteArray) model = g_byte_array_new();
    uint8_t next = 0;
    Fifo8 f;

    fifo8_create(&f, 13);
    for (int round = 0; round < 5000; round++) {
        uint8_t buf[13], out[13];
        uint32_t n, got;

        if (g_test_rand_bit()) {
            n = g_test_rand_int_range(0, fifo8_num_free(&f) + 1);
            for (uint32_t i = 0; i < n; i++) {
                buf[i] = next++;
            }
            fifo8_push_all(&f, buf, n);
            g_byte_array_append(model, buf, n);
        } else if (fifo8_num_used(&f)) {
            n = g_test_rand_int_range(1, fifo8_num_used(&f) + 1);
            g_assert_cmpuint(fifo8_peek(&f), ==, model->data[0]);
            if (g_test_rand_bit()) {
                const uint8_t *p = fifo8_pop_buf(&f, n, &got);

                g_assert_cmpmem(p, got, model->data, got);
            } else {
                got = fifo8_pop_copy(&f, out, n);
                g_assert_cmpuint(got, ==, n);
                g_assert_cmpmem(out, got, model->data, got);
            }
            g_byte_array_remove_range(model, 0, got);
        }
        g_assert_cmpuint(fifo8_num_used(&f), ==, model->len);
        g_assert_cmpint(fifo8_is_empty(&f), ==, model->len == 0);
        g_assert_cmpint(fifo8_is_full(&f), ==, model->len == 13);
    }
    fifo8_reset(&f);
    fifo8_push(&f, 42);
    g_assert_cmpuint(fifo8_pop(&f), ==, 42);
    g_assert_true(fifo8_is_empty(&f));
    fifo8_destroy(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fifo8/model", test_against_model);
    return g_test_run();
}
