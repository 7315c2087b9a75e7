import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Folded } from '../../src/diagram/folded';

test('a block is in one of the lists, the last said', () => {
    const folded = new Folded();
    folded.set('a', false);
    folded.set('b', true);
    folded.set('a', true);
    assert.deepEqual(folded.lists, { collapse: [], expand: ['b', 'a'] });
    folded.setAll([{ id: 'a' }, { id: 'c' }], false);
    assert.deepEqual(folded.lists, { collapse: ['a', 'c'], expand: ['b'] });
});
