-- A session with the server: what is written to the screen or the buffers, and nothing of the protocol where Neovim hides it.

local options = { cmd = { vim.env.NDSL, 'lsp' } }
if vim.env.RECORDER then
    options.cmd = vim.split(vim.env.RECORDER, '\n', { trimempty = true })
end
require('ndsl').setup(options)

local function open(name)
    vim.cmd('edit! ' .. vim.env.PROJECT .. '/' .. name)
end

local function lines()
    return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
end

--- Puts the cursor on the first place of `text`, so many letters into it.
local function go_to(text, into)
    vim.fn.cursor(1, 1)
    assert(vim.fn.search('\\V' .. text, 'cW') > 0, text .. ' is not there')
    vim.api.nvim_win_set_cursor(0, { vim.fn.line('.'), vim.fn.col('.') - 1 + (into or 0) })
end

--- The server's answer to a request about the place of the cursor. What changed meanwhile is asked again.
local function ask(method, more)
    local params = vim.tbl_extend('force', vim.lsp.util.make_position_params(0, 'utf-16'), more or {})
    local answers, reason = vim.lsp.buf_request_sync(0, method, params, 30000)
    assert(answers, reason)
    local _, answer = next(answers)
    if answer and answer.error and answer.error.code == -32801 then
        return ask(method, more)
    end
    assert(answer and not answer.error, vim.inspect(answer))
    return answer.result
end

local function document()
    return { textDocument = { uri = vim.uri_from_bufnr(0) } }
end

local function clients()
    return (vim.lsp.get_clients or vim.lsp.get_active_clients)()
end

local function client()
    return clients()[1]
end

--- The text of the window that floats, once there is one.
local function floating(what)
    return eventually(what, function()
        for _, window in ipairs(vim.api.nvim_list_wins()) do
            if vim.api.nvim_win_get_config(window).relative ~= '' then
                local text = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)
                vim.api.nvim_win_close(window, true)
                return table.concat(text, '\n')
            end
        end
    end)
end

it('starts the server for the project', function()
    open('main.ndsl')
    eventually('the server', function()
        local found = client()
        return found and found.server_capabilities and found.server_capabilities.hoverProvider
    end)
    equal(client().name, 'ndsl')
    equal(vim.loop.fs_realpath(client().config.root_dir), vim.loop.fs_realpath(vim.env.PROJECT))
end)

it('hovers', function()
    go_to('Pair(width)')
    vim.lsp.buf.hover()
    local text = floating('the hover')
    contains(text, 'block Pair(units')
    contains(text, 'Two layers of one width.')
end)

it('completes, and says more of what is looked at', function()
    go_to('Dense(classes)', 3)
    local answer = ask('textDocument/completion')
    local dense
    for _, item in ipairs(answer.items or answer) do
        dense = item.label == 'Dense' and item or dense
    end
    assert(dense, 'Dense is offered')
    local resolved = vim.lsp.buf_request_sync(0, 'completionItem/resolve', dense, 30000)
    local _, more = next(resolved)
    contains(vim.inspect(more.result.documentation), 'units')
end)

it('goes to a definition in another file, and in the standard library', function()
    go_to('Pair(width)')
    vim.lsp.buf.definition()
    eventually('parts.ndsl', function()
        return vim.fn.expand('%:t') == 'parts.ndsl'
    end)
    equal(vim.fn.line('.'), 4)
    vim.cmd('write')
    vim.cmd('enew')
    local text = { 'model A {', '    input x: f32[8, 16]', '    TransformerEncoder(2)', '}' }
    vim.fn.writefile(text, vim.env.PROJECT .. '/library.ndsl')
    open('library.ndsl')
    eventually('the same server', function()
        return vim.lsp.buf_is_attached(0, client().id)
    end)
    go_to('TransformerEncoder')
    vim.lsp.buf.definition()
    eventually('the library', function()
        return vim.fn.expand('%:t') == 'transformer.ndsl'
    end)
    contains(vim.fn.getline('.'), 'block TransformerEncoder')
    equal(#clients(), 1)
    vim.cmd('bdelete!')
end)

it('renames across files', function()
    open('main.ndsl')
    go_to('classes from')
    vim.lsp.buf.rename('kinds')
    eventually('the new name', function()
        return lines():find('use Pair, kinds from', 1, true)
    end)
    contains(lines(), 'Dense(kinds) as scores')
    local parts = vim.fn.bufnr(vim.env.PROJECT .. '/parts.ndsl')
    equal(vim.api.nvim_buf_get_lines(parts, 0, 1, false), { 'const kinds = 3' })
end)

it('lays out', function()
    vim.fn.setline(10, '  Pair( width )   as features')
    local edits = ask('textDocument/formatting', { options = { tabSize = 4, insertSpaces = true } })
    assert(#edits > 0)
    vim.lsp.util.apply_text_edits(edits, vim.api.nvim_get_current_buf(), 'utf-16')
    equal(vim.fn.getline(10), '    Pair(width) as features')
end)

it('tells of symbols, hints and what stands above models', function()
    local names = vim.tbl_map(function(symbol)
        return symbol.name
    end, ask('textDocument/documentSymbol', document()))
    equal(names, { 'Flowers', 'Flower', 'Garden', 'flower' })
    local whole = { start = { line = 0, character = 0 }, ['end'] = { line = 50, character = 0 } }
    local hints = ask('textDocument/inlayHint', { textDocument = document().textDocument, range = whole })
    contains(vim.inspect(hints), 'f32[16]')
    -- Neovim tells of the other file's change a moment later.
    eventually('what stands above the training', function()
        return vim.inspect(ask('textDocument/codeLens', document())):find('ndsl.train', 1, true)
    end, 300)
end)

local function faults()
    return vim.diagnostic.get(0)
end

it('shows faults while a text is broken, and none when it is mended', function()
    eventually('no fault of the rename', function()
        return #faults() == 0
    end)
    vim.fn.append(11, '    Dense(')
    eventually('a fault', function()
        return #faults() > 0
    end)
    vim.fn.deletebufline('%', 12)
    eventually('no fault', function()
        return #faults() == 0
    end)
end)

it('mends a fault by a code action', function()
    open('wrong.ndsl')
    eventually('two faults', function()
        return #faults() == 2
    end)
    go_to('activaton')
    vim.ui.select = function(items, choice, chosen)
        for index, item in ipairs(items) do
            if (choice.format_item or tostring)(item):find('activation', 1, true) then
                return chosen(item, index)
            end
        end
        error('no action: ' .. vim.inspect(items))
    end
    vim.lsp.buf.code_action()
    eventually('the fix', function()
        return lines():find('5, activation=relu', 1, true)
    end)
    eventually('one fault', function()
        return #faults() == 1
    end)
    vim.cmd('write')
end)

it('leaves in order', function()
    vim.cmd('silent! wall')
    vim.cmd('silent! %bdelete!')
    vim.lsp.stop_client(clients())
    eventually('the end', function()
        return #clients() == 0
    end)
end)
