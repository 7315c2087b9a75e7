// The diagram of a program in a panel beside it, drawn by the server and drawn again when the program changes.

import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { Server } from '../client';
import { goTo } from '../declarations/tree';
import { Folded } from './folded';
import type { Drawing, FromPage, ToPage } from './messages';

const VIEW = 'ndsl.diagram';
/** How long a pause in typing is. */
const PAUSE = 300;
/** LSP's code for an answer on a text that has changed meanwhile. */
const CONTENT_MODIFIED = -32801;

/** What is kept of a panel when the window is closed. */
interface Kept {
    uri: string;
    name?: string;
}

export class Diagrams implements vscode.Disposable {
    private readonly open = new Map<string, Diagram>();
    private readonly registered: vscode.Disposable;

    constructor(
        private readonly server: Server,
        private readonly extension: vscode.Uri,
    ) {
        this.registered = vscode.window.registerWebviewPanelSerializer(VIEW, {
            deserializeWebviewPanel: async (panel, state: Kept | undefined) => {
                state?.uri ? this.fill(panel, vscode.Uri.parse(state.uri), state.name) : panel.dispose();
            },
        });
    }

    /** Shows the diagram of a document, of the model or schema `name` where one is given. */
    show(uri: vscode.Uri, name?: string): void {
        const there = this.open.get(uri.toString());
        if (there) {
            there.choose(name);
            return;
        }
        const panel = vscode.window.createWebviewPanel(
            VIEW,
            'Diagram',
            { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
            { enableFindWidget: true },
        );
        this.fill(panel, uri, name);
    }

    private fill(panel: vscode.WebviewPanel, uri: vscode.Uri, name: string | undefined): void {
        const diagram = new Diagram(panel, uri, this.server, this.extension, name);
        this.open.set(uri.toString(), diagram);
        panel.onDidDispose(() => {
            this.open.delete(uri.toString());
            diagram.dispose();
        });
    }

    dispose(): void {
        this.registered.dispose();
        this.open.forEach((diagram) => diagram.dispose());
    }
}

class Diagram implements vscode.Disposable {
    private readonly folded = new Map<string, Folded>();
    private readonly subscriptions: vscode.Disposable[];
    private drawing: Drawing | undefined;
    private timer: NodeJS.Timeout | undefined;
    private asked = 0;

    constructor(
        private readonly panel: vscode.WebviewPanel,
        private readonly uri: vscode.Uri,
        private readonly server: Server,
        extension: vscode.Uri,
        private name: string | undefined,
    ) {
        const ours = (other: vscode.Uri): boolean => other.toString() === uri.toString();
        panel.iconPath = vscode.Uri.joinPath(extension, 'icons', 'file.svg');
        panel.webview.options = { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extension, 'out')] };
        panel.webview.html = page(panel.webview, vscode.Uri.joinPath(extension, 'out'), { uri: uri.toString(), ...(name ? { name } : {}) });
        this.subscriptions = [
            panel.webview.onDidReceiveMessage((message: FromPage) => void this.hear(message)),
            vscode.workspace.onDidChangeTextDocument((event) => {
                if (ours(event.document.uri)) this.later();
            }),
            // A file that this one uses may have changed.
            vscode.languages.onDidChangeDiagnostics((event) => {
                if (event.uris.some(ours)) this.later();
            }),
            vscode.workspace.onDidSaveTextDocument((document) => {
                if (document.languageId === 'ndsl') this.later();
            }),
            vscode.window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
                if (ours(textEditor.document.uri) && selections[0]) {
                    this.say({ is: 'cursor', line: selections[0].active.line + 1 });
                }
            }),
            server.onDidChange(() => this.later()),
        ];
    }

    choose(name: string | undefined): void {
        this.panel.reveal(undefined, true);
        if (name) {
            this.name = name;
        }
        void this.draw();
    }

    private later(): void {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => void this.draw(), PAUSE);
    }

    private async draw(): Promise<void> {
        this.asked += 1;
        const asked = this.asked;
        try {
            const server = this.server.condition;
            if (server.state !== 'running') {
                return this.say({ is: 'failed', why: server.state === 'starting' ? 'The language server starts…' : 'The language server does not run.' });
            }
            if (!server.draws) {
                return this.say({ is: 'failed', why: `ndsl ${server.version} draws no diagrams: a later one does.` });
            }
            // The server answers on documents that are open.
            await vscode.workspace.openTextDocument(this.uri);
            const lists = this.folded.get(this.name ?? '')?.lists;
            const drawing = await this.server.request<Drawing>('ndsl/diagram', {
                textDocument: { uri: this.uri.toString() },
                ...(this.name ? { name: this.name } : {}),
                ...lists,
            });
            if (asked !== this.asked) {
                return;
            }
            this.drawing = drawing;
            this.name = drawing.name;
            this.panel.title = drawing.name;
            this.say({ is: 'drawn', drawing });
        } catch (error) {
            if (asked !== this.asked) {
                return;
            }
            if ((error as { code?: number }).code === CONTENT_MODIFIED) {
                this.later();
                return;
            }
            this.say({ is: 'failed', why: error instanceof Error ? error.message : String(error) });
        }
    }

    private async hear(message: FromPage): Promise<void> {
        switch (message.is) {
            case 'ready':
                return this.draw();
            case 'choose':
                this.name = message.name;
                return this.draw();
            case 'toggle':
                this.foldedHere().set(message.block, message.open);
                return this.draw();
            case 'all':
                this.foldedHere().setAll(this.drawing?.blocks ?? [], message.open);
                return this.draw();
            case 'goto': {
                const place = { start: { line: message.line - 1, character: 0 } };
                const shown = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.toString() === this.uri.toString());
                return goTo(this.uri, place, shown?.viewColumn ?? vscode.ViewColumn.One);
            }
            case 'save':
                return save(this.uri, this.name ?? 'diagram', message.svg);
        }
    }

    private foldedHere(): Folded {
        const name = this.name ?? '';
        const folded = this.folded.get(name) ?? new Folded();
        this.folded.set(name, folded);
        return folded;
    }

    private say(message: ToPage): void {
        void this.panel.webview.postMessage(message);
    }

    dispose(): void {
        clearTimeout(this.timer);
        vscode.Disposable.from(...this.subscriptions).dispose();
    }
}

async function save(program: vscode.Uri, name: string, svg: string): Promise<void> {
    const defaultUri = vscode.Uri.joinPath(program, '..', `${name}.svg`);
    const file = await vscode.window.showSaveDialog({ defaultUri, filters: { SVG: ['svg'] } });
    if (file) {
        await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(svg));
    }
}

/** The page: nothing is loaded from elsewhere, and only what carries the nonce runs. */
function page(webview: vscode.Webview, out: vscode.Uri, kept: Kept): string {
    const nonce = randomBytes(16).toString('base64');
    const at = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(out, file)).toString();
    const state = JSON.stringify(kept).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
    return `<!DOCTYPE html>
<html lang="en">
<head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource} 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="stylesheet" href="${at('diagram.css')}">
    <title>Diagram</title>
</head>
<body data-state="${state}">
    <header>
        <select id="names" aria-label="What is drawn"></select>
        <span id="title" role="status"></span>
        <span class="buttons">
            <button id="open" title="Open all blocks" aria-label="Open all blocks">⊞</button>
            <button id="close" title="Close all blocks" aria-label="Close all blocks">⊟</button>
            <button id="out" title="Smaller (-)" aria-label="Smaller">−</button>
            <button id="fit" title="Fit to the panel (0)" aria-label="Fit to the panel">⤢</button>
            <button id="in" title="Larger (+)" aria-label="Larger">+</button>
            <button id="save" title="Save as SVG…" aria-label="Save as SVG">⤓</button>
        </span>
    </header>
    <p id="failed" role="alert" hidden></p>
    <main id="canvas" tabindex="0" aria-label="Diagram: arrow keys move it, + and - change its size, 0 fits it"></main>
    <script nonce="${nonce}" src="${at('diagram.js')}"></script>
</body>
</html>`;
}
