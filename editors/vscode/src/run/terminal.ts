// Runs a command where its output stays to be read when it has ended: a task, whose terminal does not close with it.

import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { ndsl } from '../command';
import type { Target } from './target';

/** Runs `ndsl` with a verb on the program of the target. */
export async function inTerminal(verb: string, wanted: Target | undefined, option: string): Promise<void> {
    const program = wanted && (await ndsl());
    if (!wanted || !program) {
        return;
    }
    const file = wanted.document.uri.fsPath;
    const run = new vscode.ProcessExecution(program, [verb, file, option, wanted.name], { cwd: dirname(file) });
    const task = new vscode.Task({ type: 'ndsl', verb }, vscode.TaskScope.Workspace, `${verb} ${wanted.name}`, 'ndsl', run, []);
    task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, panel: vscode.TaskPanelKind.Dedicated, clear: true, echo: false };
    await vscode.tasks.executeTask(task);
}
