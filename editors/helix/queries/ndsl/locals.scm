[
  (model_declaration)
  (block_declaration)
] @local.scope

(parameter
  name: (identifier) @local.definition.variable.parameter)

(identifier) @local.reference
