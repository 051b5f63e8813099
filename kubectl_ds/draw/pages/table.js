
const TEXTS = new Set(["Cluster", "DaemonSet"]);

/** Sorting and filtering of the DaemonSet table, on the rows that are there already. */
class SetTable {
  constructor() {
    this.table = document.getElementById("sets");
    this.body = this.table.tBodies[0];
    this.rows = [...this.body.rows];
    this.heads = [...this.table.tHead.rows[0].cells].filter((head) => !head.classList.contains("fixed"));
    this.text = document.getElementById("set-filter");
    this.gaps = document.getElementById("set-gaps");
    this.heads.forEach((head, column) => this.makeSortable(head, column));
    this.text.addEventListener("input", () => this.filter());
    this.gaps.addEventListener("change", () => this.filter());
    document.getElementById("set-tools").hidden = this.rows.length < 2;
    addEventListener("beforeprint", () => this.unfold());
    this.filter();
  }

  /** Paper can't be clicked on. */
  unfold() {
    this.table.querySelectorAll("details").forEach((more) => { more.open = true; });
  }

  makeSortable(head, column) {
    const button = make("button", head.textContent);
    button.type = "button";
    button.addEventListener("click", () => this.sort(head, column));
    head.replaceChildren(button);
  }

  sort(head, column) {
    const down = head.getAttribute("aria-sort") === "ascending";
    this.heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const sign = down ? -1 : 1;
    const key = (row) => row.cells[column].dataset.sort;
    const compare = TEXTS.has(head.textContent)
      ? (a, b) => key(a).localeCompare(key(b), "en", { numeric: true })
      : (a, b) => key(a) - key(b);
    this.rows.sort((a, b) => sign * compare(a, b));
    this.body.append(...this.rows);
  }

  filter() {
    const wanted = this.text.value.trim().toLowerCase();
    let shown = 0;
    for (const row of this.rows) {
      const fits = row.textContent.toLowerCase().includes(wanted);
      row.hidden = !fits || (this.gaps.checked && row.dataset.gaps === "0");
      shown += row.hidden ? 0 : 1;
    }
    const all = counted(this.rows.length, "DaemonSet");
    document.getElementById("set-count").textContent = shown === this.rows.length ? all : `${shown} of ${all}`;
  }
}
