/**
 * The grammar of ndsl: docs/grammar.ebnf, as tree-sitter has it.
 *
 * What a line's end, a touching `//` and a word before a colon mean takes looking ahead or knowing what white space stood before: those
 * tokens are read by src/scanner.c. Everything else is here.
 */

/// <reference types="tree-sitter-cli/dsl" />

/** How tightly operators bind, the loosest first. */
const POWER = {
  name: -1,
  clause: -1,
  pipe: 1,
  or: 2,
  and: 3,
  not: 4,
  comparison: 5,
  range: 6,
  sum: 7,
  product: 8,
  negate: 9,
  power: 10,
};

/** Words with a meaning of their own that are names wherever they cannot have it. */
const KEYWORDS = [
  'model', 'Model', 'const', 'dataset', 'train', 'use', 'block', 'schema', 'synthesizer', 'deploy', 'provider', 'assert',
  'input', 'output', 'share', 'check', 'repeat', 'residual', 'branch', 'if',
  'table', 'correlate', 'enum', 'list', 'ref', 'key', 'unique', 'length', 'matches', 'default', 'from', 'using', 'except',
];

/** Words that are never names; before `:` or `=`, and after a dot, they are words like any other. */
const RESERVED = ['true', 'false', 'null', 'and', 'or', 'not', 'in', 'as', 'else'];

const DIGITS = /[0-9][0-9_]*/;
const EXPONENT = /[eE][+-]?[0-9]+/;
const commas = (item) => seq(item, repeat(seq(',', item)), optional(','));

module.exports = grammar({
  name: 'ndsl',

  word: ($) => $.identifier,

  // The order is that of `enum Token` in src/scanner.c.
  externals: ($) => [
    $._newline,
    $.comment,
    $.doc_comment,
    $._attached,
    $._apart,
    $._apart_list,
    $._key,
    $._floor_divide,
    $._to,
    $._to_inclusive,
    $._open_end,
    $._string_content,
    $._recovering,
  ],

  extras: ($) => [/[ \t\r\n\f]/, $.comment, $.doc_comment],

  supertypes: ($) => [$.declaration, $.statement],

  inline: ($) => [$._open_paren, $._open_bracket],

  conflicts: () => [],

  rules: {
    source_file: ($) => repeat($.declaration),

    // Declarations -------------------------------------------------------------------------------------------------

    declaration: ($) =>
      choice(
        $.use_declaration,
        $.const_declaration,
        $.block_declaration,
        $.model_declaration,
        $.schema_declaration,
        $.dataset_declaration,
        $.train_declaration,
        $.synthesizer_declaration,
        $.deploy_declaration,
        $.provider_declaration,
        $.assert_declaration,
      ),

    use_declaration: ($) => seq('use', commas($.import), 'from', field('path', $.string)),
    import: ($) => seq(field('name', $._name), optional(seq('as', field('alias', $._name)))),

    const_declaration: ($) => seq('const', field('name', $._name), '=', field('value', $._expression)),

    block_declaration: ($) =>
      seq('block', field('name', $._name), optional(field('parameters', $.parameters)), field('body', $.body)),
    model_declaration: ($) =>
      seq(
        choice('model', 'Model'),
        field('name', $._name),
        optional(field('parameters', $.parameters)),
        field('body', $.body),
      ),
    parameters: ($) => seq($._open_paren, optional(commas($.parameter)), ')'),
    parameter: ($) =>
      seq(
        field('name', $._name),
        ':',
        field('type', $._name),
        optional(seq('=', field('default', $._expression))),
      ),

    schema_declaration: ($) =>
      seq(
        'schema',
        field('name', $._name),
        optional(seq('from', field('source', $.string), optional(seq('using', field('provider', $._name))))),
        field('body', $.tables),
      ),

    dataset_declaration: ($) =>
      seq(
        'dataset',
        field('name', $._name),
        optional(seq(':', field('type', $.path))),
        '=',
        field('source', $._expression),
      ),

    train_declaration: ($) => seq('train', field('name', $._name), field('settings', $.record)),
    synthesizer_declaration: ($) => seq('synthesizer', field('name', $._name), field('settings', $.record)),
    deploy_declaration: ($) => seq('deploy', field('name', $._name), field('settings', $.record)),
    provider_declaration: ($) => seq('provider', field('name', $._name), field('settings', $.record)),

    assert_declaration: ($) => seq('assert', field('condition', $._expression)),

    path: ($) => seq($._name, repeat(seq('.', $._word))),

    // Bodies -------------------------------------------------------------------------------------------------------

    body: ($) => seq('{', repeat(';'), optional($._statements), '}'),

    // After a complete expression a word or a literal can only begin a statement, so nothing need stand between the two.
    _statements: ($) => seq($.statement, repeat(seq(optional($._separators), $.statement)), optional($._separators)),
    _separators: ($) => choice($._newline, seq(optional($._newline), repeat1(';'))),

    statement: ($) =>
      choice(
        $.input_statement,
        $.output_statement,
        $.share_statement,
        $.check_statement,
        $.binding,
        $.flow_statement,
      ),

    input_statement: ($) =>
      seq('input', field('name', $._name), ':', field('type', choice($.tensor_type, $.row_type))),
    tensor_type: ($) =>
      prec.right(
        seq(
          field('element', $._name),
          optional(seq($._open_bracket, optional(commas(field('dimension', $._expression))), ']')),
        ),
      ),
    // A name alone may be a table too; only who knows the tables can tell.
    row_type: ($) =>
      prec.right(
        choice(
          seq(field('table', alias($._dotted, $.path)), optional($._except)),
          seq(field('table', alias($._plain, $.path)), $._except),
        ),
      ),
    _dotted: ($) => seq($._name, repeat1(seq('.', $._word))),
    _plain: ($) => prec(1, $._name),
    _except: ($) => seq('except', field('except', $.words)),
    words: ($) => seq($._open_paren, optional(commas($._word)), ')'),

    output_statement: ($) => seq('output', field('name', $._name), '=', field('value', $._expression)),
    share_statement: ($) => seq('share', field('name', $._name), '=', field('value', $._expression)),
    check_statement: ($) => seq('check', field('condition', $._condition)),
    binding: ($) => seq(field('name', $._name), '=', field('value', $._expression)),
    flow_statement: ($) =>
      seq(
        field('value', $._expression),
        optional(seq('as', field('name', $._name), optional(seq(':', field('column', $.path))))),
      ),

    // Settings -----------------------------------------------------------------------------------------------------

    record: ($) => seq('{', repeat(','), optional($._entries), '}'),
    _entries: ($) => seq($.entry, repeat(seq(optional($._commas), $.entry)), optional($._commas)),
    _commas: ($) => choice($._newline, seq(optional($._newline), repeat1(','))),
    entry: ($) =>
      seq(field('key', alias($._key, $.identifier)), ':', field('value', choice($.record, $._bindings, $._expression))),
    // Braces that hold nothing are settings.
    _bindings: ($) => alias($._filled_body, $.body),
    _filled_body: ($) => seq('{', repeat(';'), $._statements, '}'),

    // Schemas ------------------------------------------------------------------------------------------------------

    tables: ($) => seq('{', repeat($._mark), optional($._table_items), '}'),
    columns: ($) => seq('{', repeat($._mark), optional($._column_items), '}'),
    _mark: () => choice(',', ';'),
    _ends: ($) => choice($._newline, seq(optional($._newline), repeat1($._mark))),

    _table_items: ($) =>
      seq(
        choice($._item, $.table, $.together),
        repeat(choice(seq(optional($._ends), choice($._item, $.table)), seq($._ends, $.together))),
        optional($._ends),
      ),
    _column_items: ($) =>
      seq(
        choice($._item, $.together),
        repeat(choice(seq(optional($._ends), $._item), seq($._ends, $.together))),
        optional($._ends),
      ),
    _item: ($) => choice($.column, $.check, $.correlate),

    table: ($) => seq('table', field('name', $._name), field('body', $.columns)),
    check: ($) => seq('check', field('condition', $._expression)),
    correlate: ($) =>
      seq(
        'correlate',
        optional(field('table', $._name)),
        field('columns', $.words),
        '=',
        field('strength', $._expression),
      ),
    together: ($) => seq(choice('unique', 'key'), field('columns', $.words)),

    column: ($) =>
      seq(
        field('name', alias($._key, $.identifier)),
        ':',
        field('type', choice($.optional_type, $._column_type)),
        repeat($.clause),
      ),
    optional_type: ($) => seq($._column_type, '?'),
    _column_type: ($) => choice($.named_type, $.enum_type, $.list_type, $.reference_type),
    named_type: ($) =>
      prec.right(seq(field('name', $.path), optional(field('arguments', alias($._type_arguments, $.arguments))))),
    _type_arguments: ($) => seq(token.immediate('('), optional(commas($._expression)), ')'),
    enum_type: ($) => seq('enum', '{', repeat($._mark), optional($._labels), '}'),
    _labels: ($) =>
      seq(
        choice($.label, $._weighted),
        repeat(choice(seq($._ends, $.label), seq(optional($._ends), $._weighted))),
        optional($._ends),
      ),
    label: ($) => field('name', choice(alias($.identifier, $.identifier), $.string)),
    _weighted: ($) => alias($._weighted_label, $.label),
    _weighted_label: ($) =>
      choice(
        seq(field('name', alias($._key, $.identifier)), ':', field('weight', $._expression)),
        seq(field('name', $.string), ':', field('weight', $._expression)),
      ),
    list_type: ($) => seq('list', $._open_paren, choice($.optional_type, $._column_type), ')'),
    reference_type: ($) => seq('ref', field('table', $.path)),

    clause: ($) =>
      prec(
        POWER.clause,
        choice(
          'key',
          'unique',
          seq('in', field('value', $._expression)),
          seq('length', field('value', $._expression)),
          seq('matches', field('value', $.pattern)),
          seq('null', field('value', $._expression)),
          seq('default', field('value', $._expression)),
          seq('from', field('value', $.string)),
          seq('~', field('value', $._expression)),
          seq('=', field('value', $._expression)),
        ),
      ),

    // Expressions --------------------------------------------------------------------------------------------------

    _expression: ($) =>
      choice($._operand, $._control, $.unary_expression, $.binary_expression, $.pipe, $.range),

    // What calls, indices and fields may follow.
    _operand: ($) =>
      choice(
        $._name,
        $.integer,
        $.float,
        $.quantity,
        $.date,
        $.time,
        $.datetime,
        $.boolean,
        $.null,
        seq($.percentage, optional($._attached_comment)),
        seq($.string, optional($._attached_comment)),
        $.parenthesized_expression,
        $.list,
        $.call,
        $.index,
        $.field,
      ),

    // Behind what ends in a brace, a quote or a percent sign, `//` is a comment even where it touches.
    _attached_comment: ($) => seq($._attached, $.comment),

    parenthesized_expression: ($) => seq('(', $._expression, ')'),

    list: ($) => seq('[', optional(commas(choice($._expression, $.tuple))), ']'),
    tuple: ($) => seq('(', $._expression, ',', optional(commas($._expression)), ')'),

    call: ($) => seq(field('function', $._operand), field('arguments', $.arguments)),
    arguments: ($) => seq(token.immediate('('), optional(commas(choice($._expression, $.named_argument))), ')'),
    named_argument: ($) => seq(field('name', $._word), '=', field('value', $._expression)),
    index: ($) =>
      seq(field('value', $._operand), token.immediate('['), optional(commas(field('index', $._expression))), ']'),
    field: ($) => seq(field('value', choice($._operand, $._control)), '.', field('name', $._word)),

    unary_expression: ($) =>
      choice(
        prec(POWER.not, seq(field('operator', 'not'), field('operand', $._expression))),
        prec(POWER.negate, seq(field('operator', '-'), field('operand', $._expression))),
      ),

    binary_expression: ($) => {
      const left = (power, operator) =>
        prec.left(
          power,
          seq(field('left', $._expression), field('operator', operator), field('right', $._expression)),
        );
      return choice(
        left(POWER.or, 'or'),
        left(POWER.and, 'and'),
        left(POWER.comparison, choice('==', '!=', '<', '<=', '>', '>=', 'in')),
        left(POWER.sum, choice('+', '-')),
        left(POWER.product, choice('*', '/', alias($._floor_divide, '//'), '%', '@')),
        prec.right(
          POWER.power,
          seq(field('left', $._expression), field('operator', '**'), field('right', $._expression)),
        ),
      );
    },

    pipe: ($) => prec.left(POWER.pipe, seq(field('value', $._expression), '|>', field('call', $._call))),
    // Round brackets may stand around the call.
    _call: ($) => prec(-1, choice($.call, $.parenthesized_expression)),

    range: ($) =>
      prec.left(
        POWER.range,
        choice(
          seq(optional(field('start', $._expression)), alias($._open_end, '..'), optional($._attached_comment)),
          seq(
            optional(field('start', $._expression)),
            choice(alias($._to, '..'), alias($._to_inclusive, '..=')),
            field('end', $._expression),
          ),
        ),
      ),

    _control: ($) =>
      choice($.if_expression, $.repeat_expression, $.residual_expression, $.branch_expression),

    if_expression: ($) =>
      prec.right(
        seq(
          'if',
          field('condition', $._head),
          field('consequence', $.body),
          optional($._attached_comment),
          optional(seq('else', field('alternative', choice($.body, $.if_expression)), optional($._attached_comment))),
        ),
      ),
    repeat_expression: ($) =>
      seq(
        'repeat',
        field('over', $._head),
        optional(seq('as', choice(field('name', $._name), $._names))),
        field('body', $.body),
        optional($._attached_comment),
      ),
    _names: ($) => seq('(', optional(commas(field('name', $._name))), ')'),
    residual_expression: ($) => seq('residual', field('body', $.body), optional($._attached_comment)),
    branch_expression: ($) =>
      seq('branch', '{', repeat($._mark), optional($._arms), '}', optional($._attached_comment)),
    _arms: ($) => seq($.arm, repeat(seq(optional($._ends), $.arm)), optional($._ends)),
    arm: ($) => seq(optional(seq(field('name', alias($._key, $.identifier)), ':')), field('body', $.body)),

    // After `if`, `repeat` and `check`, a bracket that touches the word begins a value: nothing is called.
    _head: ($) => seq(optional(choice($._apart, $._apart_list)), $._expression),
    _condition: ($) => seq(optional($._apart), $._expression),

    // Words --------------------------------------------------------------------------------------------------------

    _name: ($) => choice($.identifier, prec(POWER.name, alias(choice(...KEYWORDS), $.identifier))),
    _word: ($) => choice($.identifier, alias(choice(...KEYWORDS, ...RESERVED), $.identifier)),
    identifier: () => /[_\p{XID_Start}]\p{XID_Continue}*/,

    _open_paren: () => choice('(', alias(token.immediate('('), '(')),
    _open_bracket: () => choice('[', alias(token.immediate('['), '[')),

    // Literals -----------------------------------------------------------------------------------------------------

    integer: () => token(DIGITS),
    float: () => token(choice(seq(DIGITS, '.', DIGITS, optional(EXPONENT)), seq(DIGITS, EXPONENT))),
    percentage: () => token(seq(DIGITS, optional(seq('.', DIGITS)), '%')),
    quantity: () =>
      token(seq(DIGITS, optional(seq('.', DIGITS)), optional(EXPONENT), /\p{XID_Start}\p{XID_Continue}*/)),
    date: () => /[0-9]{4}-[0-9]{2}-[0-9]{2}/,
    datetime: () => /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?/,
    time: () => /[0-9]{2}:[0-9]{2}(:[0-9]{2})?/,
    boolean: () => choice('true', 'false'),
    null: () => 'null',

    string: ($) =>
      seq('"', repeat(choice(alias($._string_content, $.string_content), $.escape_sequence)), token.immediate('"')),
    escape_sequence: () => token.immediate(/\\([ntr0"\\]|u\{[0-9a-fA-F]{1,6}\})/),

    // A regular expression has escapes of its own.
    pattern: ($) =>
      seq(
        '"',
        repeat(choice(alias($._string_content, $.pattern_content), alias($._pattern_escape, $.escape_sequence))),
        token.immediate('"'),
      ),
    _pattern_escape: () => token.immediate(/\\[^\n\r]/),
  },
});
