--- The language server of ndsl in Neovim, and what is done where it asks for something.

local M = {}

--- What marks the root of a project.
local MARKERS = { 'ndsl.toml', '.git' }

local function running()
    local get = vim.lsp.get_clients or vim.lsp.get_active_clients
    return vim.tbl_filter(function(client)
        return client.name == 'ndsl'
    end, get())
end

--- The folder that a file's project begins in: the nearest that holds a marker, or the file's own. A file of the standard library
--- belongs to the project that led to it.
local function root_of(file)
    if file:find('/ndsl/[%d.]+%-%x+/') and running()[1] then
        return running()[1].config.root_dir
    end
    local folder = vim.fn.fnamemodify(file, ':p:h')
    for _, marker in ipairs(MARKERS) do
        local found = vim.fn.finddir(marker, folder .. ';')
        found = found ~= '' and found or vim.fn.findfile(marker, folder .. ';')
        if found ~= '' then
            return vim.fn.fnamemodify(found, ':p'):gsub('/$', ''):match('^(.*)/')
        end
    end
    return folder
end

--- What `vim.lsp.config` takes. `setup` changes it.
M.config = {
    cmd = { 'ndsl', 'lsp' },
    filetypes = { 'ndsl' },
    root_dir = function(buffer, found)
        found(root_of(vim.api.nvim_buf_get_name(buffer)))
    end,
    capabilities = {
        experimental = { ndslCommands = true },
        -- Faults are sent. Neovim 0.12 that asks for them does not ask again for an open file when another one changes it.
        textDocument = { diagnostic = vim.NIL },
    },
    settings = { ndsl = vim.empty_dict() },
}

--- Runs a command of the shell in a window below.
local function in_terminal(arguments)
    vim.cmd('botright new')
    vim.fn.termopen(arguments)
    vim.cmd('startinsert')
end

--- What the lines above models, trainings and schemas do: `Compile`, `Train` and `Tune`, `Preview` and `Generate`.
local function register_commands()
    local ndsl = M.config.cmd[1]
    vim.lsp.commands['ndsl.train'] = function(command)
        local uri, name = unpack(command.arguments)
        in_terminal({ ndsl, 'train', vim.uri_to_fname(uri), '--train', name })
    end
    vim.lsp.commands['ndsl.tune'] = function(command)
        local uri, name = unpack(command.arguments)
        in_terminal({ ndsl, 'tune', vim.uri_to_fname(uri), '--train', name })
    end
    vim.lsp.commands['ndsl.compile'] = function(command)
        local uri, name = unpack(command.arguments)
        in_terminal({ ndsl, 'compile', vim.uri_to_fname(uri), '--model', name })
    end
    for _, verb in ipairs({ 'preview', 'generate' }) do
        vim.lsp.commands['ndsl.' .. verb] = function(command)
            local uri, name = unpack(command.arguments)
            in_terminal({ ndsl, verb, vim.uri_to_fname(uri), '--schema', name })
        end
    end
end

--- Clients by the root they were started for, where Neovim does not keep them itself.
local clients = {}

--- Starts the server for a buffer, or attaches the one that runs; for versions before 0.11.
local function attach(buffer)
    local root = root_of(vim.api.nvim_buf_get_name(buffer))
    local id = clients[root]
    if not id or not vim.lsp.get_client_by_id(id) then
        local capabilities = vim.lsp.protocol.make_client_capabilities()
        id = vim.lsp.start_client({
            name = 'ndsl',
            cmd = M.config.cmd,
            root_dir = root,
            workspace_folders = { { uri = vim.uri_from_fname(root), name = root } },
            settings = M.config.settings,
            capabilities = vim.tbl_deep_extend('force', capabilities, M.config.capabilities),
            on_attach = M.config.on_attach,
        })
        clients[root] = id
    end
    if id then
        vim.lsp.buf_attach_client(buffer, id)
    end
end

--- Has the server started for every `ndsl` buffer. `options` are laid over `M.config`.
function M.setup(options)
    M.config = vim.tbl_deep_extend('force', M.config, options or {})
    register_commands()
    if vim.lsp.config then
        vim.lsp.config('ndsl', M.config)
        vim.lsp.enable('ndsl')
        return
    end
    local group = vim.api.nvim_create_augroup('ndsl', { clear = true })
    vim.api.nvim_create_autocmd('FileType', {
        group = group,
        pattern = M.config.filetypes,
        callback = function(event)
            attach(event.buf)
        end,
    })
end

return M
