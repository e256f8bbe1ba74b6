// What was said with no network, kept on the device and sent in its order once there is one.
// Used by the pages and by the service worker, which may send when no page is open any more.
"use strict";

self.queue = (() => {
  const KEPT = "No network: this is kept here and sent by itself once there is one.";

  const asPromise = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  async function store(mode) {
    const opening = indexedDB.open("afterrun", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("answers", { autoIncrement: true });
    const database = await asPromise(opening);
    return database.transaction("answers", mode).objectStore("answers");
  }

  async function waiting() {
    const answers = await store("readonly");
    const [keys, values] = await Promise.all([asPromise(answers.getAllKeys()), asPromise(answers.getAll())]);
    return keys.map((key, place) => ({ key, ...values[place] }));
  }

  // Answers that the server will never take (a stale link) are let go; all others stay until it has them.
  const settled = (response) => response.ok || (response.status >= 400 && response.status < 500 && response.status !== 429);

  const post = (path, fields) => fetch(path, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams(fields),
  });

  async function send() {
    for (const { key, path, fields } of await waiting()) {
      if (!settled(await post(path, fields))) return false;
      (await store("readwrite")).delete(key);
    }
    return true;
  }

  let sending = Promise.resolve(true);

  // Resolves to whether everything is sent; never fails, as being offline is nothing unusual.
  function flush() {
    sending = sending.then(send).catch(() => false);
    return sending;
  }

  async function add(path, fields = {}) {
    try {
      await asPromise((await store("readwrite")).add({ path, fields }));
    } catch {
      return post(path, fields).then(settled, () => false); // a browser that keeps nothing (a private window)
    }
    return (await flush()) || later();
  }

  // Has the worker send it once there is a network, should no page be open by then.
  async function later() {
    const worker = self.navigator.serviceWorker && (await navigator.serviceWorker.getRegistration());
    if (worker && worker.sync) worker.sync.register("answers").catch(() => {});
    return false;
  }

  return { add, flush, KEPT };
})();
