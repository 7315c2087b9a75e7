// The command Compile: a model, or the folder of a trained one, as an ONNX file.

import { basename, dirname, resolve } from 'node:path';
import * as vscode from 'vscode';
import { ndsl } from '../command';
import type { Fault } from './events';
import { tellFailure } from './failure';
import { run } from './process';
import { target } from './target';

/** What `ndsl compile --message-format json` answers. */
interface Made {
    artifact: string;
    model: string;
    bytes: number;
    parameters: number;
    trained: boolean;
}

export async function compile(log: vscode.OutputChannel, given: unknown, name: unknown): Promise<void> {
    const wanted = await target('model', given, name);
    if (wanted) {
        const file = wanted.document.uri.fsPath;
        await compiled(log, wanted.name, dirname(file), [file, '--model', wanted.name]);
    }
}

/** Compiles a trained model; the file stands beside its folder. */
export async function compileFolder(log: vscode.OutputChannel, folder: string, name: string): Promise<void> {
    await compiled(log, name, dirname(folder), [folder, '--output', resolve(dirname(folder), `${basename(folder)}.onnx`)]);
}

async function compiled(log: vscode.OutputChannel, name: string, folder: string, what: string[]): Promise<void> {
    const program = await ndsl();
    if (!program) {
        return;
    }
    const args = ['compile', ...what, '--message-format', 'json'];
    log.appendLine(`\n$ ndsl ${args.join(' ')}`);
    const faults: Fault[] = [];
    let made: Made | undefined;
    const progress = { location: vscode.ProgressLocation.Notification, title: `Compiling ${name}`, cancellable: true };
    const ended = await vscode.window.withProgress(progress, (_, token) => {
        const stop = new AbortController();
        token.onCancellationRequested(() => stop.abort());
        return run(program, { args, folder, stop: stop.signal }, {
            event: (event) => {
                if ('artifact' in event) made = event as unknown as Made;
                if ('severity' in event) faults.push(event as unknown as Fault);
            },
            line: (line) => log.appendLine(line),
        });
    });
    if (!made || ended.code !== 0) {
        await tellFailure(log, `${name} was not compiled`, faults, ended.said, folder);
        return;
    }
    const file = vscode.Uri.file(resolve(folder, made.artifact));
    const weights = made.trained ? 'trained weights' : 'first weights, not trained';
    const result = `${basename(made.artifact)}: ${size(made.bytes)}, ${made.parameters.toLocaleString('en-US')} parameters, ${weights}.`;
    log.appendLine(result);
    const show = 'Show the File';
    if ((await vscode.window.showInformationMessage(result, show)) === show) {
        await vscode.commands.executeCommand('revealInExplorer', file);
    }
}

function size(bytes: number): string {
    return bytes < 1e3 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
