/** A model without a kernel: what the widget needs of a host, for tests and pages that stand alone. */

import type { AnyModel } from "@anywidget/types";

type Listener = (...values: never[]) => void;

export class Host<State extends object> {
  /** What the page sent to the kernel that is not there. */
  readonly sent: unknown[] = [];
  private readonly listeners = new Map<string, Set<Listener>>();

  constructor(private readonly state: State) {}

  get<Name extends keyof State>(name: Name): State[Name] {
    return this.state[name];
  }

  set<Name extends keyof State>(name: Name, value: State[Name]): void {
    if (this.state[name] === value) return;
    this.state[name] = value;
    this.emit(`change:${String(name)}`);
  }

  on(event: string, listener: Listener): void {
    const listeners = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, listeners.add(listener));
  }

  off(event: string, listener: Listener): void {
    this.listeners.get(event)?.delete(listener);
  }

  send(content: unknown): void {
    this.sent.push(content);
  }

  save_changes(): void {}

  /** Delivers a message as from a kernel. */
  receive(content: unknown, buffers: DataView[] = []): void {
    this.emit("msg:custom", content, buffers);
  }

  /** Number of listeners, so that a test sees whether a view left any. */
  get listening(): number {
    return [...this.listeners.values()].reduce((count, listeners) => count + listeners.size, 0);
  }

  /** This host as the widget's hooks take it. */
  get model(): AnyModel<State> {
    return this as unknown as AnyModel<State>;
  }

  private emit(event: string, ...values: unknown[]): void {
    for (const listener of this.listeners.get(event) ?? []) (listener as (...all: unknown[]) => void)(...values);
  }
}
