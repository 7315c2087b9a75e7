[
  (body)
  (record)
  (tables)
  (columns)
  (enum_type)
  (branch_expression)
  (parameters)
  (arguments)
  (list)
] @fold

; Lines of comments
(doc_comment)+ @fold
