// What is shown of a training, from what the command says: the real one where there is one.

import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { duration, rows, Training } from '../../src/run/events';
import { run } from '../../src/run/process';
import { command } from './command';

const epoch = (number: number, best: boolean, validation: object | null): Record<string, unknown> => ({
    event: 'epoch', epochs: 4, best,
    history: { epoch: number, loss: 0.5 / number, metrics: { accuracy: 0.9 }, seconds: 6, rows_per_second: 14656.8, validation },
});

test('epochs, loss, rate and time left are said', () => {
    const training = new Training();
    const start = { event: 'start', epochs: 4, steps: 45, training_rows: 1438, validation_rows: 359, trainable_parameters: 17226 };
    assert.deepEqual(training.take(start), {
        line: '1,438 rows, 359 held out; 4 epochs of 45 steps; 17,226 trainable parameters',
        message: 'epoch 1 of 4',
    });
    const step = { event: 'step', epoch: 1, epochs: 4, step: 9, steps: 45, measures: { loss: 1.5 }, rows_per_second: 950, elapsed: 1, remaining: 19 };
    assert.deepEqual(training.take(step), { message: 'epoch 1 of 4 · loss 1.5000 · 950 rows/s · 0:19 left', increment: 5 });
    const first = training.take(epoch(1, true, { loss: 0.6127, metrics: { accuracy: 0.9053 } }));
    assert.equal(first.message, 'epoch 1 of 4 · loss 0.5000 accuracy 0.9000 · val_loss 0.6127 val_accuracy 0.9053 · 14.7k rows/s · 0:18 left · best');
    assert.equal(first.increment, 20);
    assert.equal(training.take(epoch(2, false, null)).increment, 25);
    assert.equal(training.take({ event: 'note', message: 'hm' }).line, 'note: hm');
    assert.deepEqual(training.take({ event: 'something new' }), {});
});

test('what came of it is said in a sentence', () => {
    const whole = new Training();
    whole.take({ event: 'start', epochs: 4, steps: 1, training_rows: 1, validation_rows: 0, trainable_parameters: 1 });
    // Where nothing but the loss is measured, there are no metrics.
    whole.take(epoch(1, true, { loss: 0.6 }));
    whole.take({ event: 'end', output: 'runs/cnn', cancelled: false, best_epoch: 1 });
    assert.equal(whole.result('cnn'), 'cnn: kept epoch 1: val_loss 0.6000');
    whole.take({ event: 'end', output: 'runs/cnn', cancelled: true, best_epoch: 1 });
    assert.equal(whole.result('cnn'), 'cnn: stopped after 1 of 4 epochs; kept epoch 1: val_loss 0.6000');
    whole.take({ event: 'end', output: null, cancelled: true, best_epoch: null });
    assert.equal(whole.result('cnn'), 'cnn: stopped before the first epoch was done; nothing was kept.');
});

test('numbers are short', () => {
    assert.deepEqual([0, 59.6, 3600, 3723].map(duration), ['0:00', '1:00', '1:00:00', '1:02:03']);
    assert.deepEqual([12.4, 3200, 120_400].map(rows), ['12', '3.2k', '120k']);
});

const skip = command ? false : 'no ndsl command: NDSL says where one is';

/** A copy of an example, and the command run in it. */
function example(name: string): { folder: string; file: string } {
    const folder = mkdtempSync(join(tmpdir(), 'ndsl-'));
    cpSync(join(process.cwd(), '../../examples', name), folder, { recursive: true });
    return { folder, file: join(folder, `${name}.ndsl`) };
}

test('the command is followed to its end', { skip }, async () => {
    const { folder, file } = example('digits');
    const training = new Training();
    const messages: string[] = [];
    let reached = 0;
    const args = ['train', file, '--train', 'mlp', '--set', 'epochs=3', '--message-format', 'json'];
    const ended = await run(command!, { args, folder }, {
        event: (event) => {
            const said = training.take(event);
            messages.push(...(said.message ? [said.message] : []));
            reached += said.increment ?? 0;
        },
        line: () => {},
    });
    assert.equal(ended.code, 0, ended.said);
    assert.equal(Math.round(reached), 100);
    assert.match(messages.at(-1) ?? '', /^epoch 3 of 3 · loss 0\.\d{4} accuracy 0\.\d{4} · val_loss/);
    assert.match(training.result('mlp'), /^mlp: kept epoch \d: val_loss 0\.\d{4} val_accuracy 0\.\d{4}$/);
    assert.ok(existsSync(join(training.end?.output ?? '', 'model.safetensors')));
    rmSync(folder, { recursive: true });
});

test('one that is stopped keeps its best epoch', { skip }, async () => {
    const { folder, file } = example('digits');
    const training = new Training();
    const stop = new AbortController();
    const args = ['train', file, '--train', 'mlp', '--set', 'epochs=5000', '--message-format', 'json'];
    await run(command!, { args, folder, stop: stop.signal }, {
        event: (event) => {
            training.take(event);
            if (event['event'] === 'epoch') stop.abort();
        },
        line: () => {},
    });
    assert.equal(training.end?.cancelled, true);
    assert.match(training.result('mlp'), /^mlp: stopped after \d+ of 5000 epochs; kept epoch \d+: val_loss/);
    rmSync(folder, { recursive: true });
});

test('faults come with their places', { skip }, async () => {
    const { folder, file } = example('digits');
    writeFileSync(file, readFileSync(file, 'utf8').replace('loss: cross', 'los: cross'));
    const training = new Training();
    const lines: string[] = [];
    const args = ['train', file, '--train', 'cnn', '--message-format', 'json'];
    const ended = await run(command!, { args, folder }, { event: (event) => lines.push(training.take(event).line ?? ''), line: () => {} });
    assert.equal(ended.code, 1);
    assert.equal(training.end, undefined);
    assert.match(lines[0] ?? '', /digits\.ndsl:31:5: error\[E0301\]: `train` has no setting `los`$/);
    rmSync(folder, { recursive: true });
});

test('one that does not end when asked is ended', async () => {
    const script = "process.on('SIGINT', () => {}); console.log('{}'); setInterval(() => {}, 1000)";
    const stop = new AbortController();
    const ended = await run(process.execPath, { args: ['-e', script], folder: tmpdir(), stop: stop.signal, grace: 50 }, {
        event: () => stop.abort(),
        line: () => {},
    });
    assert.equal(ended.code, null);
});

test('a command that is not there is an error', async () => {
    await assert.rejects(run('/nowhere/ndsl', { args: [], folder: tmpdir() }, { event: () => {}, line: () => {} }), /ENOENT/);
});
