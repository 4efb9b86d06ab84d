import type { KubeApi, ListOptions, ListPage, WatchOptions, WriteOptions } from "../api/kube-api.ts";
import { type KubeObject, keyOf, keyText, type ObjectKey, type ResourceType } from "../api/kube-object.ts";
import type { FakeVerb } from "./fake-api.ts";

/** What goes over a line. */
export type Call = { readonly verb: FakeVerb; readonly type: ResourceType; readonly key?: ObjectKey };

type Held = { readonly call: Call; readonly release: (error?: Error) => void };

const reset = () => new Error("read ECONNRESET");
const writes: readonly FakeVerb[] = ["create", "patch", "apply", "delete"];

/**
 * One process's line to an API server that several share. Tests let it hang, so that requests and events wait; cut it;
 * lose answers on it; and kill the process behind it, whose last writes may arrive all the same.
 */
export class FakeLine implements KubeApi {
  readonly #api: KubeApi;
  readonly #held = new Set<Held>();
  readonly #watches = new Set<() => void>();
  #isHeld: (call: Call) => boolean = () => false;
  #isHanging = false;
  #cut = false;
  #dead = false;
  #answersToLose = 0;

  constructor(api: KubeApi) {
    this.#api = api;
  }

  /** Neither cut nor hanging. */
  get isOpen(): boolean {
    return !this.#cut && !this.#isHanging;
  }

  /** Keys of the objects of `plural` that writes wait for, as `namespace/name`. */
  heldWrites(plural: string): readonly string[] {
    return [...this.#held]
      .filter(({ call }) => writes.includes(call.verb) && call.type.plural === plural)
      .map(({ call }) => (call.key === undefined ? "" : keyText(call.key)));
  }

  /** Requests wait, and so do events of watches, until {@link FakeLine.mend}; what hangs already, hangs on. @param which absent: all. */
  hang(which: (call: Call) => boolean = () => true): void {
    const before = this.#isHeld;
    this.#isHeld = (call) => before(call) || which(call);
    this.#isHanging = true;
  }

  /** Requests fail and watches break until {@link FakeLine.mend}; what hangs, hangs on. */
  cut(): void {
    this.#cut = true;
    for (const end of [...this.#watches]) end();
  }

  /** Everything works again, and what waited goes on its way. */
  mend(): void {
    this.#isHeld = () => false;
    this.#isHanging = false;
    this.#cut = false;
    for (const { release } of [...this.#held]) release();
  }

  /** The next writes are carried out, and whoever sent them hears of a broken connection. */
  loseAnswers(count: number): void {
    this.#answersToLose = count;
  }

  /** The process is gone: nothing of it arrives any more. @param arrives whether the writes that wait do. */
  kill(arrives: boolean): void {
    this.#dead = true;
    this.#isHeld = () => false;
    this.cut();
    for (const { call, release } of [...this.#held]) release(arrives && writes.includes(call.verb) ? undefined : reset());
  }

  get<T extends KubeObject>(type: ResourceType, key: ObjectKey): Promise<T | undefined> {
    return this.#send({ verb: "get", type, key }, () => this.#api.get<T>(type, key));
  }

  listPage<T extends KubeObject>(type: ResourceType, options: ListOptions<T>): Promise<ListPage<T>> {
    return this.#send({ verb: "list", type }, () => this.#api.listPage<T>(type, options));
  }

  list<T extends KubeObject>(type: ResourceType, options: ListOptions<T>): Promise<readonly T[]> {
    return this.#send({ verb: "list", type }, () => this.#api.list<T>(type, options));
  }

  create<T extends KubeObject>(type: ResourceType, object: T, options: WriteOptions = {}): Promise<T> {
    return this.#send({ verb: "create", type, key: keyOf(object) }, () => this.#api.create<T>(type, object, options));
  }

  mergePatch<T extends KubeObject>(type: ResourceType, key: ObjectKey, patch: object, options: WriteOptions = {}): Promise<T> {
    return this.#send({ verb: "patch", type, key }, () => this.#api.mergePatch<T>(type, key, patch, options));
  }

  apply<T extends KubeObject>(
    type: ResourceType,
    object: T,
    options: WriteOptions & { readonly fieldManager: string; readonly force: boolean },
  ): Promise<T> {
    return this.#send({ verb: "apply", type, key: keyOf(object) }, () => this.#api.apply<T>(type, object, options));
  }

  delete(type: ResourceType, key: ObjectKey): Promise<void> {
    return this.#send({ verb: "delete", type, key }, () => this.#api.delete(type, key));
  }

  async watch<T extends KubeObject>(type: ResourceType, options: WatchOptions<T>): Promise<void> {
    const call: Call = { verb: "watch", type };
    await this.#pass(call, options.signal);
    const attempt = new AbortController();
    const late: (() => void)[] = [];
    let catchingUp: Promise<void> | undefined;
    const onEvent: typeof options.onEvent = (event) => {
      if (!this.#isHeld(call)) return options.onEvent(event);
      late.push(() => options.onEvent(event));
      catchingUp ??= this.#pass(call, options.signal).then(() => {
        catchingUp = undefined;
        for (const deliver of late.splice(0)) deliver();
      });
    };
    const { promise: broken, reject: end } = Promise.withResolvers<never>();
    const isBroken = () => {
      attempt.abort();
      end(reset());
    };
    this.#watches.add(isBroken);
    try {
      const signal = AbortSignal.any([options.signal, attempt.signal]);
      await Promise.race([this.#api.watch<T>(type, { ...options, signal, onEvent }), broken]);
    } finally {
      this.#watches.delete(isBroken);
      await catchingUp?.catch(() => {});
      await this.#pass(call, options.signal);
    }
  }

  async #send<T>(call: Call, request: () => Promise<T>): Promise<T> {
    await this.#pass(call);
    const answer = await request();
    if (this.#dead) throw reset();
    if (this.#answersToLose > 0 && writes.includes(call.verb)) {
      this.#answersToLose--;
      throw reset();
    }
    return answer;
  }

  async #pass(call: Call, signal?: AbortSignal): Promise<void> {
    if (this.#isHeld(call) && signal?.aborted !== true) {
      await new Promise<void>((resolve, reject) => {
        const held: Held = {
          call,
          release: (error) => {
            this.#held.delete(held);
            if (error === undefined) resolve();
            else reject(error);
          },
        };
        this.#held.add(held);
        signal?.addEventListener("abort", () => held.release(), { once: true });
      });
      return;
    }
    if (this.#cut) throw reset();
  }
}
