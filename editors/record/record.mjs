#!/usr/bin/env node
// Stands between an editor and the language server and writes down what they say to each other.
//
//     record.mjs --out FILE --project FOLDER --editor NAME -- COMMAND…
//
// The editor starts this in the place of the server; COMMAND is the server. Every byte is handed on as it came. The recording
// is written when the server has ended. README.md says what stands in it.

import { spawn } from 'node:child_process';
import { realpathSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { parseArgs } from 'node:util';

const end = process.argv.indexOf('--');
const { values } = parseArgs({
    args: process.argv.slice(2, end < 0 ? undefined : end),
    options: { out: { type: 'string' }, project: { type: 'string' }, editor: { type: 'string' } },
});
const command = end < 0 ? [] : process.argv.slice(end + 1);
if (!values.out || !values.project || !values.editor || command.length === 0) {
    console.error('usage: record.mjs --out FILE --project FOLDER --editor NAME -- COMMAND…');
    process.exit(2);
}

/** Calls `take` with each message of a stream that comes in pieces. */
function messages(take) {
    let pending = Buffer.alloc(0);
    return (piece) => {
        pending = Buffer.concat([pending, piece]);
        for (;;) {
            const head = pending.indexOf('\r\n\r\n');
            if (head < 0) return;
            const length = Number(/content-length: *(\d+)/i.exec(pending.subarray(0, head).toString('latin1'))?.[1]);
            if (!(pending.length >= head + 4 + length)) return;
            take(JSON.parse(pending.subarray(head + 4, head + 4 + length).toString('utf8')));
            pending = pending.subarray(head + 4 + length);
        }
    };
}

/** What is kept of a message of the server's: its answers are what a replay is there to see. */
function kept(message) {
    if (message.method === undefined) {
        return message.error ? { id: message.id, error: message.error } : { id: message.id };
    }
    return message.id === undefined ? { method: message.method } : message;
}

const recorded = [{ editor: values.editor }];
const fromClient = messages((message) => {
    if (message.method === 'initialize') {
        message.params.processId = null;
    }
    recorded.push({ client: message });
});
const fromServer = messages((message) => recorded.push({ server: kept(message) }));

const server = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
process.stdin.on('data', (piece) => {
    fromClient(piece);
    server.stdin.write(piece);
});
process.stdin.on('end', () => server.stdin.end());
server.stdin.on('error', () => {});
server.stdout.on('data', (piece) => {
    fromServer(piece);
    process.stdout.write(piece);
});
// The editor may end us as it would end the server; what was said by then is written all the same.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
    process.on(signal, () => server.kill(signal));
}
server.on('error', (error) => {
    console.error(`${command[0]} cannot be started: ${error.message}`);
    process.exit(1);
});
server.on('close', (code) => {
    // The longer first: a project may lie in the home folder.
    const places = [
        [values.project, '${PROJECT}'],
        [realpathSync(values.project), '${PROJECT}'],
        [homedir(), '${HOME}'],
    ].filter(([path]) => path.length > 1);
    const text = recorded
        .map((line) => places.reduce((text, [path, name]) => text.replaceAll(path, name), JSON.stringify(line)))
        .join('\n');
    writeFileSync(values.out, `${text}\n`);
    process.exit(code ?? 1);
});
