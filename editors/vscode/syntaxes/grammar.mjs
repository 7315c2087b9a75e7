// The TextMate grammar of ndsl, from which `npm run grammar` writes `ndsl.tmLanguage.json`.
//
// It follows docs/grammar.ebnf as far as regular expressions go. A context that is still open ends where a line begins with
// the word of a declaration: a brace that is missing costs the colours of one declaration, not of the rest of the file.

const name = '[_\\p{L}]\\w*';
const path = `${name}(?:\\.${name})*`;

// What may be a declaration: not a setting or column of that name (`train: …`), nor a value (`model.width`).
const declarations = 'use|const|block|model|Model|schema|dataset|train|synthesizer|deploy|provider|assert';
const ahead = `(?=^(?:${declarations})\\s+[_\\p{L}\\d"(-])`;

const digits = '\\d[\\d_]*';
const decimal = `${digits}(?:\\.${digits})?`;
const exponent = '(?:[eE][+-]?\\d+)';
const time = '\\d\\d:\\d\\d(?::\\d\\d)?';
const date = '\\d{4}-\\d\\d-\\d\\d';
// A number does not begin in a word, and ends before one.
const number = (form) => `(?<![\\w])(?:${form})(?!\\w)`;

const include = (...names) => names.map((rule) => ({ include: `#${rule}` }));
const captures = (...names) =>
    Object.fromEntries(names.flatMap((scope, at) => (scope ? [[at + 1, { name: `${scope}.ndsl` }]] : [])));

/** What stands between two brackets. */
const between = (open, close, kind, patterns) => ({
    name: `meta.${kind}.ndsl`,
    begin: `\\${open}`,
    beginCaptures: { 0: { name: `punctuation.section.${kind}.begin.ndsl` } },
    end: `(\\${close})|${ahead}`,
    endCaptures: captures(`punctuation.section.${kind}.end`),
    patterns,
});

/** A declaration that ends with its closing brace. */
const braced = (words, scope, patterns) => ({
    name: `meta.declaration.${scope}.ndsl`,
    begin: `\\b(${words})\\s+(${name})`,
    beginCaptures: captures('keyword.control.declaration', `entity.name.${scope}`),
    end: `(?<=\\})|${ahead}`,
    patterns,
});

const text = '"(?:[^"\\\\]|\\\\.)*"';

export default {
    $schema: 'https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json',
    name: 'ndsl',
    scopeName: 'source.ndsl',
    fileTypes: ['ndsl'],
    patterns: include('comments', 'declarations', 'expression'),
    repository: {
        comments: {
            patterns: [
                { name: 'comment.line.documentation.ndsl', match: '^\\s*(///(?!/).*)$' },
                { name: 'invalid.illegal.comment.block.ndsl', begin: '/\\*', end: '\\*/' },
                { name: 'invalid.illegal.comment.ndsl', match: '#.*$' },
                // One that divides touches what stands on both sides of it.
                { name: 'keyword.operator.arithmetic.ndsl', match: '(?<=[\\w)\\]])//(?=[^\\s/])' },
                { name: 'comment.line.double-slash.ndsl', match: '//.*$' },
            ],
        },

        declarations: {
            patterns: [
                {
                    name: 'meta.declaration.use.ndsl',
                    begin: `\\b(use)(?=\\s+[_\\p{L}])`,
                    beginCaptures: captures('keyword.control.import'),
                    end: `(?<=")|^(?=\\s*$)|${ahead}`,
                    patterns: [
                        ...include('comments'),
                        { match: '\\b(from|as)\\b', captures: captures('keyword.control.import') },
                        ...include('strings', 'names', 'punctuation'),
                    ],
                },
                {
                    match: `\\b(const)\\s+(${name})`,
                    captures: captures('keyword.control.declaration', 'variable.other.constant'),
                },
                {
                    match: `\\b(dataset)\\s+(${name})(?:\\s*(:)\\s*(${path}))?`,
                    captures: captures(
                        'keyword.control.declaration',
                        'entity.name.dataset',
                        'punctuation.separator',
                        'entity.name.type.table',
                    ),
                },
                { match: '\\b(assert)(?=\\s)', captures: captures('keyword.control.declaration') },
                braced('block|model|Model', 'type.model', include('comments', 'parameters', 'braces')),
                braced('train|synthesizer|deploy|provider', 'run', include('comments', 'braces')),
                braced('schema', 'type.schema', [
                    ...include('comments'),
                    { match: `\\b(from)\\b`, captures: captures('keyword.control.import') },
                    {
                        match: `\\b(using)\\s+(${name})`,
                        captures: captures('keyword.control.import', 'variable.other'),
                    },
                    ...include('strings', 'schema'),
                ]),
            ],
        },

        parameters: between('(', ')', 'parameters', [
            ...include('comments'),
            {
                match: `(${name})\\s*(:)\\s*(?:(int|float|bool|string|activation|list)\\b)?`,
                captures: captures('variable.parameter', 'punctuation.separator', 'storage.type'),
            },
            ...include('expression'),
        ]),

        // A body, settings or bindings: what stands between braces everywhere but in a schema.
        braces: between('{', '}', 'braces', include('comments', 'statements', 'expression')),

        statements: {
            patterns: [
                {
                    name: 'meta.input.ndsl',
                    begin: `\\b(input)\\s+(${name})\\s*(:)`,
                    beginCaptures: captures(
                        'keyword.control.statement',
                        'variable.other.declaration',
                        'punctuation.separator',
                    ),
                    end: `(?=$|;|\\}|//)|${ahead}`,
                    patterns: [
                        { match: '\\b(f32|i64|u8|bool)\\b', captures: captures('storage.type') },
                        between('[', ']', 'brackets', [
                            {
                                name: 'entity.name.type.parameter.ndsl',
                                match: '(?<!\\.)\\b\\p{Lu}\\w*\\b(?!\\s*[.(])',
                            },
                            ...include('expression'),
                        ]),
                        { match: '\\b(except)\\b', captures: captures('keyword.control.statement') },
                        ...include('expression'),
                    ],
                },
                {
                    match: `\\b(output|share)\\s+(${name})(?=\\s*=)`,
                    captures: captures('keyword.control.statement', 'variable.other.declaration'),
                },
                { match: '\\b(check)(?=\\s+[^\\s=:*/+.,|<>])', captures: captures('keyword.control.statement') },
                {
                    match: `(?<![\\w.])(${name})\\s*(?=:)`,
                    captures: captures('support.type.property-name'),
                },
                {
                    match: `(?<![\\w.])(${name})\\s*(=)(?!=)`,
                    captures: captures('variable.other.declaration', 'keyword.operator.assignment'),
                },
            ],
        },

        schema: between('{', '}', 'braces', [
            ...include('comments'),
            braced('table', 'type.table', include('comments', 'schema')),
            { match: '\\b(unique|key)(?=\\s*\\()', captures: captures('keyword.control.schema') },
            { match: '\\b(correlate)(?=\\s*[\\w(])', captures: captures('keyword.control.schema') },
            { match: '\\b(check)(?=\\s+[^\\s=:*/+.,|<>])', captures: captures('keyword.control.schema') },
            {
                begin: `(?<![\\w.])(${name})\\s*(:)\\s*`,
                beginCaptures: captures('variable.other.property.column', 'punctuation.separator'),
                end: '(?=.)|$',
                applyEndPatternLast: true,
                patterns: include('columnType'),
            },
            ...include('clauses', 'expression'),
        ]),

        columnType: {
            patterns: [
                {
                    name: 'meta.enum.ndsl',
                    begin: '\\b(enum)\\s*(\\{)',
                    beginCaptures: captures('keyword.control.schema', 'punctuation.section.braces.begin'),
                    end: `(\\})|${ahead}`,
                    endCaptures: captures('punctuation.section.braces.end'),
                    patterns: [
                        ...include('comments', 'strings'),
                        {
                            match: `(?<![\\w.])(${name})(?=\\s*(?:[:,;}]|//|$))`,
                            captures: captures('variable.other.enummember'),
                        },
                        ...include('expression'),
                    ],
                },
                {
                    match: `\\b(ref)\\s+(${name})(?:(\\.)(${name}))?`,
                    captures: captures(
                        'keyword.control.schema',
                        'entity.name.type.table',
                        'punctuation.accessor',
                        'variable.other.property',
                    ),
                },
                {
                    begin: '\\b(list)(\\()',
                    beginCaptures: captures('keyword.control.schema', 'punctuation.section.parens.begin'),
                    end: `(\\))|${ahead}`,
                    endCaptures: captures('punctuation.section.parens.end'),
                    patterns: include('comments', 'columnType'),
                },
                // Not at a line's start, where something else begins if the type is missing.
                { name: 'storage.type.column.ndsl', match: `(?<=.)${path}` },
                { name: 'keyword.operator.optional.ndsl', match: '\\?' },
            ],
        },

        clauses: {
            patterns: [
                {
                    match: `\\b(matches)\\s+(${text})`,
                    captures: { ...captures('keyword.control.schema'), 2: { patterns: include('pattern') } },
                },
                {
                    match: '(?<!\\.)\\b(key|unique|matches|default|from|length)\\b(?!\\s*(?:[.:(*/+)<>,|]|==|-))',
                    captures: captures('keyword.control.schema'),
                },
                { match: '(?<!\\.)\\b(null)(?=\\s+\\d)', captures: captures('keyword.control.schema') },
                { name: 'keyword.operator.draw.ndsl', match: '~' },
                { name: 'keyword.operator.optional.ndsl', match: '\\?' },
            ],
        },

        // The regular expression of a column.
        pattern: {
            name: 'string.regexp.ndsl',
            begin: '"',
            beginCaptures: { 0: { name: 'punctuation.definition.string.begin.ndsl' } },
            end: '"',
            endCaptures: { 0: { name: 'punctuation.definition.string.end.ndsl' } },
            patterns: [
                { name: 'constant.character.escape.regexp.ndsl', match: '\\\\.' },
                {
                    name: 'constant.other.character-class.set.regexp.ndsl',
                    match: '\\[(?:[^\\]\\\\]|\\\\.)*\\]',
                },
                {
                    name: 'keyword.operator.quantifier.regexp.ndsl',
                    match: '[+*?]|\\{\\d+(?:,\\d*)?\\}',
                },
                { name: 'keyword.operator.regexp.ndsl', match: '[()|.^$]' },
            ],
        },

        expression: {
            patterns: include(
                'comments',
                'strings',
                'numbers',
                'words',
                'templates',
                'calls',
                'operators',
                'parens',
                'brackets',
                'braces',
                'names',
                'punctuation',
            ),
        },

        strings: {
            patterns: [
                { include: '#string' },
                {
                    name: 'string.quoted.double.unterminated.ndsl',
                    match: '(")(?:[^"\\\\]|\\\\.)*\\\\?$',
                    captures: captures('invalid.illegal.unterminated'),
                },
                { name: 'invalid.illegal.quotes.ndsl', match: "'[^']*'?|“[^”\"]*[”\"]?" },
            ],
        },

        string: {
            name: 'string.quoted.double.ndsl',
            match: `(")((?:[^"\\\\]|\\\\.)*)(")`,
            captures: {
                ...captures('punctuation.definition.string.begin', '', 'punctuation.definition.string.end'),
                2: { patterns: include('escapes') },
            },
        },

        escapes: {
            patterns: [
                {
                    name: 'constant.character.escape.ndsl',
                    match: '\\\\(?:[ntr0"\\\\]|u\\{[0-9a-fA-F]{1,6}\\})',
                },
                { name: 'invalid.illegal.escape.ndsl', match: '\\\\.' },
            ],
        },

        // `format("{id}/{carrier.name}")` and `llm("…")` write columns into a text.
        templates: {
            begin: '\\b(format|llm)(\\()',
            beginCaptures: captures('entity.name.function', 'punctuation.section.parens.begin'),
            end: `(\\))|${ahead}`,
            endCaptures: captures('punctuation.section.parens.end'),
            patterns: [
                {
                    name: 'string.quoted.double.template.ndsl',
                    match: '(")((?:[^"\\\\]|\\\\.)*)(")',
                    captures: {
                        ...captures('punctuation.definition.string.begin', '', 'punctuation.definition.string.end'),
                        2: {
                            patterns: [
                                ...include('escapes'),
                                {
                                    match: `(\\{)\\s*(${path})\\s*(\\})`,
                                    captures: captures(
                                        'punctuation.section.embedded.begin',
                                        'variable.other.property',
                                        'punctuation.section.embedded.end',
                                    ),
                                },
                            ],
                        },
                    },
                },
                ...include('arguments', 'expression'),
            ],
        },

        numbers: {
            patterns: [
                { name: 'constant.numeric.datetime.ndsl', match: number(`${date}T${time}`) },
                { name: 'constant.numeric.date.ndsl', match: number(date) },
                { name: 'constant.numeric.time.ndsl', match: number(time) },
                { name: 'constant.numeric.share.ndsl', match: number(`${decimal}%`) },
                { name: 'invalid.illegal.number.ndsl', match: `(?<!\\w)${decimal}%\\w+` },
                { name: 'constant.numeric.float.ndsl', match: number(`${decimal}${exponent}|${digits}\\.${digits}`) },
                {
                    match: `(?<!\\w)(${decimal}${exponent}?)(\\p{L}\\w*)`,
                    captures: captures('constant.numeric.quantity', 'keyword.other.unit'),
                },
                { name: 'constant.numeric.integer.ndsl', match: `(?<!\\w)${digits}(?!\\w)(?!\\.(?![.\\w]))` },
                { name: 'invalid.illegal.number.ndsl', match: `(?<!\\w)${digits}\\.(?![.\\w])|(?<![\\w.)\\]])\\.\\d[\\d_]*` },
            ],
        },

        words: {
            patterns: [
                {
                    match: '(?<!\\.)\\b(if|else|repeat)\\b(?!\\s*:)',
                    captures: captures('keyword.control.flow'),
                },
                {
                    match: '(?<!\\.)\\b(residual|branch)(?=\\s*\\{)|^\\s*(residual|branch)(?=\\s*$)',
                    captures: captures('keyword.control.flow', 'keyword.control.flow'),
                },
                {
                    match: `(?<!\\.)\\b(as)\\s+(${name})(?:\\s*(:)\\s*(${path}))?`,
                    captures: captures(
                        'keyword.control.statement',
                        'variable.other.declaration',
                        'punctuation.separator',
                        'variable.other.property',
                    ),
                },
                { match: '(?<!\\.)\\b(as)\\b', captures: captures('keyword.control.statement') },
                { name: 'keyword.operator.logical.ndsl', match: '(?<!\\.)\\b(?:and|or|not|in)\\b' },
                { name: 'constant.language.ndsl', match: '(?<!\\.)\\b(?:true|false|null)\\b' },
                { name: 'variable.language.it.ndsl', match: '(?<!\\.)\\bit\\b(?!\\s*\\()' },
            ],
        },

        calls: {
            patterns: [
                { name: 'entity.name.type.layer.ndsl', match: '(?<![\\w.])\\p{Lu}\\w*(?=\\()' },
                { name: 'entity.name.function.ndsl', match: `(?<![\\w.])${name}(?=\\()` },
            ],
        },

        operators: {
            patterns: [
                { name: 'keyword.operator.pipe.ndsl', match: '\\|>' },
                { name: 'keyword.operator.range.ndsl', match: '\\.\\.=?' },
                { name: 'keyword.operator.comparison.ndsl', match: '==|!=|<=|>=|<|>' },
                { name: 'keyword.operator.arithmetic.ndsl', match: '\\*\\*|[-+*/%@]' },
                { name: 'keyword.operator.assignment.ndsl', match: '=' },
                { name: 'keyword.operator.draw.ndsl', match: '~' },
            ],
        },

        arguments: {
            match: `(?<![\\w.])(${name})\\s*(=)(?!=)`,
            captures: captures('variable.parameter', 'keyword.operator.assignment'),
        },

        parens: between('(', ')', 'parens', include('comments', 'arguments', 'expression')),
        brackets: between('[', ']', 'brackets', include('expression')),

        names: {
            patterns: [
                { match: `(\\.)(${name})`, captures: captures('punctuation.accessor', 'variable.other.property') },
                { name: 'entity.name.type.ndsl', match: '\\b\\p{Lu}\\w*' },
                { name: 'variable.other.ndsl', match: `\\b${name}` },
            ],
        },

        punctuation: {
            patterns: [
                { name: 'punctuation.separator.ndsl', match: '[,:;]' },
                { name: 'punctuation.accessor.ndsl', match: '\\.' },
            ],
        },
    },
};
