// What a runner hears and feels while a session plays: voice, tones, vibration; and a screen that stays on.
"use strict";

self.senses = (() => {
  const KEPT = "afterrun/sound";
  const NEXT = { voice: "tones", tones: "off", off: "voice" };
  const WORDS = { voice: "voice and tones", tones: "tones only", off: "off" };
  const TONES = {
    begin: [[660, 0.5, 0.2], [990, 0.6, 0.08]],
    end: [[523, 0.9, 0.2], [784, 1.1, 0.1]],
    count: [[440, 0.18, 0.14]],
    tick: [[880, 0.06, 0.06]],
    in: [[294, 0.9, 0.1], [330, 1.1, 0.06]],
    hold: [[370, 0.3, 0.05]],
    out: [[220, 1.2, 0.1], [196, 1.4, 0.06]],
  };

  let sound = localStorage.getItem(KEPT) || "voice";
  let audio = null, awake = null;

  // Sound may begin only once somebody has pressed something.
  function listen() {
    audio = audio || (self.AudioContext ? new AudioContext() : null);
    if (audio) audio.resume();
  }

  function note([frequency, seconds, volume]) {
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

  function tone(kind) {
    if (audio && sound !== "off") TONES[kind].forEach(note);
  }

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

  function next() {
    sound = NEXT[sound] || "voice";
    localStorage.setItem(KEPT, sound);
    if (sound !== "voice") hush();
  }

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

  return { listen, tone, say, hush, buzz, next, stayAwake, sound: () => sound, words: () => WORDS[sound] };
})();
