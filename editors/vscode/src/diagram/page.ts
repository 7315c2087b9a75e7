// The page in the diagram's panel: shows the server's picture, moves it, and says what is clicked.

import type { FromPage, ToPage } from './messages';
import { Viewport } from './viewport';

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void; setState(state: unknown): void };

const editor = acquireVsCodeApi();
const element = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;
const canvas = element('canvas');
const names = element<HTMLSelectElement>('names');
const failed = element('failed');
const nonce = (document.currentScript as HTMLScriptElement).nonce;
const viewport = new Viewport(canvas);
const state = JSON.parse(document.body.dataset['state'] ?? '{}') as { uri: string; name?: string };
editor.setState(state);

let shown = '';
/** The server's text of the picture, as it is saved. */
let text = '';

window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
    switch (data.is) {
        case 'drawn':
            failed.hidden = true;
            return draw(data.drawing);
        case 'failed':
            failed.textContent = data.why;
            failed.hidden = false;
            return;
        case 'cursor':
            return mark(data.line);
    }
});

function draw(drawing: Extract<ToPage, { is: 'drawn' }>['drawing']): void {
    text = drawing.svg;
    element('title').textContent = drawing.title.replace(/^[^:]*: /, '').replace('->', '→');
    names.replaceChildren(...drawing.names.map(({ name, kind }) => new Option(kind === 'schema' ? `${name} (schema)` : name, name)));
    names.value = drawing.name;
    editor.setState({ ...state, name: drawing.name });

    const focused = document.activeElement?.closest('[data-node],[data-block]');
    const focus = focused && selector(focused);
    const parsed = new DOMParser().parseFromString(drawing.svg, 'image/svg+xml').documentElement;
    const svg = document.importNode(parsed, true) as unknown as SVGSVGElement;
    // The page's policy lets only styles with its nonce count.
    for (const style of svg.querySelectorAll('style')) {
        const allowed = document.createElementNS('http://www.w3.org/2000/svg', 'style');
        allowed.setAttribute('nonce', nonce ?? '');
        allowed.textContent = style.textContent;
        style.replaceWith(allowed);
    }
    for (const clickable of svg.querySelectorAll<SVGElement>('[data-line]:not(.block.open)')) {
        clickable.setAttribute('tabindex', '0');
        clickable.setAttribute('role', 'button');
    }
    // Another picture is shown whole; the same one stays where it was looked at.
    viewport.show(svg, shown !== drawing.name);
    shown = drawing.name;
    if (focus) {
        canvas.querySelector<SVGElement>(focus)?.focus();
    }
}

const selector = (of: Element): string => {
    const attribute = of.hasAttribute('data-node') ? 'data-node' : 'data-block';
    return `[${attribute}="${CSS.escape(of.getAttribute(attribute) ?? '')}"]`;
};

/** Shows which of the picture stands on a line of the text. */
function mark(line: number): void {
    canvas.querySelectorAll('.here').forEach((one) => one.classList.remove('here'));
    canvas.querySelectorAll(`.node[data-line="${line}"], .column[data-line="${line}"]`).forEach((one) => one.classList.add('here'));
}

/** Opens or closes a block, or goes to the line of anything else. */
function act(on: Element, elsewhere: boolean): void {
    const block = on.closest('[data-block]');
    const line = on.closest('[data-line]');
    const head = block && (block.classList.contains('closed') || on.closest('.head'));
    if (block && head && !elsewhere) {
        editor.postMessage({ is: 'toggle', block: block.getAttribute('data-block') ?? '', open: !block.classList.contains('open') });
    } else if (line) {
        editor.postMessage({ is: 'goto', line: Number(line.getAttribute('data-line')) });
    }
}

canvas.addEventListener('click', (event) => {
    // A click that ends a drag moves nothing but the picture. With a modifier a block's line is gone to.
    if (!viewport.dragged && event.target instanceof Element) {
        act(event.target, event.ctrlKey || event.metaKey || event.altKey);
    }
});

canvas.addEventListener('keydown', (event) => {
    const on = event.target instanceof SVGElement ? event.target : undefined;
    if (event.ctrlKey || event.metaKey) {
        return;
    }
    if (on && (event.key === 'Enter' || event.key === ' ')) {
        act(on, event.key === 'Enter' && event.shiftKey);
    } else if (!viewport.key(event.key)) {
        return;
    }
    event.preventDefault();
});

names.addEventListener('change', () => editor.postMessage({ is: 'choose', name: names.value }));
element('open').addEventListener('click', () => editor.postMessage({ is: 'all', open: true }));
element('close').addEventListener('click', () => editor.postMessage({ is: 'all', open: false }));
element('in').addEventListener('click', () => viewport.key('+'));
element('out').addEventListener('click', () => viewport.key('-'));
element('fit').addEventListener('click', () => viewport.key('0'));
element('save').addEventListener('click', () => editor.postMessage({ is: 'save', svg: text }));
editor.postMessage({ is: 'ready' });
