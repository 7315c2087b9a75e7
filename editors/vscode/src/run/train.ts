// The command Train: a training as a child process, shown while it runs.

import { dirname, resolve } from 'node:path';
import * as vscode from 'vscode';
import { ndsl } from '../command';
import { compileFolder } from './compile';
import { Training } from './events';
import { tellFailure } from './failure';
import { run } from './process';
import { target } from './target';

/** The trainings that run, by their program and name: the same folder is not written twice at once. */
const running = new Set<string>();

export async function train(log: vscode.OutputChannel, given: unknown, name: unknown): Promise<void> {
    const wanted = await target('train', given, name);
    const program = wanted && (await ndsl());
    if (!wanted || !program) {
        return;
    }
    const file = wanted.document.uri.fsPath;
    const key = `${file}\n${wanted.name}`;
    if (running.has(key)) {
        void vscode.window.showInformationMessage(`${wanted.name} is being trained already.`);
        return;
    }
    running.add(key);
    try {
        await watched(log, program, file, wanted.name);
    } finally {
        running.delete(key);
    }
}

async function watched(log: vscode.OutputChannel, program: string, file: string, name: string): Promise<void> {
    const folder = dirname(file);
    const args = ['train', file, '--train', name, '--message-format', 'json'];
    const training = new Training();
    log.appendLine(`\n$ ndsl ${args.map((part) => (/\s/.test(part) ? JSON.stringify(part) : part)).join(' ')}`);
    const progress = { location: vscode.ProgressLocation.Notification, title: `Training ${name}`, cancellable: true };
    const ended = await vscode.window.withProgress(progress, async (report, token) => {
        const stop = new AbortController();
        token.onCancellationRequested(() => {
            report.report({ message: 'stops at the next step; the best epoch is kept' });
            stop.abort();
        });
        return run(program, { args, folder, stop: stop.signal }, {
            event: (event) => {
                const { line, message, increment } = training.take(event);
                if (line) log.appendLine(line);
                if (message && !stop.signal.aborted) report.report({ message, increment: increment ?? 0 });
            },
            line: (line) => log.appendLine(line),
        });
    });
    if (training.end) {
        await tellEnd(log, training, folder, name);
    } else {
        await tellFailure(log, `${name} was not trained`, training.faults, ended.said, folder);
    }
}

async function tellEnd(log: vscode.OutputChannel, training: Training, folder: string, name: string): Promise<void> {
    const result = training.result(name);
    log.appendLine(result);
    const output = training.end?.output ? resolve(folder, training.end.output) : undefined;
    const [open, compile, show] = ['Open Folder', 'Compile to ONNX', 'Show Log'];
    const chosen = await vscode.window.showInformationMessage(result, ...(output ? [open, compile] : []), show);
    if (chosen === open && output) {
        await vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(resolve(output, 'history.json')));
    }
    if (chosen === compile && output) {
        await compileFolder(log, output, name);
    }
    if (chosen === show) {
        log.show();
    }
}
