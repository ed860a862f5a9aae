import { pageHeaders } from "../../page/document.ts";
import { refusalPage } from "../../page/refusal-page.ts";
import { type Answer, contentAnswer } from "../answer.ts";

/** A refusal as a page, with all else that its text says. */
export function refusalInPage({ status, headers, body }: Answer): Answer {
  const page = `${refusalPage(status, body.trim(), Date.now())}\n`;
  const { "Content-Type": _type, "Content-Length": _length, ...own } = headers;
  return contentAnswer(status, "text/html; charset=utf-8", page, { ...own, ...pageHeaders() });
}
