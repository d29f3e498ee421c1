/** What is known of this image, kept true while somebody looks. */

import type { ServerConnection } from '@jupyterlab/services';
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { fetchOverview, refreshCuda, RequestError } from './api.ts';
import type { Answer } from './api.ts';
import type { Current, KernelTracker } from './tracker.ts';
import { answered, failed, LOADING } from './view.ts';
import type { View } from './view.ts';

/** Milliseconds between two requests at most, however long the server is away. */
const SLOWEST = 300_000;

/** While only the status bar shows something, it is asked this many times more seldom. */
const GLANCE = 10;

export interface ISageMakerModel {
  /** Everything that is known now. */
  readonly view: View;

  /** The current notebook's kernel. */
  readonly current: Current;

  /** Whether an answer is awaited. */
  readonly isBusy: boolean;

  /** `view`, `current` or `isBusy` is another one. */
  readonly changed: ISignal<ISageMakerModel, void>;

  /** Ask now; never rejects. */
  refresh(): Promise<void>;

  /** Have the driver asked for the GPUs anew; says why not, empty if all went well. */
  refreshCuda(): Promise<string>;

  /** Keep what is known true until disposed of; `glance` for what may be a minute old. */
  watch(kind: 'look' | 'glance'): IDisposable;

  /** Milliseconds between two requests while somebody looks. */
  interval: number;
}

export const ISageMakerModel = new Token<ISageMakerModel>(
  'jupyter-sm:ISageMakerModel',
  'What is known of this SageMaker image: its health, kernels, GPUs and logs.'
);

export class SageMakerModel implements ISageMakerModel {
  readonly #settings: ServerConnection.ISettings;
  readonly #tracker: KernelTracker;
  readonly #changed = new Signal<this, void>(this);
  readonly #poll: Poll;
  readonly #watchers = { look: 0, glance: 0 };
  #view: View = LOADING;
  #busy = false;
  #asked = 0;
  #interval = 3_000;

  constructor(settings: ServerConnection.ISettings, tracker: KernelTracker) {
    this.#settings = settings;
    this.#tracker = tracker;
    tracker.changed.connect(() => this.#changed.emit());
    this.#poll = new Poll({
      name: 'jupyter-sm:model',
      auto: false,
      factory: () => this.#ask(),
      frequency: this.#frequency(),
      standby: () => (this.#isWatched ? 'when-hidden' : true)
    });
    document.addEventListener('visibilitychange', () => this.#wake());
  }

  get view(): View {
    return this.#view;
  }

  get current(): Current {
    return this.#tracker.current;
  }

  get isBusy(): boolean {
    return this.#busy;
  }

  get changed(): ISignal<this, void> {
    return this.#changed;
  }

  get interval(): number {
    return this.#interval;
  }

  set interval(milliseconds: number) {
    this.#interval = milliseconds;
    this.#poll.frequency = this.#frequency();
  }

  async refresh(): Promise<void> {
    this.#watchers.glance += 1; // who asks by hand wants to know, also with the panel closed
    try {
      await this.#poll.refresh();
      await this.#poll.tick;
    } finally {
      this.#watchers.glance -= 1;
    }
  }

  async refreshCuda(): Promise<string> {
    try {
      await refreshCuda(this.#settings);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    await this.refresh();
    return '';
  }

  watch(kind: 'look' | 'glance'): IDisposable {
    const watchers = this.#watchers;
    let isDisposed = false;
    watchers[kind] += 1;
    this.#poll.frequency = this.#frequency();
    this.#wake();
    return {
      get isDisposed() {
        return isDisposed;
      },
      dispose: () => {
        if (!isDisposed) {
          isDisposed = true;
          watchers[kind] -= 1;
          this.#poll.frequency = this.#frequency();
        }
      }
    };
  }

  get #isWatched(): boolean {
    return this.#watchers.look + this.#watchers.glance > 0;
  }

  get #pace(): number {
    return this.#interval * (this.#watchers.look > 0 ? 1 : GLANCE);
  }

  #frequency(): { interval: number; backoff: boolean; max: number } {
    return { interval: this.#pace, backoff: true, max: Math.max(SLOWEST, this.#pace) };
  }

  /** Ask at once when somebody begins to look, however long the poll would have waited. */
  #wake(): void {
    if (this.#isWatched && !document.hidden && !this.#busy) {
      void this.#poll.refresh();
    }
  }

  /** One request. Rejects if it failed: the poll then waits longer each time. */
  async #ask(): Promise<void> {
    const turn = (this.#asked += 1);
    this.#busy = true;
    this.#changed.emit();
    let answer: Answer;
    try {
      answer = await fetchOverview(this.#settings);
    } catch (error) {
      const { status, code, message, hint, gateway } = asRequestError(error);
      this.#show(turn, failed(this.#view, { status, code, message, hint }, gateway));
      throw error;
    }
    this.#show(turn, answered(answer.overview, answer.gateway, Date.now()));
  }

  /** A request that was overtaken by one made by hand has nothing to say any more. */
  #show(turn: number, view: View): void {
    if (turn !== this.#asked) {
      return;
    }
    this.#view = view;
    this.#busy = false;
    this.#changed.emit();
  }
}

function asRequestError(error: unknown): RequestError {
  return error instanceof RequestError ? error : new RequestError(0, String(error));
}
