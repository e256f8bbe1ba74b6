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
      if (part.hasAttribute("data-refresh")) keepFresh(part, pause);
    }, pause);
  }

  for (const part of document.querySelectorAll("[data-refresh]")) keepFresh(part, Number(part.dataset.refresh));
})();
