// The manifest against what it speaks of.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { command } from './command';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const root = join(process.cwd(), '../..');

test("the settings are the server's, as it publishes them, and two of the editor's own", () => {
    const published = JSON.parse(readFileSync(join(root, 'docs/editor-settings.json'), 'utf8'));
    const [language, editor] = manifest.contributes.configuration;
    assert.deepEqual(language.properties, published.properties);
    assert.deepEqual(Object.keys(editor.properties), ['ndsl.server.path', 'ndsl.trace.server']);
});

test('every command that is contributed is registered, and every one of a menu contributed', () => {
    const source = readFileSync('src/extension.ts', 'utf8');
    const commands: string[] = manifest.contributes.commands.map((one: { command: string }) => one.command);
    for (const one of commands) {
        assert.ok(source.includes(`'${one}'`), one);
    }
    const menus = Object.values<{ command: string }[]>(manifest.contributes.menus).flat();
    for (const { command } of [...menus, ...manifest.contributes.keybindings]) {
        assert.ok(commands.includes(command), command);
    }
});

test('every file that is named is there and shipped', () => {
    const paths = /(?:\.\/)?(?:icons|syntaxes|snippets)\/[\w.]+|\.\/language-configuration\.json/g;
    const named: string[] = [...(JSON.stringify(manifest.contributes).match(paths) ?? []), manifest.icon];
    assert.ok(named.length >= 6);
    const kept = readFileSync('.vscodeignore', 'utf8');
    for (const file of named) {
        assert.ok(existsSync(file), file);
        const folder = file.replace(/^\.\//, '').split('/')[0]!;
        assert.ok(kept.includes(`!${folder}`), `${file} is left out of the package`);
    }
});

test('the lock names versions and sums, and no place to load from', () => {
    assert.ok(!readFileSync('package-lock.json', 'utf8').includes('"resolved"'));
});

test('what a snippet writes can be read', { skip: command ? false : 'no ndsl command: NDSL says where one is' }, () => {
    const statements = ['Input', 'Repeat', 'Residual', 'Branch', 'If'];
    const columns = ['Table', 'Enumeration'];
    const snippets = JSON.parse(readFileSync('snippets/ndsl.json', 'utf8')) as Record<string, { body: string | string[] }>;
    for (const [name, { body }] of Object.entries(snippets)) {
        let text = [body].flat().join('\n').replaceAll('\t', '    ');
        while (/\$\{\d+:/.test(text)) text = text.replace(/\$\{\d+:([^{}]*)\}/g, '$1');
        text = text.replace(/\$\d+/g, '');
        if (statements.includes(name)) text = `model Around {\n${text}\n}`;
        if (columns.includes(name)) text = `schema Around {\n${text}\n}`;
        const { stdout } = spawnSync(command!, ['check', '-', '--format', 'json'], { input: `${text}\n`, encoding: 'utf8' });
        const faults = stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
        // Names that a user is to fill in lead nowhere; the form has to be right.
        assert.deepEqual(faults.filter((fault) => /^E01/.test(fault.code ?? '')), [], `${name}\n${text}`);
    }
});
