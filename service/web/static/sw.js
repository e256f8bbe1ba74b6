// Keeps what a session needs on the device: a page once opened opens again with no network.
"use strict";

importScripts("static/queue.js" + self.location.search);

const FILES = "files" + self.location.search;
const PAGES = "pages";
const PAGES_KEPT = 10;
const root = new URL(".", self.location).pathname;
const isSession = (url) => url.pathname.startsWith(root + "s/");
const isFile = (url) => url.pathname.startsWith(root + "static/") || url.pathname.startsWith(root + "figures/");

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  const old = (name) => name !== FILES && name !== PAGES;
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (isFile(url)) event.respondWith(kept(event.request));
  else if (isSession(url) && event.request.mode === "navigate") event.respondWith(freshOrKept(event.request, url));
});

self.addEventListener("sync", (event) => {
  if (event.tag === "answers") {
    event.waitUntil(self.queue.flush().then((sent) => sent || Promise.reject(new Error("still offline"))));
  }
});

// Files never change under one address.
async function kept(request) {
  const cache = await caches.open(FILES);
  const found = await cache.match(request);
  if (found) return found;
  try {
    const response = await fetch(request);
    if (response.ok) cache.put(request, response.clone());
    return response;
  } catch (error) {
    const older = await cache.match(request, { ignoreSearch: true });
    if (older) return older;
    throw error;
  }
}

async function keep(cache, path, response) {
  await cache.delete(path);
  await cache.put(path, response);
  const paths = await cache.keys();
  await Promise.all(paths.slice(0, -PAGES_KEPT).map((old) => cache.delete(old)));
}

async function freshOrKept(request, url) {
  const cache = await caches.open(PAGES);
  try {
    const response = await fetch(request);
    if (response.ok) await keep(cache, url.pathname, response.clone());
    return response;
  } catch (error) {
    const found = await cache.match(url.pathname);
    if (found) return found;
    throw error;
  }
}
