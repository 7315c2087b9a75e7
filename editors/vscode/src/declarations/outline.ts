// What a program declares, from the symbols that the server answers.

/** A place, as editors count it. */
export interface Place {
    line: number;
    character: number;
}

/** What this needs of a document's symbol. */
export interface Symbol {
    name: string;
    detail: string;
    range: { start: Place; end: Place };
    selectionRange: { start: Place; end: Place };
    children: Symbol[];
}

/** The words that declare something with a name, in the order in which they are shown. */
export const kinds = {
    model: { title: 'Models', icon: 'type-hierarchy' },
    block: { title: 'Blocks', icon: 'symbol-module' },
    schema: { title: 'Schemas', icon: 'database' },
    dataset: { title: 'Datasets', icon: 'file-binary' },
    train: { title: 'Trainings', icon: 'beaker' },
    synthesizer: { title: 'Synthesizers', icon: 'sparkle' },
    deploy: { title: 'Deployments', icon: 'cloud' },
    provider: { title: 'Providers', icon: 'plug' },
    const: { title: 'Constants', icon: 'symbol-constant' },
} as const;

export type Kind = keyof typeof kinds;

/** Something that is declared. */
export interface Declaration {
    kind: Kind;
    symbol: Symbol;
}

/**
 * The declarations of a program.
 * @param lines its lines
 */
export function declarations(symbols: Symbol[], lines: readonly string[]): Declaration[] {
    return symbols.flatMap((symbol) => {
        const kind = wordBefore(symbol, lines)?.toLowerCase();
        return kind && Object.hasOwn(kinds, kind) ? [{ kind: kind as Kind, symbol }] : [];
    });
}

/** The declarations by what they are; what there is none of is left out. */
export function grouped(all: Declaration[]): { kind: Kind; title: string; declarations: Declaration[] }[] {
    return (Object.keys(kinds) as Kind[])
        .map((kind) => ({ kind, title: kinds[kind].title, declarations: all.filter((one) => one.kind === kind) }))
        .filter((group) => group.declarations.length > 0);
}

/** What a symbol inside a declaration is called beside its icon; the protocol's kinds say less. */
export function wordBefore(symbol: Symbol, lines: readonly string[]): string | undefined {
    const { line, character } = symbol.selectionRange.start;
    return /(\p{L}+)\s*$/u.exec((lines[line] ?? '').slice(0, character))?.[1];
}
