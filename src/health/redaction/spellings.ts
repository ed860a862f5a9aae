/** A shorter text is not looked for: that would make every message unreadable. */
const minSecretCharacters = 4;

/** A longer secret is a document of some kind: its lines are no secrets by themselves, and to spell it would take too long. */
const maxDividedCharacters = 64 * 1024;

/** A part of a longer text in base64 that is shorter than this could be any word. */
const minBase64Characters = 8;

/**
 * The texts that give a secret away: itself, each of its lines, and what follows the scheme of an `Authorization` header, that of
 * `Basic` also decoded.
 */
export function tellingParts(secret: string): readonly string[] {
  if (secret.length > maxDividedCharacters) return [secret];
  const lines = secret.split(/[\r\n]+/).map((line) => line.trim());
  const { scheme, token = "" } = authorization.exec(secret)?.groups ?? {};
  const login = scheme?.toLowerCase() === "basic" ? Buffer.from(token, "base64").toString() : "";
  const colon = login.indexOf(":");
  const halves = colon < 0 ? [] : [login, login.slice(0, colon), login.slice(colon + 1)];
  return [secret, ...lines, token, ...halves].filter((text) => text.length >= minSecretCharacters);
}

const authorization = /^\s*(?<scheme>basic|bearer|token|apikey|api-key|negotiate|digest)\s+(?<token>\S+)/i;

/** How a text may be written in what is printed: as it is, and in addresses, forms, base64, JSON, XML and regular expressions. */
export function spellingsOf(text: string): readonly string[] {
  if (text.length > maxDividedCharacters) return [text];
  let spellings = known.get(text);
  if (spellings === undefined) {
    if (known.size >= maxKnown) known.clear();
    spellings = findSpellings(text);
    known.set(text, spellings);
  }
  return spellings;
}

/** Kept, because thousands of checks may have the same certificate or token. */
const known = new Map<string, readonly string[]>();
const maxKnown = 1000;

function findSpellings(text: string): readonly string[] {
  const wellFormed = text.toWellFormed(); // Only such can be percent-encoded.
  const spellings = [text, ...inUrl(wellFormed), ...inBase64(wellFormed), ...inJson(text), ...inXml(text)];
  return [...new Set(spellings)].filter((spelling) => spelling.length >= minSecretCharacters);
}

function inUrl(text: string): readonly string[] {
  const url = new URL("http://host");
  url.username = text;
  url.pathname = `/${text}`;
  url.search = `?${text}`;
  url.hash = `#${text}`;
  const component = encodeURIComponent(text);
  const encoded = [
    component,
    component.replaceAll("%2F", "/"),
    component.replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`),
    new URLSearchParams([["", text]]).toString().slice("=".length),
    encodeURI(text),
    url.username,
    url.pathname.slice(1),
    url.search.slice(1),
    url.hash.slice(1),
  ];
  const lowerCase = encoded.map((one) => one.replaceAll(/%[\dA-F]{2}/g, (octet) => octet.toLowerCase()));
  return [...encoded, ...lowerCase, ...asHost(text)];
}

/** In lower case, and as its address or in Punycode. */
function asHost(text: string): readonly string[] {
  const hostname = /[\s/?#@:\\]/.test(text) ? undefined : URL.parse(`http://${text}`)?.hostname;
  return hostname === undefined ? [] : [hostname, text.toLowerCase()];
}

/** By itself, and as a part of a longer text: after one or two bytes before it, other characters stand for it. */
function inBase64(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const within = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return whole.slice(Math.ceil((before * 4) / 3), Math.floor(((before + bytes.length) * 4) / 3));
  });
  const own = bytes.toString("base64");
  const all = [own, own.replace(/=+$/, ""), ...within.filter((part) => part.length >= minBase64Characters)];
  return [...all, ...all.map((one) => one.replaceAll("+", "-").replaceAll("/", "_"))];
}

/** As JavaScript writes JSON, and as others do, which escape more; also a regular expression, which escapes slashes alone. */
function inJson(text: string): readonly string[] {
  const plain = JSON.stringify(text).slice(1, -1);
  const more = [/[\u007f-\uffff]/g, /[<>&\u2028\u2029]/g, /[<>&'\u2028\u2029]/g, /[<>&'\u007f-\uffff]/g];
  const all = [plain, ...more.map((which) => escapeCharacters(plain, which))];
  return [...all, ...[text, ...all].map((one) => one.replaceAll("/", "\\/"))];
}

function escapeCharacters(text: string, which: RegExp): string {
  return text.replaceAll(which, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** As element content and as attributes, with each of the usual names of the quotation marks. */
function inXml(text: string): readonly string[] {
  const content = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const quotes = ["&quot;", "&#34;", "&#x22;"].map((quote) => content.replaceAll('"', quote));
  const both = quotes.flatMap((one) => ["&apos;", "&#39;", "&#x27;"].map((quote) => one.replaceAll("'", quote)));
  return [content, ...quotes, ...both];
}
