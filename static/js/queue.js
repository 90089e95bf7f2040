/*
 * What was typed and is not confirmed by the server yet, kept in this browser: it survives a reload and a closed tab.
 *
 * An entry is one criterion's whole content, keyed by person, dossier, score, the version that it was typed upon, and
 * the tab: two tabs never overwrite each other here, the server tells them that they clash. A tab holds a lock with its
 * name as long as it lives; entries of a tab whose lock is free are taken over by the next page that asks.
 */

const PREFIX = "cchc-queue:";
const ABANDONED_MS = 60_000;

/** Entries that the browser refused to keep (storage full or forbidden): they live as long as the page. */
const unkept = new Map();
const mine = new Set();
let count = 0;

export const person = document.body.dataset.person ?? "";

function lockName(tab) {
  return `cchc-tab:${tab}`;
}

/** Hold the lock of a tab until the page goes; false when somebody else holds it. */
function hold(tab) {
  return new Promise((resolve) => {
    navigator.locks.request(lockName(tab), { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      if (lock) mine.add(tab);
      return lock ? new Promise(() => {}) : undefined;
    });
  });
}

function newTab() {
  const random = crypto.getRandomValues(new Uint32Array(2));
  return Array.from(random, (part) => part.toString(36)).join("");
}

/** The name of this tab: the same after a reload, a new one in a duplicate of the tab. */
async function claimTab() {
  let tab = newTab();
  try {
    tab = sessionStorage.getItem("cchc-tab") ?? tab;
    if (navigator.locks && !(await hold(tab))) {
      tab = newTab();
      await hold(tab);
    }
    sessionStorage.setItem("cchc-tab", tab);
  } catch {
    // Without storage every page is a tab of its own.
  }
  mine.add(tab);
  return tab;
}

const tab = await claimTab();

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

/** Every entry of this person, oldest first, whichever tab wrote it. */
export function entries() {
  const found = new Map();
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(`${PREFIX}${person}:`)) continue;
      const entry = read(key);
      if (entry?.url && Array.isArray(entry.fields)) found.set(key, { ...entry, key });
    }
  } catch {
    // Storage is forbidden: only what this page holds itself.
  }
  for (const [key, entry] of unkept) found.set(key, { ...entry, key });
  return Array.from(found.values()).sort((a, b) => a.order - b.order);
}

/** Entries that this tab sends: its own, and those of tabs that are gone. */
export async function owned() {
  const all = entries();
  for (const other of new Set(all.map((entry) => entry.tab))) {
    if (mine.has(other)) continue;
    if (navigator.locks) await hold(other);
    else if (all.every((entry) => entry.tab !== other || Date.now() - entry.order > ABANDONED_MS)) mine.add(other);
  }
  return all.filter((entry) => mine.has(entry.tab));
}

export function get(key) {
  return unkept.get(key) ?? read(key);
}

/** Where this tab keeps a score's content that was typed upon `version`. */
export function keyOf({ dossier, score, version }, owner = tab) {
  return `${PREFIX}${person}:${dossier}:${score}:${version}:${owner}`;
}

/** An entry of a tab that is gone becomes this tab's, unless this tab has one in its place. */
export function adopt(entry) {
  return get(keyOf(entry)) === null ? { ...entry, tab } : entry;
}

/** Keep an entry; `kept` is false when the browser could not, so that only this page knows it. */
export function put(entry) {
  const owner = entry.tab ?? tab;
  const key = keyOf(entry, owner);
  if (entry.key && entry.key !== key) remove(entry.key);
  count += 1;
  const { key: _key, ...kept } = { ...entry, tab: owner, order: entry.order ?? Date.now() + count / 1000 };
  try {
    localStorage.setItem(key, JSON.stringify(kept));
    unkept.delete(key);
    return { key, kept: true };
  } catch {
    unkept.set(key, kept);
    return { key, kept: false };
  }
}

export function remove(key) {
  unkept.delete(key);
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was kept there.
  }
}

export function clear() {
  for (const entry of entries()) remove(entry.key);
}

/** Whether leaving the page would lose something. */
export function anythingUnkept() {
  return unkept.size > 0;
}
