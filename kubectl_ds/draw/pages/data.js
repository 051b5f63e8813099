"use strict";

const NOTHING = { name: "No node", letter: "–", glyph: "", meaning: "the node no longer exists, and no pod of this DaemonSet names it" };

/** The embedded data, unpacked where it was compressed. */
async function embedded() {
  const element = document.getElementById("data");
  if (!element.dataset.encoding) return JSON.parse(element.textContent);
  const bytes = Uint8Array.from(atob(element.textContent), (character) => character.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(plain).json();
}

/** Answers on every cell: `rank` is a state's place, the worst being 0, and the last one nothing. */
class Fleet {
  constructor(data) {
    this.nodes = data.nodes;
    this.sets = data.sets;
    this.clusters = data.clusters ?? [{ name: "", from: 0, past: data.nodes.length }];
    this.states = [...data.states, NOTHING];
    this.gone = new Set(data.gone);
    this.outcomes = data.outcomes;
    this.reasons = data.reasons;
    this.covered = data.states.length - 1;
    this.nothing = data.states.length;
    this.gaps = data.sets.map((set) => new Set(set.gaps));
    this.columns = data.sets.map((set) => this.column(set));
    this.others = data.sets.map((set) => new Map(set.on.map((node, i) => [node, set.is[i]])));
  }

  /** The number of a set's cluster; its nodes are `from` one up to, but not including, `past`. */
  clusterOf(set) {
    return this.sets[set].cluster ?? 0;
  }

  /** The numbers of the sets that are in the cluster of a node. */
  setsBeside(node) {
    const own = this.clusters.findIndex((cluster) => node < cluster.past);
    return [...this.sets.keys()].filter((set) => this.clusterOf(set) === own);
  }

  /** A set's name, with its cluster where there are several. */
  title(set) {
    const { name } = this.clusters[this.clusterOf(set)];
    return name ? `${this.sets[set].name} in ${name}` : this.sets[set].name;
  }

  column(set) {
    const ranks = new Uint8Array(this.nodes.length).fill(this.covered);
    set.on.forEach((node, i) => {
      ranks[node] = set.is[i] < 0 ? this.nothing : this.outcomes[set.is[i]][0];
    });
    return ranks;
  }

  rank(set, node) {
    return this.columns[set][node];
  }

  state(set, node) {
    return this.states[this.rank(set, node)];
  }

  isGap(set, node) {
    return this.gaps[set].has(this.rank(set, node));
  }

  nodeName(node) {
    return this.gone.has(node) ? `${this.nodes[node]} (gone)` : this.nodes[node];
  }

  /** The reasons of a cell, the deciding one first, and what else there is to say. */
  why(set, node) {
    const number = this.others[set].get(node);
    if (number === undefined || number < 0) return { reasons: [], more: [] };
    const [, reasons, more] = this.outcomes[number];
    return { reasons: reasons.map((reason) => this.reasons[reason]), more };
  }
}

/** An element with text and classes; text is never taken for markup. */
function make(tag, text = "", classes = "") {
  const element = document.createElement(tag);
  if (text !== "") element.textContent = text;
  if (classes) element.className = classes;
  return element;
}

/** A state's letter on its colour; the word must stand beside it. */
function badge(state) {
  const element = make("span", state.letter, `badge ${kind(state)}`);
  element.setAttribute("aria-hidden", "true");
  return element;
}

/** The name of a state's colour in the style sheet. */
function kind(state) {
  return state === NOTHING ? "nothing" : state.name.toLowerCase();
}

function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
