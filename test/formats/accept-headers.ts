/** What real programs send as their `Accept` header, and the offer that each of them should get. */
export interface RealHeader {
  readonly sender: string;
  /** Undefined when the program sends none. */
  readonly accept: string | undefined;
  /** The media type that is right for it; undefined when nothing is acceptable. */
  readonly expected: string | undefined;
}

const html = "text/html";
const json = "application/json";
const text = "text/plain";
const rss = "application/rss+xml";
const atom = "application/atom+xml";
const openMetrics = "application/openmetrics-text";
const prometheusText = "text/plain;version=0.0.4";

const browsers: readonly RealHeader[] = [
  {
    sender: "Chrome and Edge",
    accept:
      "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
    expected: html,
  },
  {
    sender: "Firefox since 132",
    accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    expected: html,
  },
  {
    sender: "Firefox before 128",
    accept: "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    expected: html,
  },
  { sender: "Safari", accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", expected: html },
  {
    sender: "Edge in its Internet Explorer mode",
    accept: "text/html, application/xhtml+xml, image/jxr, */*",
    expected: html,
  },
  { sender: "Internet Explorer 8", accept: "image/gif, image/jpeg, image/pjpeg, */*", expected: html },
  {
    sender: "lynx",
    accept: "text/html, text/plain, text/sgml, text/css, application/xhtml+xml, */*;q=0.01",
    expected: html,
  },
  { sender: "w3m", accept: "text/html, text/*;q=0.5, image/*", expected: html },
  { sender: "a browser's fetch()", accept: "*/*", expected: html },
];

const clients: readonly RealHeader[] = [
  { sender: "curl", accept: "*/*", expected: html },
  { sender: "curl -H 'Accept:'", accept: undefined, expected: html },
  { sender: "curl -H 'Accept: application/json'", accept: "application/json", expected: json },
  { sender: "curl -H 'Accept: text/plain'", accept: "text/plain", expected: text },
  { sender: "wget", accept: "*/*", expected: html },
  { sender: "HTTPie", accept: "*/*", expected: html },
  { sender: "HTTPie with --json", accept: "application/json, */*;q=0.5", expected: json },
  { sender: "Python requests, httpx, aiohttp", accept: "*/*", expected: html },
  { sender: "Python urllib", accept: undefined, expected: html },
  { sender: "Go net/http", accept: undefined, expected: html },
  { sender: "okhttp", accept: undefined, expected: html },
  {
    sender: "Java's HttpURLConnection",
    accept: "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
    expected: html,
  },
  { sender: "Spring's RestTemplate for a String", accept: "text/plain, */*", expected: text },
  { sender: "Spring's RestTemplate for an object", accept: "application/json, application/*+json", expected: json },
  { sender: "Node's fetch()", accept: "*/*", expected: html },
  { sender: "axios", accept: "application/json, text/plain, */*", expected: json },
  { sender: "jQuery's getJSON()", accept: "application/json, text/javascript, */*; q=0.01", expected: json },
  { sender: "PowerShell's Invoke-RestMethod", accept: undefined, expected: html },
  {
    sender: "an API client that asks for health+json",
    accept: "application/health+json",
    expected: "application/health+json",
  },
  {
    sender: "an API client that takes either",
    accept: "application/health+json, application/json;q=0.9",
    expected: "application/health+json",
  },
];

const scrapers: readonly RealHeader[] = [
  {
    sender: "Prometheus 3.5",
    accept:
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    expected: openMetrics,
  },
  {
    sender: "Prometheus 3.5 with native histograms, Grafana Alloy with them",
    accept:
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
    expected: openMetrics,
  },
  {
    sender: "Prometheus 3.5 with escaping=underscores",
    accept:
      "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=underscores;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    expected: openMetrics,
  },
  {
    sender: "Prometheus 3.5 told to scrape PrometheusText0.0.4 first",
    accept:
      "text/plain;version=0.0.4;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,*/*;q=0.4",
    expected: prometheusText,
  },
  {
    sender: "Prometheus 2.5 to 2.54, Grafana Agent",
    accept:
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    expected: openMetrics,
  },
  {
    sender: "Prometheus 2.40 and later with native histograms",
    accept:
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    expected: openMetrics,
  },
  {
    sender: "Prometheus 2.5, before OpenMetrics had a version 1",
    accept: "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    expected: prometheusText,
  },
  {
    sender: "Prometheus 0.x",
    accept:
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,text/plain;version=0.0.4;q=0.3,application/json;schema="prometheus/telemetry";version=0.0.2;q=0.2,*/*;q=0.1',
    expected: prometheusText,
  },
  {
    sender: "VictoriaMetrics vmagent, Netdata",
    accept: "text/plain;version=0.0.4;q=1,*/*;q=0.1",
    expected: prometheusText,
  },
  {
    sender: "Telegraf",
    accept:
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,text/plain;version=0.0.4;q=0.3,*/*;q=0.1",
    expected: prometheusText,
  },
  { sender: "a script that wants OpenMetrics", accept: "application/openmetrics-text", expected: openMetrics },
];

const probes: readonly RealHeader[] = [
  { sender: "the kubelet's HTTP probe", accept: "*/*", expected: html },
  { sender: "an AWS load balancer's health check", accept: undefined, expected: html },
  { sender: "a Google Cloud health check", accept: undefined, expected: html },
  { sender: "HAProxy's option httpchk", accept: undefined, expected: html },
  { sender: "blackbox_exporter", accept: undefined, expected: html },
  {
    sender: "Uptime Kuma",
    accept:
      "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.9",
    expected: html,
  },
];

const feedReaders: readonly RealHeader[] = [
  {
    sender: "FreshRSS, WordPress and whatever else uses SimplePie",
    accept:
      "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, text/html;q=0.7, unknown/unknown;q=0.1, application/unknown;q=0.1, */*;q=0.1",
    expected: atom,
  },
  {
    sender: "Thunderbird",
    accept:
      "application/atom+xml,application/rss+xml;q=0.9,application/rdf+xml;q=0.8,application/xml;q=0.7,text/xml;q=0.7,*/*;q=0.1",
    expected: atom,
  },
  {
    sender: "QuiteRSS",
    accept: "application/atom+xml,application/rss+xml;q=0.9,application/xml;q=0.8,text/xml;q=0.7,*/*;q=0.6",
    expected: atom,
  },
  {
    sender: "feedparser (Python)",
    accept:
      "application/atom+xml,application/rdf+xml,application/rss+xml,application/x-netcdf,application/xml;q=0.9,text/xml;q=0.2,*/*;q=0.1",
    expected: atom,
  },
  { sender: "rss-parser (Node)", accept: "application/rss+xml", expected: rss },
  {
    sender: "feedparser's example (Node), which Xibo and many a reader have taken over",
    accept:
      "application/rss+xml, application/rdf+xml;q=0.8, application/atom+xml;q=0.6, application/xml;q=0.4, text/xml;q=0.4",
    expected: rss,
  },
  {
    sender: "Miniflux, which finds the feeds in the page",
    accept:
      "application/xml, application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, text/html, */*;q=0.9",
    expected: html,
  },
  { sender: "NetNewsWire and others that leave it to the address", accept: "*/*", expected: html },
];

const lenient: readonly RealHeader[] = [
  { sender: "an empty header", accept: "", expected: html },
  { sender: "spaces and commas", accept: " ,, ,", expected: html },
  { sender: "nothing that is well-formed", accept: "html", expected: html },
  { sender: "a lone asterisk", accept: "*", expected: html },
  { sender: "a malformed member beside a good one", accept: "text/html;q=high, application/json", expected: json },
  { sender: "a weight above 1", accept: "text/html;q=1.5, application/json;q=0.1", expected: json },
  { sender: "a weight below 0", accept: "text/html;q=-1, application/json;q=0.1", expected: json },
  { sender: "two weights", accept: "text/html;q=1;q=0.5, application/json;q=0.1", expected: json },
  { sender: "a type for any subtype", accept: "*/html, application/json", expected: json },
  { sender: "three parts", accept: "text/html/x, application/json", expected: json },
  { sender: "an open quotation mark", accept: 'application/json, text/html;a="b', expected: json },
  { sender: "a comma between quotes", accept: 'text/html;a="b, text/plain", application/json;q=0.1', expected: json },
  { sender: "an escaped quote", accept: 'text/html;a="b\\", text/plain", application/json;q=0.1', expected: json },
  { sender: "capitals", accept: "APPLICATION/JSON;Q=0.9, Text/Plain;q=0.8", expected: json },
  {
    sender: "spaces around everything",
    accept: " application/json ; q = 0.9 ,\ttext/plain ; q = 0.8 ",
    expected: json,
  },
  { sender: "semicolons to spare", accept: "application/json;;q=0.9;, text/plain;q=0.8", expected: json },
  {
    sender: "the weight before a parameter",
    accept: "text/plain;q=0.9;version=0.0.4, text/plain;q=0.8",
    expected: prometheusText,
  },
  { sender: "many decimals", accept: "application/json;q=0.33333, text/plain;q=0.33334", expected: text },
  { sender: "a charset", accept: "application/json; charset=utf-8", expected: json },
];

const exclusions: readonly RealHeader[] = [
  { sender: "anything but HTML", accept: "text/html;q=0, */*", expected: json },
  { sender: "anything but text of any kind", accept: "*/*, text/*;q=0", expected: json },
  { sender: "text but no HTML", accept: "text/*, text/html;q=0.0", expected: text },
  { sender: "any application type", accept: "application/*", expected: json },
  { sender: "nothing at all", accept: "*/*;q=0", expected: undefined },
  { sender: "one thing only", accept: "application/json, */*;q=0", expected: json },
  { sender: "both yes and no", accept: "application/json;q=0, application/json", expected: undefined },
  { sender: "pictures", accept: "image/png, image/*;q=0.8", expected: undefined },
  { sender: "XML of no kind in particular", accept: "application/xml", expected: undefined },
  {
    sender: "another version of OpenMetrics",
    accept: "application/openmetrics-text;version=2.0.0",
    expected: undefined,
  },
  {
    sender: "the example of RFC 9110",
    accept: "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5",
    expected: text,
  },
];

export const realHeaders: Readonly<Record<string, readonly RealHeader[]>> = {
  browsers,
  clients,
  scrapers,
  probes,
  "feed readers": feedReaders,
  "headers that are bent or broken": lenient,
  "headers that exclude": exclusions,
};
