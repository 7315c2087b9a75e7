// The command Tune: searches for what a training leaves open, in a terminal, where the table of its trials and the time left are shown.

import { target } from './target';
import { inTerminal } from './terminal';

export async function tune(given: unknown, name: unknown): Promise<void> {
    await inTerminal('tune', await target('train', given, name), '--train');
}
