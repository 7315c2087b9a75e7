// What is said where a command did not do what was asked.

import { resolve } from 'node:path';
import * as vscode from 'vscode';
import { goTo } from '../declarations/tree';
import type { Fault } from './events';

/** Says in one sentence why, with a way to the place. */
export async function tellFailure(
    log: vscode.OutputChannel,
    what: string,
    faults: Fault[],
    said: string,
    folder: string,
): Promise<void> {
    const first = faults.find((fault) => fault.severity === 'error');
    const why = first ? `${first.message} (${first.code})` : (said.split('\n').findLast((line) => line.trim()) ?? '');
    const [place, show] = ['Go to the Place', 'Show Log'];
    const message = `${what}: ${why.replace(/^error: /, '')}`;
    const chosen = await vscode.window.showErrorMessage(message, ...(first ? [place, show] : [show]));
    if (chosen === place && first) {
        const { line, column } = first.span.start;
        await goTo(vscode.Uri.file(resolve(folder, first.file)), { start: { line: line - 1, character: column - 1 } });
    }
    if (chosen === show) {
        log.show();
    }
}
