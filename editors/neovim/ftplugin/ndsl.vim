if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal commentstring=//\ %s
setlocal comments=:///,://
setlocal formatoptions-=t formatoptions+=croql
setlocal shiftwidth=4 softtabstop=4 expandtab
setlocal suffixesadd=.ndsl
let b:undo_ftplugin = 'setlocal commentstring< comments< formatoptions< shiftwidth< softtabstop< expandtab< suffixesadd<'

" Colours follow the grammar where it was built; else syntax/ndsl.vim.
if has('nvim-0.9')
  lua if #vim.api.nvim_get_runtime_file('parser/ndsl.*', false) > 0 then pcall(vim.treesitter.start) end
endif
