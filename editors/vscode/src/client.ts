// The language server as a process: started, restarted, and what the status bar says of it.

import * as vscode from 'vscode';
import {
    type ClientCapabilities,
    LanguageClient,
    type LanguageClientOptions,
    RevealOutputChannelOn,
    State,
} from 'vscode-languageclient/node';
import { ndsl } from './command';

/** How the server is. */
export type Condition =
    | { state: 'stopped' | 'starting' }
    /** `draws`: whether it answers `ndsl/diagram`. */
    | { state: 'running'; version: string; path: string; draws: boolean };

export class Server implements vscode.Disposable {
    private client: LanguageClient | undefined;
    private readonly changed = new vscode.EventEmitter<Condition>();
    /** Fires with each change of how the server is. */
    readonly onDidChange = this.changed.event;
    condition: Condition = { state: 'stopped' };
    private turn: Promise<void> = Promise.resolve();

    constructor(readonly log: vscode.LogOutputChannel) {}

    /** Starts it anew; starts that overlap wait for each other. */
    restart(): Promise<void> {
        this.turn = this.turn.then(async () => {
            await this.stop();
            await this.start();
        });
        return this.turn;
    }

    /** Asks the server, where it runs. */
    async request<Answer>(method: string, params: unknown): Promise<Answer> {
        if (!this.client || this.condition.state !== 'running') {
            throw new Error('the language server does not run');
        }
        return this.client.sendRequest<Answer>(method, params);
    }

    private async start(): Promise<void> {
        const path = await ndsl();
        if (!path) {
            this.become({ state: 'stopped' });
            return;
        }
        this.become({ state: 'starting' });
        this.log.info(`starting ${path} lsp`);
        const client = new LanguageClient('ndsl', 'ndsl', { command: path, args: ['lsp'] }, this.options());
        client.registerFeature({
            fillClientCapabilities(capabilities: ClientCapabilities) {
                // So that lenses offer what this extension carries out.
                capabilities.experimental = { ...(capabilities.experimental as object), ndslCommands: true };
            },
            initialize() {},
            getState: () => ({ kind: 'static' }),
            clear() {},
        });
        client.onDidChangeState(({ newState }) => {
            if (newState === State.Running) {
                const { serverInfo, capabilities } = client.initializeResult ?? {};
                const draws = (capabilities?.experimental as { ndslDiagram?: boolean } | undefined)?.ndslDiagram === true;
                this.become({ state: 'running', version: serverInfo?.version ?? '', path, draws });
            } else {
                this.become({ state: newState === State.Starting ? 'starting' : 'stopped' });
            }
        });
        this.client = client;
        try {
            await client.start();
        } catch (error) {
            this.log.error(`the server did not start: ${String(error)}`);
            this.become({ state: 'stopped' });
            const [log, again] = ['Show Log', 'Try Again'];
            void vscode.window
                .showErrorMessage(`The language server ${path} did not start: ${String(error)}`, log, again)
                .then((chosen) => {
                    if (chosen === log) this.log.show();
                    if (chosen === again) void this.restart();
                });
        }
    }

    private async stop(): Promise<void> {
        const client = this.client;
        this.client = undefined;
        if (client?.needsStop()) {
            // A server that does not answer is ended by the client after its own patience.
            await client.stop().catch((error: unknown) => this.log.warn(`stopping: ${String(error)}`));
        }
        await client?.dispose().catch(() => undefined);
        this.become({ state: 'stopped' });
    }

    private options(): LanguageClientOptions {
        return {
            documentSelector: [
                { language: 'ndsl', scheme: 'file' },
                { language: 'ndsl', scheme: 'untitled' },
            ],
            outputChannel: this.log,
            revealOutputChannelOn: RevealOutputChannelOn.Never,
            // Also sent where the server asks for nothing, so that the first answers follow the settings.
            initializationOptions: () => vscode.workspace.getConfiguration('ndsl'),
            synchronize: { configurationSection: 'ndsl' },
            diagnosticPullOptions: { onChange: true, onSave: true, onTabs: false },
            markdown: { isTrusted: false, supportHtml: false },
        };
    }

    private become(condition: Condition): void {
        this.condition = condition;
        this.changed.fire(condition);
    }

    async dispose(): Promise<void> {
        await this.turn.catch(() => undefined);
        await this.stop();
        this.changed.dispose();
    }
}
