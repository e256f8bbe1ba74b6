// Has a session's page open, and take answers, with no network: outdoors it comes and goes.
"use strict";

(() => {
  const $ = (id) => document.getElementById(id);
  const { worker, figures } = document.currentScript.dataset;
  const plan = JSON.parse($("plan").textContent);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  // --- answers: sent now, or kept and sent once there is a network

  async function answered(event) {
    event.preventDefault();
    const form = event.target;
    const fields = Object.fromEntries(new FormData(form, event.submitter));
    const sent = await queue.add(new URL(form.action).pathname, fields);
    if (sent) location.assign(location.pathname);
    else $("kept").textContent = queue.KEPT;
  }

  for (const form of document.querySelectorAll(".dock form")) form.addEventListener("submit", answered);
  self.addEventListener("online", async () => {
    if ((await queue.flush()) && $("kept").textContent) location.reload();
  });

  // --- the page and what it came with, kept on the device

  function pictures(turn) {
    const sides = turn.phases.some((phase) => phase.mirrored) ? ["", "-other"] : [""];
    return turn.figure ? sides.map((side) => `${figures}${turn.figure}${side}${calm ? "-still" : ""}.svg`) : [];
  }

  async function keepPage() {
    await navigator.serviceWorker.register(worker);
    const [pages, files] = await Promise.all([caches.open("pages"), caches.open("files" + new URL(worker, location).search)]);
    const here = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    if (here.ok) await pages.put(location.pathname, here);
    const parts = [...document.querySelectorAll("link[href], script[src]")].map((part) => part.href || part.src);
    const drawn = [...plan.turns, ...Object.values(plan.ways)].flatMap(pictures);
    await Promise.all([...new Set([...parts, ...drawn])].map((file) => files.add(file).catch(() => {})));
    document.body.dataset.kept = "all";
  }

  if (navigator.serviceWorker) keepPage().catch(() => {}); // without it the page plays as long as it stays open
})();
