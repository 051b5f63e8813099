
const ROW_HEIGHT = 30;
const SPARE_ROWS = 6;
const NAME = -1;

/** The list of one cluster's nodes: a grid of which only the rows in view are in the document. */
class NodeGrid {
  constructor(fleet, open) {
    this.fleet = fleet;
    this.open = open;
    this.grid = document.getElementById("grid");
    this.text = document.getElementById("node-filter");
    this.state = document.getElementById("node-state");
    this.set = document.getElementById("node-set");
    this.choice = document.getElementById("node-cluster");
    this.rows = [];
    this.row = 0;
    this.column = 0;
    this.build();
    this.listen();
    this.showCluster(fleet.clusterOf(0));
  }

  build() {
    const { fleet } = this;
    fleet.states.slice(0, fleet.nothing).forEach((state, rank) => this.state.append(new Option(state.name, rank)));
    if (this.choice) fleet.clusters.forEach((cluster, number) => this.choice.append(new Option(cluster.name, number)));
    this.head = make("div", "", "head");
    this.space = make("div", "", "space");
    this.head.setAttribute("role", "rowgroup");
    this.space.setAttribute("role", "rowgroup");
    this.grid.append(this.head, this.space);
  }

  /** Show the nodes of a cluster, and as columns its sets; `sets` has their numbers. */
  showCluster(number) {
    const { fleet } = this;
    this.cluster = number;
    if (this.choice) this.choice.value = String(number);
    this.sets = [...fleet.sets.keys()].filter((set) => fleet.clusterOf(set) === number);
    this.set.replaceChildren(this.set.options[0], ...this.sets.map((set) => new Option(fleet.sets[set].name, set)));
    this.set.value = "";
    this.column = 0;
    this.grid.setAttribute("aria-colcount", this.sets.length + 1);
    this.grid.classList.toggle("roomy", this.sets.length <= 6);
    this.grid.classList.toggle("single", this.sets.length === 1);
    this.head.replaceChildren(this.headRow());
    this.filter();
  }

  /** The nodes of the cluster that is shown. */
  all() {
    const { from, past } = this.fleet.clusters[this.cluster];
    return Array.from({ length: past - from }, (_, place) => from + place);
  }

  headRow() {
    const row = cell("div", "row", "grid-row");
    row.setAttribute("aria-rowindex", "1");
    row.append(placed(cell("div", "columnheader", "node-name", "Node"), NAME));
    this.sets.map((set) => this.fleet.sets[set]).forEach((set, column) => {
      const head = placed(cell("div", "columnheader", "set-head"), column);
      head.append(make("span", set.verified ? set.name : `~ ${set.name}`));
      head.title = set.name;
      row.append(head);
    });
    return row;
  }

  listen() {
    this.grid.addEventListener("scroll", () => this.render(), { passive: true });
    this.grid.addEventListener("keydown", (event) => this.key(event));
    this.grid.addEventListener("click", (event) => this.click(event));
    this.text.addEventListener("input", () => this.filter());
    this.state.addEventListener("change", () => this.filter());
    this.set.addEventListener("change", () => this.filter());
    this.choice?.addEventListener("change", () => this.showCluster(Number(this.choice.value)));
    new ResizeObserver(() => this.render()).observe(this.grid);
  }

  /** Show the nodes of one DaemonSet, those with a gap first as ever. */
  showSet(set) {
    this.turnTo(set);
    this.set.value = String(set);
    this.column = this.sets.indexOf(set);
    this.filter();
    this.grid.focus({ preventScroll: true });
    document.getElementById("nodes").scrollIntoView({ block: "start" });
  }

  turnTo(set) {
    const number = this.fleet.clusterOf(set);
    if (number !== this.cluster) this.showCluster(number);
  }

  filter() {
    const text = this.text.value.trim().toLowerCase();
    this.rows = this.all().filter((node) => this.fleet.nodes[node].toLowerCase().includes(text) && this.fits(node));
    this.row = 0;
    this.grid.scrollTop = 0;
    this.grid.setAttribute("aria-rowcount", this.rows.length + 1);
    this.space.style.height = `${this.rows.length * ROW_HEIGHT}px`;
    this.count();
    this.render();
  }

  /** Whether the node is in the wanted state for the wanted DaemonSet, or for any. */
  fits(node) {
    const { state, set } = this;
    if (state.value === "" && set.value === "") return true;
    const sets = set.value === "" ? this.sets : [Number(set.value)];
    for (const number of sets) {
      if (this.isWanted(number, node)) return true;
    }
    return false;
  }

  isWanted(set, node) {
    if (this.state.value === "gap") return this.fleet.isGap(set, node);
    if (this.state.value === "") return this.fleet.rank(set, node) !== this.fleet.nothing;
    return this.fleet.rank(set, node) === Number(this.state.value);
  }

  count() {
    const total = this.all().length;
    const all = counted(total, "node");
    const shown = this.rows.length.toLocaleString("en");
    document.getElementById("node-count").textContent = this.rows.length === total ? all : `${shown} of ${all}`;
  }

  render() {
    const first = Math.max(0, Math.floor(this.grid.scrollTop / ROW_HEIGHT) - SPARE_ROWS);
    const past = first + Math.ceil(this.grid.clientHeight / ROW_HEIGHT) + 2 * SPARE_ROWS;
    const rows = this.rows.slice(first, past).map((node, i) => this.nodeRow(node, first + i));
    if (!this.rows.length) rows.push(this.emptyRow());
    this.space.replaceChildren(...rows);
    this.mark();
  }

  emptyRow() {
    const row = cell("div", "row", "grid-row");
    row.append(cell("div", "gridcell", "empty", "No node fits."));
    return row;
  }

  nodeRow(node, place) {
    const row = cell("div", "row", "grid-row");
    row.style.top = `${place * ROW_HEIGHT}px`;
    row.setAttribute("aria-rowindex", place + 2);
    const name = placed(cell("div", "rowheader", "node-name", this.fleet.nodeName(node)), NAME);
    name.title = this.fleet.nodeName(node);
    row.append(name, ...this.sets.map((set, column) => this.stateCell(set, column, node)));
    [...row.children].forEach((item) => {
      item.id = `cell-${place}-${item.dataset.column}`;
      item.dataset.row = place;
    });
    return row;
  }

  stateCell(set, column, node) {
    const state = this.fleet.state(set, node);
    const item = placed(cell("div", "gridcell", "state"), column);
    item.setAttribute("aria-label", `${this.fleet.sets[set].name}: ${state.name}`);
    item.title = this.firstReason(set, node);
    item.append(this.stateBadge(state));
    if (this.sets.length === 1) item.append(make("span", this.firstReason(set, node), "why"));
    return item;
  }

  /** The letter alone, or a sign and the word where there is room; the style sheet decides. */
  stateBadge(state) {
    const shown = badge(state);
    shown.replaceChildren(make("span", state.letter, "letter"), make("span", `${state.glyph} ${state.name}`, "word"));
    return shown;
  }

  firstReason(set, node) {
    const { reasons } = this.fleet.why(set, node);
    return reasons.length ? reasons[0].message : "";
  }

  mark() {
    const id = `cell-${this.row}-${this.column}`;
    this.grid.querySelector(".active")?.classList.remove("active");
    const active = document.getElementById(id);
    if (!active) {
      this.grid.removeAttribute("aria-activedescendant");
      return;
    }
    active.classList.add("active");
    this.grid.setAttribute("aria-activedescendant", id);
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.grid.clientHeight / ROW_HEIGHT) - 6);
    const whole = event.ctrlKey || event.metaKey;
    const moves = {
      ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1],
      PageDown: [page, 0], PageUp: [-page, 0],
      Home: [whole ? -Infinity : 0, -Infinity], End: [whole ? Infinity : 0, Infinity],
    };
    if (event.key in moves) this.move(...moves[event.key]);
    else if (event.key === "Enter" || event.key === " ") this.openActive();
    else return;
    event.preventDefault();
  }

  move(rows, columns) {
    const within = (value, low, high) => Math.min(Math.max(value, low), high);
    this.row = within(this.row + rows, 0, Math.max(0, this.rows.length - 1));
    this.column = within(this.column + columns, 0, this.sets.length - 1);
    this.reveal();
  }

  /** Scroll so that the active cell is in view, below the heads and beside the names. */
  reveal() {
    const { grid } = this;
    const top = this.row * ROW_HEIGHT;
    const room = grid.clientHeight - this.head.offsetHeight - ROW_HEIGHT;
    if (top < grid.scrollTop) grid.scrollTop = top;
    else if (top > grid.scrollTop + room) grid.scrollTop = top - room;
    const head = this.head.firstChild.children[this.column + 1];
    const names = this.head.firstChild.firstChild.offsetWidth;
    if (head.offsetLeft - names < grid.scrollLeft) grid.scrollLeft = head.offsetLeft - names;
    const right = head.offsetLeft + head.offsetWidth - grid.clientWidth;
    if (right > grid.scrollLeft) grid.scrollLeft = right;
    this.render();
  }

  openActive() {
    if (this.rows.length) this.open(this.sets[this.column], this.rows[this.row], this.grid);
  }

  click(event) {
    const item = event.target.closest("[data-row]");
    if (!item) return;
    this.row = Number(item.dataset.row);
    const column = Number(item.dataset.column);
    this.column = column === NAME ? this.worstColumn(this.rows[this.row]) : column;
    this.mark();
    this.openActive();
  }

  /** The column of the DaemonSet that is worst off on a node. */
  worstColumn(node) {
    const ranks = this.sets.map((set) => this.fleet.rank(set, node));
    return ranks.indexOf(Math.min(...ranks));
  }

  /** Make a cell the active one, where the filter lets its node through. */
  choose(set, node) {
    this.turnTo(set);
    const place = this.rows.indexOf(node);
    if (place < 0) return;
    this.row = place;
    this.column = this.sets.indexOf(set);
    this.reveal();
  }
}

function cell(tag, role, classes, text = "") {
  const element = make(tag, text, classes);
  element.setAttribute("role", role);
  return element;
}

function placed(element, column) {
  element.dataset.column = column;
  element.setAttribute("aria-colindex", column + 2);
  return element;
}
