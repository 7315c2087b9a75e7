// What the diagram's panel and the page in it say to each other, and what the server answers.

/** The answer to `ndsl/diagram`. */
export interface Drawing {
    svg: string;
    title: string;
    name: string;
    kind: 'model' | 'schema';
    /** All that can be drawn of the document; lines from 1. */
    names: { name: string; kind: 'model' | 'schema'; line: number }[];
    blocks: { id: string; kind: string; open: boolean; line: number }[];
}

export type ToPage =
    | { is: 'drawn'; drawing: Drawing }
    | { is: 'failed'; why: string }
    /** The line of the cursor, from 1. */
    | { is: 'cursor'; line: number };

export type FromPage =
    | { is: 'ready' }
    | { is: 'choose'; name: string }
    | { is: 'toggle'; block: string; open: boolean }
    | { is: 'all'; open: boolean }
    | { is: 'goto'; line: number }
    | { is: 'save'; svg: string };
