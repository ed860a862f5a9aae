import { type AnswerGrammar, type AnswerGuard, filled, skip, unsigned } from "../../net/answer-guard.ts";
import { foreignLdap } from "./ldap-error.ts";

/** What follows the length of an element. */
type Content = (length: number) => AnswerGrammar;

/** Elements of BER by their tags (RFC 4511, section 5.1): those that may stand in one place. */
type Elements = Readonly<Record<number, Content>>;

const anyOf =
  (elements: () => Elements): Content =>
  (length) =>
    filled(length, () => element(elements()), foreignLdap);

const bytes = skip;
const texts: Elements = { 4: bytes };
const values: Elements = { 4: bytes, 49: anyOf(() => texts) };
const attributes: Elements = { 48: anyOf(() => values) };
/** The number of a message, and whatever a control is told with. */
const control: Elements = { 1: bytes, 4: bytes };
const controls: Elements = { 48: anyOf(() => control) };
/** The code, a name and a text, to which servers to go to, a login's last word and an operation's answer may come. */
const result: Elements = { 10: bytes, 4: bytes, 163: anyOf(() => texts), 135: bytes, 138: bytes, 139: bytes };
const foundEntry: Elements = { 4: bytes, 48: anyOf(() => attributes) };
const intermediate: Elements = { 128: bytes, 129: bytes };

/** What a server may answer to a bind, a search or another request (RFC 4511, section 4). */
const message: Elements = {
  2: bytes,
  97: anyOf(() => result),
  100: anyOf(() => foundEntry),
  101: anyOf(() => result),
  115: anyOf(() => texts),
  120: anyOf(() => result),
  121: anyOf(() => intermediate),
  160: anyOf(() => controls),
};

/**
 * What a server sends. The client library never stops looking for the end of an element whose content is longer than itself, or
 * that stands where another should.
 */
export function* ldapMessages(guard: AnswerGuard): AnswerGrammar<never> {
  const messages: Elements = {
    48: (length) => {
      guard.announce(length);
      return anyOf(() => message)(length);
    },
  };
  for (;;) yield* element(messages);
}

function* element(elements: Elements): AnswerGrammar {
  const content = elements[yield 1];
  if (content === undefined) throw foreignLdap();
  const first = yield 1;
  // A length may be in bytes of its own. More than four of them, or none, are not allowed.
  if (first === 0x80 || first > 0x84) throw foreignLdap();
  yield* content(first < 0x80 ? first : yield* unsigned(first - 0x80));
}
