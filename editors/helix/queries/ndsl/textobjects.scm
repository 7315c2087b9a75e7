(model_declaration
  body: (_) @class.inside) @class.around

(block_declaration
  body: (_) @class.inside) @class.around

(schema_declaration
  body: (_) @class.inside) @class.around

(table
  body: (_) @class.inside) @class.around

(train_declaration
  settings: (_) @function.inside) @function.around

(synthesizer_declaration
  settings: (_) @function.inside) @function.around

(deploy_declaration
  settings: (_) @function.inside) @function.around

(provider_declaration
  settings: (_) @function.inside) @function.around

(parameters
  (parameter) @parameter.inside @parameter.around)

(arguments
  (_) @parameter.inside @parameter.around)

(entry
  value: (_) @entry.inside) @entry.around

[
  (comment)
  (doc_comment)
] @comment.inside

(comment)+ @comment.around

(doc_comment)+ @comment.around
