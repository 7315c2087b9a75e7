(pattern
  (pattern_content) @injection.content
  (#set! injection.language "regex")
  (#set! injection.combined))
