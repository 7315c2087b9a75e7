(model_declaration
  body: (_
    "{"
    (_)* @class.inside
    "}")) @class.around

(block_declaration
  body: (_
    "{"
    (_)* @class.inside
    "}")) @class.around

(table
  body: (_
    "{"
    (_)* @class.inside
    "}")) @class.around

(train_declaration
  settings: (_
    "{"
    (_)* @function.inside
    "}")) @function.around

(comment)+ @comment.around

(doc_comment)+ @comment.around
