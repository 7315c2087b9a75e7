// The extension in code-server, as a user meets it. `./install.sh` comes first.
//
//     node run.mjs [--shots FOLDER] [--record FILE] [--only TEXT]
//
// Needs `../../ndsl.vsix` (`npm run package`) and the `ndsl` command: NDSL names it, or it is the newest of target/.
// `--shots` keeps a picture of every step, `--record` what editor and server said, as lsp/tests/recorded holds it.

import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hands, open } from './editor.mjs';
import { steps } from './steps.mjs';

const { values } = parseArgs({
    options: { shots: { type: 'string' }, record: { type: 'string' }, only: { type: 'string' } },
});
const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../../../..');
const vsix = join(here, '../../ndsl.vsix');
assert.ok(existsSync(vsix), 'there is no ndsl.vsix: `npm run package` makes it');

const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
const built = ['release', 'debug'].map((profile) => join(target, profile, 'ndsl')).filter((path) => existsSync(path));
const command = resolve(process.env.NDSL ?? built.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0] ?? '');
assert.ok(existsSync(command) && statSync(command).isFile(), 'there is no ndsl command: NDSL says where it is');

const folder = join(realpathSync(mkdtempSync(join(tmpdir(), 'ndsl-project-'))), 'garden');
cpSync(join(root, 'lsp/tests/recorded/project'), folder, { recursive: true });
if (values.shots) {
    mkdirSync(values.shots, { recursive: true });
}

/** The command, with a recorder before its first language server. */
function recorded() {
    const beside = mkdtempSync(join(tmpdir(), 'ndsl-recorder-'));
    const program = join(beside, 'ndsl');
    const recorder = join(root, 'editors/record/record.mjs');
    const version = JSON.parse(readFileSync(join(here, 'node_modules/code-server/package.json'), 'utf8')).version;
    writeFileSync(
        program,
        `#!/bin/sh
if [ "$1" = lsp ] && mkdir '${beside}/begun' 2>/dev/null; then
    exec '${process.execPath}' '${recorder}' --out '${resolve(values.record)}' --project '${folder}' --editor 'code-server ${version}' -- '${command}' "$@"
fi
exec '${command}' "$@"
`,
    );
    chmodSync(program, 0o755);
    return program;
}

// A recording holds no path of this machine: the command is found as most users' is.
const found = values.record ? { settings: {}, installed: recorded() } : { settings: { 'ndsl.server.path': command } };
const editor = await open({ folder, package: vsix, ...found });
const { page } = editor;
page.setDefaultTimeout(20_000);
const context = { page, folder, ...hands(page) };
let failed = 0;
let ran = 0;
let number = 0;
try {
    for (const [name, step] of steps) {
        number += 1;
        if (values.only && !name.includes(values.only)) {
            continue;
        }
        ran += 1;
        const shot = (more = '') =>
            values.shots && page.screenshot({ path: join(values.shots, `${String(number).padStart(2, '0')}-${name.replaceAll(/\W+/g, '-')}${more}.png`) });
        const began = Date.now();
        try {
            await step({ ...context, shot });
            await shot();
            console.log(`ok      ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
        } catch (error) {
            failed += 1;
            await shot('-FAILED');
            console.log(`FAILED  ${name}\n${String(error.stack).replaceAll(/^/gm, '        ')}`);
            await page.keyboard.press('Escape');
        }
    }
    // The server is asked to end, so that a recording is written.
    await context.command('ndsl: Restart the Language Server');
    await page.waitForTimeout(2500);
} finally {
    await editor.close();
    rmSync(join(folder, '..'), { recursive: true, force: true });
}
console.log(failed ? `${failed} of ${ran} failed` : `${ran} passed`);
process.exit(failed ? 1 : 0);
