[
  (body)
  (record)
  (tables)
  (columns)
  (enum_type)
  (branch_expression)
  (parameters)
  (arguments)
  (index)
  (list)
  (tuple)
  (words)
  (parenthesized_expression)
] @indent

[
  ")"
  "]"
  "}"
] @outdent
