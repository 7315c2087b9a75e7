// What `ndsl train --message-format json` says while it runs, in words.

/** The measures of one epoch, of the rows it trained on or of those held out. */
export interface Measures {
    loss: number;
    /** Left out where nothing but the loss is measured. */
    metrics?: Record<string, number>;
}

export interface Epoch extends Measures {
    epoch: number;
    validation?: Measures | null;
    seconds: number;
    rows_per_second: number;
}

export interface Start {
    event: 'start';
    epochs: number;
    steps: number;
    training_rows: number;
    validation_rows: number;
    trainable_parameters: number;
}

export interface Step {
    event: 'step';
    epoch: number;
    epochs: number;
    step: number;
    steps: number;
    measures: Measures;
    rows_per_second: number;
    remaining: number;
}

export interface EpochEnd {
    event: 'epoch';
    epochs: number;
    history: Epoch;
    best: boolean;
}

export interface End {
    event: 'end';
    output: string | null;
    cancelled: boolean;
    best_epoch: number | null;
}

export interface Fault {
    code: string;
    severity: 'error' | 'warning' | 'note';
    message: string;
    file: string;
    span: { start: { line: number; column: number } };
}

export type Event = Start | Step | EpochEnd | End | { event: 'note'; message: string };

/** Follows a run: how far it is, and what to say of it. */
export class Training {
    private epochs = 0;
    private shown = 0;
    private readonly done: Epoch[] = [];
    readonly faults: Fault[] = [];
    end: End | undefined;

    /** Takes what was said; answers a line for the log, and what to show, where there is something new. */
    take(said: Record<string, unknown>): { line?: string; message?: string; increment?: number } {
        if (typeof said['code'] === 'string' && typeof said['severity'] === 'string') {
            const fault = said as unknown as Fault;
            this.faults.push(fault);
            const { line, column } = fault.span.start;
            return { line: `${fault.file}:${line}:${column}: ${fault.severity}[${fault.code}]: ${fault.message}` };
        }
        const event = said as unknown as Event;
        switch (event.event) {
            case 'start':
                this.epochs = event.epochs;
                return {
                    line:
                        `${count(event.training_rows)} rows, ${count(event.validation_rows)} held out; ` +
                        `${event.epochs} epochs of ${event.steps} steps; ${count(event.trainable_parameters)} trainable parameters`,
                    message: `epoch 1 of ${event.epochs}`,
                };
            case 'step':
                this.epochs = event.epochs;
                return {
                    message: sentence(event.epoch, event.epochs, event.measures, undefined, event.rows_per_second, event.remaining),
                    increment: this.until((event.epoch - 1 + event.step / event.steps) / event.epochs),
                };
            case 'epoch': {
                const epoch = event.history;
                this.epochs = event.epochs;
                this.done.push(epoch);
                const left = (event.epochs - epoch.epoch) * mean(this.done.map((past) => past.seconds));
                const held = epoch.validation ?? undefined;
                const best = event.best ? ' · best' : '';
                return {
                    line: `epoch ${epoch.epoch}/${event.epochs}  ${measures(epoch)}${held ? `  ${measures(held, 'val_')}` : ''}  ${epoch.seconds.toFixed(1)} s${event.best ? '  best' : ''}`,
                    message: sentence(epoch.epoch, event.epochs, epoch, held, epoch.rows_per_second, left) + best,
                    increment: this.until(epoch.epoch / event.epochs),
                };
            }
            case 'note':
                return { line: `note: ${event.message}` };
            case 'end':
                this.end = event;
                return {};
            default:
                return {};
        }
    }

    /** What came of it, in a sentence. */
    result(name: string): string {
        const best = this.end?.best_epoch;
        if (!this.end?.output || best === null || best === undefined) {
            return `${name}: stopped before the first epoch was done; nothing was kept.`;
        }
        const epoch = this.done.find((done) => done.epoch === best);
        const of = epoch ? `: ${epoch.validation ? measures(epoch.validation, 'val_') : measures(epoch)}` : '';
        const stopped = this.end.cancelled ? `stopped after ${this.done.length} of ${this.epochs} epochs; ` : '';
        return `${name}: ${stopped}kept epoch ${best}${of}`;
    }

    /** What is new of the whole, in hundredths. */
    private until(share: number): number {
        const reached = Math.max(this.shown, 100 * share);
        const increment = reached - this.shown;
        this.shown = reached;
        return increment;
    }
}

function sentence(
    epoch: number,
    epochs: number,
    training: Measures,
    held: Measures | undefined,
    rate: number,
    left: number,
): string {
    const parts = [`epoch ${epoch} of ${epochs}`, measures(training)];
    if (held) {
        parts.push(measures(held, 'val_'));
    }
    parts.push(`${rows(rate)} rows/s`);
    if (left > 0) {
        parts.push(`${duration(left)} left`);
    }
    return parts.join(' · ');
}

/** `loss 0.1234 accuracy 0.9600`, each name after `prefix`. */
export function measures(of: Measures, prefix = ''): string {
    const all: [string, number][] = [['loss', of.loss], ...Object.entries(of.metrics ?? {})];
    return all.map(([name, value]) => `${prefix}${name} ${value.toFixed(4)}`).join(' ');
}

/** `950`, `3.2k`, `120k` */
export function rows(rate: number): string {
    return rate >= 100_000 ? `${Math.round(rate / 1000)}k` : rate >= 1000 ? `${(rate / 1000).toFixed(1)}k` : `${Math.round(rate)}`;
}

/** `0:07`, `12:30`, `1:02:03` */
export function duration(seconds: number): string {
    const whole = Math.max(0, Math.round(seconds));
    const two = (part: number): string => String(part).padStart(2, '0');
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
    return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

const count = (of: number): string => of.toLocaleString('en-US');
const mean = (of: number[]): number => of.reduce((sum, one) => sum + one, 0) / Math.max(1, of.length);
