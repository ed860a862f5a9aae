import type { Attributes } from "@opentelemetry/api";
import { ServiceReturnedUnexpectedResult } from "../../health/errors.ts";
import { Secret } from "../../health/secret.ts";
import type { Target } from "../../health/target.ts";
import { foreignProtocol } from "../../net/server-errors.ts";
import { inConversation } from "../../net/spans/conversation-span.ts";
import { factNames } from "../../net/spans/span-facts.ts";
import { askByHttp, type HttpQuestion, type HttpReply } from "../http/http-question.ts";
import { s3Failure } from "./s3-answer.ts";
import { encodeS3, type S3Credentials, signatureHeaders } from "./signature-v4.ts";

/** A bucket, as a check was told of it. */
export interface S3BucketOptions {
  /** Begins a question to the path behind the endpoint, whose host already names the bucket unless the path does. */
  readonly question: (path: string) => HttpQuestion;
  readonly target: Target;
  /** Its name, if it stands in the path. */
  readonly nameInPath: string | undefined;
  readonly region: string;
  readonly credentials: S3Credentials;
}

/** How long after a run was aborted its object is still deleted, in milliseconds. */
const farewellMilliseconds = 1000;

/** Asks one bucket. */
export class S3Bucket {
  readonly #options: S3BucketOptions;

  constructor(options: S3BucketOptions) {
    this.#options = options;
  }

  /**
   * Asks for the names of objects, but for none of them: the answer shows that the bucket is there and may be listed.
   * @throws HealthCheckError when it does not
   */
  async list(prefix: string, signal: AbortSignal): Promise<void> {
    const query = `?list-type=2&max-keys=0&prefix=${encodeS3(prefix)}`;
    const reply = await this.#ask("GET", this.#path("") + query, undefined, signal);
    if (reply.status === 200 && /<ListBucketResult[\s>]/.test(reply.text)) return;
    throw s3Failure(reply, "s3:ListBucket", Date.now());
  }

  /**
   * Writes an object, reads it, and deletes it. It is deleted, too, when it cannot be read or holds something else, and when the run is
   * aborted: then within a second, if the server takes that long at most.
   * @throws HealthCheckError when any of this fails, or what was read is something else
   */
  async roundTrip(key: string, content: string, signal: AbortSignal): Promise<void> {
    let isWritten = false;
    let found: string;
    try {
      await this.#put(key, content, signal);
      isWritten = true;
      found = await this.#get(key, signal);
    } catch (error) {
      // An aborted PUT may have arrived. What a server has refused to write it need not delete.
      const farewell = signal.aborted ? AbortSignal.timeout(farewellMilliseconds) : signal;
      if (isWritten || signal.aborted) await this.#delete(key, farewell).catch(() => {}); // What went wrong first counts.
      throw error;
    }
    await this.#delete(key, signal);
    if (found === content) return;
    throw new ServiceReturnedUnexpectedResult("what was read is not what was written", { reason: "assertion" });
  }

  #put(key: string, content: string, signal: AbortSignal): Promise<void> {
    return this.#converse("PUT", key, content, signal, (reply) => {
      if (reply.status !== 200) throw s3Failure(reply, "s3:PutObject", Date.now());
      if (reply.headers.etag === undefined) throw foreignProtocol("S3"); // Each object that was stored has one.
    });
  }

  #get(key: string, signal: AbortSignal): Promise<string> {
    return this.#converse("GET", key, undefined, signal, (reply) => {
      if (reply.status !== 200) throw s3Failure(reply, "s3:GetObject", Date.now());
      return reply.text;
    });
  }

  #delete(key: string, signal: AbortSignal): Promise<void> {
    return this.#converse("DELETE", key, undefined, signal, (reply) => {
      if (reply.status !== 204 && reply.status !== 200) throw s3Failure(reply, "s3:DeleteObject", Date.now());
    });
  }

  /** Each request of a round trip has a span of its own. */
  #converse<Result>(
    method: string,
    key: string,
    content: string | undefined,
    signal: AbortSignal,
    understand: (reply: HttpReply) => Result,
  ): Promise<Result> {
    const { address, port } = this.#options.target;
    const facts = (): Attributes => ({
      [factNames.httpRequestMethod]: method,
      [factNames.serverAddress]: address,
      [factNames.serverPort]: port,
    });
    return inConversation(method, facts, signal, async () =>
      understand(await this.#ask(method, this.#path(key), content, signal)),
    );
  }

  #ask(method: string, path: string, content: string | undefined, signal: AbortSignal): Promise<HttpReply> {
    const { region, credentials } = this.#options;
    const question = this.#options.question(path);
    const url = new URL(question.url.reveal());
    const headers = signatureHeaders({ method, url, body: content }, credentials, region, new Date());
    const body = content === undefined ? undefined : new Secret(content);
    return askByHttp({ ...question, method, headers, body }, signal);
  }

  #path(key: string): string {
    const { nameInPath } = this.#options;
    const path = [...(nameInPath === undefined ? [] : [nameInPath]), ...(key === "" ? [] : key.split("/"))];
    return `/${path.map(encodeS3).join("/")}`;
  }
}
