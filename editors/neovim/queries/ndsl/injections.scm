([
  (comment)
  (doc_comment)
] @injection.content
  (#set! injection.language "comment"))

(pattern
  (pattern_content) @injection.content
  (#set! injection.language "regex")
  (#set! injection.combined)
  (#set! injection.include-children))
