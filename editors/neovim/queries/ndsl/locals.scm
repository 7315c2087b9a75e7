; Names that a file declares

(source_file) @local.scope

(const_declaration
  name: (identifier) @local.definition.constant)

(dataset_declaration
  name: (identifier) @local.definition.var)

(train_declaration
  name: (identifier) @local.definition.var)

(synthesizer_declaration
  name: (identifier) @local.definition.var)

(deploy_declaration
  name: (identifier) @local.definition.var)

(provider_declaration
  name: (identifier) @local.definition.var)

(schema_declaration
  name: (identifier) @local.definition.namespace)

(model_declaration
  name: (identifier) @local.definition.type
  (#set! definition.type.scope "parent"))

(block_declaration
  name: (identifier) @local.definition.type
  (#set! definition.type.scope "parent"))

(import
  name: (identifier) @local.definition.import
  !alias)

(import
  alias: (identifier) @local.definition.import)

; Names of a body

[
  (model_declaration)
  (block_declaration)
  (repeat_expression)
  (body)
] @local.scope

(parameter
  name: (identifier) @local.definition.parameter)

(input_statement
  name: (identifier) @local.definition.var)

(binding
  name: (identifier) @local.definition.var)

(share_statement
  name: (identifier) @local.definition.var)

(output_statement
  name: (identifier) @local.definition.var)

(flow_statement
  name: (identifier) @local.definition.var)

(repeat_expression
  name: (identifier) @local.definition.var)

; Tables and their columns

[
  (tables)
  (columns)
] @local.scope

(table
  name: (identifier) @local.definition.type
  (#set! definition.type.scope "parent"))

(column
  name: (identifier) @local.definition.field)

(identifier) @local.reference
