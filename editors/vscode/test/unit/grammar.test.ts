// The grammar on all that is written in the language: the examples, the documentation, the list of keywords.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import * as oniguruma from 'vscode-oniguruma';
import * as textmate from 'vscode-textmate';

const root = join(process.cwd(), '../..');
const wasm = readFileSync(createRequire(join(process.cwd(), 'package.json')).resolve('vscode-oniguruma/release/onig.wasm'));
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
/** VS Code's own, as far as an injection needs it. */
const markdown = { scopeName: 'text.html.markdown', patterns: [{ match: '^#.*$', name: 'heading.1.markdown' }] };

const registry = new textmate.Registry({
    onigLib: oniguruma.loadWASM(wasm).then(() => ({
        createOnigScanner: (sources: string[]) => new oniguruma.OnigScanner(sources),
        createOnigString: (text: string) => new oniguruma.OnigString(text),
    })),
    loadGrammar: async (scope) => {
        const ours = manifest.contributes.grammars.find((grammar: { scopeName: string }) => grammar.scopeName === scope);
        if (ours) return textmate.parseRawGrammar(readFileSync(ours.path, 'utf8'), ours.path);
        return scope === markdown.scopeName ? (markdown as unknown as textmate.IRawGrammar) : null;
    },
    getInjections: (scope) =>
        manifest.contributes.grammars
            .filter((grammar: { injectTo?: string[] }) => grammar.injectTo?.includes(scope))
            .map((grammar: { scopeName: string }) => grammar.scopeName),
});

interface Token {
    text: string;
    line: number;
    scopes: string[];
}

/** The tokens of a text, and how many contexts it leaves open. */
async function tokens(text: string, scope = 'source.ndsl'): Promise<{ all: Token[]; open: number }> {
    const grammar = await registry.loadGrammar(scope);
    assert.ok(grammar);
    let stack = textmate.INITIAL;
    const all: Token[] = [];
    text.split(/\r?\n/).forEach((line, at) => {
        const read = grammar.tokenizeLine(line, stack);
        stack = read.ruleStack;
        all.push(...read.tokens.map(({ startIndex, endIndex, scopes }) => ({ text: line.slice(startIndex, endIndex), line: at + 1, scopes })));
    });
    return { all, open: stack.depth - 1 };
}

const files = (folder: string, end: string): string[] =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith(end)).map((file) => join(root, folder, file));

/** What is whole and right in the documentation: neither fragments nor what is there to show an error. */
const documented = files('docs', '.md')
    .filter((file) => !/docs\/errors\//.test(file))
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/^```ndsl(?: \S+\.ndsl)?\n(.*?)^```/gms)].map((found) => [file, found[1]!] as const));
const programs = [...files('examples', '.ndsl').map((file) => [file, readFileSync(file, 'utf8')] as const), ...documented];

test('no program that is right has anything marked as wrong, and none leaves a context open', async () => {
    assert.ok(programs.length > 50, `${programs.length}`);
    for (const [file, text] of programs) {
        const { all, open } = await tokens(text);
        const wrong = all.filter((token) => token.scopes.some((scope) => scope.startsWith('invalid')));
        assert.deepEqual(wrong, [], file);
        assert.equal(open, 0, `${file}\n${text}`);
    }
});

test('every keyword of the language is coloured as one somewhere', async () => {
    const source = readFileSync(join(root, 'grammar/src/keyword.rs'), 'utf8');
    const keywords = new Set([...source.matchAll(/^ {4}keyword\("(\w+)"/gm)].map((found) => found[1]!));
    assert.ok(keywords.size > 30);
    const tested = ['models', 'schemas'].map((name) => readFileSync(`test/grammar/${name}.ndsl`, 'utf8'));
    for (const text of [...tested, ...programs.map(([, program]) => program)]) {
        for (const token of (await tokens(text)).all) {
            if (token.scopes.some((scope) => /^(keyword\.(control|operator)|constant\.language)/.test(scope))) keywords.delete(token.text);
        }
    }
    assert.deepEqual([...keywords], []);
});

test('a fenced block of Markdown is read as the language, and what follows is not', async () => {
    const { all, open } = await tokens('# A page\n\n```ndsl\nmodel A {\n    Dense(1)\n```\n\nmodel B {\n', 'text.html.markdown');
    const scopes = (text: string): string[] => all.find((token) => token.text === text)?.scopes ?? [];
    assert.ok(scopes('A').includes('entity.name.type.model.ndsl'));
    assert.ok(scopes('Dense').includes('meta.embedded.block.ndsl'));
    assert.deepEqual(scopes('model B {'), ['text.html.markdown']);
    assert.equal(open, 0);
});
