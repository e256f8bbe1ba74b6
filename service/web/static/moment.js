// What a moment of a phase asks for: the side, the breath, the repetition. `into` is in seconds from its beginning.
"use strict";

self.moment = (() => {
  // The words over the name: the side, and for a breath or a held repetition what to do right now.
  function label(phase, into) {
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

  function repetition(phase, into) {
    return phase.reps ? `${Math.min(phase.reps, Math.floor(into / phase.each) + 1)} of ${phase.reps}` : "";
  }

  return { label, breadth, repetition };
})();
