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
  let sound = localStorage.getItem("afterrun/sound") || "voice";

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
    hush();
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

  // --- hearing

  let audio = null;

  function tone(frequency, seconds, volume) {
    if (!audio || sound === "off") return;
    const from = audio.currentTime;
    const swing = audio.createOscillator();
    const level = audio.createGain();
    swing.frequency.value = frequency;
    level.gain.setValueAtTime(0, from);
    level.gain.linearRampToValueAtTime(volume, from + 0.02);
    level.gain.exponentialRampToValueAtTime(0.0001, from + seconds);
    swing.connect(level).connect(audio.destination);
    swing.start(from);
    swing.stop(from + seconds);
  }

  const TONES = {
    begin: () => { tone(660, 0.5, 0.2); tone(990, 0.6, 0.08); },
    end: () => { tone(523, 0.9, 0.2); tone(784, 1.1, 0.1); },
    count: () => tone(440, 0.18, 0.14),
    tick: () => tone(880, 0.06, 0.06),
    in: () => { tone(294, 0.9, 0.1); tone(330, 1.1, 0.06); },
    hold: () => tone(370, 0.3, 0.05),
    out: () => { tone(220, 1.2, 0.1); tone(196, 1.4, 0.06); },
  };

  function say(words) {
    if (sound !== "voice" || !self.speechSynthesis || document.hidden) return;
    const spoken = new SpeechSynthesisUtterance(words);
    spoken.lang = "en";
    spoken.rate = 0.95;
    speechSynthesis.speak(spoken);
  }

  const hush = () => self.speechSynthesis && speechSynthesis.cancel();

  function buzz(pattern) {
    if (navigator.vibrate) navigator.vibrate(pattern);
  }

  function sounded(from, to) {
    for (const phase of phases) {
      if (phase.end <= from || phase.at > to) continue;
      for (const [kind, at, words] of phase.cues) {
        const moment = phase.at + at;
        if (moment <= from || moment > to || to - moment > LATE_S) continue;
        if (at === 0) hush();
        if (kind === "say") say(words);
        else TONES[kind]();
        if (kind === "begin") buzz(90);
      }
    }
  }

  // --- staying awake

  let awake = null;

  async function stayAwake(wish) {
    try {
      if (wish && !awake && navigator.wakeLock) {
        awake = await navigator.wakeLock.request("screen");
        awake.addEventListener("release", () => { awake = null; });
      } else if (!wish && awake) {
        await awake.release();
      }
    } catch {
      awake = null; // a low battery may forbid it; the clock goes on all the same
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
    if (phase.act === "side") buzz([60, 80, 60]);
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
    const rep = phase.reps ? Math.min(phase.reps, Math.floor(into / phase.each) + 1) : 0;
    text("reps", rep ? `${rep} of ${phase.reps}` : "");
    text("label", saying(phase, into));
    $("run").setAttribute("stroke-dashoffset", (1 - into / phase.seconds).toFixed(4));
    $("breath").setAttribute("r", calm.matches ? 0 : breadth(phase, into).toFixed(1));
    const done = turns.map((turn, number) => share(number, at));
    [...$("laps").children].forEach((lap, number) => lap.classList.toggle("done", done[number] >= 1));
    [...$("laps").children].forEach((lap, number) => lap.classList.toggle("now", number === phase.turn));
  }

  function share(number, at) {
    const from = startOf(number), to = number + 1 < turns.length ? startOf(number + 1) : total;
    return (at - from) / (to - from);
  }

  // The words over the name: the side, and for a breath or a held repetition what to do right now.
  function saying(phase, into) {
    const now = breathing(phase, into) || holding(phase, into);
    return [phase.label, now].filter(Boolean).join(" · ") || "\u00a0";
  }

  function breathing(phase, into) {
    if (!phase.breath) return "";
    const [inhale, held, exhale] = phase.breath;
    const at = into % phase.breath.reduce((sum, part) => sum + part, 0);
    if (at < inhale) return "Breathe in";
    if (at < inhale + held) return "Hold";
    return at < inhale + held + exhale ? "Breathe out" : "Stay empty";
  }

  function holding(phase, into) {
    if (!phase.hold || !phase.each) return "";
    const at = into % phase.each;
    return at < phase.each - phase.hold ? "Move" : "Hold";
  }

  function breadth(phase, into) {
    if (!phase.breath) return 0;
    const [inhale, held, exhale, empty] = phase.breath;
    const at = into % (inhale + held + exhale + empty);
    const ease = (x) => 0.5 - Math.cos(Math.PI * x) / 2;
    const full = at < inhale ? ease(at / inhale)
      : at < inhale + held ? 1
      : at < inhale + held + exhale ? 1 - ease((at - inhale - held) / exhale) : 0;
    return 62 + 50 * full;
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
    audio = audio || (self.AudioContext ? new AudioContext() : null);
    if (audio) audio.resume();
    player.hidden = false;
    document.body.classList.add("playing");
    aside(true);
    over = false;
    sheet(null);
    stayAwake(true);
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
    stayAwake(false);
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
    stayAwake(paused === null);
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
    stayAwake(false);
    TONES.end();
    buzz([120, 80, 120]);
    text("finish-eyebrow", slept ? "The time ran out while this was asleep" : "That was all of it");
    text("finish-words", plan.closing);
    text("live", "Finished");
    if (!slept) say("Done. Well looked after.");
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
    stayAwake(true);
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

  async function later(sent) {
    text("queued", sent ? "" : "No network: this is kept here and sent by itself once there is one.");
    if (sent || !navigator.serviceWorker) return;
    const worker = await navigator.serviceWorker.getRegistration();
    if (worker && worker.sync) worker.sync.register("answers").catch(() => {});
  }

  // --- sound, keys, and coming back

  const SOUNDS = { voice: "tones", tones: "off", off: "voice" };
  const SOUND_WORDS = { voice: "voice and tones", tones: "tones only", off: "off" };

  function setSound(wish) {
    sound = wish;
    localStorage.setItem("afterrun/sound", sound);
    $("sound").dataset.sound = sound;
    $("sound").setAttribute("aria-label", `Sound: ${SOUND_WORDS[sound]}`);
    if (sound !== "voice") hush();
  }

  const KEYS = { " ": pause, ArrowLeft: back, ArrowRight: skip, h: hurting, m: () => setSound(SOUNDS[sound]) };

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
    if (paused === null) stayAwake(true);
    if (audio) audio.resume();
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
  $("sound").onclick = () => setSound(SOUNDS[sound]);
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
  setSound(sound);
  offer();
  queue.flush();
  setInterval(() => { if (!player.hidden) tick(); }, TICK_MS);

  // A page once opened opens again with no network: it and what it came with are kept on the device.
  const worker = document.currentScript.dataset.worker;

  async function keepPage() {
    await navigator.serviceWorker.register(worker);
    const [pages, files] = await Promise.all([caches.open("pages"), caches.open("files" + new URL(worker, location).search)]);
    const here = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    if (here.ok) await pages.put(location.pathname, here);
    const parts = [...document.querySelectorAll("link[href], script[src]")].map((part) => part.href || part.src);
    const all = [...turns, ...Object.values(plan.ways)];
    const pictures = all.flatMap((turn) => [drawn(turn, false), turn.phases.some((phase) => phase.mirrored) && drawn(turn, true)]);
    await Promise.all([...new Set([...parts, ...pictures])].filter(Boolean).map((file) => files.add(file).catch(() => {})));
  }

  if (navigator.serviceWorker) keepPage().catch(() => {}); // without it the page plays as long as it stays open
})();
