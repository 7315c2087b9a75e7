(doc_comment) @annotation

(model_declaration
  [
    "model"
    "Model"
  ] @context
  name: (_) @name) @item

(block_declaration
  "block" @context
  name: (_) @name) @item

(schema_declaration
  "schema" @context
  name: (_) @name) @item

(table
  "table" @context
  name: (_) @name) @item

(column
  name: (_) @name
  type: (_) @context) @item

(const_declaration
  "const" @context
  name: (_) @name) @item

(dataset_declaration
  "dataset" @context
  name: (_) @name) @item

(train_declaration
  "train" @context
  name: (_) @name) @item

(synthesizer_declaration
  "synthesizer" @context
  name: (_) @name) @item

(deploy_declaration
  "deploy" @context
  name: (_) @name) @item

(provider_declaration
  "provider" @context
  name: (_) @name) @item
