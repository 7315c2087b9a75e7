-- What the plugin does without the server.

local function files()
    local found = vim.split(vim.fn.glob(vim.env.EXAMPLES .. '/**/*.ndsl'), '\n')
    assert(#found > 10, 'the examples are there')
    return found
end

it('knows the type of a file, and how its comments are written', function()
    equal(vim.bo.filetype, 'ndsl')
    equal(vim.bo.commentstring, '// %s')
    equal(vim.bo.shiftwidth, 4)
end)

it('colours by the grammar, where this version can', function()
    if vim.fn.has('nvim-0.9') == 1 then
        assert(vim.treesitter.highlighter.active[vim.api.nvim_get_current_buf()])
        vim.treesitter.get_parser():parse()
        local found = vim.treesitter.get_captures_at_pos(0, 0, 0)
        equal(found[1].capture, 'keyword.import')
    end
end)

it('colours by syntax/ndsl.vim without it', function()
    if vim.treesitter.stop then
        vim.treesitter.stop()
    end
    vim.cmd('syntax on')
    vim.bo.syntax = 'ndsl'
    local function group(line, text)
        local column = vim.fn.getline(line):find(text, 1, true)
        return vim.fn.synIDattr(vim.fn.synID(line, column, 1), 'name')
    end
    equal(group(1, 'use'), 'ndslInclude')
    equal(group(1, '"parts'), 'ndslText')
    equal(group(3, '///'), 'ndslDocComment')
    equal(group(7, 'model'), 'ndslDeclaration')
    equal(group(10, 'Pair'), 'ndslLayer')
    vim.fn.append(0, { 'const a = b//2', 'const a = b // 2', 'const a = "//"', 'x {}//note' })
    equal(group(1, '//'), 'ndslOperator')
    equal(group(2, '//'), 'ndslComment')
    equal(group(3, '//'), 'ndslText')
    equal(group(4, '//'), 'ndslComment')
    vim.cmd('undo')
end)

it('indents every example as it is laid out', function()
    local laid_out = vim.tbl_filter(function(file)
        vim.fn.system({ vim.env.NDSL, 'fmt', '--check', file })
        return vim.v.shell_error == 0
    end, files())
    assert(#laid_out > 10, 'most examples are')
    for _, file in ipairs(laid_out) do
        vim.cmd('edit! ' .. file)
        local before = vim.fn.getline(1, '$')
        vim.cmd('silent normal! gg=G')
        local after = vim.fn.getline(1, '$')
        for line = 1, #before do
            assert(before[line] == after[line], ('%s:%d\n%s\n%s'):format(file, line, before[line], after[line]))
        end
        vim.cmd('edit!')
    end
end)

it('reads every example by the grammar', function()
    for _, file in ipairs(files()) do
        vim.cmd('edit! ' .. file)
        local root = vim.treesitter.get_parser(0, 'ndsl'):parse()[1]:root()
        equal(root:type(), 'source_file')
        assert(not root:has_error(), file)
    end
end)

it('has queries that this version reads', function()
    vim.cmd('edit! ' .. vim.env.PROJECT .. '/main.ndsl')
    local root = vim.treesitter.get_parser(0, 'ndsl'):parse()[1]:root()
    local get = vim.treesitter.query and vim.treesitter.query.get or vim.treesitter.get_query
    for _, name in ipairs({ 'highlights', 'folds', 'indents', 'locals', 'injections', 'textobjects' }) do
        local query, count = get('ndsl', name), 0
        for _ in query:iter_captures(root, 0, 0, -1) do
            count = count + 1
        end
        assert(count > 0 or name == 'injections', name .. ' captures nothing')
    end
end)
