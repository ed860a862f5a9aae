import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createSecureServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { Message } from "./protobuf.ts";

type Attributes = Readonly<Record<string, unknown>>;

/** What says that it made a span, a data point or a log record. */
export interface ReceivedScope {
  readonly name: string;
  readonly version: string;
  readonly schemaUrl: string;
}

/** A span as it arrived. */
export interface ReceivedSpan {
  readonly resource: Attributes;
  readonly scope: ReceivedScope;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: "internal" | "server" | "client" | "producer" | "consumer" | "unspecified";
  readonly startedAtNanoseconds: bigint;
  readonly endedAtNanoseconds: bigint;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code: "unset" | "ok" | "error"; readonly message: string };
}

/** A data point as it arrived, with the metric that it belongs to. */
export interface ReceivedPoint {
  readonly resource: Attributes;
  readonly scope: ReceivedScope;
  readonly metric: string;
  readonly unit: string;
  readonly type: "gauge" | "sum" | "histogram" | "exponential histogram";
  readonly temporality: "unspecified" | "delta" | "cumulative";
  /** Whether it is a sum that never falls. */
  readonly monotonic: boolean;
  readonly attributes: Attributes;
  /** The count of a histogram. */
  readonly value: number;
}

/** A log record as it arrived. */
export interface ReceivedLog {
  readonly resource: Attributes;
  readonly scope: ReceivedScope;
  readonly severity: number;
  readonly severityText: string;
  /** Empty for a record that is no event. */
  readonly eventName: string;
  readonly body: unknown;
  readonly attributes: Attributes;
  readonly traceId: string;
  readonly spanId: string;
}

/** A request as it arrived. */
interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** What the receiver does with a request. */
interface Behaviour {
  /** 200 takes what was sent; with any other it is as if nothing had come. */
  readonly status: number;
  /** How long it thinks before it answers; infinity is for ever. */
  readonly afterMilliseconds?: number;
}

/** An OTLP/HTTP receiver on a loopback port that lives as long as a test. */
export interface OtlpReceiver extends AsyncDisposable {
  /** To be used as `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  readonly spans: readonly ReceivedSpan[];
  readonly points: readonly ReceivedPoint[];
  readonly logs: readonly ReceivedLog[];
  /** What it does with the requests that come from now on; takes them at first. */
  behaviour: Behaviour;
}

export interface ReceiverOptions {
  /** On which it listens: to come up where nobody was. Default: a free one. */
  readonly port?: number;
  /** The certificates with which it speaks TLS. Default: it does not. */
  readonly tls?: ServerOptions;
}

/** Starts a receiver that understands traces, metrics and logs in protobuf, compressed or not. */
export async function startOtlpReceiver({ port = 0, tls }: ReceiverOptions = {}): Promise<OtlpReceiver> {
  const requests: ReceivedRequest[] = [];
  const spans: ReceivedSpan[] = [];
  const points: ReceivedPoint[] = [];
  const logs: ReceivedLog[] = [];
  const receive: RequestListener = async (request, response) => {
    const { url: path = "", headers } = request;
    requests.push({ path, headers });
    const body = new Message(await bodyOf(request));
    const { status, afterMilliseconds = 0 } = receiver.behaviour;
    if (afterMilliseconds === Number.POSITIVE_INFINITY) return;
    setTimeout(() => {
      if (status === 200 && path.endsWith("/v1/traces")) spans.push(...spansIn(body));
      if (status === 200 && path.endsWith("/v1/metrics")) points.push(...pointsIn(body));
      if (status === 200 && path.endsWith("/v1/logs")) logs.push(...logsIn(body));
      response.writeHead(status, { "Content-Type": "application/x-protobuf" }).end();
    }, afterMilliseconds);
  };
  const server = tls === undefined ? createServer(receive) : createSecureServer(tls, receive);
  await once(server.listen(port, "127.0.0.1"), "listening");
  const url = `${tls === undefined ? "http" : "https"}://127.0.0.1:${(server.address() as AddressInfo).port}`; // It listens on TCP.
  const receiver: OtlpReceiver = {
    url,
    requests,
    spans,
    points,
    logs,
    behaviour: { status: 200 },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const body = await buffer(request);
  return request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
}

// The numbers of the fields are those of opentelemetry/proto/{trace,metrics,logs,common,resource}/v1.

function scopeIn(ofScope: Message): ReceivedScope {
  const scope = ofScope.message(1);
  return { name: scope.text(1), version: scope.text(2), schemaUrl: ofScope.text(3) };
}

function spansIn(request: Message): ReceivedSpan[] {
  return request.messages(1).flatMap((ofResource) => {
    const resource = attributesIn(ofResource.message(1), 1);
    return ofResource.messages(2).flatMap((ofScope) => {
      const scope = scopeIn(ofScope);
      return ofScope.messages(2).map((span) => ({ resource, scope, ...spanIn(span) }));
    });
  });
}

const kinds = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;
const statusCodes = ["unset", "ok", "error"] as const;

function spanIn(span: Message): Omit<ReceivedSpan, "resource" | "scope"> {
  const status = span.message(15);
  return {
    traceId: span.hex(1),
    spanId: span.hex(2),
    parentSpanId: span.hex(4),
    name: span.text(5),
    kind: kinds[span.integer(6)] ?? "unspecified",
    startedAtNanoseconds: span.fixed(7),
    endedAtNanoseconds: span.fixed(8),
    attributes: attributesIn(span, 9),
    events: span.messages(11).map((event) => ({ name: event.text(2), attributes: attributesIn(event, 3) })),
    links: span.messages(13).map((link) => ({ traceId: link.hex(1), spanId: link.hex(2) })),
    status: { code: statusCodes[status.integer(3)] ?? "unset", message: status.text(2) },
  };
}

function pointsIn(request: Message): ReceivedPoint[] {
  return request.messages(1).flatMap((ofResource) => {
    const resource = attributesIn(ofResource.message(1), 1);
    return ofResource.messages(2).flatMap((ofScope) => {
      const scope = scopeIn(ofScope);
      return ofScope.messages(2).flatMap((metric) => pointsOf(metric).map((point) => ({ resource, scope, ...point })));
    });
  });
}

const types = { 5: "gauge", 7: "sum", 9: "histogram", 10: "exponential histogram" } as const;
const temporalities = ["unspecified", "delta", "cumulative"] as const;

function pointsOf(metric: Message): Omit<ReceivedPoint, "resource" | "scope">[] {
  const named = { metric: metric.text(1), unit: metric.text(3) };
  return Object.entries(types).flatMap(([field, type]) => {
    const data = metric.message(Number(field));
    const temporality = temporalities[data.integer(2)] ?? "unspecified";
    const monotonic = type === "sum" && data.integer(3) !== 0;
    return data.messages(1).map((point) => {
      if (type === "histogram") {
        const attributes = attributesIn(point, 9);
        return { ...named, type, temporality, monotonic, attributes, value: Number(point.fixed(4)) };
      }
      if (type === "exponential histogram") {
        const attributes = attributesIn(point, 1);
        return { ...named, type, temporality, monotonic, attributes, value: Number(point.fixed(4)) };
      }
      const value = point.has(4) ? point.double(4) : Number(point.fixed(6));
      return { ...named, type, temporality, monotonic, attributes: attributesIn(point, 7), value };
    });
  });
}

function logsIn(request: Message): ReceivedLog[] {
  return request.messages(1).flatMap((ofResource) => {
    const resource = attributesIn(ofResource.message(1), 1);
    return ofResource.messages(2).flatMap((ofScope) => {
      const scope = scopeIn(ofScope);
      return ofScope.messages(2).map((record) => ({
        resource,
        scope,
        severity: record.integer(2),
        severityText: record.text(3),
        eventName: record.text(12),
        body: valueIn(record.message(5)),
        attributes: attributesIn(record, 6),
        traceId: record.hex(9),
        spanId: record.hex(10),
      }));
    });
  });
}

function attributesIn(message: Message, field: number): Attributes {
  return Object.fromEntries(message.messages(field).map((pair) => [pair.text(1), valueIn(pair.message(2))]));
}

function valueIn(value: Message): unknown {
  if (value.has(1)) return value.text(1);
  if (value.has(2)) return value.integer(2) !== 0;
  if (value.has(3)) return value.integer(3);
  if (value.has(4)) return value.double(4);
  if (value.has(5)) return value.message(5).messages(1).map(valueIn);
  return undefined;
}
