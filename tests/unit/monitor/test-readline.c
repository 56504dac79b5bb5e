/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The line editor against a small terminal: after each key the screen shows the
 * prompt and the line, with the cursor where the editor believes it to be.
 */
#include "qemu/osdep.h"
#include "monitor/readline-int.h"

#define UP "\033[A"
#define DOWN "\033[B"
#define RIGHT "\033[C"
#define LEFT "\033[D"
#define HOME "\033[H"
#define END "\033OF"
#define DEL "\033[3~"
#define BS "\x7f"
#define CTRL_G "\x07"
#define CTRL_P "\x10"
#define CTRL_R "\x12"

/* ---- a terminal of one endless line ---- */

typedef struct Screen {
    GArray *cells;          /* gunichar; the second half of a wide one is 0 */
    guint x;
    GString *log;           /* lines that are done */
} Screen;

static void put_cell(Screen *s, gunichar c)
{
    while (s->cells->len <= s->x) {
        gunichar blank = ' ';
        g_array_append_val(s->cells, blank);
    }
    g_array_index(s->cells, gunichar, s->x++) = c;
}

static char *row_text(const Screen *s)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < s->cells->len; i++) {
        gunichar c = g_array_index(s->cells, gunichar, i);
        if (c) {
            g_string_append_unichar(text, c);
        }
    }
    return g_string_free(text, FALSE);
}

static const char *escape(Screen *s, const char *p)
{
    guint n = strtoul(p, (char **)&p, 10) ?: 1;

    switch (*p) {
    case 'D':
        g_assert_cmpuint(n, <=, s->x);
        s->x -= n;
        break;
    case 'C':
        s->x += n;
        break;
    case 'K':
        g_array_set_size(s->cells, MIN(s->x, s->cells->len));
        break;
    case 'H':
        s->x = 0;
        break;
    case 'J':
        g_array_set_size(s->cells, 0);
        break;
    default:
        g_error("unknown escape sequence '%s'", p);
    }
    return p + 1;
}

static void show(Screen *s, const char *p)
{
    while (*p) {
        gunichar c = g_utf8_get_char(p);

        p = g_utf8_next_char(p);
        if (c == '\033') {
            g_assert_cmpint(*p, ==, '[');
            p = escape(s, p + 1);
        } else if (c == '\r') {
            s->x = 0;
        } else if (c == '\n') {
            g_autofree char *text = row_text(s);
            g_string_append_printf(s->log, "%s\n", text);
            g_array_set_size(s->cells, 0);
        } else if (!g_unichar_iszerowidth(c)) {
            /* Marks are left out: they have no cell of their own. */
            put_cell(s, c);
            if (g_unichar_iswide(c)) {
                put_cell(s, 0);
            }
        }
    }
}

/* ---- an editor with a screen ---- */

typedef struct Desk {
    Readline *rl;
    Screen screen;
    GPtrArray *lines;       /* char *: what was entered */
    unsigned completions, too_long;
} Desk;

static void open_desk(Desk *d)
{
    *d = (Desk) {
        .rl = readline_new("> "),
        .screen = { .cells = g_array_new(FALSE, FALSE, sizeof(gunichar)),
                    .log = g_string_new(NULL) },
        .lines = g_ptr_array_new_with_free_func(g_free),
    };
    readline_prompt(d->rl);
}

static void close_desk(Desk *d)
{
    readline_free(d->rl);
    g_array_unref(d->screen.cells);
    g_string_free(d->screen.log, TRUE);
    g_ptr_array_unref(d->lines);
}

static void take_output(Desk *d)
{
    GString *out = readline_output(d->rl);

    g_assert_cmpuint(out->len, <=, READLINE_MAX_OUTPUT + 64 * 1024);
    show(&d->screen, out->str);
    g_string_truncate(out, 0);
}

static void answer(Desk *d, ReadlineResult r)
{
    if (r == READLINE_LINE) {
        g_ptr_array_add(d->lines, g_strdup(readline_line(d->rl)));
    }
    d->too_long += r == READLINE_TOO_LONG;
    d->completions += r == READLINE_COMPLETE;
    if (r == READLINE_LINE || r == READLINE_TOO_LONG) {
        readline_prompt(d->rl);
    }
    take_output(d);
}

static void type_bytes(Desk *d, const char *bytes, size_t len)
{
    while (len) {
        size_t used;
        ReadlineResult r = readline_feed(d->rl, bytes, len, &used);

        g_assert_cmpuint(used, <=, len);
        g_assert_true(used || r == READLINE_PAUSE);
        bytes += used;
        len -= used;
        answer(d, r);
    }
    take_output(d);
}

static void type(Desk *d, const char *text)
{
    type_bytes(d, text, strlen(text));
}

static void assert_screen(Desk *d, const char *text, guint x)
{
    g_autofree char *seen = NULL;

    take_output(d);
    seen = row_text(&d->screen);
    g_assert_cmpstr(seen, ==, text);
    g_assert_cmpuint(d->screen.x, ==, x);
}

static void assert_last(Desk *d, const char *line)
{
    g_assert_cmpuint(d->lines->len, >, 0);
    g_assert_cmpstr(g_ptr_array_index(d->lines, d->lines->len - 1), ==, line);
}

/* What the screen shows is what the editor holds. */
static void assert_in_step(Desk *d)
{
    g_autoptr(GString) text = g_string_new("> ");

    g_assert_true(g_utf8_validate(d->rl->line->str, d->rl->line->len, NULL));
    g_assert_cmpuint(d->rl->line->len, <=, READLINE_MAX_LINE);
    for (const char *p = d->rl->line->str; *p; p = g_utf8_next_char(p)) {
        if (!g_unichar_iszerowidth(g_utf8_get_char(p))) {
            g_string_append_unichar(text, g_utf8_get_char(p));
        }
    }
    assert_screen(d, text->str, 2 + rl_width(d->rl->line->str, d->rl->cursor));
}

/* ---- tests ---- */

static void test_keys(void)
{
    static const struct {
        const char *keys;
        const char *screen;
        guint x;
    } rows[] = {
        { "abc", "> abc", 5 },
        { "abc" LEFT "X", "> abXc", 5 },
        { "abc" LEFT LEFT LEFT LEFT "X", "> Xabc", 3 },
        { "abc" LEFT RIGHT RIGHT "X", "> abcX", 6 },
        { "abc" HOME "X" END "Y", "> XabcY", 7 },
        { "abc" "\x01" "X" "\x05" "Y", "> XabcY", 7 },
        { "abc" BS BS "X", "> aX", 4 },
        { "abc" LEFT BS, "> ac", 3 },
        { BS LEFT DEL "a", "> a", 3 },
        { "abc" HOME DEL, "> bc", 2 },
        { "abc" HOME "\x04", "> bc", 2 },
        { "one two three" "\x17", "> one two ", 10 },
        { "one two three" "\x17\x17" "X", "> one X", 7 },
        { "one two" "\033b" "X", "> one Xtwo", 7 },
        { "one two" HOME "\033f" "X", "> oneX two", 6 },
        { "one two" HOME "\033d", ">  two", 2 },
        { "one two" "\033[1;5D" "\033[1;5D" "X", "> Xone two", 3 },
        { "one two" LEFT LEFT LEFT "\x0b", "> one ", 6 },
        { "one two" LEFT LEFT LEFT "\x15", "> two", 2 },
        { "one two" "\x15" "X" "\x19", "> Xone two", 10 },
        { "ab" "\x14", "> ba", 4 },
        { "abc" LEFT "\x14", "> acb", 5 },
        { "a" "\x14", "> a", 3 },
        { "abc" "\x0c", "> abc", 5 },
        { "abc" "\x03" "d", "> d", 3 },
        { "gr\xc3\xb6\xc3\x9f" LEFT "X", "> gr\xc3\xb6X\xc3\x9f", 6 },
        { "\xe4\xb8\xad\xe6\x96\x87" LEFT "x" BS BS, "> \xe6\x96\x87", 2 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        Desk d;

        open_desk(&d);
        type(&d, rows[i].keys);
        assert_screen(&d, rows[i].screen, rows[i].x);
        assert_in_step(&d);
        close_desk(&d);
    }
}

static void test_enter(void)
{
    Desk d;

    open_desk(&d);
    type(&d, "one\rtwo\nthree\r\n\r");
    g_assert_cmpuint(d.lines->len, ==, 4);
    g_assert_cmpstr(g_ptr_array_index(d.lines, 1), ==, "two");
    assert_last(&d, "");
    g_assert_cmpstr(d.screen.log->str, ==, "> one\n> two\n> three\n> \n");
    type(&d, "ab" HOME "\r");
    assert_last(&d, "ab");
    close_desk(&d);
}

static void test_history(void)
{
    Desk d;

    open_desk(&d);
    type(&d, UP "x" BS "one\rtwo\rthree\rtwo\r");
    type(&d, "new" UP);
    assert_screen(&d, "> two", 5);
    type(&d, UP);
    assert_screen(&d, "> three", 7);
    type(&d, CTRL_P);
    assert_screen(&d, "> one", 5);
    type(&d, UP UP);
    assert_screen(&d, "> one", 5);
    type(&d, DOWN "\x0e\x0e");
    assert_screen(&d, "> new", 5);
    type(&d, DOWN UP UP "!\r");
    assert_last(&d, "three!");
    /* What was changed on the way is not what was entered. */
    type(&d, UP UP UP);
    assert_screen(&d, "> three", 7);
    close_desk(&d);
}

static void test_history_is_bounded(void)
{
    Desk d;

    open_desk(&d);
    for (int i = 0; i < 3 * READLINE_MAX_HISTORY; i++) {
        g_autofree char *line = g_strdup_printf("%d\r", i);
        type(&d, line);
    }
    g_assert_cmpuint(d.rl->history->len, ==, READLINE_MAX_HISTORY);
    for (int i = 0; i < 3 * READLINE_MAX_HISTORY; i++) {
        type(&d, UP);
    }
    assert_screen(&d, "> 128", 5);
    close_desk(&d);
}

static void test_search(void)
{
    Desk d;

    open_desk(&d);
    type(&d, "info status\rdevice_add edu\rinfo version\r");
    type(&d, "half" CTRL_R);
    assert_screen(&d, "(reverse-i-search)`': ", 22);
    type(&d, "info");
    assert_screen(&d, "(reverse-i-search)`info': info version", 38);
    type(&d, CTRL_R);
    assert_screen(&d, "(reverse-i-search)`info': info status", 37);
    type(&d, CTRL_R);
    assert_screen(&d, "(reverse-i-search)`info': info status", 37);
    type(&d, BS BS BS BS "edu");
    assert_screen(&d, "(reverse-i-search)`edu': device_add edu", 39);
    type(&d, CTRL_G);
    assert_screen(&d, "> half", 6);
    type(&d, "\x12" "stat" LEFT);
    assert_screen(&d, "> info status", 12);
    type(&d, "\x12" "vers\r");
    assert_last(&d, "info version");
    type(&d, "\x12" "nothing like it" "\x03");
    assert_screen(&d, "> ", 2);
    close_desk(&d);
}

static void test_long_line(void)
{
    g_autofree char *fits = g_strnfill(READLINE_MAX_LINE, 'a');
    Desk d;

    open_desk(&d);
    type(&d, fits);
    type(&d, "\r");
    assert_last(&d, fits);
    for (int i = 0; i < 100; i++) {
        type(&d, fits);
    }
    assert_in_step(&d);
    type(&d, "\r");
    g_assert_cmpuint(d.too_long, ==, 1);
    g_assert_cmpuint(d.lines->len, ==, 1);
    /* The next one is a line like any other. */
    type(&d, "short\r");
    assert_last(&d, "short");
    close_desk(&d);
}

/* In the middle of a long line each key makes much output: it is asked for in pieces. */
static void test_output_is_bounded(void)
{
    g_autofree char *fits = g_strnfill(READLINE_MAX_LINE / 2, 'a');
    Readline *rl = readline_new("> ");
    size_t used, pauses = 0;
    const char *p = fits;

    readline_feed(rl, fits, strlen(fits), &used);
    g_string_truncate(readline_output(rl), 0);
    readline_feed(rl, "\x01", 1, &used);
    while (*p) {
        pauses += readline_feed(rl, p, strlen(p), &used) == READLINE_PAUSE;
        p += used;
        g_assert_cmpuint(readline_output(rl)->len, <, 2 * READLINE_MAX_OUTPUT);
        g_string_truncate(readline_output(rl), 0);
    }
    g_assert_cmpuint(pauses, >, 100);
    readline_free(rl);
}

static void test_noise(void)
{
    static const char noise[] =
        "a\xff\xfb\x01\xff\xfd\x03"                 /* telnet: WILL, DO */
        "\xff\xfa\x18\x00\x03\r\xff\xff\x01\xff\xf0" /* a subnegotiation with anything in it */
        "b\x00\x80\xbf\xc3"                         /* half a character */
        "c\xc3\x28\xed\xa0\x80\xf8\xfe"             /* not UTF-8, a surrogate */
        "\033[200~d\033[99;99;99;99;99R\033[\x18\033Oe" /* unknown and broken sequences */
        "\033\033[D\033[31mf\xc2\x85";
    Desk d;

    open_desk(&d);
    type_bytes(&d, noise, sizeof(noise) - 1);
    assert_in_step(&d);
    g_assert_cmpstr(d.rl->line->str, ==, "abc(fd");
    close_desk(&d);
}

static void test_completion(void)
{
    static const char *const one[] = { "device_add " };
    static const char *const two[] = { "device_add ", "device_del " };
    static const char *const same[] = { "x1", "x2" };
    static const char *const paths[] = { "/a/bc", "/a/bd/" };
    static const char *const wide[] = { "gr\xc3\xb6", "gr\xc3\xbc" };
    g_autofree char *before = NULL;
    Desk d;

    open_desk(&d);
    type(&d, "dev\t");
    g_assert_cmpuint(d.completions, ==, 1);
    readline_complete(d.rl, 3, one, 1);
    assert_screen(&d, "> device_add ", 13);

    type(&d, "\x15" "dev" LEFT LEFT LEFT "x " LEFT);
    before = readline_before_cursor(d.rl);
    g_assert_cmpstr(before, ==, "x");
    readline_complete(d.rl, 1, same, 2);
    assert_screen(&d, "> x dev", 3);
    g_assert_cmpstr(d.screen.log->str, ==, "> x dev\nx1  x2\n");

    g_string_truncate(d.screen.log, 0);
    type(&d, "\x05\x15" "dev");
    readline_complete(d.rl, 3, two, 2);
    assert_screen(&d, "> device_", 9);
    g_assert_cmpstr(d.screen.log->str, ==, "> device_\ndevice_add   device_del \n");

    g_string_truncate(d.screen.log, 0);
    type(&d, "\x15" "/a/");
    readline_complete(d.rl, 3, paths, 2);
    assert_screen(&d, "> /a/b", 6);
    g_assert_cmpstr(d.screen.log->str, ==, "> /a/b\nbc   bd/\n");

    type(&d, "\x15" "g");
    readline_complete(d.rl, 1, wide, 2);
    assert_screen(&d, "> gr", 4);
    readline_complete(d.rl, 2, NULL, 0);
    assert_screen(&d, "> gr", 4);
    close_desk(&d);
}

static void test_many_completions(void)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    Desk d;

    open_desk(&d);
    for (int i = 0; i < 100000; i++) {
        g_ptr_array_add(words, g_strdup_printf("word%05d ", i));
    }
    readline_complete(d.rl, 0, (const char *const *)words->pdata, words->len);
    assert_screen(&d, "> word", 6);
    g_assert_nonnull(strstr(d.screen.log->str, "(99600 more)\n"));
    /* A storm of them is one question. */
    type(&d, "\t\t\t\t\t\t\t\tx\t");
    g_assert_cmpuint(d.completions, ==, 2);
    close_desk(&d);
}

/* Whatever comes, in whatever pieces: the screen is in step, and the result the same. */
static void test_random(void)
{
    static const char *const keys[] = {
        UP, DOWN, LEFT, RIGHT, HOME, END, DEL, BS, "\x17", "\x0b", "\x15", "\x19", "\x14",
        "\x0c", "\x03", "\x07", "\x12", "\t", "\r", "a", "b ", "\xc3\xb6", "\xe4\xb8\xad",
        "e\xcc\x81", "\033", "\xff", "\x80",
    };

    for (int round = 0; round < 200; round++) {
        g_autoptr(GString) bytes = g_string_new(NULL);
        Desk whole, pieces;

        for (int i = 0; i < 200; i++) {
            g_string_append(bytes, keys[g_test_rand_int_range(0, ARRAY_SIZE(keys))]);
        }
        open_desk(&whole);
        open_desk(&pieces);
        type_bytes(&whole, bytes->str, bytes->len);
        for (gsize i = 0; i < bytes->len; i++) {
            type_bytes(&pieces, bytes->str + i, 1);
            if (!pieces.rl->search) {
                assert_in_step(&pieces);
            }
        }
        g_assert_cmpstr(whole.rl->line->str, ==, pieces.rl->line->str);
        g_assert_cmpstr(whole.screen.log->str, ==, pieces.screen.log->str);
        g_assert_cmpuint(whole.lines->len, ==, pieces.lines->len);
        close_desk(&whole);
        close_desk(&pieces);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/monitor/readline/keys", test_keys);
    g_test_add_func("/monitor/readline/enter", test_enter);
    g_test_add_func("/monitor/readline/history", test_history);
    g_test_add_func("/monitor/readline/history-is-bounded", test_history_is_bounded);
    g_test_add_func("/monitor/readline/search", test_search);
    g_test_add_func("/monitor/readline/long-line", test_long_line);
    g_test_add_func("/monitor/readline/output-is-bounded", test_output_is_bounded);
    g_test_add_func("/monitor/readline/noise", test_noise);
    g_test_add_func("/monitor/readline/completion", test_completion);
    g_test_add_func("/monitor/readline/many-completions", test_many_completions);
    g_test_add_func("/monitor/readline/random", test_random);
    return g_test_run();
}
