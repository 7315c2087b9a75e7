// What a command is about: the program and the declaration that a lens, the tree or the user names.

import * as vscode from 'vscode';
import { declared } from '../declarations/tree';
import type { Kind, Symbol } from '../declarations/outline';

export interface Target {
    document: vscode.TextDocument;
    name: string;
}

/**
 * Finds the target of a command: a lens gives the address and the name, the view its node, the palette nothing, and then
 * the user chooses among what the active program declares.
 */
export async function target(kind: Kind, given: unknown, name: unknown): Promise<Target | undefined> {
    const node = given as { uri?: vscode.Uri; symbol?: Symbol } | undefined;
    const uri = typeof given === 'string' ? vscode.Uri.parse(given) : node?.uri;
    const document = uri ? await vscode.workspace.openTextDocument(uri) : vscode.window.activeTextEditor?.document;
    if (document?.languageId !== 'ndsl') {
        void vscode.window.showInformationMessage('Open an ndsl program first.');
        return undefined;
    }
    const said = typeof name === 'string' ? name : node?.symbol?.name;
    const chosen = said ?? (await choose(kind, document));
    return chosen && (await saved(document)) ? { document, name: chosen } : undefined;
}

async function choose(kind: Kind, document: vscode.TextDocument): Promise<string | undefined> {
    const names = (await declared(document)).filter((one) => one.kind === kind).map((one) => one.symbol);
    if (names.length === 0) {
        void vscode.window.showInformationMessage(`This program declares no ${kind}.`);
    }
    if (names.length < 2) {
        return names[0]?.name;
    }
    const entries = names.map(({ name, detail }) => ({ label: name, description: detail }));
    return (await vscode.window.showQuickPick(entries, { title: `Which ${kind}?` }))?.label;
}

/** The command reads the file: what was edited is saved first. */
async function saved(document: vscode.TextDocument): Promise<boolean> {
    if (document.isUntitled) {
        void vscode.window.showInformationMessage('Save the program first: its paths are relative to its file.');
        return false;
    }
    return !document.isDirty || document.save();
}
