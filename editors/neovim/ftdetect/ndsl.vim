autocmd BufNewFile,BufRead *.ndsl setfiletype ndsl
