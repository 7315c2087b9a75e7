[
  (comment)
  (doc_comment)
] @comment.inclusive

[
  (string)
  (pattern)
] @string
