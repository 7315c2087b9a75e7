// Which blocks of a drawing the reader has opened and closed.

export class Folded {
    readonly collapse = new Set<string>();
    readonly expand = new Set<string>();

    /** Opens or closes one. */
    set(block: string, open: boolean): void {
        const [into, outOf] = open ? [this.expand, this.collapse] : [this.collapse, this.expand];
        into.add(block);
        outOf.delete(block);
    }

    /** Opens or closes all that are drawn. */
    setAll(blocks: { id: string }[], open: boolean): void {
        blocks.forEach((block) => this.set(block.id, open));
    }

    get lists(): { collapse: string[]; expand: string[] } {
        return { collapse: [...this.collapse], expand: [...this.expand] };
    }
}
