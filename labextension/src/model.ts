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
  private readonly _settings: ServerConnection.ISettings;
  private readonly _tracker: KernelTracker;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _poll: Poll;
  private readonly _watchers = { look: 0, glance: 0 };
  private _view: View = LOADING;
  private _busy = false;
  private _asked = 0;
  private _interval = 3_000;

  constructor(settings: ServerConnection.ISettings, tracker: KernelTracker) {
    this._settings = settings;
    this._tracker = tracker;
    tracker.changed.connect(() => this._changed.emit());
    this._poll = new Poll({
      name: 'jupyter-sm:model',
      auto: false,
      factory: () => this._ask(),
      frequency: this._frequency(),
      standby: () => (this._isWatched ? 'when-hidden' : true)
    });
    document.addEventListener('visibilitychange', () => this._wake());
  }

  get view(): View {
    return this._view;
  }

  get current(): Current {
    return this._tracker.current;
  }

  get isBusy(): boolean {
    return this._busy;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get interval(): number {
    return this._interval;
  }

  set interval(milliseconds: number) {
    this._interval = milliseconds;
    this._poll.frequency = this._frequency();
  }

  async refresh(): Promise<void> {
    this._watchers.glance += 1; // who asks by hand wants to know, also with the panel closed
    try {
      await this._poll.refresh();
      await this._poll.tick;
    } finally {
      this._watchers.glance -= 1;
    }
  }

  async refreshCuda(): Promise<string> {
    try {
      await refreshCuda(this._settings);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    await this.refresh();
    return '';
  }

  watch(kind: 'look' | 'glance'): IDisposable {
    const watchers = this._watchers;
    let isDisposed = false;
    watchers[kind] += 1;
    this._poll.frequency = this._frequency();
    this._wake();
    return {
      get isDisposed() {
        return isDisposed;
      },
      dispose: () => {
        if (!isDisposed) {
          isDisposed = true;
          watchers[kind] -= 1;
          this._poll.frequency = this._frequency();
        }
      }
    };
  }

  private get _isWatched(): boolean {
    return this._watchers.look + this._watchers.glance > 0;
  }

  private get _pace(): number {
    return this._interval * (this._watchers.look > 0 ? 1 : GLANCE);
  }

  private _frequency(): { interval: number; backoff: boolean; max: number } {
    return { interval: this._pace, backoff: true, max: Math.max(SLOWEST, this._pace) };
  }

  /** Ask at once when somebody begins to look, however long the poll would have waited. */
  private _wake(): void {
    if (this._isWatched && !document.hidden && !this._busy) {
      void this._poll.refresh();
    }
  }

  /** One request. Rejects if it failed: the poll then waits longer each time. */
  private async _ask(): Promise<void> {
    const turn = (this._asked += 1);
    this._busy = true;
    this._changed.emit();
    let answer: Answer;
    try {
      answer = await fetchOverview(this._settings);
    } catch (error) {
      const { status, code, message, hint, gateway } = asRequestError(error);
      this._show(turn, failed(this._view, { status, code, message, hint }, gateway));
      throw error;
    }
    this._show(turn, answered(answer.overview, answer.gateway, Date.now()));
  }

  /** A request that was overtaken by one made by hand has nothing to say any more. */
  private _show(turn: number, view: View): void {
    if (turn !== this._asked) {
      return;
    }
    this._view = view;
    this._busy = false;
    this._changed.emit();
  }
}

function asRequestError(error: unknown): RequestError {
  return error instanceof RequestError ? error : new RequestError(0, String(error));
}
