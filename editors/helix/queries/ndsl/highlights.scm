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
] @keyword.control.import

(flow_statement
  "as" @keyword)

(repeat_expression
  "as" @keyword)

(clause
  "from" @keyword)

(const_declaration
  name: (identifier) @constant)

(block_declaration
  name: (identifier) @type)

(model_declaration
  name: (identifier) @type)

(table
  name: (identifier) @type)

(schema_declaration
  name: (identifier) @namespace)

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
] @keyword.control.conditional

"repeat" @keyword.control.repeat

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
  (identifier) @variable.other.member)

(arm
  name: (identifier) @variable.other.member)

; Settings

(entry
  key: (identifier) @variable.other.member)

; Schemas

(column
  name: (identifier) @variable.other.member)

(clause
  [
    "key"
    "unique"
    "in"
    "length"
    "matches"
    "null"
    "default"
  ] @keyword.storage.modifier)

(together
  [
    "key"
    "unique"
  ] @keyword.storage.modifier)

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
  name: (identifier) @variable.other.member)

(call
  function: (identifier) @function)

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
      name: (identifier) @function.method)))

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

(integer) @constant.numeric

(percentage) @constant.numeric

(quantity) @constant.numeric

(float) @constant.numeric.float

(date) @constant.numeric

(time) @constant.numeric

(datetime) @constant.numeric

(boolean) @constant.builtin.boolean

(null) @constant.builtin

(string) @string

(use_declaration
  path: (string) @string.special.path)

(pattern) @string.regexp

(escape_sequence) @constant.character.escape

(comment) @comment.line

(doc_comment) @comment.line.documentation

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
