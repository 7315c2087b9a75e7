-- For `vim.lsp.enable('ndsl')`, without `require('ndsl').setup()`.
return require('ndsl').config
