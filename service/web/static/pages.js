// What the pages behind the sign-in do beyond forms: the body map, parts that renew themselves, bringing files in.
"use strict";

(() => {
  const $ = (id) => document.getElementById(id);

  // --- the body map: a tap goes from fine to tight to sore and back, in the list as well

  function nextOf(choices, felt) {
    const values = choices.map((choice) => choice.value);
    return choices[(values.indexOf(felt) + 1) % choices.length];
  }

  function paint(site) {
    const felt = document.querySelector(`input[name="${site}"]:checked`).value;
    for (const shape of document.querySelectorAll(`[data-site="${site}"]`)) shape.setAttribute("class", `site ${felt}`);
    return felt;
  }

  function tapped(event) {
    const shape = event.target.closest("[data-site]");
    if (!shape) return;
    const { site } = shape.dataset;
    const choices = [...document.querySelectorAll(`input[name="${site}"]`)];
    const next = nextOf(choices, choices.find((choice) => choice.checked).value);
    next.checked = true;
    const name = $(`site-${site}`).querySelector("legend").textContent;
    $("live").textContent = `${name}: ${paint(site)}`;
  }

  if ($("body-map")) {
    $("body-map").addEventListener("click", tapped);
    $("body-form").addEventListener("change", (event) => paint(event.target.name));
  }

  // --- parts of a page that renew themselves while something is under way

  async function renew(part) {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!response.ok) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById(part.id);
    part.replaceChildren(...fresh.childNodes);
    part.toggleAttribute("data-refresh", fresh.hasAttribute("data-refresh"));
    const field = part.querySelector("[autofocus]");
    if (field) field.focus();
  }

  function keepFresh(part, pause) {
    setTimeout(async () => {
      await renew(part).catch(() => {});
      if (part.hasAttribute("data-refresh")) keepFresh(part, Math.max(pause, 1500));
    }, pause);
  }

  for (const part of document.querySelectorAll("[data-refresh]")) keepFresh(part, Number(part.dataset.refresh));

  // --- bringing files in: sent one after the other, then started

  const guard = document.querySelector('meta[name="guard"]');
  const headers = () => ({ "X-Afterrun-Guard": guard.content, "Content-Type": "application/json" });

  async function call(method, address, body) {
    const response = await fetch(address, { method, headers: headers(), body: body && JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    return answer;
  }

  // fetch does not tell how much was sent; this does.
  function send(address, file, told) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("PUT", address);
      request.setRequestHeader("X-Afterrun-Guard", guard.content);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.upload.onprogress = (event) => told(event.loaded);
      request.onload = () => (request.status === 200 ? resolve() : reject(new Error(trouble(request))));
      request.onerror = () => reject(new Error("the connection broke: send it again"));
      request.send(file);
    });
  }

  function trouble(request) {
    try {
      return JSON.parse(request.responseText).error;
    } catch {
      return "it was not taken: send it again";
    }
  }

  function say(words, share) {
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = share ?? 0;
    bar.setAttribute("aria-label", words);
    const line = document.createElement("p");
    line.textContent = words;
    $("sending").replaceChildren(...(share === undefined ? [line] : [bar, line]));
  }

  async function bringIn(files) {
    if (!files.length) return;
    const imports = $("drop").dataset.imports;
    const total = files.reduce((sum, file) => sum + file.size, 0) || 1;
    let sent = 0;
    try {
      const name = files.length === 1 ? files[0].name : `${files.length} files`;
      const { id } = await call("POST", imports, { name: name.slice(0, 120) });
      for (const file of files) {
        const told = (loaded) => say(`Sending ${file.name}`, (sent + loaded) / total);
        told(0);
        await send(`${imports}/${id}/files/${encodeURIComponent(file.name)}`, file, told);
        sent += file.size;
      }
      await call("POST", `${imports}/${id}/start`);
      say("Sent. It goes on by itself, also when you leave.");
      keepFresh($("imports"), 300);
      $("imports").toggleAttribute("data-refresh", true);
    } catch (error) {
      say(`That did not work: ${error.message}`);
    }
  }

  if ($("drop")) {
    const drop = $("drop");
    const over = (event) => { event.preventDefault(); drop.classList.toggle("over", event.type === "dragover"); };
    drop.addEventListener("dragover", over);
    drop.addEventListener("dragleave", over);
    drop.addEventListener("drop", (event) => { over(event); bringIn([...event.dataTransfer.files]); });
    $("files").addEventListener("change", () => bringIn([...$("files").files]));
  }
})();
