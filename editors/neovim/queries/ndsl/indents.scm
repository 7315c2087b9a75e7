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
] @indent.begin

; What goes on with the line before
(pipe) @indent.begin

(binary_expression) @indent.begin

[
  ")"
  "]"
  "}"
] @indent.branch @indent.end

[
  (comment)
  (doc_comment)
  (string)
] @indent.auto

(ERROR) @indent.auto
