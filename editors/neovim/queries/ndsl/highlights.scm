; What later patterns say goes before what earlier ones say.

(identifier) @variable

((identifier) @variable.builtin
  (#eq? @variable.builtin "it"))

; Declarations

[
  "model"
  "Model"
  "block"
  "schema"
  "table"
  "dataset"
  "train"
  "synthesizer"
  "deploy"
  "provider"
  "const"
  "assert"
] @keyword

[
  "use"
  "from"
  "using"
  "as"
] @keyword.import

(flow_statement
  "as" @keyword)

(repeat_expression
  "as" @keyword)

(clause
  "from" @keyword)

(const_declaration
  name: (identifier) @constant)

(block_declaration
  name: (identifier) @type.definition)

(model_declaration
  name: (identifier) @type.definition)

(table
  name: (identifier) @type.definition)

(schema_declaration
  name: (identifier) @module)

(schema_declaration
  provider: (identifier) @variable)

(dataset_declaration
  name: (identifier) @variable)

(train_declaration
  name: (identifier) @function)

(synthesizer_declaration
  name: (identifier) @function)

(deploy_declaration
  name: (identifier) @function)

(provider_declaration
  name: (identifier) @variable)

(parameter
  name: (identifier) @variable.parameter
  type: (identifier) @type.builtin)

; Statements

[
  "input"
  "output"
  "share"
  "check"
  "residual"
  "branch"
  "correlate"
] @keyword

[
  "if"
  "else"
] @keyword.conditional

"repeat" @keyword.repeat

"except" @keyword.operator

(tensor_type
  element: (identifier) @type.builtin)

((tensor_type
  element: (identifier) @type)
  (#match? @type "^[A-Z]"))

((tensor_type
  dimension: (identifier) @constant)
  (#match? @constant "^[A-Z]"))

(path
  (identifier) @type)

(words
  (identifier) @variable.member)

(arm
  name: (identifier) @variable.member)

; Settings

(entry
  key: (identifier) @property)

; Schemas

(column
  name: (identifier) @property)

(clause
  [
    "key"
    "unique"
    "in"
    "length"
    "matches"
    "null"
    "default"
  ] @keyword.modifier)

(together
  [
    "key"
    "unique"
  ] @keyword.modifier)

(correlate
  table: (identifier) @type)

[
  "enum"
  "list"
  "ref"
] @type.builtin

(named_type
  name: (path
    .
    (identifier) @type.builtin
    .))

((named_type
  name: (path
    .
    (identifier) @type
    .))
  (#match? @type "^[A-Z]"))

(label
  name: (identifier) @constant)

; Expressions

(named_argument
  name: (identifier) @variable.parameter)

(field
  name: (identifier) @variable.member)

(call
  function: (identifier) @function.call)

((call
  function: (identifier) @constructor)
  (#match? @constructor "^[^a-z_]"))

((call
  function: (field
    name: (identifier) @constructor))
  (#match? @constructor "^[^a-z_]"))

(pipe
  call: (call
    function: (field
      name: (identifier) @function.method.call)))

(import
  [
    name: (identifier)
    alias: (identifier)
  ] @variable)

((import
  [
    name: (identifier)
    alias: (identifier)
  ] @type)
  (#match? @type "^[A-Z]"))

; Literals

(integer) @number

(percentage) @number

(quantity) @number

(float) @number.float

(date) @number

(time) @number

(datetime) @number

(boolean) @boolean

(null) @constant.builtin

(string) @string

(use_declaration
  path: (string) @string.special.path)

(pattern) @string.regexp

(escape_sequence) @string.escape

(comment) @comment

(doc_comment) @comment.documentation

; Marks

[
  "+"
  "-"
  "*"
  "**"
  "/"
  "//"
  "%"
  "@"
  "=="
  "!="
  "<"
  "<="
  ">"
  ">="
  "="
  "|>"
  "~"
  "?"
  ".."
  "..="
] @operator

(binary_expression
  [
    "and"
    "or"
    "in"
  ] @keyword.operator)

"not" @keyword.operator

[
  "("
  ")"
  "["
  "]"
  "{"
  "}"
] @punctuation.bracket

[
  ","
  ":"
  ";"
  "."
] @punctuation.delimiter
