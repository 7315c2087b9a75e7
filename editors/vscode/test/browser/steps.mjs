// What a user does and sees, one after the other in one window.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The text of the editor, as its lines are shown; a space is a space. */
const lines = async (page) =>
    (await page.locator('.editor-instance .view-line').allInnerTexts()).map((line) => line.replaceAll('\u00a0', ' '));

const until = async (what, holds, patience = 20_000) => {
    const end = Date.now() + patience;
    while (!(await holds())) {
        assert.ok(Date.now() < end, what);
        await new Promise((next) => setTimeout(next, 100));
    }
};

const notification = '.notifications-toasts .notification-list-item';

export const steps = [
    ['shapes stand beside the code', async ({ openFile, see, page }) => {
        await openFile('main.ndsl');
        await see('.view-line', '→ f32[16]');
        await see('.codelens-decoration', '947 parameters');
        await see('.statusbar-item', 'ndsl');
        // Of what is declared, called and written, each has a colour of its own.
        const colours = await page.locator('.view-line:has-text("Pair(width)") span span').evaluateAll((spans) =>
            new Set(spans.map((span) => getComputedStyle(span).color)).size);
        assert.ok(colours >= 4, `${colours} colours`);
    }],

    ['a fault is underlined', async ({ openFile, page, command, see }) => {
        await openFile('wrong.ndsl');
        await until('two faults', async () => (await page.locator('.squiggly-error').count()) === 2);
        await command('Problems: Focus on Problems View');
        await see('.markers-panel', 'a window of 5 by 5 does not fit in an image of 3 by 3');
    }],

    ['a diagnostic is explained', async ({ goTo, page, command, openFile }) => {
        await openFile('wrong.ndsl');
        await goTo(7, 23);
        await command('ndsl: Explain a Diagnostic');
        const preview = page.frameLocator('iframe.webview').last().frameLocator('#active-frame');
        await preview.getByRole('heading', { name: 'A window larger than' }).waitFor();
        await page.keyboard.press('Control+w');
    }],

    ['a fault is mended by its fix', async ({ goTo, page, see, openFile, command }) => {
        await command('View: Close Panel');
        await openFile('wrong.ndsl');
        await goTo(7, 28);
        await page.keyboard.press('Control+.');
        await see('.action-widget', 'replace `activaton` with `activation`');
        await page.waitForTimeout(300);
        await page.keyboard.press('Enter');
        await until('one fault is left', async () => (await page.locator('.squiggly-error').count()) === 1);
        assert.ok((await lines(page)).some((line) => line.includes('activation=relu)')));
    }],

    ['what is broken while it is typed comes back', async ({ goTo, page }) => {
        await goTo(9, 5);
        await page.keyboard.type('Dense(3, [', { delay: 40 });
        await page.waitForTimeout(800);
        await page.keyboard.press('Control+z');
        await page.keyboard.press('Control+z');
        await until('one fault is left', async () => (await page.locator('.squiggly-error').count()) === 1);
        await page.keyboard.press('Control+s');
    }],

    ['hover says shapes', async ({ openFile, goTo, command, see }) => {
        await openFile('main.ndsl');
        await goTo(12, 6);
        await command('Show or Focus Hover');
        await see('.monaco-hover', 'f32[16]');
    }],

    ['completion knows the layers', async ({ goTo, page, see }) => {
        await page.keyboard.press('Escape');
        await page.keyboard.press('Escape');
        await goTo(12, 1);
        await page.keyboard.press('End');
        await page.keyboard.press('Enter');
        await page.keyboard.type('LayerNo', { delay: 60 });
        await see('.suggest-widget .monaco-list-row', 'LayerNormalization');
        await page.waitForTimeout(600);
    }],

    ['what is completed is taken back', async ({ page }) => {
        await page.keyboard.press('Escape');
        for (let back = 0; back < 12 && (await lines(page)).some((line) => line.includes('LayerNo')); back += 1) {
            await page.keyboard.press('Control+z');
            await page.waitForTimeout(150);
        }
        assert.ok(!(await lines(page)).some((line) => line.includes('LayerNo')));
    }],

    ['a name leads to its definition', async ({ goTo, page }) => {
        await goTo(10, 6);
        await page.keyboard.press('F12');
        await page.waitForSelector('.tab.active[data-resource-name="parts.ndsl"]');
        await page.keyboard.press('Control+w');
    }],

    ['a rename goes through the program', async ({ openFile, goTo, page, shot }) => {
        await openFile('main.ndsl');
        await goTo(7, 15);
        await page.keyboard.press('F2');
        await page.waitForSelector('.rename-box input');
        await page.waitForTimeout(300);
        await page.keyboard.press('Control+a');
        await page.keyboard.type('units');
        await shot('-box');
        await page.keyboard.press('Enter');
        await until('renamed', async () => (await lines(page)).some((line) => line.includes('residual { Pair(units, rate=0.2)')));
        await page.keyboard.press('Control+z');
        await until('and back', async () => (await lines(page)).some((line) => line.includes('residual { Pair(width, rate=0.2)')));
    }],

    ['a doc comment goes on with the next line', async ({ goTo, page }) => {
        await goTo(3, 1);
        await page.keyboard.press('End');
        await page.keyboard.press('Enter');
        await page.keyboard.type('And widths.');
        await until('goes on', async () => (await lines(page)).some((line) => line.includes('/// And widths.')));
        await page.keyboard.press('Control+z');
        await page.keyboard.press('Control+z');
        await until('and back', async () => !(await lines(page)).some((line) => line.includes('And')));
    }],

    ['a program is laid out', async ({ goTo, page, command }) => {
        await goTo(8, 5);
        await page.keyboard.type('     ');
        await command('ndsl: Format the Program');
        await until('laid out', async () => (await lines(page)).some((line) => /^ {4}input x: f32\[4\]/.test(line)));
        await page.keyboard.press('Control+s');
        await until('saved', async () => (await page.locator('.tab.active.dirty').count()) === 0);
    }],

    ['the view shows what is declared and leads there', async ({ page, see, shot }) => {
        const header = page.locator('.pane-header', { hasText: 'ndsl' }).last();
        if ((await header.getAttribute('aria-expanded')) !== 'true') {
            await header.click();
        }
        // The files make room for it.
        await page.locator('.pane-header[aria-label*="Explorer Section"]').click();
        const row = (text) => page.locator('.pane:has(.pane-header[aria-label*="ndsl"]) .monaco-list-row', { hasText: text }).first();
        await row('Models').waitFor();
        await row('Flower').waitFor();
        await row('Plant').click();
        await see('.statusbar-item', 'Ln 21');
        await shot();
        await page.locator('.pane-header[aria-label*="Explorer Section"]').click();
    }],

    ['a training runs and says how far it is', async ({ page, see, shot, openFile, goTo, folder }) => {
        await openFile('main.ndsl');
        await goTo(1, 1);
        await page.locator('.codelens-decoration a', { hasText: 'Train' }).click();
        await see(notification, /epoch \d+ of 600 · loss \d\.\d{4} accuracy .* rows\/s/);
        await shot('-runs');
        await see(notification, /flower: kept epoch \d+: val_loss/, 120_000);
        assert.ok(existsSync(join(folder, 'runs/flower/model.safetensors')));
        await shot('-done');
        await page.locator(notification).getByText('Open Folder').click();
        await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'history.json' }).waitFor();
    }],

    ['a training is stopped and keeps its best epoch', async ({ page, see, command }) => {
        await command('Notifications: Clear All Notifications');
        await page.locator('.codelens-decoration a', { hasText: 'Train' }).click();
        await see(notification, /epoch \d+ of 600/);
        await page.locator(notification).getByText('Cancel').click();
        await see(notification, /flower: stopped after \d+ of 600 epochs; kept epoch/, 60_000);
    }],

    ['a model is compiled', async ({ page, see, command, folder }) => {
        await command('Notifications: Clear All Notifications');
        await page.locator('.codelens-decoration a', { hasText: 'Compile' }).click();
        await see(notification, /Flower\.onnx: .* 947 parameters, first weights, not trained/);
        assert.ok(readFileSync(join(folder, 'Flower.onnx')).length > 1000);
        await command('Notifications: Clear All Notifications');
    }],

    ['the diagram is drawn and follows the text', async ({ command, openFile, page, goTo }) => {
        await openFile('main.ndsl');
        await goTo(10, 1);
        await command('ndsl: Show Diagram');
        const diagram = page.frameLocator('iframe.webview').last().frameLocator('#active-frame');
        await diagram.locator('svg.ndsl-diagram .node').first().waitFor();
        await diagram.locator('#title').filter({ hasText: '947 parameters' }).waitFor({ state: 'attached' });
        assert.equal(await diagram.locator('#names option').count(), 2, 'a model and a schema');
    }],

    ['a block of the diagram is opened, and its layers lead to their lines', async ({ page, see }) => {
        const diagram = page.frameLocator('iframe.webview').last().frameLocator('#active-frame');
        await diagram.getByRole('button', { name: 'Close all blocks' }).click();
        await diagram.locator('.block.closed').first().waitFor();
        const before = await diagram.locator('.node').count();
        await diagram.locator('.block.closed').first().click();
        await until('more is drawn', async () => (await diagram.locator('.node').count()) > before);
        await diagram.locator('.node.layer[data-node="scores"], .node.layer[data-line="12"]').first().click();
        await see('.statusbar-item', 'Ln 12');
    }],

    ['the diagram is walked and moved by keys', async ({ page }) => {
        const diagram = page.frameLocator('iframe.webview').last().frameLocator('#active-frame');
        await diagram.locator('#canvas').focus();
        const at = () => diagram.locator('svg.ndsl-diagram').evaluate((svg) => svg.style.transform);
        const before = await at();
        await page.keyboard.press('+');
        assert.notEqual(await at(), before);
        await page.keyboard.press('0');
        await page.keyboard.press('Tab');
        assert.ok(await diagram.locator(':focus').evaluate((focused) => focused.hasAttribute('data-line')));
    }],

    ['the schema is drawn', async ({ page }) => {
        const diagram = page.frameLocator('iframe.webview').last().frameLocator('#active-frame');
        await diagram.locator('#names').selectOption('Garden');
        await diagram.locator('.column[data-column="Garden.Plant.planted"]').waitFor();
    }],

    ['dark as well', async ({ page, command }) => {
        await command('Preferences: Toggle between Light/Dark Themes');
        await page.waitForTimeout(1200);
    }],

    ['a command that is not there is said, with what to do', async ({ page, command, see }) => {
        await command('Preferences: Open Remote Settings (JSON)');
        await page.waitForSelector('.tab.active[data-resource-name="settings.json"]');
        await page.waitForTimeout(500);
        await page.keyboard.press('Control+a');
        await page.keyboard.insertText('{"ndsl.server.path":"/gone/ndsl"}');
        // What the editor closed by itself.
        await page.keyboard.press('Delete');
        await page.keyboard.press('Delete');
        await page.keyboard.press('Control+s');
        await see(notification, /The setting ndsl\.server\.path is \/gone/);
        await page.locator(notification).getByText('How to Install').click();
        const preview = page.frameLocator('iframe.webview').last().frameLocator('#active-frame');
        await preview.getByText('cargo install').first().waitFor();
    }],
];
