// A picture that is moved and scaled within its element: by wheel, by dragging, by keys.

const SMALLEST = 0.05;
const LARGEST = 8;
const STEP = 1.25;
const MARGIN = 16;
/** How far a press moves before it is a drag. */
const SLACK = 4;

export class Viewport {
    private svg: SVGSVGElement | undefined;
    private x = 0;
    private y = 0;
    private scale = 1;
    private press: { id: number; x: number; y: number; fromX: number; fromY: number } | undefined;
    /** Whether the last press moved the picture. */
    dragged = false;

    constructor(private readonly canvas: HTMLElement) {
        canvas.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
        canvas.addEventListener('pointerdown', (event) => {
            this.dragged = false;
            if (event.button === 0) {
                this.press = { id: event.pointerId, x: event.clientX, y: event.clientY, fromX: this.x, fromY: this.y };
            }
        });
        canvas.addEventListener('pointermove', (event) => this.drag(event));
        for (const end of ['pointerup', 'pointercancel'] as const) {
            canvas.addEventListener(end, () => (this.press = undefined));
        }
        canvas.addEventListener('focusin', (event) => {
            if (event.target instanceof SVGElement) this.bringIntoSight(event.target);
        });
    }

    /** Puts a picture in the place of the last. */
    show(svg: SVGSVGElement, whole: boolean): void {
        this.svg = svg;
        this.canvas.replaceChildren(svg as unknown as Node);
        whole ? this.fit() : this.place();
    }

    /** Does what a key asks; answers whether it asks anything. */
    key(key: string): boolean {
        const { clientWidth: width, clientHeight: height } = this.canvas;
        switch (key) {
            case '+':
            case '=':
                this.zoom(STEP, width / 2, height / 2);
                return true;
            case '-':
                this.zoom(1 / STEP, width / 2, height / 2);
                return true;
            case '0':
                this.fit();
                return true;
            case 'ArrowLeft':
                return this.move(width / 8, 0);
            case 'ArrowRight':
                return this.move(-width / 8, 0);
            case 'ArrowUp':
                return this.move(0, height / 8);
            case 'ArrowDown':
                return this.move(0, -height / 8);
            case 'PageUp':
                return this.move(0, height * 0.8);
            case 'PageDown':
                return this.move(0, -height * 0.8);
            default:
                return false;
        }
    }

    /** As wide as the element, though no larger than it was drawn, from its top. */
    private fit(): void {
        const { clientWidth: width } = this.canvas;
        const drawn = this.svg?.width.baseVal.value || 1;
        this.scale = Math.min(1, Math.max(SMALLEST, (width - 2 * MARGIN) / drawn));
        this.x = Math.max(MARGIN, (width - drawn * this.scale) / 2);
        this.y = MARGIN;
        this.place();
    }

    private wheel(event: WheelEvent): void {
        event.preventDefault();
        const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
        if (event.ctrlKey || event.metaKey) {
            const box = this.canvas.getBoundingClientRect();
            this.zoom(Math.exp(-event.deltaY * unit * 0.002), event.clientX - box.left, event.clientY - box.top);
        } else {
            const sideways = event.shiftKey && event.deltaX === 0;
            this.move(-(sideways ? event.deltaY : event.deltaX) * unit, sideways ? 0 : -event.deltaY * unit);
        }
    }

    private drag(event: PointerEvent): void {
        const press = this.press;
        if (!press || press.id !== event.pointerId) {
            return;
        }
        const [dx, dy] = [event.clientX - press.x, event.clientY - press.y];
        if (!this.dragged && Math.hypot(dx, dy) < SLACK) {
            return;
        }
        if (!this.dragged) {
            this.dragged = true;
            this.canvas.setPointerCapture(press.id);
        }
        this.x = press.fromX + dx;
        this.y = press.fromY + dy;
        this.place();
    }

    private zoom(factor: number, x: number, y: number): void {
        const scale = Math.min(LARGEST, Math.max(SMALLEST, this.scale * factor));
        this.x = x - ((x - this.x) * scale) / this.scale;
        this.y = y - ((y - this.y) * scale) / this.scale;
        this.scale = scale;
        this.place();
    }

    private move(x: number, y: number): true {
        this.x += x;
        this.y += y;
        this.place();
        return true;
    }

    private bringIntoSight(what: SVGElement): void {
        const [box, there] = [what.getBoundingClientRect(), this.canvas.getBoundingClientRect()];
        const into = (low: number, high: number, from: number, to: number): number =>
            low < from + MARGIN ? from + MARGIN - low : high > to - MARGIN ? to - MARGIN - high : 0;
        this.move(into(box.left, box.right, there.left, there.right), into(box.top, box.bottom, there.top, there.bottom));
    }

    private place(): void {
        if (this.svg) {
            this.svg.style.transformOrigin = '0 0';
            this.svg.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
        }
    }
}
