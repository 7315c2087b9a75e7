// The view of what the program declares: models, schemas with their tables and columns, trainings.

import * as vscode from 'vscode';
import { type Declaration, declarations, grouped, type Kind, kinds, type Symbol, wordBefore } from './outline';

type Node =
    | { is: 'group'; kind: Kind; title: string; children: Node[] }
    | { is: 'symbol'; uri: vscode.Uri; kind: Kind | undefined; symbol: Symbol; icon: string; parent: Node; children: Node[] };

/** What a document declares, as the server says. */
export async function declared(document: vscode.TextDocument): Promise<Declaration[]> {
    const found = await vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>(
        'vscode.executeDocumentSymbolProvider',
        document.uri,
    );
    return declarations((found ?? []) as Symbol[], document.getText().split(/\r?\n/));
}

export class Declarations implements vscode.TreeDataProvider<Node>, vscode.Disposable {
    private readonly changed = new vscode.EventEmitter<void>();
    readonly onDidChangeTreeData = this.changed.event;
    private readonly view: vscode.TreeView<Node>;
    private readonly subscriptions: vscode.Disposable[] = [];
    private document: vscode.TextDocument | undefined;
    private groups: Node[] = [];
    private timer: NodeJS.Timeout | undefined;

    constructor() {
        this.view = vscode.window.createTreeView('ndsl.declarations', { treeDataProvider: this, showCollapseAll: true });
        this.subscriptions.push(
            this.view,
            this.changed,
            vscode.window.onDidChangeActiveTextEditor(() => this.follow()),
            vscode.window.onDidChangeTextEditorSelection((event) => this.reveal(event.textEditor)),
            vscode.workspace.onDidChangeTextDocument((event) => {
                if (event.document === this.document) this.later();
            }),
            vscode.workspace.onDidCloseTextDocument((document) => {
                if (document === this.document) this.follow();
            }),
            this.view.onDidChangeVisibility(() => this.refresh()),
        );
        this.follow();
    }

    /** Reads the document again. */
    async refresh(): Promise<void> {
        const document = this.document;
        const all = document && this.view.visible ? await declared(document) : [];
        if (document !== this.document) {
            return;
        }
        this.groups = document ? grouped(all).map((group) => groupNode(group.kind, group.title, group.declarations, document)) : [];
        this.view.message = document ? undefined : 'Open an ndsl program to see what it declares.';
        this.changed.fire();
    }

    getChildren(node?: Node): Node[] {
        return node ? node.children : this.groups;
    }

    getParent(node: Node): Node | undefined {
        return node.is === 'symbol' ? node.parent : undefined;
    }

    getTreeItem(node: Node): vscode.TreeItem {
        if (node.is === 'group') {
            const item = new vscode.TreeItem(node.title, vscode.TreeItemCollapsibleState.Expanded);
            item.id = node.title;
            return item;
        }
        const { symbol, uri, kind } = node;
        // Columns are what one looks for in a schema; the names inside a model are many.
        const open = kind === 'schema' || (!kind && node.icon === 'table');
        const state = vscode.TreeItemCollapsibleState;
        const item = new vscode.TreeItem(
            symbol.name,
            node.children.length === 0 ? state.None : open ? state.Expanded : state.Collapsed,
        );
        item.description = symbol.detail;
        item.tooltip = symbol.detail ? `${symbol.name}: ${symbol.detail}` : symbol.name;
        item.iconPath = new vscode.ThemeIcon(node.icon);
        item.contextValue = kind ?? 'part';
        item.command = { title: 'Go to', command: 'ndsl.goTo', arguments: [uri, symbol.selectionRange] };
        return item;
    }

    /** Turns to the program that is edited; stays with the last while something else is looked at. */
    private follow(): void {
        const active = vscode.window.activeTextEditor?.document;
        if (active?.languageId === 'ndsl') {
            this.document = active;
        } else if (this.document?.isClosed) {
            this.document = undefined;
        }
        void this.refresh();
    }

    private later(): void {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => void this.refresh(), 300);
    }

    /** Shows in the view where the cursor is. */
    private reveal(editor: vscode.TextEditor): void {
        if (editor.document !== this.document || !this.view.visible) {
            return;
        }
        const line = editor.selection.active.line;
        const around = (nodes: Node[]): Node | undefined => {
            const node = nodes.find((one) => one.is === 'group' || (one.symbol.range.start.line <= line && line <= one.symbol.range.end.line));
            return node && (around(node.children) ?? (node.is === 'symbol' ? node : undefined));
        };
        const here = this.groups.map((group) => around(group.children)).find((node) => node !== undefined);
        if (here) {
            void this.view.reveal(here, { select: true, focus: false, expand: false });
        }
    }

    dispose(): void {
        clearTimeout(this.timer);
        vscode.Disposable.from(...this.subscriptions).dispose();
    }
}

function groupNode(kind: Kind, title: string, all: Declaration[], document: vscode.TextDocument): Node {
    const lines = document.getText().split(/\r?\n/);
    const group: Node = { is: 'group', kind, title, children: [] };
    const nodeOf = (symbol: Symbol, parent: Node, declared?: Kind): Node => {
        const icon = declared ? kinds[declared].icon : iconOf(symbol, lines);
        const node: Node = { is: 'symbol', uri: document.uri, kind: declared, symbol, icon, parent, children: [] };
        node.children = symbol.children.map((child) => nodeOf(child, node));
        return node;
    };
    group.children = all.map((one) => nodeOf(one.symbol, group, one.kind));
    return group;
}

function iconOf(symbol: Symbol, lines: readonly string[]): string {
    switch (wordBefore(symbol, lines)) {
        case 'table':
            return 'table';
        case 'input':
            return 'arrow-right';
        case 'output':
            return 'arrow-left';
        default:
            return 'symbol-field';
    }
}

/** Goes to a place in a document. */
export async function goTo(uri: vscode.Uri, range: { start: { line: number; character: number } }, column?: vscode.ViewColumn): Promise<void> {
    const start = new vscode.Position(range.start.line, range.start.character);
    const selection = new vscode.Range(start, start);
    const editor = await vscode.window.showTextDocument(uri, { selection, ...(column ? { viewColumn: column } : {}) });
    editor.revealRange(selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
