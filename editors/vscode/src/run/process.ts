// A command as a child process that answers in JSON lines.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How long a command may take to end by itself once it was asked to. */
const GRACE = 10_000;

export interface Run {
    /** Its exit code; nothing where a signal ended it. */
    code: number | null;
    /** What it wrote on standard error. */
    said: string;
}

export interface Listener {
    /** Each JSON object of standard output. */
    event(event: Record<string, unknown>): void;
    /** Each other line, and those of standard error. */
    line(line: string): void;
}

/**
 * Runs a command to its end.
 *
 * `stop` asks it to end as Ctrl-C does, so that it keeps what it has; if it has not ended after `grace`, it is ended.
 * @throws where it cannot be started
 */
export function run(
    command: string,
    options: { args: string[]; folder: string; stop?: AbortSignal; grace?: number },
    listener: Listener,
): Promise<Run> {
    return new Promise((resolve, reject) => {
        const child = spawn(command, options.args, { cwd: options.folder, stdio: ['ignore', 'pipe', 'pipe'] });
        const said: string[] = [];
        createInterface({ input: child.stdout }).on('line', (line) => {
            const event = parsed(line);
            event ? listener.event(event) : listener.line(line);
        });
        createInterface({ input: child.stderr }).on('line', (line) => {
            said.push(line);
            listener.line(line);
        });
        let patience: NodeJS.Timeout | undefined;
        const stop = (): void => {
            child.kill('SIGINT');
            patience = setTimeout(() => child.kill('SIGKILL'), options.grace ?? GRACE);
        };
        const over = (): void => {
            clearTimeout(patience);
            options.stop?.removeEventListener('abort', stop);
        };
        options.stop?.addEventListener('abort', stop, { once: true });
        if (options.stop?.aborted) {
            stop();
        }
        child.once('error', (error) => {
            over();
            reject(error);
        });
        // `close` comes after the last line, `exit` may not.
        child.once('close', (code) => {
            over();
            resolve({ code, said: said.join('\n') });
        });
    });
}

function parsed(line: string): Record<string, unknown> | undefined {
    if (!line.startsWith('{')) {
        return undefined;
    }
    try {
        return JSON.parse(line) as Record<string, unknown>;
    } catch {
        return undefined;
    }
}
