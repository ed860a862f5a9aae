/** A start tag, an end tag, a text, and what else stands between the tags of an XML document. */
const token =
  /<!--(?:(?!--)[\s\S])*-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?xml [^?]*\?>|<!DOCTYPE html>|<(?<close>\/)?(?<name>[\w:-]+)(?<attributes>(?:\s+[\w:-]+="[^"<]*")*)\s*(?<empty>\/)?>|(?<text>[^<]+)/gy;

const reference = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i;

/** What XML 1.0 does not allow anywhere (section 2.2), and what it discourages. */
const forbidden = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uD800-\uDFFF\uFFFE\uFFFF]/u;

/**
 * Reads a document by the rules of XML: tags that match, attributes that are quoted and given once, references that
 * exist, one root.
 * @returns its text, with references resolved
 * @throws Error that says what is wrong, and where
 */
export function readWellFormed(document: string): string {
  const open: string[] = [];
  let roots = 0;
  let seen = "";
  const fail = (what: string, at: number): never => {
    throw new Error(`${what} at ${at}: ${JSON.stringify(document.slice(Math.max(0, at - 60), at + 60))}`);
  };
  const misfit = forbidden.exec(document);
  if (misfit !== null) fail("a forbidden character", misfit.index);
  for (let at = 0; at < document.length; at = token.lastIndex) {
    token.lastIndex = at;
    const match = token.exec(document) ?? fail("no markup", at);
    const { name, close, empty, attributes = "", text } = match.groups ?? {};
    if (reference.test(text ?? attributes)) fail("an ampersand", at);
    if (text?.includes("]]>")) fail("the end of a CDATA section", at);
    if (text !== undefined) seen += resolved(text);
    if (match[0].startsWith("<![CDATA[")) seen += match[0].slice(9, -3);
    if (name === undefined) {
      if (open.length === 0 && text?.trim()) fail("text outside the root", at);
      continue;
    }
    const names = [...attributes.matchAll(/([\w:-]+)="/g)].map(([, attribute]) => attribute);
    if (new Set(names).size < names.length) fail("an attribute that is given twice", at);
    if (close !== undefined && open.pop() !== name) fail(`an end of ${name} that is not open`, at);
    if (close === undefined && open.length === 0) roots += 1;
    if (close === undefined && empty === undefined) open.push(name);
    seen += " ";
  }
  if (open.length > 0) fail(`${open.join(", ")} not closed`, document.length);
  if (roots !== 1) fail(`${roots} roots`, document.length);
  return seen;
}

function resolved(text: string): string {
  return text
    .replaceAll(/&#(?:x([\da-f]+)|(\d+));/gi, (_, hexadecimal, decimal) =>
      String.fromCodePoint(hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16)),
    )
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}
