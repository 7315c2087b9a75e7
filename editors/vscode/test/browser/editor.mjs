// code-server with the extension in it, and a browser that looks at it.

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = fileURLToPath(new URL('.', import.meta.url));
const entry = join(here, 'node_modules/code-server/out/node/entry.js');
const flags = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
];

/** A port that nothing listens on. */
function freePort() {
    return new Promise((resolve) => {
        const probe = createServer();
        probe.listen(0, '127.0.0.1', () => {
            const { port } = probe.address();
            probe.close(() => resolve(port));
        });
    });
}

/**
 * Opens `folder` in an editor that has the extension `package`, with these settings of the machine; `installed` is
 * the command where cargo puts it.
 */
export async function open({ folder, package: vsix, settings, installed: command }) {
    const home = mkdtempSync(join(tmpdir(), 'ndsl-editor-'));
    const data = ['--user-data-dir', join(home, 'data'), '--extensions-dir', join(home, 'extensions')];
    mkdirSync(join(home, 'data/User'), { recursive: true });
    const quiet = {
        'security.workspace.trust.enabled': false,
        'workbench.startupEditor': 'none',
        'telemetry.telemetryLevel': 'off',
        'extensions.autoUpdate': false,
        'workbench.tips.enabled': false,
        'chat.commandCenter.enabled': false,
        'workbench.colorTheme': 'Default Light Modern',
        'editor.minimap.enabled': false,
        'files.autoSave': 'off',
    };
    writeFileSync(join(home, 'data/User/settings.json'), JSON.stringify(quiet, undefined, 4));
    // What is set of a machine is set where the extension runs.
    mkdirSync(join(home, 'data/Machine'));
    writeFileSync(join(home, 'data/Machine/settings.json'), JSON.stringify(settings, undefined, 4));

    if (command) {
        mkdirSync(join(home, '.cargo/bin'), { recursive: true });
        symlinkSync(command, join(home, '.cargo/bin/ndsl'));
    }
    const environment = {
        ...process.env,
        HOME: home,
        XDG_CONFIG_HOME: join(home, 'config'),
        XDG_DATA_HOME: join(home, 'share'),
        XDG_CACHE_HOME: join(home, 'cache'),
        CARGO_HOME: join(home, '.cargo'),
    };
    const installed = spawnSync(process.execPath, [entry, ...data, '--install-extension', vsix], { encoding: 'utf8', env: environment });
    if (installed.status !== 0) {
        throw new Error(`the extension cannot be installed: ${installed.stdout}${installed.stderr}`);
    }
    const port = await freePort();
    const more = ['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry', '--disable-update-check'];
    const server = spawn(process.execPath, [entry, ...data, ...more], { env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const said = [];
    await new Promise((resolve, reject) => {
        const hear = (piece) => {
            said.push(piece);
            if (String(piece).includes('HTTP server listening')) resolve();
        };
        server.stdout.on('data', hear);
        server.stderr.on('data', hear);
        server.once('exit', () => reject(new Error(`code-server ended: ${said.join('')}`)));
    });

    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags });
    const page = await browser.newPage({ viewport: { width: 1360, height: 860 } });
    await page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}`);
    await page.waitForSelector('.monaco-workbench .explorer-folders-view', { timeout: 60_000 });
    return {
        page,
        async close() {
            await browser.close();
            // The extension host ends some time after its window: the language server with it.
            const over = new Promise((resolve) => server.once('exit', resolve));
            process.kill(-server.pid, 'SIGTERM');
            const patience = setTimeout(() => process.kill(-server.pid, 'SIGKILL'), 15_000);
            await over;
            clearTimeout(patience);
            rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
        },
    };
}

/** What one does in VS Code, in its own words. */
export function hands(page) {
    const key = (keys) => page.keyboard.press(keys);
    const self = {
        async command(title) {
            // A page in a frame hands the key on, and may take it while it is loaded.
            for (let tries = 0; tries < 5; tries += 1) {
                await key('F1');
                const opened = page.locator('.quick-input-widget input:focus');
                if (await opened.waitFor({ timeout: 2000 }).then(() => true, () => false)) break;
            }
            await page.keyboard.type(title, { delay: 5 });
            await page.locator('.quick-input-list .monaco-list-row').first().waitFor();
            await page.waitForTimeout(250);
            await key('Enter');
        },
        async openFile(name) {
            await key('Control+p');
            await page.waitForSelector('.quick-input-widget:not([style*="display: none"])');
            await page.keyboard.type(name, { delay: 5 });
            await page.waitForSelector('.quick-input-list .monaco-list-row');
            await page.waitForTimeout(400);
            await key('Enter');
            await page.waitForSelector(`.tab.active[data-resource-name="${name}"]`);
            await page.waitForSelector('.editor-instance .view-lines');
        },
        /** Puts the cursor behind the first `text` of the file, by its own search. */
        async find(text) {
            await key('Control+f');
            await page.waitForSelector('.find-widget.visible');
            await page.keyboard.press('Control+a');
            await page.keyboard.type(text);
            await page.waitForTimeout(300);
            await key('Enter');
            await page.waitForTimeout(100);
            await key('Escape');
            await page.waitForTimeout(150);
        },
        async goTo(line, column) {
            await key('Control+g');
            await page.waitForSelector('.quick-input-widget:not([style*="display: none"])');
            await page.keyboard.type(`:${line}:${column}`.replace(/^:/, ''), { delay: 5 });
            await page.waitForTimeout(150);
            await key('Enter');
            await page.waitForTimeout(200);
        },
        /** Waits until something that can be seen says `text`. */
        async see(selector, text, timeout = 20_000) {
            await page.locator(selector).filter({ hasText: text }).first().waitFor({ timeout });
        },
    };
    return self;
}
