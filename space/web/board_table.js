// <board-table>: a board with sortable columns, a filter, and rows that open.
// `show({asked, label, titles, kinds, lines})` draws it, `show(null)` hides it; `onOpen({place,
// method})` is told of a row, `onWant({board, score, rows})` of another board in the page's address.

import { onMove, read, write } from "./address.js";

const NEXT = { none: "ascending", ascending: "descending", descending: "none" };
const MARKS = { none: "", ascending: "▲", descending: "▼" };
const SETTLE_MS = 400;
const LONG_TEXT = 14; // characters

/** An element with properties and children; strings are inserted as text, not HTML. */
function made(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

/** Ascending order; missing values come last in both sort orders. */
function compared(first, second, sign) {
  const [a, b] = [first.value, second.value];
  if (a === null || b === null) return (a === null) - (b === null);
  const order = typeof a === "number" && typeof b === "number"
    ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
  return sign * order;
}

class BoardTable extends HTMLElement {
  connectedCallback() {
    if (this.table) return;
    const words = "Filter the rows";
    this.filter = made("input", { type: "search", placeholder: words, ariaLabel: words });
    this.count = made("output", { className: "bt-count" });
    this.none = made("p", { className: "bt-none", hidden: true });
    this.table = made("table");
    this.frame = made("div", { className: "bt-frame", tabIndex: 0, role: "region" }, this.table);
    this.append(made("div", { className: "bt-bar" }, this.filter, this.count), this.frame, this.none);
    this.filter.addEventListener("input", () => { this.refilter(); this.tell(); });
    this.table.addEventListener("click", (event) => this.onClick(event));
    this.none.addEventListener("click", (event) => event.target.closest("button") && this.showAll());
    onMove((address) => this.follow(address));
  }

  /** The selection in the page's address, if it names another board. */
  follow({ tab, board, score = null, rows = null, method, filter = "" }) {
    if (!this.isConnected || !this.board || tab !== "leaderboard") return;
    const { asked } = this.board;
    const isShown = (board ?? asked.board) === asked.board && (score ?? asked.score) === asked.score;
    if (!isShown || (rows ?? asked.rows) !== asked.rows) {
      this.onWant?.({ board: board ?? asked.board, score, rows });
      return;
    }
    this.setFilter(filter);
    const opened = this.opened?.querySelector("th").textContent;
    if (method && method !== opened) this.openMethod(method);
  }

  /** A new board resets filter and order; other columns of the same board keep both. */
  show(board) {
    this.hidden = !board;
    if (!board) return;
    const isFirst = !this.board;
    const isOther = board.asked.board !== this.board?.asked.board;
    if (isOther) this.filter.value = "";
    if (isOther || !board.titles.includes(this.order?.title)) this.order = { title: "", way: "none" };
    this.board = board;
    this.opened = null;
    this.frame.ariaLabel = board.label;
    this.frame.scrollLeft = 0;
    this.draw();
    const { asked } = board;
    const isNamed = read().board === asked.board; // by the address, which then has its filter
    if (isFirst || isNamed) this.follow(read());
    const isChosen = isOther && !isNamed;
    const left = isChosen ? { method: null, filter: null } : {};
    if (!isFirst) write({ ...asked, ...left }, { isStep: isChosen });
  }

  setFilter(words) {
    if (this.filter.value.trim() === words) return;
    this.filter.value = words;
    this.refilter();
  }

  draw() {
    const { label, titles, lines } = this.board;
    const head = made("tr", {}, ...titles.map((title, column) => this.header(title, column)));
    this.rows = lines.map((line, place) => this.row(line, place));
    this.body = made("tbody", {}, ...this.rows);
    this.table.replaceChildren(made("caption", {}, label), made("thead", {}, head), this.body);
    this.reorder();
    this.refilter();
  }

  header(title, column) {
    const cell = made("th", { scope: "col", className: this.look(column) });
    if (this.board.kinds[column] === "links") cell.append(title);
    else {
      const mark = made("span", { className: "bt-mark", ariaHidden: "true" });
      const button = made("button", { type: "button", title: `Sort by ${title}` }, title, mark);
      button.dataset.column = column;
      cell.append(button);
    }
    return cell;
  }

  look(column) {
    return `bt-${this.board.kinds[column]}`;
  }

  row(line, place) {
    const row = made("tr", { className: line.is_measured ? "bt-measured" : "" });
    row.dataset.place = place;
    line.cells.forEach((cell, column) => {
      const isName = this.board.kinds[column] === "name";
      const tag = isName ? "th" : "td";
      const box = made(tag, { className: this.look(column) });
      box.classList.toggle("bt-best", cell.is_best);
      box.classList.toggle("bt-long", cell.text.length > LONG_TEXT);
      if (isName) box.scope = "row";
      if (isName) box.append(made("button", { type: "button" }, cell.text));
      else if (cell.links.length) box.append(...this.links(cell.links));
      else box.append(cell.text);
      row.append(box);
    });
    row.words = line.cells.map((cell) => cell.text).join(" ").toLowerCase();
    return row;
  }

  links(links) {
    return links.flatMap(([word, href], at) => {
      const leaves = /^https?:/.test(href); // the page's own places open in it
      const more = leaves ? { target: "_blank", rel: "noopener nofollow" } : {};
      return [at ? " · " : "", made("a", { href, ...more }, word)];
    });
  }

  onClick(event) {
    const header = event.target.closest("thead button");
    if (header) this.sortBy(this.board.titles[header.dataset.column]);
    const row = event.target.closest("tbody tr");
    if (row && !event.target.closest("a")) this.open(row);
  }

  open(row) {
    this.opened?.removeAttribute("aria-current");
    this.opened = row;
    row.setAttribute("aria-current", "true");
    const place = Number(row.dataset.place);
    const name = this.board.kinds.indexOf("name");
    const method = this.board.lines[place].cells[name].text;
    write({ method }, { isStep: false });
    this.onOpen?.({ place, method });
  }

  /** Opens the method's first row. */
  openMethod(method) {
    const name = this.board.kinds.indexOf("name");
    const place = this.board.lines.findIndex((line) => line.cells[name].text === method);
    if (place >= 0) this.open(this.rows[place]);
  }

  sortBy(title) {
    const before = this.order.title === title ? this.order.way : "none";
    this.order = { title, way: NEXT[before] };
    this.reorder();
  }

  reorder() {
    const column = this.board.titles.indexOf(this.order.title);
    const { way } = this.order;
    this.table.querySelectorAll("thead th").forEach((cell, at) => {
      const is = at === column ? way : "none";
      cell.ariaSort = is;
      const mark = cell.querySelector(".bt-mark");
      if (mark) mark.textContent = MARKS[is];
    });
    const places = this.rows.map((_, place) => place);
    if (way !== "none") {
      const sign = way === "ascending" ? 1 : -1;
      const cell = (place) => this.board.lines[place].cells[column];
      places.sort((a, b) => compared(cell(a), cell(b), sign) || a - b);
    }
    this.body.append(...places.map((place) => this.rows[place]));
  }

  refilter() {
    const words = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of this.rows) {
      row.hidden = !words.every((word) => row.words.includes(word));
      shown += !row.hidden;
    }
    const all = this.rows.length;
    this.count.textContent = shown < all ? `${shown} of ${all} rows` : `${all} rows`;
    this.none.hidden = shown > 0 || !all;
    this.frame.hidden = shown === 0;
    this.none.replaceChildren(
      `No row has “${this.filter.value.trim()}”. `,
      made("button", { type: "button" }, "Show all rows"),
    );
  }

  /** Writes the visitor's filter into the address, once typing stops; drawing a board does not. */
  tell() {
    clearTimeout(this.telling);
    const told = { filter: this.filter.value.trim() };
    this.telling = setTimeout(() => this.isSeen && write(told, { isStep: false }), SETTLE_MS);
  }

  get isSeen() { return this.offsetParent !== null; }

  showAll() {
    this.filter.value = "";
    this.refilter();
    this.tell();
    this.filter.focus();
  }
}

customElements.define("board-table", BoardTable);
