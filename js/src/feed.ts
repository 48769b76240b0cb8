/** The run as the page has it: read from the saved log, fed by the kernel's packets, asked for where one is missing. */

import type { AnyModel } from "@anywidget/types";
import { mark } from "./marks";
import { Run } from "./run";
import type { Traits } from "./traits";
import { readLog, readPacket, snapshotsOf, WireError } from "./wire";

export class Feed {
  run = new Run();
  /** Whether a packet is missing or damaged, so that what is shown is not the last state. */
  outOfStep = false;
  /** Whether the page knows of a run and has nothing of it: it was too large to be saved. */
  unsaved = false;
  /** Whether the kernel was asked for the whole log and has not answered yet. */
  private asked = false;

  constructor(
    private readonly model: AnyModel<Traits>,
    private readonly onChange: () => void,
  ) {
    this.readSaved();
    model.on("msg:custom", this.receive);
    model.on("change:log", this.readSaved);
  }

  close(): void {
    this.model.off("msg:custom", this.receive);
    this.model.off("change:log", this.readSaved);
  }

  private readonly receive = (content: { type?: string }, buffers: DataView[]) => {
    if (content?.type === "log") this.replace(buffers[0]);
    if (content?.type === "snapshot") this.add(buffers[0]);
  };

  private add(bytes: DataView): void {
    try {
      const packet = readPacket(bytes);
      mark("nntf:received", packet.t);
      if (packet.t < this.run.length && this.run.every === 1) return;
      this.run.append(packet);
      this.unsaved = false;
    } catch (error) {
      this.fallOutOfStep(error);
    }
    this.onChange();
  }

  /** Starts anew from a whole log. One that is damaged is not asked for at once again, but at the next packet. */
  private replace(log: DataView): void {
    performance.mark("nntf:reading");
    this.run = new Run();
    this.outOfStep = this.asked = false;
    this.unsaved = log.byteLength === 0 && this.model.get("facts").num_samples !== null;
    try {
      for (const packet of readLog(log)) this.run.append(packet);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.outOfStep = true;
    }
    this.onChange();
  }

  /** Takes the saved log where the page knows less, and asks for what the log leaves out. */
  private readonly readSaved = () => {
    const log = this.model.get("log");
    const { length, every } = this.run;
    if (!log || (length > 0 && length >= snapshotsOf(log) && every === 1 && !this.outOfStep)) return;
    this.replace(log);
    if (this.outOfStep || this.unsaved || this.run.every > 1) this.ask();
  };

  private fallOutOfStep(error: unknown): void {
    if (!(error instanceof WireError)) throw error;
    this.outOfStep = true;
    this.ask();
  }

  /** Asks the kernel for the whole log, once. */
  private ask(): void {
    if (!this.asked) this.model.send({ type: "resend" });
    this.asked = true;
  }
}
