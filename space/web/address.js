// The page's address says what is shown, so that it can be linked, reloaded and gone back to:
// ?tab=leaderboard&board=florence&score=...&rows=Measured&method=...&filter=...

const heard = new Set();

export function read() {
  return Object.fromEntries(new URLSearchParams(location.search));
}

/** Sets parts of the address; null takes one away. A new entry in the history if it is a step. */
export function write(parts, { isStep }) {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(parts)) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  if (address.href === location.href) return;
  history[isStep ? "pushState" : "replaceState"](null, "", address);
}

/** Calls back when the visitor goes back or forth, or follows a link inside the page. */
export function onMove(react) { heard.add(react); }

const move = () => heard.forEach((react) => react(read()));

const nameOf = (tab) => tab.textContent.trim().toLowerCase();
/** Those that a narrow page keeps behind three dots are no tabs to Gradio. */
const TABS = "button[role=tab], .overflow-dropdown button";
const tabs = () => [...document.querySelectorAll(TABS)];

function openTab({ tab }) {
  const [first] = tabs();
  const wanted = tabs().find((one) => nameOf(one) === (tab ?? nameOf(first)));
  if (wanted && wanted.ariaSelected !== "true") wanted.click();
}

/** Once, when the page is there. */
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
