// The command Explain Diagnostic: the page of a code, as `ndsl explain` has it.

import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { ndsl } from './command';
import { run } from './run/process';

const SCHEME = 'ndsl-page';

/** The pages of diagnostics as documents: `ndsl-page:/E0403.md`. */
export function pages(): vscode.Disposable {
    return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
        provideTextDocumentContent: (uri) => output(['explain', uri.path.replace(/^\/|\.md$/g, '')]),
    });
}

/** Shows the page of `given`, of the diagnostic at the cursor, or of one that is chosen. */
export async function explain(given: unknown): Promise<void> {
    const code = typeof given === 'string' ? given : (atCursor() ?? (await choose()));
    if (code) {
        await vscode.commands.executeCommand('markdown.showPreviewToSide', vscode.Uri.parse(`${SCHEME}:/${code}.md`));
    }
}

function atCursor(): string | undefined {
    const editor = vscode.window.activeTextEditor;
    const all = editor ? vscode.languages.getDiagnostics(editor.document.uri) : [];
    const at = all.find((one) => one.source === 'ndsl' && editor && one.range.contains(editor.selection.active));
    const code = at?.code;
    return code === undefined ? undefined : String(typeof code === 'object' ? code.value : code);
}

async function choose(): Promise<string | undefined> {
    const listed = (await output(['explain', '--list'])).split('\n').flatMap((line) => {
        const [, label, severity, title] = /^(\w+)\s+(\w+)\s+(.*)$/.exec(line) ?? [];
        return label ? [{ label, description: severity ?? '', detail: title ?? '' }] : [];
    });
    const options = { title: 'Which diagnostic?', matchOnDetail: true };
    return listed.length ? (await vscode.window.showQuickPick(listed, options))?.label : undefined;
}

async function output(args: string[]): Promise<string> {
    const program = await ndsl();
    if (!program) {
        return '';
    }
    const lines: string[] = [];
    await run(program, { args, folder: homedir() }, { event: () => {}, line: (line) => lines.push(line) });
    return lines.join('\n');
}
