
/** Put the parts together; without any DaemonSet there is nothing to do. */
async function start() {
  if (!document.getElementById("sets")) return;
  new SetTable();
  const fleet = new Fleet(await embedded());
  if (!fleet.nodes.length) return;
  document.getElementById("fleet").hidden = false;
  document.getElementById("nodes").hidden = false;
  const panel = new Panel(fleet, (set, node) => {
    map.choose(set, node);
    grid.choose(set, node);
  });
  const grid = new NodeGrid(fleet, (...cell) => panel.open(...cell));
  const map = new HeatMap(fleet, (...cell) => panel.open(...cell), (set) => grid.showSet(set));
  document.getElementById("map-lead").textContent = `${fleet.clusters.length > 1 ? "The nodes of a DaemonSet's cluster" : counted(fleet.nodes.length, "node")} from left to right, those in the worst state first. Click a place to see why.`;
}

start().catch((error) => {
  const trouble = document.getElementById("trouble");
  trouble.textContent = `The map and the nodes can't be shown in this browser: ${error.message}`;
  trouble.hidden = false;
});
