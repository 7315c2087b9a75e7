if exists('b:did_indent')
  finish
endif
let b:did_indent = 1

setlocal indentexpr=NdslIndent()
setlocal indentkeys=0},0),0],!^F,o,O,0\|,0+,0*
let b:undo_indent = 'setlocal indentexpr< indentkeys<'

if exists('*NdslIndent')
  finish
endif

" Whether the bracket at the cursor stands in a text or a comment.
function! s:Quoted() abort
  let l:before = strpart(getline('.'), 0, col('.') - 1)
  let l:bare = substitute(l:before, '"\%([^"\\]\|\\.\)*"', 'text', 'g')
  return l:bare =~# '\v"|(^|[^0-9A-Za-z_)\]])//|//(\s|$)'
endfunction

" A line stands a step deeper than the one whose bracket holds it, and another where it goes on with the line before.
function! NdslIndent() abort
  let l:line = getline(v:lnum)
  call cursor(v:lnum, 1)
  let l:open = searchpair('[[({]', '', '[])}]', 'bnW', 's:Quoted()')
  if l:line =~# '^\s*[])}]'
    return l:open ? indent(l:open) : 0
  endif
  let l:base = l:open ? indent(l:open) + shiftwidth() : 0
  if l:line =~# '\v^\s*(\|\>|[-+*/%@=<>~]|!\=|(as|and|or|in|else)>\s*[^: \t])' && l:line !~# '^\s*//'
    return l:base + shiftwidth()
  endif
  return l:base
endfunction
