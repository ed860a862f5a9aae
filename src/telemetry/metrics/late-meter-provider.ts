import type {
  BatchObservableCallback,
  Counter,
  Gauge,
  Histogram,
  Meter,
  MeterProvider,
  Observable,
  ObservableCallback,
  UpDownCounter,
} from "@opentelemetry/api";

/** Calls that are kept for each object until it is there; what more comes is dropped. Loading takes a moment. */
const maxCalls = 10_000;

/** Stands for an object that is not there yet: keeps what it is called with, and hands that on in its order. */
class Late<Target> {
  #target: Target | undefined;
  #calls: ((target: Target) => void)[] = [];

  call(call: (target: Target) => void): void {
    if (this.#target !== undefined) call(this.#target);
    else if (this.#calls.length < maxCalls) this.#calls.push(call);
  }

  settle(target: Target): void {
    this.#target = target;
    for (const call of this.#calls.splice(0)) call(target);
  }
}

/**
 * Stands for the SDK's meter provider while that is being loaded, which the API itself has only for traces. What is measured
 * meanwhile is measured then, so that nothing has to wait for the SDK, and nothing is lost.
 */
export class LateMeterProvider implements MeterProvider {
  readonly #provider = new Late<MeterProvider>();

  getMeter(...identity: Parameters<MeterProvider["getMeter"]>): Meter {
    const meter = new Late<Meter>();
    this.#provider.call((provider) => meter.settle(provider.getMeter(...identity)));
    return meterOf(meter);
  }

  /** From now on everything goes to this one, and first what has come already. */
  settle(provider: MeterProvider): void {
    this.#provider.settle(provider);
  }
}

function meterOf(meter: Late<Meter>): Meter {
  const observables = new Map<Observable, Observable>();
  const batches = new Map<BatchObservableCallback, BatchObservableCallback>();
  const real = (observable: Observable): Observable => observables.get(observable) ?? observable;

  function instrument<Instrument>(make: (meter: Meter) => Instrument): Late<Instrument> {
    const late = new Late<Instrument>();
    meter.call((target) => late.settle(make(target)));
    return late;
  }
  function adding(make: (meter: Meter) => Counter | UpDownCounter): Counter & UpDownCounter {
    const late = instrument(make);
    return { add: (...measured) => late.call((target) => target.add(...measured)) };
  }
  function recording(make: (meter: Meter) => Gauge | Histogram): Gauge & Histogram {
    const late = instrument(make);
    return { record: (...measured) => late.call((target) => target.record(...measured)) };
  }
  function observed(make: (meter: Meter) => Observable): Observable {
    const late = instrument(make);
    const observable: Observable = {
      addCallback: (callback: ObservableCallback) => late.call((target) => target.addCallback(callback)),
      removeCallback: (callback: ObservableCallback) => late.call((target) => target.removeCallback(callback)),
    };
    late.call((target) => observables.set(observable, target));
    return observable;
  }

  return {
    createCounter: (name, options) => adding((target) => target.createCounter(name, options)),
    createUpDownCounter: (name, options) => adding((target) => target.createUpDownCounter(name, options)),
    createHistogram: (name, options) => recording((target) => target.createHistogram(name, options)),
    createGauge: (name, options) => recording((target) => target.createGauge(name, options)),
    createObservableGauge: (name, options) => observed((target) => target.createObservableGauge(name, options)),
    createObservableCounter: (name, options) => observed((target) => target.createObservableCounter(name, options)),
    createObservableUpDownCounter: (name, options) =>
      observed((target) => target.createObservableUpDownCounter(name, options)),
    addBatchObservableCallback(callback, instruments) {
      // The SDK knows its own instruments alone.
      const batch: BatchObservableCallback = (result) =>
        callback({ observe: (metric, ...measured) => result.observe(real(metric), ...measured) });
      batches.set(callback, batch);
      meter.call((target) => target.addBatchObservableCallback(batch, instruments.map(real)));
    },
    removeBatchObservableCallback(callback, instruments) {
      const batch = batches.get(callback) ?? callback;
      batches.delete(callback);
      meter.call((target) => target.removeBatchObservableCallback(batch, instruments.map(real)));
    },
  };
}
