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
 * Follows the last notebook or console that was in front: a text file in front of it is nothing that
 * runs in a kernel, and neither is this panel.
 */
export class KernelTracker {
  private _document: Widget | null = null;
  private _session: ISessionContext | null = null;
  private _current: Current = NONE;
  private readonly _changed = new Signal<this, Current>(this);

  constructor(shell: JupyterFrontEnd.IShell) {
    shell.currentChanged?.connect(() => this._look(shell.currentWidget));
    this._look(shell.currentWidget);
  }

  get current(): Current {
    return this._current;
  }

  get changed(): ISignal<this, Current> {
    return this._changed;
  }

  private _look(widget: Widget | null): void {
    const session = sessionOf(widget);
    if (widget === null || session === null || session === this._session) {
      return;
    }
    this._leave();
    this._document = widget;
    this._session = session;
    widget.disposed.connect(this._left, this);
    session.kernelChanged.connect(this._update, this);
    session.statusChanged.connect(this._update, this);
    this._update();
  }

  private _left(): void {
    this._leave();
    this._update();
  }

  private _leave(): void {
    this._document?.disposed.disconnect(this._left, this);
    this._session?.kernelChanged.disconnect(this._update, this);
    this._session?.statusChanged.disconnect(this._update, this);
    this._document = null;
    this._session = null;
  }

  private _update(): void {
    const now = currentOf(this._document, this._session);
    if (JSON.stringify(now) !== JSON.stringify(this._current)) {
      this._current = now;
      this._changed.emit(now);
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
