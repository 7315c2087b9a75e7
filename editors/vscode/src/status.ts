// The status bar's item: whether the server runs, and what can be done about it.

import * as vscode from 'vscode';
import type { Condition, Server } from './client';

/** Shows how the server is while a program is looked at. */
export function status(server: Server): vscode.Disposable {
    const item = vscode.window.createStatusBarItem('ndsl.status', vscode.StatusBarAlignment.Right, 100);
    item.name = 'ndsl';
    item.command = 'ndsl.menu';
    const show = (): void => {
        const said = words(server.condition);
        item.text = said.text;
        item.tooltip = said.tooltip;
        item.backgroundColor = said.wrong ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
        const looked = vscode.window.visibleTextEditors.some((editor) => editor.document.languageId === 'ndsl');
        looked ? item.show() : item.hide();
    };
    show();
    return vscode.Disposable.from(
        item,
        server.onDidChange(show),
        vscode.window.onDidChangeVisibleTextEditors(show),
        vscode.commands.registerCommand('ndsl.menu', menu),
    );
}

function words(condition: Condition): { text: string; tooltip: string; wrong?: boolean } {
    switch (condition.state) {
        case 'starting':
            return { text: '$(loading~spin) ndsl', tooltip: 'The ndsl language server starts' };
        case 'stopped':
            return { text: '$(warning) ndsl', tooltip: 'The ndsl language server does not run', wrong: true };
        case 'running':
            return { text: '$(pass) ndsl', tooltip: `ndsl ${condition.version} at ${condition.path}` };
    }
}

async function menu(): Promise<void> {
    const entries = [
        { label: '$(debug-restart) Restart the Language Server', command: 'ndsl.restart' },
        { label: '$(output) Show the Log', command: 'ndsl.showLog' },
        { label: '$(type-hierarchy) Show the Diagram', command: 'ndsl.showDiagram' },
        { label: '$(question) Explain a Diagnostic', command: 'ndsl.explain' },
        { label: '$(gear) Settings', command: 'ndsl.openSettings' },
    ];
    const chosen = await vscode.window.showQuickPick(entries, { title: 'ndsl' });
    if (chosen) {
        await vscode.commands.executeCommand(chosen.command);
    }
}
