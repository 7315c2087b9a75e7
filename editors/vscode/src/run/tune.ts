// The command Tune: searches for what a training leaves open, in a terminal, where the table of its trials and the time left are shown.

import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { ndsl } from '../command';
import { target } from './target';

export async function tune(given: unknown, name: unknown): Promise<void> {
    const wanted = await target('train', given, name);
    const program = wanted && (await ndsl());
    if (!wanted || !program) {
        return;
    }
    const file = wanted.document.uri.fsPath;
    const terminal = vscode.window.createTerminal({
        name: `ndsl tune ${wanted.name}`,
        cwd: dirname(file),
        shellPath: program,
        shellArgs: ['tune', file, '--train', wanted.name],
    });
    terminal.show();
}
