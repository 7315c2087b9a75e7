// The extension: what is there while a program is open.

import * as vscode from 'vscode';
import { Server } from './client';
import { Declarations, goTo } from './declarations/tree';
import { Diagrams } from './diagram/panel';
import { explain, pages } from './explain';
import { compile } from './run/compile';
import { generate, preview } from './run/generate';
import { train } from './run/train';
import { tune } from './run/tune';
import { status } from './status';

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
    const log = vscode.window.createOutputChannel('ndsl Language Server', { log: true });
    const runs = vscode.window.createOutputChannel('ndsl');
    const running = new Server(log);
    server = running;
    const diagrams = new Diagrams(running, context.extensionUri);

    const commands: Record<string, (...given: never[]) => unknown> = {
        'ndsl.restart': () => running.restart(),
        'ndsl.showLog': () => log.show(),
        'ndsl.openSettings': () => vscode.commands.executeCommand('workbench.action.openSettings', '@ext:ndsl.ndsl'),
        'ndsl.showInstallation': () =>
            vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.joinPath(context.extensionUri, 'INSTALL.md')),
        'ndsl.train': (given: unknown, name: unknown) => train(runs, given, name),
        'ndsl.tune': tune,
        'ndsl.compile': (given: unknown, name: unknown) => compile(runs, given, name),
        'ndsl.preview': preview,
        'ndsl.generate': generate,
        'ndsl.format': () => vscode.commands.executeCommand('editor.action.formatDocument'),
        'ndsl.explain': explain,
        'ndsl.showDiagram': (given: unknown, name: unknown) => showDiagram(diagrams, given, name),
        'ndsl.goTo': goTo,
    };
    context.subscriptions.push(
        log,
        runs,
        diagrams,
        pages(),
        status(running),
        new Declarations(),
        ...Object.entries(commands).map(([name, does]) => vscode.commands.registerCommand(name, does)),
        restartWithSettings(running),
    );
    await vscode.commands.executeCommand('setContext', 'ndsl.active', true);
    await running.restart();
}

export async function deactivate(): Promise<void> {
    await server?.dispose();
}

/** Starts the server anew where it is set to be another. */
function restartWithSettings(server: Server): vscode.Disposable {
    const path = (): string => vscode.workspace.getConfiguration('ndsl').get('server.path', '');
    let set = path();
    return vscode.workspace.onDidChangeConfiguration(() => {
        if (path() !== set) {
            set = path();
            void server.restart();
        }
    });
}

/** Of what the view's node, or else the active editor, is about; by the cursor where nothing is named. */
function showDiagram(diagrams: Diagrams, given: unknown, name: unknown): void {
    const node = given as { uri?: vscode.Uri; symbol?: { name: string } } | undefined;
    const uri = typeof given === 'string' ? vscode.Uri.parse(given) : given instanceof vscode.Uri ? given : node?.uri;
    const chosen = uri ?? vscode.window.activeTextEditor?.document.uri;
    if (!chosen) {
        void vscode.window.showInformationMessage('Open an ndsl program first.');
        return;
    }
    diagrams.show(chosen, typeof name === 'string' ? name : node?.symbol?.name);
}
