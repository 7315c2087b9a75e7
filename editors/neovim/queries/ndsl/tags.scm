(
  (doc_comment)* @doc
  .
  (model_declaration
    name: (identifier) @name) @definition.class
  (#strip! @doc "^///\\s*")
)

(
  (doc_comment)* @doc
  .
  (block_declaration
    name: (identifier) @name) @definition.class
  (#strip! @doc "^///\\s*")
)

(
  (doc_comment)* @doc
  .
  (schema_declaration
    name: (identifier) @name) @definition.module
  (#strip! @doc "^///\\s*")
)

(table
  name: (identifier) @name) @definition.class

(column
  name: (identifier) @name) @definition.field

(const_declaration
  name: (identifier) @name) @definition.constant

(dataset_declaration
  name: (identifier) @name) @definition.constant

(train_declaration
  name: (identifier) @name) @definition.function

(synthesizer_declaration
  name: (identifier) @name) @definition.function

(deploy_declaration
  name: (identifier) @name) @definition.function

(provider_declaration
  name: (identifier) @name) @definition.constant

(call
  function: (identifier) @name) @reference.call
