" Colours without tree-sitter.
if exists('b:current_syntax')
  finish
endif

syntax keyword ndslDeclaration model Model block schema table dataset train synthesizer deploy provider const assert
syntax keyword ndslInclude use from using as
syntax keyword ndslStatement input output share check residual branch correlate except
syntax keyword ndslConditional if else
syntax keyword ndslRepeat repeat
syntax keyword ndslOperatorWord and or not in
syntax keyword ndslBoolean true false
syntax keyword ndslConstant null
syntax keyword ndslSelf it
syntax keyword ndslType int float bool string activation list f32 i64 u8 text uuid date time datetime decimal enum ref

syntax match ndslLayer "\<\u\w*\ze("
syntax match ndslFunction "\<[a-z_]\w*\ze("
syntax match ndslField "\.\@1<=\<\w\+\>"
" A word before a colon is a setting or a column, whatever else it means; `08:30` is a time.
syntax match ndslKey "\<\h\w*\>\ze\s*:"
syntax match ndslParameter "\<\h\w*\>\ze="
syntax match ndslNumber "\<\d[0-9_]*\%(\.\d[0-9_]*\)\?\%([eE][+-]\?\d\+\)\?\%(%\|[A-Za-z]\w*\)\?"
syntax match ndslNumber "\<\d\{4}-\d\d-\d\d\%(T\d\d:\d\d\%(:\d\d\)\?\)\?\>"
syntax match ndslNumber "\<\d\d:\d\d\%(:\d\d\)\?\>"
syntax match ndslOperator "|>\|[-+*/%@=<>~?]\|\.\.=\?\|!="
" It divides where it touches an operand on both sides.
syntax match ndslOperator "[0-9A-Za-z_)\]]\@1<=//\ze[^ \t/]"
syntax region ndslText start=+"+ skip=+\\.+ end=+"+ oneline contains=ndslEscape
syntax match ndslEscape "\\\%([ntr0"\\]\|u{\x\{1,6}}\)" contained
syntax match ndslComment "//\%(\s.*\)\?$"
syntax match ndslComment "[0-9A-Za-z_)\]]\@1<!//.*$"
syntax match ndslDocComment "^\s*\zs///\%([^/].*\)\?$"

highlight default link ndslDeclaration Keyword
highlight default link ndslInclude Include
highlight default link ndslStatement Statement
highlight default link ndslConditional Conditional
highlight default link ndslRepeat Repeat
highlight default link ndslOperatorWord Operator
highlight default link ndslBoolean Boolean
highlight default link ndslConstant Constant
highlight default link ndslSelf Special
highlight default link ndslType Type
highlight default link ndslLayer Type
highlight default link ndslFunction Function
highlight default link ndslField Identifier
highlight default link ndslKey Identifier
highlight default link ndslParameter Identifier
highlight default link ndslNumber Number
highlight default link ndslOperator Operator
highlight default link ndslText String
highlight default link ndslEscape SpecialChar
highlight default link ndslComment Comment
highlight default link ndslDocComment SpecialComment

let b:current_syntax = 'ndsl'
