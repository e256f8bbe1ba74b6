// Plays a session. What happens when was decided on the server: this keeps the clock, shows, speaks and sounds.
//
// The place in the session follows from the clock (`anchor` is the moment at which it stood at 0), so a phone that
// slept comes back at the right place. While paused, `paused` is the place and the clock does not count.
"use strict";

(() => {
  const $ = (id) => document.getElementById(id);
  const player = $("player");
  const plan = JSON.parse($("plan").textContent);
  const { address, figures } = player.dataset;
  const STORE = "afterrun/" + plan.key;
  const KEPT_FOR_MS = 6 * 3600 * 1000;
  const TICK_MS = 200;
  const LATE_S = 2; // older cues are no longer said: the phone was asleep
  const AWAY_S = 30;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  let turns, phases, total;
  let anchor = 0, paused = 0, heard = 0, shown = null, over = false, settled = false;

  // --- the plan laid out in time

  function lay() {
    let at = 0;
    phases = turns.flatMap((turn, number) => turn.phases.map((phase) => {
      const cues = Object.entries(phase.cues).flatMap(([kind, moments]) => moments.map((one) => [kind, ...[one].flat()]));
      return { ...phase, cues, turn: number, at, end: (at += phase.seconds) };
    }));
    total = at;
  }

  const place = () => (paused === null ? (Date.now() - anchor) / 1000 : paused);
  const phaseAt = (at) => phases.find((phase) => at < phase.end) || phases[phases.length - 1];
  const turnAt = (at) => turns[phaseAt(at).turn];
  const startOf = (number) => phases.find((phase) => phase.turn === number).at;

  function go(to, { still = paused !== null } = {}) {
    const at = Math.min(Math.max(to, 0), total);
    paused = still ? at : null;
    anchor = Date.now() - at * 1000;
    heard = at - 0.001;
    shown = null;
    missed(null);
    senses.hush();
    keep();
    tick();
  }

  // --- what is kept on this device, should the page be closed

  const swaps = [];

  function keep() {
    localStorage.setItem(STORE, JSON.stringify({ anchor, paused, swaps, at: Date.now() }));
  }

  function kept() {
    try {
      const found = JSON.parse(localStorage.getItem(STORE));
      return found && Date.now() - found.at < KEPT_FOR_MS ? found : null;
    } catch {
      return null;
    }
  }

  // --- sounding

  function sounded(from, to) {
    for (const phase of phases) {
      if (phase.end <= from || phase.at > to) continue;
      for (const [kind, at, words] of phase.cues) {
        const moment = phase.at + at;
        if (moment <= from || moment > to || to - moment > LATE_S) continue;
        if (at === 0) senses.hush();
        if (kind === "say") senses.say(words);
        else senses.tone(kind);
        if (kind === "begin") senses.buzz(90);
      }
    }
  }

  // --- showing

  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const text = (id, words) => { if ($(id).textContent !== words) $(id).textContent = words; };

  function showPhase(phase) {
    const turn = turns[phase.turn], next = turns[phase.turn + 1];
    const leading = phase.act === "ready" || phase.act === "change";
    player.dataset.act = phase.act;
    text("name", turn.name);
    text("cue", leading ? turn.how : turn.cue);
    text("upnext", next ? `Next: ${next.name}` : "The last one");
    picture("figure", drawn(turn, phase.mirrored));
    $("run").classList.toggle("rest", phase.act !== "work");
    text("live", [leading ? phase.label : "", turn.name, leading ? turn.dose : phase.label].filter(Boolean).join(", "));
    if (phase.act === "side") senses.buzz([60, 80, 60]);
  }

  // The moving figure, or its key poses where nothing shall move; the other way round for the second side.
  function drawn(turn, mirrored) {
    return turn.figure ? `${figures}${turn.figure}${mirrored ? "-other" : ""}${calm.matches ? "-still" : ""}.svg` : "";
  }

  function picture(id, wanted) {
    $(id).hidden = !wanted;
    if (wanted && $(id).getAttribute("src") !== wanted) $(id).src = wanted;
  }

  function showPlace(at) {
    const phase = phaseAt(at), into = at - phase.at;
    if (phase !== shown) {
      shown = phase;
      showPhase(phase);
    }
    const left = Math.max(0, Math.ceil(phase.end - at - 0.001));
    text("left", clock(left));
    text("reps", moment.repetition(phase, into));
    text("label", moment.label(phase, into));
    $("run").setAttribute("stroke-dashoffset", (1 - into / phase.seconds).toFixed(4));
    $("breath").setAttribute("r", calm.matches ? 0 : moment.breadth(phase, into).toFixed(1));
    const done = turns.map((turn, number) => share(number, at));
    [...$("laps").children].forEach((lap, number) => lap.classList.toggle("done", done[number] >= 1));
    [...$("laps").children].forEach((lap, number) => lap.classList.toggle("now", number === phase.turn));
  }

  function share(number, at) {
    const from = startOf(number), to = number + 1 < turns.length ? startOf(number + 1) : total;
    return (at - from) / (to - from);
  }

  function tick() {
    const at = place();
    if (over) return;
    if (at >= total) return finish();
    showPlace(at);
    if (paused !== null) return;
    if (at - heard > AWAY_S) missed(heard);
    sounded(heard, at);
    heard = at;
  }

  function frame() {
    if (player.hidden) return;
    if (!over && paused === null && !calm.matches) showPlace(Math.min(place(), total - 0.001));
    requestAnimationFrame(frame);
  }

  // Offers the way back to where somebody was when the phone fell asleep.
  function missed(at) {
    $("missed").hidden = at === null;
    if (at === null) return;
    text("missed", `You were away. Back to ${turnAt(at).name}`);
    $("missed").onclick = () => go(at);
  }

  // --- what the runner does

  function open(resumed) {
    senses.listen();
    player.hidden = false;
    document.body.classList.add("playing");
    aside(true);
    over = false;
    sheet(null);
    senses.stayAwake(true);
    setPaused(false);
    go(resumed, { still: false });
    requestAnimationFrame(frame);
    $("pause").focus();
  }

  function leave() {
    if (settled) return location.assign(address);
    if (!over) go(place(), { still: true });
    player.hidden = true;
    document.body.classList.remove("playing");
    aside(false);
    senses.stayAwake(false);
    offer();
    $("start").focus();
  }

  // Nothing behind the player can be reached while it is open.
  function aside(wish) {
    for (const part of document.querySelectorAll("#main, .bar, .skip")) part.inert = wish;
  }

  function setPaused(wish) {
    player.classList.toggle("paused", wish);
    $("pause").setAttribute("aria-label", wish ? "Go on" : "Pause");
  }

  function pause() {
    setPaused(paused === null);
    go(place(), { still: paused === null });
    senses.stayAwake(paused === null);
  }

  function back() {
    const { turn } = phaseAt(place());
    const early = place() - startOf(turn) < 8;
    go(startOf(Math.max(0, early ? turn - 1 : turn)));
  }

  function skip() {
    const { turn } = phaseAt(place());
    go(turn + 1 < turns.length ? startOf(turn + 1) : total);
  }

  function sheet(id) {
    for (const name of ["relief", "finish"]) $(name).hidden = name !== id;
    player.classList.toggle("covered", id !== null);
    for (const part of player.querySelectorAll(".tell, .controls")) part.inert = id !== null;
    if (id) $(`${id}-name`).focus();
  }

  // --- what hurts

  const waysOut = (turn) => (turn.instead || []).map((name) => plan.ways[name]);

  function wayOut() {
    const turn = turnAt(place());
    const taken = new Set(turns.filter((other) => other !== turn).map((other) => other.root));
    return waysOut(turn).find((way) => !taken.has(way.root)) || null;
  }

  function hurting() {
    setPaused(true);
    go(place(), { still: true });
    const way = wayOut();
    text("relief-name", way ? `Instead: ${way.name}` : "Better left out");
    text("relief-how", way ? way.how : "Nothing else fits here that spares that part of you.");
    $("take").hidden = !way;
    $("without").hidden = turns.length === 1;
    picture("relief-figure", way && drawn(way, false));
    sheet("relief");
  }

  function relieve(way) {
    const number = phaseAt(place()).turn;
    swap(turns[number].movement, way ? way.movement : null);
    queue.add(`${address}/hurts`, { movement: swaps[swaps.length - 1][0], instead: way ? way.movement : "" }).then(later);
    resume(number < turns.length ? startOf(number) : total);
  }

  // Puts a way out in a movement's place, or takes the movement out; the same again changes nothing.
  function swap(movement, other) {
    const number = turns.findIndex((turn) => turn.movement === movement);
    if (number < 0) return;
    const way = other && waysOut(turns[number]).find((found) => found.movement === other);
    turns = [...turns.slice(0, number), ...(way ? [way] : []), ...turns.slice(number + 1)];
    swaps.push([movement, other]);
    const laps = $("laps");
    while (laps.children.length > turns.length) laps.lastElementChild.remove();
    lay();
  }

  // --- the end

  function finish() {
    over = true;
    const slept = paused === null && place() - total > AWAY_S;
    const before = slept ? heard : startOf(turns.length - 1);
    paused = total;
    senses.stayAwake(false);
    senses.tone("end");
    senses.buzz([120, 80, 120]);
    text("finish-eyebrow", slept ? "The time ran out while this was asleep" : "That was all of it");
    text("finish-words", plan.closing);
    text("live", "Finished");
    if (!slept) senses.say("Done. Well looked after.");
    $("feelings").hidden = true;
    $("done").hidden = false;
    $("return").hidden = false;
    $("return").onclick = () => resume(before);
    sheet("finish");
  }

  function resume(at) {
    over = false;
    sheet(null);
    setPaused(false);
    senses.stayAwake(true);
    go(at, { still: false });
    $("pause").focus();
  }

  function done() {
    localStorage.removeItem(STORE);
    settled = true;
    queue.add(`${address}/done`).then(later);
    $("done").hidden = true;
    $("return").hidden = true;
    $("feelings").hidden = false;
    text("finish-eyebrow", "Done");
    text("finish-name", "How was it?");
    text("finish-words", "");
    $("feelings").firstElementChild.focus();
  }

  function felt(feeling) {
    $("feelings").hidden = true;
    text("finish-name", "Thank you");
    text("finish-words", "The next routine takes it to heart.");
    $("finish-name").focus();
    queue.add(`${address}/feel/${feeling}`).then((sent) => (sent ? leave() : later(sent)));
  }

  function later(sent) {
    text("queued", sent ? "" : queue.KEPT);
  }

  // --- keys, and coming back

  function nextSound() {
    senses.next();
    showSound();
  }

  function showSound() {
    $("sound").dataset.sound = senses.sound();
    $("sound").setAttribute("aria-label", `Sound: ${senses.words()}`);
  }

  const KEYS = { " ": pause, ArrowLeft: back, ArrowRight: skip, h: hurting, m: nextSound };

  function pressed(event) {
    if (player.hidden || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      event.preventDefault();
      if (!$("relief").hidden) return resume(place());
      return leave();
    }
    const act = KEYS[event.key];
    const onButton = event.key === " " && event.target.closest("button");
    if (!act || onButton || player.classList.contains("covered")) return;
    event.preventDefault();
    act();
  }

  function lookedAt() {
    if (document.hidden || player.hidden) return;
    if (paused === null) senses.stayAwake(true);
    senses.listen();
    queue.flush();
    tick();
  }

  // The start button goes on where an earlier visit left off.
  function offer() {
    const before = kept();
    const at = before ? (before.paused === null ? (Date.now() - before.anchor) / 1000 : before.paused) : 0;
    const resumes = at > 0 && at < total;
    $("start").querySelector("span").textContent = resumes ? `Go on at ${clock(Math.floor(at))}` : `Start · ${clock(Math.round(total))}`;
    $("start").onclick = () => open(resumes ? at : 0);
    $("start").hidden = false;
  }

  turns = plan.turns;
  lay();
  const before = kept();
  if (before) before.swaps.forEach(([movement, other]) => swap(movement, other));

  $("leave").onclick = leave;
  $("sound").onclick = nextSound;
  $("pause").onclick = pause;
  $("back").onclick = back;
  $("skip").onclick = skip;
  $("hurts").onclick = hurting;
  $("take").onclick = () => relieve(wayOut());
  $("without").onclick = () => relieve(null);
  $("go-on").onclick = () => resume(place());
  $("done").onclick = done;
  for (const button of $("feelings").children) button.onclick = () => felt(button.dataset.feeling);
  document.addEventListener("keydown", pressed);
  document.addEventListener("visibilitychange", lookedAt);
  self.addEventListener("online", () => queue.flush().then(later));
  showSound();
  offer();
  queue.flush();
  setInterval(() => { if (!player.hidden) tick(); }, TICK_MS);
})();
