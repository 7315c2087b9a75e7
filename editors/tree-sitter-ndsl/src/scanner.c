// The tokens that take looking ahead, or knowing what stands before: line ends, comments, `//` as a division, a word before
// its colon, and the dots of ranges. It keeps no state, so an edit costs nothing but the tokens around it.

#include "tree_sitter/parser.h"

#include <string.h>

// The order is that of `externals` in grammar.js.
enum Token {
    NEWLINE,
    COMMENT,
    DOC_COMMENT,
    // Nothing, where a comment touches what cannot be divided.
    ATTACHED,
    // Nothing, where a bracket touches a keyword that is neither called nor indexed.
    APART,
    APART_LIST,
    KEY,
    FLOOR_DIVIDE,
    TO,
    TO_INCLUSIVE,
    OPEN_END,
    STRING_CONTENT,
    // No rule has it: where it is valid the parser is looking for anything that fits.
    RECOVERING,
};

static bool is_space(int32_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f'; }

static bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }

// What is not ASCII is a letter here: nothing else of it belongs to any token but a text.
static bool begins_word(int32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static bool in_word(int32_t c) { return begins_word(c) || is_digit(c); }

static void advance(TSLexer *lexer) { lexer->advance(lexer, false); }

// Reads to the line's end; the token ends there, a carriage return left out.
static void rest_of_line(TSLexer *lexer) {
    lexer->mark_end(lexer);
    while (!lexer->eof(lexer) && lexer->lookahead != '\n') {
        bool text = lexer->lookahead != '\r';
        advance(lexer);
        if (text) lexer->mark_end(lexer);
    }
}

// Reads a word, and answers whether it is one that goes on with the line before.
static bool goes_on(TSLexer *lexer) {
    static const char *const WORDS[] = {"as", "else", "and", "or", "in"};
    char word[5] = {0};
    unsigned length = 0;
    for (; in_word(lexer->lookahead); advance(lexer)) {
        if (length < sizeof word - 1 && lexer->lookahead < 0x80) word[length] = (char)lexer->lookahead;
        length++;
    }
    for (unsigned i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (length == strlen(WORDS[i]) && strncmp(word, WORDS[i], length) == 0) return true;
    }
    return false;
}

// Whether a colon comes next, behind a word that has been read: white space and comments stand between at most.
static bool before_colon(TSLexer *lexer) {
    bool touches = true;
    for (;;) {
        if (is_space(lexer->lookahead)) {
            touches = false;
            advance(lexer);
        } else if (lexer->lookahead == '/' && !touches) {
            advance(lexer);
            if (lexer->lookahead != '/') return false;
            while (!lexer->eof(lexer) && lexer->lookahead != '\n') advance(lexer);
        } else {
            return lexer->lookahead == ':';
        }
    }
}

static bool scan_string(TSLexer *lexer) {
    bool any = false;
    while (!lexer->eof(lexer) && !strchr("\"\\\n\r", lexer->lookahead < 0x80 ? (int)lexer->lookahead : ' ')) {
        advance(lexer);
        any = true;
    }
    lexer->result_symbol = STRING_CONTENT;
    return any;
}

// At a `/`. It divides where it touches the value before it, which must be possible here, and what comes after it.
static bool scan_slashes(TSLexer *lexer, const bool *valid, bool touches, bool first_on_line) {
    advance(lexer);
    if (lexer->lookahead != '/') return false;
    if (touches && valid[ATTACHED]) {
        lexer->result_symbol = ATTACHED;
        return true;
    }
    advance(lexer);
    bool apart = lexer->eof(lexer) || is_space(lexer->lookahead) || lexer->lookahead == '/';
    if (touches && valid[FLOOR_DIVIDE] && !apart) {
        lexer->mark_end(lexer);
        lexer->result_symbol = FLOOR_DIVIDE;
        return true;
    }
    bool doc = false;
    if (first_on_line && lexer->lookahead == '/') {
        advance(lexer);
        doc = lexer->lookahead != '/';
    }
    rest_of_line(lexer);
    lexer->result_symbol = doc ? DOC_COMMENT : COMMENT;
    return valid[lexer->result_symbol];
}

// At the first token of a line, after a complete item: whether a new one begins here.
static bool ends_line(TSLexer *lexer) {
    if (begins_word(lexer->lookahead)) return !goes_on(lexer) || before_colon(lexer);
    // What stands between two values goes on with the line before, a closing bracket ends it by itself, and a brace opens the body of
    // what stands before it.
    return !strchr("=!<>+-*/%@|~)]}{", lexer->lookahead < 0x80 ? (int)lexer->lookahead : 'a');
}

static bool scan_key(TSLexer *lexer) {
    while (in_word(lexer->lookahead)) advance(lexer);
    lexer->mark_end(lexer);
    lexer->result_symbol = KEY;
    return before_colon(lexer);
}

// At a dot. The end of a range touches the dots; an open one may be followed by a word that says something else.
static bool scan_dots(TSLexer *lexer, const bool *valid) {
    advance(lexer);
    if (lexer->lookahead != '.') return false;
    advance(lexer);
    bool inclusive = lexer->lookahead == '=';
    if (inclusive) advance(lexer);
    lexer->mark_end(lexer);
    int32_t next = lexer->lookahead;
    bool value = in_word(next) || next == '"' || next == '(' || next == '[' || next == '-' || next == '.';
    if (value && begins_word(next)) {
        while (in_word(lexer->lookahead)) advance(lexer);
        value = !before_colon(lexer);
    }
    if (inclusive && !value) return false;
    lexer->result_symbol = !value ? OPEN_END : inclusive ? TO_INCLUSIVE : TO;
    return valid[lexer->result_symbol];
}

bool tree_sitter_ndsl_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
    (void)payload;
    bool recovering = valid[RECOVERING];
    if (valid[STRING_CONTENT] && !recovering) return scan_string(lexer);
    // Nothing is part of a token that begins behind the white space, unless it says so.
    lexer->mark_end(lexer);
    enum Token apart = lexer->lookahead == '[' ? APART_LIST : APART;
    if (valid[apart] && (lexer->lookahead == '(' || lexer->lookahead == '[') && !recovering) {
        lexer->result_symbol = apart;
        return true;
    }
    uint32_t column = lexer->get_column(lexer);
    uint32_t skipped = 0;
    bool new_line = false;
    while (is_space(lexer->lookahead)) {
        new_line = new_line || lexer->lookahead == '\n';
        skipped++;
        lexer->advance(lexer, true);
    }
    if (lexer->eof(lexer)) return false;
    if (lexer->lookahead == '/') {
        return scan_slashes(lexer, valid, skipped == 0 && !recovering, new_line || column == 0);
    }
    if (recovering) return false;
    if (new_line && valid[NEWLINE]) {
        lexer->result_symbol = NEWLINE;
        return ends_line(lexer);
    }
    if (valid[KEY] && begins_word(lexer->lookahead)) return scan_key(lexer);
    if (valid[OPEN_END] && lexer->lookahead == '.') return scan_dots(lexer, valid);
    return false;
}

void *tree_sitter_ndsl_external_scanner_create(void) { return NULL; }

void tree_sitter_ndsl_external_scanner_destroy(void *payload) { (void)payload; }

unsigned tree_sitter_ndsl_external_scanner_serialize(void *payload, char *buffer) {
    (void)payload;
    (void)buffer;
    return 0;
}

void tree_sitter_ndsl_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
    (void)payload;
    (void)buffer;
    (void)length;
}
