// Keeps the page's state in its address, for links, reloads and the back button:
// ?tab=leaderboard&board=florence&score=...&rows=Measured&method=...&filter=...

const heard = new Set();

export function read() {
  return Object.fromEntries(new URLSearchParams(location.search));
}

/** Sets parameters of the address; null removes one. A step adds an entry to the history. */
export function write(parts, { isStep }) {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(parts)) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  if (address.href === location.href) return;
  history[isStep ? "pushState" : "replaceState"](null, "", address);
}

/** Calls back when the visitor goes back or forward, or follows a link inside the page. */
export function onMove(react) { heard.add(react); }

const move = () => heard.forEach((react) => react(read()));

const nameOf = (tab) => tab.textContent.trim().toLowerCase();
/** On narrow pages, tabs in the overflow menu (three dots) lack the tab role. */
const TABS = "button[role=tab], .overflow-dropdown button";
const tabs = () => [...document.querySelectorAll(TABS)];

function openTab({ tab }) {
  const [first] = tabs();
  const wanted = tabs().find((one) => nameOf(one) === (tab ?? nameOf(first)));
  if (wanted && wanted.ariaSelected !== "true") wanted.click();
}

/** Runs once, when the page is ready. */
export function followTabs() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(TABS);
    if (button && event.isTrusted) {
      const isFirst = nameOf(button) === nameOf(tabs()[0]);
      const others = { board: null, score: null, rows: null, method: null, filter: null };
      const left = read().tab === nameOf(button) ? {} : others;
      write({ ...left, tab: isFirst ? null : nameOf(button) }, { isStep: true });
    }
    const link = event.target.closest?.('a[href^="?tab="]');
    if (!link) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    move();
  });
  addEventListener("popstate", move);
  onMove(openTab);
  window.daslFollows = true;
  if (window.daslWaiting) { // clicked before this script was there
    history.pushState(null, "", window.daslWaiting);
    move();
  } else if (read().tab) openTab(read()); // else the visitor may be elsewhere already
}
