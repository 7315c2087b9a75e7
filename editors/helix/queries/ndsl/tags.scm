(model_declaration
  name: (identifier) @definition.class)

(block_declaration
  name: (identifier) @definition.class)

(schema_declaration
  name: (identifier) @definition.module)

(table
  name: (identifier) @definition.struct)

(const_declaration
  name: (identifier) @definition.constant)

(train_declaration
  name: (identifier) @definition.function)
