import { wholeNumber } from "../../formats/elapsed.ts";
import { suggestion } from "../schema/suggestion.ts";

/** More names are not listed in a message. */
const maxListedNames = 20;

/** The message for a name that no check has. */
export function noSuchCheck(name: string): string {
  return `no check is called "${name}"`;
}

/** What follows {@link noSuchCheck}: the name that was probably meant, or the existing ones. Slow where there are many. */
export function adviceOnName(name: string, names: ReadonlySet<string>): () => string {
  return () => {
    const known = [...names];
    const listed = known.slice(0, maxListedNames).join(", ");
    const others = known.length - maxListedNames;
    const all = others > 0 ? `${listed} and ${wholeNumber(others)} more` : listed;
    return `.${suggestion(name, known) || (known.length === 0 ? " There are no checks" : ` Known checks: ${all}`)}`;
  };
}
