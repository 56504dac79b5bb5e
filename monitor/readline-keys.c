/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of a terminal; the rules are in the header. */
#include "qemu/osdep.h"
#include "readline-keys.h"

enum {
    ASCII_ESC = 0x1b,
    TELNET_SE = 240, TELNET_SB = 250, TELNET_WILL = 251, TELNET_DONT = 254, TELNET_IAC = 255,
};

#define CTRL(letter) ((letter) & 0x1f)

static const ReadlineKey control_keys[0x20] = {
    [CTRL('A')] = KEY_HOME,
    [CTRL('B')] = KEY_LEFT,
    [CTRL('C')] = KEY_INTERRUPT,
    [CTRL('D')] = KEY_DELETE,
    [CTRL('E')] = KEY_END,
    [CTRL('F')] = KEY_RIGHT,
    [CTRL('G')] = KEY_CANCEL,
    [CTRL('H')] = KEY_BACKSPACE,
    [CTRL('I')] = KEY_TAB,
    [CTRL('J')] = KEY_ENTER,
    [CTRL('K')] = KEY_KILL_END,
    [CTRL('L')] = KEY_REDRAW,
    [CTRL('M')] = KEY_ENTER,
    [CTRL('N')] = KEY_DOWN,
    [CTRL('P')] = KEY_UP,
    [CTRL('R')] = KEY_SEARCH,
    [CTRL('T')] = KEY_SWAP,
    [CTRL('U')] = KEY_KILL_START,
    [CTRL('W')] = KEY_KILL_WORD_LEFT,
    [CTRL('Y')] = KEY_YANK,
};

/* Behind ESC. "O" stands for both "O" and "[": terminals have two modes. */
static const struct {
    const char *seq;
    ReadlineKey key;
} escape_keys[] = {
    { "OA", KEY_UP }, { "OB", KEY_DOWN }, { "OC", KEY_RIGHT }, { "OD", KEY_LEFT },
    { "OH", KEY_HOME }, { "OF", KEY_END },
    { "O1~", KEY_HOME }, { "O7~", KEY_HOME }, { "O4~", KEY_END }, { "O8~", KEY_END },
    { "O3~", KEY_DELETE },
    { "O1;5C", KEY_WORD_RIGHT }, { "O1;5D", KEY_WORD_LEFT },
    { "O1;3C", KEY_WORD_RIGHT }, { "O1;3D", KEY_WORD_LEFT },
    { "b", KEY_WORD_LEFT }, { "f", KEY_WORD_RIGHT }, { "d", KEY_KILL_WORD_RIGHT },
    { "\x7f", KEY_KILL_WORD_LEFT }, { "\b", KEY_KILL_WORD_LEFT },
};

/* One byte more than fits marks a sequence that is too long to be known. */
static void collect(ReadlineDecoder *d, uint8_t byte)
{
    if (d->len < sizeof(d->seq)) {
        d->seq[d->len++] = byte;
    }
}

static ReadlineKey end_escape(ReadlineDecoder *d)
{
    size_t len = d->len;

    d->state = AT_TEXT;
    d->len = 0;
    for (size_t i = 0; i < ARRAY_SIZE(escape_keys); i++) {
        if (strlen(escape_keys[i].seq) == len && !memcmp(escape_keys[i].seq, d->seq, len)) {
            return escape_keys[i].key;
        }
    }
    return KEY_NONE;
}

static ReadlineKey decode_escape(ReadlineDecoder *d, uint8_t byte)
{
    if (byte == '[' || byte == 'O') {
        d->state = byte == '[' ? AT_CSI : AT_SS3;
        collect(d, 'O');
        return KEY_NONE;
    }
    collect(d, byte);
    return end_escape(d);
}

static ReadlineKey decode_csi(ReadlineDecoder *d, uint8_t byte)
{
    collect(d, byte);
    return byte >= 0x40 ? end_escape(d) : KEY_NONE;
}

static ReadlineKey decode_ss3(ReadlineDecoder *d, uint8_t byte)
{
    collect(d, byte);
    return end_escape(d);
}

static ReadlineKey decode_telnet(ReadlineDecoder *d, uint8_t byte)
{
    switch (d->state) {
    case AT_TELNET:
        d->state = byte == TELNET_SB ? AT_TELNET_SUB :
                   byte >= TELNET_WILL && byte <= TELNET_DONT ? AT_TELNET_OPTION : AT_TEXT;
        break;
    case AT_TELNET_SUB:
        d->state = byte == TELNET_IAC ? AT_TELNET_SUB_COMMAND : AT_TELNET_SUB;
        break;
    case AT_TELNET_SUB_COMMAND:
        d->state = byte == TELNET_SE ? AT_TEXT : AT_TELNET_SUB;
        break;
    default:
        d->state = AT_TEXT;
        break;
    }
    return KEY_NONE;
}

static ReadlineKey decode_utf8(ReadlineDecoder *d, uint8_t byte)
{
    gunichar c;

    collect(d, byte);
    c = g_utf8_get_char_validated(d->seq, d->len);
    if (c == (gunichar)-2 && d->len < 4) {
        return KEY_NONE;
    }
    memcpy(d->text, d->seq, MIN(d->len, 4));
    d->text[MIN(d->len, 4)] = '\0';
    d->len = 0;
    return c != (gunichar)-1 && c != (gunichar)-2 && g_unichar_isprint(c) ? KEY_TEXT : KEY_NONE;
}

static ReadlineKey decode_control(ReadlineDecoder *d, uint8_t byte)
{
    bool second = d->after_cr && (byte == '\n' || byte == '\0');

    d->len = 0;
    d->after_cr = byte == '\r';
    d->state = byte == ASCII_ESC ? AT_ESCAPE : AT_TEXT;
    return second ? KEY_NONE : control_keys[byte];
}

static ReadlineKey decode_text(ReadlineDecoder *d, uint8_t byte)
{
    d->after_cr = false;
    if (byte == TELNET_IAC) {
        d->len = 0;
        d->state = AT_TELNET;
        return KEY_NONE;
    }
    if (byte == 0x7f) {
        d->len = 0;
        return KEY_BACKSPACE;
    }
    if (byte < 0x80) {
        d->len = 0;
    }
    return decode_utf8(d, byte);
}

ReadlineKey readline_decode(ReadlineDecoder *d, uint8_t byte)
{
    if (d->state >= AT_TELNET) {
        return decode_telnet(d, byte);
    }
    /* In the middle of a sequence it means that the rest will not come. */
    if (byte < 0x20 && !(d->state == AT_ESCAPE && byte == '\b')) {
        return decode_control(d, byte);
    }
    switch (d->state) {
    case AT_ESCAPE:
        return decode_escape(d, byte);
    case AT_CSI:
        return decode_csi(d, byte);
    case AT_SS3:
        return decode_ss3(d, byte);
    default:
        return decode_text(d, byte);
    }
}
