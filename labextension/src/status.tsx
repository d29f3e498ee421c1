/** The item of the status bar: how bad it is, and the way to the panel. */

import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';

import { h } from './jsx.ts';
import type { ISageMakerModel } from './model.ts';
import { worst } from './view.ts';
import type { Trans } from './words.ts';
import { SIGNS, summary } from './words.ts';

export class StatusItem extends ReactWidget {
  private readonly _model: ISageMakerModel;
  private readonly _trans: Trans;
  private readonly _open: () => void;
  private _watch: IDisposable | null = null;

  constructor(model: ISageMakerModel, trans: Trans, open: () => void) {
    super();
    this._model = model;
    this._trans = trans;
    this._open = open;
    this.id = 'jupyter-sm-status';
    this.addClass('jp-SageMakerStatus');
    model.changed.connect(this._mark, this);
    this._mark();
  }

  /** Looks at the server from now on, now and then. */
  begin(): void {
    this._watch ??= this._model.watch('glance');
  }

  override dispose(): void {
    this._watch?.dispose();
    this._model.changed.disconnect(this._mark, this);
    super.dispose();
  }

  protected override render(): JSX.Element {
    const trans = this._trans;
    return (
      <UseSignal signal={this._model.changed}>
        {() => {
          const { view } = this._model;
          const text = summary(trans, view);
          const label = trans.__('SageMaker image: %1', text);
          return (
            <button type="button" title={label} aria-label={label} onClick={this._open}>
              <span className="jp-SM-sign" data-worst={worst(view)} aria-hidden="true">
                {SIGNS[worst(view)]}
              </span>
              <span aria-hidden="true">{trans.__('SageMaker')}</span>
            </button>
          );
        }}
      </UseSignal>
    );
  }

  protected override onBeforeDetach(message: Message): void {
    this._watch?.dispose();
    this._watch = null;
    super.onBeforeDetach(message);
  }

  private _mark(): void {
    this.node.dataset.worst = worst(this._model.view);
    this.node.dataset.state = this._model.view.state;
  }
}
