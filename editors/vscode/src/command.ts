// The `ndsl` command that the workspace uses, and what to say where there is none.

import * as vscode from 'vscode';
import { findServer } from './server';

/** The path of the command; nothing where there is none, and then the user has been told. */
export async function ndsl(): Promise<string | undefined> {
    const setting = vscode.workspace.getConfiguration('ndsl').get('server.path', '');
    const found = findServer(setting, vscode.workspace.workspaceFolders?.[0]?.uri.fsPath);
    if ('path' in found) {
        return found.path;
    }
    // Not waited for: what asked need not stand still until the message is read.
    void tellMissing(found.missing);
    return undefined;
}

async function tellMissing(why: string): Promise<void> {
    const [choose, how] = ['Choose the Program…', 'How to Install'];
    const chosen = await vscode.window.showErrorMessage(`${why} It checks, formats and trains.`, choose, how);
    if (chosen === how) {
        await vscode.commands.executeCommand('ndsl.showInstallation');
    }
    if (chosen === choose) {
        const files = await vscode.window.showOpenDialog({ title: 'The ndsl Program', canSelectMany: false });
        const path = files?.[0]?.fsPath;
        if (path) {
            const settings = vscode.workspace.getConfiguration('ndsl');
            await settings.update('server.path', path, vscode.ConfigurationTarget.Global);
        }
    }
}
