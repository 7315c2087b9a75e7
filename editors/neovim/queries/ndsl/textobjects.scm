; Models and blocks are what classes are elsewhere; what trains, serves or draws is what functions are.

[
  (model_declaration)
  (block_declaration)
  (schema_declaration)
  (table)
] @class.outer

[
  (train_declaration)
  (synthesizer_declaration)
  (deploy_declaration)
  (provider_declaration)
] @function.outer

(model_declaration
  body: (body
    .
    "{"
    _+ @class.inner
    "}"))

(block_declaration
  body: (body
    .
    "{"
    _+ @class.inner
    "}"))

(schema_declaration
  body: (tables
    .
    "{"
    _+ @class.inner
    "}"))

(table
  body: (columns
    .
    "{"
    _+ @class.inner
    "}"))

(train_declaration
  settings: (record
    .
    "{"
    _+ @function.inner
    "}"))

(synthesizer_declaration
  settings: (record
    .
    "{"
    _+ @function.inner
    "}"))

(deploy_declaration
  settings: (record
    .
    "{"
    _+ @function.inner
    "}"))

(provider_declaration
  settings: (record
    .
    "{"
    _+ @function.inner
    "}"))

(repeat_expression
  body: (body) @loop.inner) @loop.outer

(if_expression
  consequence: (body) @conditional.inner) @conditional.outer

(call) @call.outer

(call
  arguments: (arguments
    .
    "("
    _+ @call.inner
    ")"))

(parameter) @parameter.inner @parameter.outer

(arguments
  (_) @parameter.inner @parameter.outer)

(entry
  key: (identifier) @assignment.lhs
  value: (_) @assignment.rhs) @assignment.outer

(binding
  name: (identifier) @assignment.lhs
  value: (_) @assignment.rhs) @assignment.outer

(statement) @statement.outer

[
  (comment)
  (doc_comment)
] @comment.outer
