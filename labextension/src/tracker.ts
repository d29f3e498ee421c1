/** Which kernel the current notebook or console has, in JupyterLab and in Notebook. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

/** No notebook is open; one without a kernel; one with. */
export type Current =
  | { kind: 'none' }
  | { kind: 'no-kernel'; title: string }
  | { kind: 'kernel'; title: string; name: string; id: string };

const NONE: Current = { kind: 'none' };

/**
 * Follows the last notebook or console that was in front, or any that is open: a text file in front
 * of it is nothing that runs in a kernel, and neither is this panel.
 */
export class KernelTracker {
  #document: Widget | null = null;
  #session: ISessionContext | null = null;
  #current: Current = NONE;
  readonly #changed = new Signal<this, Current>(this);

  readonly #shell: JupyterFrontEnd.IShell;

  constructor(shell: JupyterFrontEnd.IShell) {
    this.#shell = shell;
    shell.currentChanged?.connect(() => this.#look(shell.currentWidget));
    this.#look(shell.currentWidget);
  }

  get current(): Current {
    return this.#current;
  }

  get changed(): ISignal<this, Current> {
    return this.#changed;
  }

  #look(widget: Widget | null): void {
    const session = sessionOf(widget);
    if (widget === null || session === null) {
      this.#find();
      return;
    }
    if (session === this.#session) {
      return;
    }
    this.#leave();
    this.#document = widget;
    this.#session = session;
    widget.disposed.connect(this.#left, this);
    session.kernelChanged.connect(this.#update, this);
    session.statusChanged.connect(this.#update, this);
    this.#update();
  }

  #left(): void {
    this.#leave();
    this.#find();
    this.#update();
  }

  /** Where none is followed, whichever is open behind what is in front. */
  #find(): void {
    if (this.#session === null) {
      const open = [...this.#shell.widgets('main')];
      const found = open.find(widget => !widget.isDisposed && sessionOf(widget));
      if (found) {
        this.#look(found);
      }
    }
  }

  #leave(): void {
    this.#document?.disposed.disconnect(this.#left, this);
    this.#session?.kernelChanged.disconnect(this.#update, this);
    this.#session?.statusChanged.disconnect(this.#update, this);
    this.#document = null;
    this.#session = null;
  }

  #update(): void {
    const now = currentOf(this.#document, this.#session);
    if (JSON.stringify(now) !== JSON.stringify(this.#current)) {
      this.#current = now;
      this.#changed.emit(now);
    }
  }
}

function currentOf(widget: Widget | null, session: ISessionContext | null): Current {
  if (widget === null || session === null) {
    return NONE;
  }
  const { kernel } = session.session ?? {};
  const title = widget.title.label;
  return kernel
    ? { kind: 'kernel', title, name: kernel.name, id: kernel.id }
    : { kind: 'no-kernel', title };
}

/** Notebooks and consoles have one; a text file has it only inside its context. */
function sessionOf(widget: Widget | null): ISessionContext | null {
  const { sessionContext } = (widget ?? {}) as { sessionContext?: ISessionContext };
  return sessionContext?.kernelChanged ? sessionContext : null;
}
