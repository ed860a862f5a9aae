import { createHash } from "node:crypto";
import { Markup, markup } from "../../formats/markup.ts";

/**
 * Keeps a page up to date in place: it fetches the page again after each event and after a while, and changes what is different.
 * What the reader has opened or closed stays so until the server says otherwise, and nothing else moves. It shows moments in the
 * reader's time zone, with UTC as a tooltip, the axis of a chart of one day as well, and says so when the server does not answer. It runs in documents of HTML only, and has neither
 * `<` nor an ampersand in it, so that the same text is well-formed as XML.
 */
const source = `(() => {
const page = document, { events, refresh } = page.currentScript.dataset, served = new WeakMap(), here = location.origin + location.pathname;
if (page.contentType !== "text/html") return;
const all = (root, wanted, use) => root.querySelectorAll(wanted).forEach(use);
const say = (at, options) => new Date(at).toLocaleString("en-GB", options);
const local = (root) => {
  all(root, "time:not([title])", (time) => {
    time.title = time.textContent;
    time.textContent = say(time.dateTime, { dateStyle: "medium", timeStyle: "long" });
  });
  all(root, "text[data-at]", (mark) => mark.textContent = say(+mark.dataset.at, { timeStyle: "short" }));
  all(root, "[data-zone]", (note) => note.textContent = "The axis is in your time zone.");
};
const keep = () => all(page, "details", (each) => served.has(each) || served.set(each, each.open));
const patch = (now, next) => {
  if (now.isEqualNode(next)) return now;
  if (now.nodeType !== 1 || now.nodeName !== next.nodeName || now.id !== next.id) {
    now.replaceWith(next);
    return next;
  }
  if (now.nodeName === "DETAILS") {
    const before = served.get(now);
    served.set(now, next.open);
    if (before === next.open) next.open = now.open;
  }
  for (const { name } of [...now.attributes]) next.hasAttribute(name) || now.removeAttribute(name);
  for (const { name, value } of next.attributes) now.getAttribute(name) === value || now.setAttribute(name, value);
  const old = new Set(now.childNodes), named = new Map([...now.children].map((each) => [each.id, each]));
  let place = now.firstChild;
  for (const child of [...next.childNodes]) {
    let found = child.id ? named.get(child.id) : [...old].find((each) => !each.id ? each.nodeName === child.nodeName : false);
    if (!old.delete(found)) found = undefined;
    if (found === undefined) now.insertBefore(child, place);
    else {
      if (found !== place) now.insertBefore(found, place);
      place = patch(found, child).nextSibling;
    }
  }
  for (const each of old) each.remove();
  return now;
};
let busy = false, again = false, fresh = true, stream;
const warn = () => {
  if (page.getElementById("stale")) return;
  const note = page.createElement("p");
  note.id = "stale";
  note.role = "alert";
  note.textContent = "The server has not answered since " + new Date().toLocaleTimeString("en-GB") + ". This may be out of date.";
  page.querySelector("main").prepend(note);
};
const load = async () => {
  again = busy;
  if (busy || page.hidden) return;
  busy = true;
  try {
    const answer = await fetch(here + location.search, { cache: "no-cache" });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    const looks = (root) => root.querySelector("style").textContent;
    if (!next.querySelector("main")) throw 0;
    if (looks(next) !== looks(page)) return location.reload();
    local(next);
    page.title = next.title;
    for (const part of ["link[rel=icon]", "body"]) patch(page.querySelector(part), next.querySelector(part));
    keep();
  } catch {
    warn();
  } finally {
    busy = false;
    if (again) setTimeout(load, 1000);
  }
};
const listen = () => {
  stream?.close();
  if (!events || page.hidden) return;
  stream = new EventSource(new URL(events, here));
  stream.addEventListener("report", () => fresh ? (fresh = false) : load());
};
local(page);
keep();
listen();
setInterval(load, 1000 * refresh);
page.addEventListener("visibilitychange", () => {
  fresh = true;
  listen();
  load();
});
})();`;

/** As it is sent: in one line, which each statement allows by its semicolon, and without the spaces around signs, which no text in it has. */
const sent = source.replaceAll(/\n */g, "").replaceAll(/ ?(=>|[!=]==|[=?:+{},;]) ?/g, "$1");

/** The directives of a `Content-Security-Policy` that let the script run, and nothing else, and let it ask this server. */
export const scriptPolicy: readonly string[] = [
  `script-src 'sha256-${createHash("sha256").update(sent).digest("base64")}'`,
  "connect-src 'self'",
];

const text = new Markup(sent);

/**
 * The script as the end of a page's body has it.
 * @param events the relative address of the events that the page follows; undefined when there are none
 * @param refreshSeconds how often it fetches the page when nothing happens
 */
export function pageScript(events: string | undefined, refreshSeconds: number): Markup {
  return markup`<script${events !== undefined && markup` data-events="${events}"`} data-refresh="${refreshSeconds}">${text}</script>`;
}
