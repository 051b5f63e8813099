
const SOURCES = {
  reported: "reported by Kubernetes",
  computed: "computed from the objects",
  predicted: "predicted from the objects",
};

/** Why one node is in its state for one DaemonSet, in a dialog. */
class Panel {
  constructor(fleet, choose) {
    this.fleet = fleet;
    this.choose = choose;
    this.back = null;
    this.dialog = document.getElementById("panel");
    this.body = document.getElementById("panel-body");
    document.getElementById("panel-close").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.back?.focus({ preventScroll: true }));
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
  }

  /** Show a cell; when the dialog closes, the focus goes to `back`. */
  open(set, node, back) {
    this.back = back;
    this.show(set, node);
    this.dialog.showModal();
    this.body.firstChild.focus();
  }

  show(set, node) {
    this.choose(set, node);
    this.body.replaceChildren(...this.title(set, node), ...this.verdict(set, node), ...this.others(set, node));
    this.dialog.scrollTop = 0;
  }

  title(set, node) {
    const title = make("h2", this.fleet.nodeName(node));
    title.id = "panel-title";
    title.tabIndex = -1;
    return [title, make("p", this.fleet.title(set), "panel-set")];
  }

  verdict(set, node) {
    const state = this.fleet.state(set, node);
    const { reasons, more } = this.fleet.why(set, node);
    const line = make("p", "", "panel-state");
    line.append(badge(state), make("strong", ` ${state.name}`), `: ${state.meaning}.`);
    const notes = more.map((text) => make("p", `${text}.`));
    if (!this.fleet.sets[set].verified) notes.push(make("p", "~ Not verified: its pods were not read, this is what its reported status says.", "note"));
    return [line, ...notes, ...reasons.map(reasonBlock)];
  }

  others(set, node) {
    const ranks = this.fleet.setsBeside(node).map((number) => [this.fleet.rank(number, node), number]);
    const rest = ranks.filter(([, number]) => number !== set).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    if (!rest.length) return [];
    const list = make("ul", "", "others");
    list.append(...rest.map(([, number]) => this.other(number, node)));
    return [make("h3", "Other DaemonSets on this node"), list];
  }

  other(set, node) {
    const state = this.fleet.state(set, node);
    const button = make("button");
    button.type = "button";
    button.append(badge(state), make("span", state.name, "word"), make("span", this.fleet.sets[set].name, "name"));
    button.addEventListener("click", () => {
      this.show(set, node);
      this.body.firstChild.focus();
    });
    const item = make("li");
    item.append(button);
    return item;
  }
}

function reasonBlock(reason) {
  const block = make("section", "", "reason");
  const head = make("h3", reason.code);
  head.append(make("small", ` ${SOURCES[reason.source]}`));
  block.append(head, make("p", reason.message));
  const evidence = fields(reason.evidence);
  if (evidence) block.append(make("h4", "Evidence"), evidence);
  return block;
}

/** An object as a list of keys and values without those that are empty; maybe nothing. */
function fields(object) {
  const entries = Object.entries(object).filter(([, value]) => value === null || value.length !== 0);
  if (!entries.length) return null;
  const list = make("dl", "", "fields");
  for (const [key, value] of entries) {
    const shown = make("dd");
    shown.append(readable(value));
    list.append(make("dt", key), shown);
  }
  return list;
}

function readable(value) {
  if (value === null) return make("span", "none", "nil");
  if (value === true || value === false) return value ? "yes" : "no";
  if (Array.isArray(value)) return items(value);
  return typeof value === "object" ? fields(value) ?? "–" : String(value);
}

function items(values) {
  if (values.length === 1) return readable(values[0]);
  const list = make("ul", "", "items");
  for (const value of values) {
    const item = make("li");
    item.append(readable(value));
    list.append(item);
  }
  return list;
}
