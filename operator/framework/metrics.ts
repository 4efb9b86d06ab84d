import * as prometheus from "prom-client";
import { LabelSeries } from "./label-series.ts";

/** Label names of a metric; `never` for one without labels. */
type Labels<L extends string> = { readonly [name in L]: string };

export interface Counter<L extends string = never> {
  /** Adds 1 to the series without labels. */
  inc(): void;
  add(labels: Labels<L>, amount?: number): void;
  remove(labels: Labels<L>): void;
}

export interface Gauge<L extends string = never> {
  set(value: number): void;
  setFor(labels: Labels<L>, value: number): void;
  remove(labels: Labels<L>): void;
  /** Drops all series. */
  clear(): void;
}

export interface Histogram<L extends string = never> {
  observe(labels: Labels<L>, value: number): void;
}

/** The metrics of one process. A metric without labels exists from its creation on, with 0. */
export interface Metrics {
  counter<L extends string = never>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  gauge<L extends string = never>(name: string, help: string, labels?: readonly L[]): Gauge<L>;
  histogram<L extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: readonly L[],
  ): Histogram<L>;
  /** Prometheus text format 0.0.4. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** A registry of its own: nothing of it is global. */
export function createMetrics(): Metrics {
  const registry = new prometheus.Registry();
  const registers = [registry];
  return {
    counter(name, help, labels = []) {
      const common = { name, help, labelNames: [...labels], registers };
      if (labels.length === 0) {
        const metric = new prometheus.Counter(common);
        return { inc: () => metric.inc(), add: (_, amount = 1) => metric.inc(amount), remove: () => metric.reset() };
      }
      const { series } = new LabelledCounter(common);
      return {
        inc: () => series.add({}, 1),
        add: (values, amount = 1) => series.add(values, amount),
        remove: (values) => series.remove(values),
      };
    },
    gauge(name, help, labels = []) {
      const common = { name, help, labelNames: [...labels], registers };
      if (labels.length === 0) {
        const metric = new prometheus.Gauge(common);
        const [set, clear] = [(value: number) => metric.set(value), () => metric.reset()];
        return { set, setFor: (_, value) => set(value), remove: clear, clear };
      }
      const { series } = new LabelledGauge(common);
      return {
        set: (value) => series.set({}, value),
        setFor: (values, value) => series.set(values, value),
        remove: (values) => series.remove(values),
        clear: () => series.clear(),
      };
    },
    histogram(name, help, buckets, labels = []) {
      const metric = new prometheus.Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers });
      return { observe: (values, value) => metric.observe(values, value) };
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** The library makes a name and an object with all labels for each series, and keeps them: half a kilobyte, which is made when it is asked for. */
class LabelledCounter extends prometheus.Counter {
  readonly series: LabelSeries;

  constructor(configuration: { readonly labelNames: string[] } & prometheus.CounterConfiguration<string>) {
    super(configuration);
    this.series = new LabelSeries(configuration.labelNames);
  }

  override async get() {
    return { ...(await super.get()), values: [...this.series.entries()] };
  }
}

/** As {@link LabelledCounter}. */
class LabelledGauge extends prometheus.Gauge {
  readonly series: LabelSeries;

  constructor(configuration: { readonly labelNames: string[] } & prometheus.GaugeConfiguration<string>) {
    super(configuration);
    this.series = new LabelSeries(configuration.labelNames);
  }

  override async get() {
    return { ...(await super.get()), values: [...this.series.entries()] };
  }
}

/** The four that MetalLB's controller and speakers both have. */
export type ClientMetrics = {
  readonly updates: Counter;
  readonly updateErrors: Counter;
  readonly configLoaded: Gauge;
  readonly configStale: Gauge;
};

/** Exist from the start, with 0. */
export function createClientMetrics(metrics: Metrics): ClientMetrics {
  return {
    updates: metrics.counter("metallb_k8s_client_updates_total", "Reconciliations of single objects."),
    updateErrors: metrics.counter("metallb_k8s_client_update_errors_total", "Reconciliations of single objects that failed."),
    configLoaded: metrics.gauge("metallb_k8s_client_config_loaded_bool", "1 once a configuration has been loaded."),
    configStale: metrics.gauge("metallb_k8s_client_config_stale_bool", "1 while the latest configuration is set aside."),
  };
}
