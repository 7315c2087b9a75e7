// The commands Preview and Generate: some rows of a schema to be looked at, and its tables in files beside the program.

import { target } from './target';
import { inTerminal } from './terminal';

export async function preview(given: unknown, name: unknown): Promise<void> {
    await inTerminal('preview', await target('schema', given, name), '--schema');
}

export async function generate(given: unknown, name: unknown): Promise<void> {
    await inTerminal('generate', await target('schema', given, name), '--schema');
}
