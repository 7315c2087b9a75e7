-- Runs a file of tests in this Neovim, and leaves it with what came of it.

--- Waits until `condition` answers something, asked again after so many milliseconds, and answers that.
function eventually(what, condition, pause)
    local found
    local ok = vim.wait(30000, function()
        found = condition()
        return found
    end, pause or 20)
    assert(ok, 'waited in vain for ' .. what)
    return found
end

--- Fails unless `text` contains `part`, letter by letter.
function contains(text, part)
    assert(text:find(part, 1, true), ('expected %q in\n%s'):format(part, text))
end

function equal(found, wanted)
    assert(vim.deep_equal(found, wanted), ('expected %s, found %s'):format(vim.inspect(wanted), vim.inspect(found)))
end

function run(name)
    local count = 0
    function it(what, test)
        local ok, reason = xpcall(test, debug.traceback)
        io.stdout:write((ok and 'ok      ' or 'FAILED  ') .. what .. '\n')
        if not ok then
            io.stdout:write(reason .. '\n')
            vim.cmd('cquit 1')
        end
        count = count + 1
    end
    local ok, reason = xpcall(dofile, debug.traceback, vim.env.PLUGIN .. '/test/' .. name .. '.lua')
    if not ok then
        io.stdout:write(reason .. '\n')
        vim.cmd('cquit 1')
    end
    io.stdout:write(('%s: %d tests\n'):format(name, count))
    vim.cmd('qall!')
end
