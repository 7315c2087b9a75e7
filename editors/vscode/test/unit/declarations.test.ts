import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declarations, grouped, type Symbol, wordBefore } from '../../src/declarations/outline';

const lines = ['/// A net.', 'model Net {', '    input x: f32[4]', '}', 'block Part { }', 'Model Old { }', 'schema S { table T { id: int } }', 'train t {'];

/** The symbol whose name is the first `name` of its line. */
function symbol(line: number, name: string, children: Symbol[] = []): Symbol {
    const character = lines[line]!.search(new RegExp(`\\b${name}\\b`));
    const selectionRange = { start: { line, character }, end: { line, character: character + name.length } };
    return { name, detail: '', range: selectionRange, selectionRange, children };
}

test('the word before a name says what it is', () => {
    const all = declarations([symbol(1, 'Net'), symbol(4, 'Part'), symbol(5, 'Old'), symbol(6, 'S'), symbol(7, 't')], lines);
    assert.deepEqual(all.map((one) => `${one.kind} ${one.symbol.name}`), ['model Net', 'block Part', 'model Old', 'schema S', 'train t']);
    assert.equal(wordBefore(symbol(6, 'T'), lines), 'table');
    assert.equal(wordBefore(symbol(2, 'x'), lines), 'input');
    assert.equal(wordBefore(symbol(6, 'id'), lines), undefined);
});

test('declarations stand in groups, in one order, and an empty group is not shown', () => {
    const all = declarations([symbol(7, 't'), symbol(6, 'S'), symbol(5, 'Old'), symbol(1, 'Net')], lines);
    const shown = grouped(all).map((group) => [group.title, ...group.declarations.map((one) => one.symbol.name)]);
    assert.deepEqual(shown, [['Models', 'Old', 'Net'], ['Schemas', 'S'], ['Trainings', 't']]);
});

test('what is no declaration is left out, also where the lines have changed meanwhile', () => {
    const beyond = { ...symbol(1, 'Net'), selectionRange: { start: { line: 99, character: 3 }, end: { line: 99, character: 6 } } };
    assert.deepEqual(declarations([beyond, symbol(2, 'x')], lines), []);
});
