
const STRIP_HEIGHT = 22;
const LETTER_WIDTH = 13;
const SPACED_WIDTH = 6;
const HATCH = 7;

/** The heat map: a strip for each DaemonSet across all nodes; a bin of several shows the worst. */
class HeatMap {
  constructor(fleet, open, list) {
    this.fleet = fleet;
    this.open = open;
    this.chosen = null;
    this.map = document.getElementById("map");
    this.hint = document.getElementById("hint");
    this.strips = [...this.map.querySelectorAll("canvas")];
    this.strips.forEach((strip, set) => this.listen(strip, set));
    [...this.map.querySelectorAll(".strip-name")].forEach((button, set) => {
      button.addEventListener("click", () => list(set));
    });
    new ResizeObserver(() => this.resized()).observe(this.map);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    addEventListener("beforeprint", () => this.paper(true));
    addEventListener("afterprint", () => this.paper(false));
  }

  /** On paper the map is light, whatever the screen is. */
  paper(on) {
    document.documentElement.classList.toggle("paper", on);
    this.draw();
  }

  /** What goes to paper is drawn by then; it is scaled, not drawn anew in the middle of it. */
  resized() {
    if (!document.documentElement.classList.contains("paper")) this.draw();
  }

  listen(strip, set) {
    strip.addEventListener("pointermove", (event) => this.tell(event, strip, set));
    strip.addEventListener("pointerleave", () => { this.hint.hidden = true; });
    strip.addEventListener("click", (event) => {
      this.hint.hidden = true;
      const node = this.worst(set, ...this.under(event, strip, set));
      this.open(set, node, strip.previousElementSibling);
    });
  }

  /** How many nodes a strip has: those of its own cluster. */
  size(set) {
    const { from, past } = this.fleet.clusters[this.fleet.clusterOf(set)];
    return past - from;
  }

  bins(strip, set) {
    return Math.max(1, Math.min(this.size(set), Math.floor(strip.clientWidth)));
  }

  /** The nodes of a bin: from the first up to, but not including, the second. */
  range(set, bin, bins) {
    const { from } = this.fleet.clusters[this.fleet.clusterOf(set)];
    const total = this.size(set);
    return [from + Math.floor((bin * total) / bins), from + Math.floor(((bin + 1) * total) / bins)];
  }

  under(event, strip, set) {
    const box = strip.getBoundingClientRect();
    const bins = this.bins(strip, set);
    const bin = Math.floor(((event.clientX - box.left) / box.width) * bins);
    return this.range(set, Math.min(Math.max(bin, 0), bins - 1), bins);
  }

  /** The first node in the worst state. */
  worst(set, from, to) {
    const ranks = this.fleet.columns[set];
    let found = from;
    for (let node = from + 1; node < to; node += 1) {
      if (ranks[node] < ranks[found]) found = node;
    }
    return found;
  }

  tell(event, strip, set) {
    const [from, to] = this.under(event, strip, set);
    const node = this.worst(set, from, to);
    const state = this.fleet.state(set, node);
    const others = to - from > 1 ? `, the worst of ${to - from} nodes` : "";
    this.hint.replaceChildren(badge(state), make("strong", ` ${state.name} `), `${this.fleet.nodeName(node)}${others}`);
    this.hint.append(make("br"), this.fleet.title(set));
    this.hint.hidden = false;
    this.place(event);
  }

  place(event) {
    const room = document.documentElement.clientWidth - this.hint.offsetWidth - 8;
    this.hint.style.left = `${Math.max(8, Math.min(event.clientX + 14, room))}px`;
    const below = event.clientY + 18;
    const fits = below + this.hint.offsetHeight < window.innerHeight;
    this.hint.style.top = `${fits ? below : event.clientY - this.hint.offsetHeight - 10}px`;
  }

  choose(set, node) {
    this.chosen = { set, node };
    this.draw();
  }

  draw() {
    const style = getComputedStyle(document.documentElement);
    const colours = this.fleet.states.map((state) => [
      style.getPropertyValue(`--${kind(state)}`), style.getPropertyValue(`--${kind(state)}-ink`),
    ]);
    const ring = style.getPropertyValue("--ink");
    this.strips.forEach((strip, set) => this.drawStrip(strip, set, colours, ring));
  }

  drawStrip(strip, set, colours, ring) {
    const width = strip.clientWidth;
    if (!width || !this.size(set)) return;
    const ratio = Math.max(window.devicePixelRatio || 1, 2);
    strip.width = Math.round(width * ratio);
    strip.height = Math.round(STRIP_HEIGHT * ratio);
    const pen = strip.getContext("2d");
    pen.setTransform(strip.width / width, 0, 0, ratio, 0, 0);
    const bins = this.bins(strip, set);
    const size = width / bins;
    for (const [first, past, rank] of this.runs(set, bins, size >= SPACED_WIDTH)) {
      const gap = size >= SPACED_WIDTH ? 1 : 0;
      this.drawRun(pen, first * size, (past - first) * size - gap, colours[rank], this.fleet.states[rank], size);
    }
    if (this.chosen && this.fleet.clusterOf(set) === this.fleet.clusterOf(this.chosen.set)) this.ring(pen, bins, size, set, ring);
  }

  /** Neighbouring bins in the same state as one, unless each is wide enough to stand alone. */
  runs(set, bins, alone) {
    const runs = [];
    for (let bin = 0; bin < bins; bin += 1) {
      const rank = this.fleet.rank(set, this.worst(set, ...this.range(set, bin, bins)));
      const last = runs[runs.length - 1];
      if (!alone && last && last[2] === rank) last[1] = bin + 1;
      else runs.push([bin, bin + 1, rank]);
    }
    return runs;
  }

  drawRun(pen, left, width, [fill, ink], state, size) {
    pen.fillStyle = fill;
    pen.fillRect(left, 0, width, STRIP_HEIGHT);
    if (state.name === "Excluded") this.hatch(pen, left, width, ink);
    const calm = state === this.fleet.states[this.fleet.covered];
    if (size >= LETTER_WIDTH || (width >= 3 * LETTER_WIDTH && !calm)) {
      pen.fillStyle = ink;
      pen.font = "600 11px system-ui, sans-serif";
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.fillText(state.letter, left + width / 2, STRIP_HEIGHT / 2 + 0.5);
    }
  }

  /** Slanting lines, so that the two calm states differ by more than their colour. */
  hatch(pen, left, width, ink) {
    pen.save();
    pen.beginPath();
    pen.rect(left, 0, width, STRIP_HEIGHT);
    pen.clip();
    pen.beginPath();
    const first = Math.floor(left / HATCH) * HATCH - STRIP_HEIGHT;
    for (let x = first; x < left + width; x += HATCH) {
      pen.moveTo(x, STRIP_HEIGHT);
      pen.lineTo(x + STRIP_HEIGHT, 0);
    }
    pen.globalAlpha = 0.22;
    pen.strokeStyle = ink;
    pen.stroke();
    pen.restore();
  }

  ring(pen, bins, size, set, colour) {
    const place = this.chosen.node - this.range(set, 0, bins)[0];
    const bin = Math.min(bins - 1, Math.floor(((place + 0.5) * bins) / this.size(set)));
    pen.strokeStyle = colour;
    pen.globalAlpha = set === this.chosen.set ? 1 : 0.25;
    pen.lineWidth = 2;
    const width = Math.max(size, 5);
    pen.strokeRect(bin * size + size / 2 - width / 2 + 1, 1, Math.max(width - 2, 3), STRIP_HEIGHT - 2);
    pen.globalAlpha = 1;
  }
}
