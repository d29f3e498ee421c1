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
  readonly #model: ISageMakerModel;
  readonly #trans: Trans;
  readonly #open: () => void;
  #watch: IDisposable | null = null;
  #hasBegun = false;

  constructor(model: ISageMakerModel, trans: Trans, open: () => void) {
    super();
    this.#model = model;
    this.#trans = trans;
    this.#open = open;
    this.id = 'jupyter-sm-status';
    this.addClass('jp-SageMakerStatus');
    model.changed.connect(this.#mark, this);
    this.#mark();
  }

  /** Looks at the server from now on, now and then, while it can be seen. */
  begin(): void {
    this.#hasBegun = true;
    this.#look();
  }

  override dispose(): void {
    this.#look(false);
    this.#model.changed.disconnect(this.#mark, this);
    super.dispose();
  }

  protected override render(): JSX.Element {
    const trans = this.#trans;
    return (
      <UseSignal signal={this.#model.changed}>
        {() => {
          const { view } = this.#model;
          const text = summary(trans, view);
          const label = trans.__('SageMaker image: %1', text);
          return (
            <button type="button" title={label} aria-label={label} onClick={this.#open}>
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
    this.#look(false);
    super.onBeforeDetach(message);
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.#look();
  }

  protected override onAfterShow(): void {
    this.#look();
  }

  protected override onAfterHide(): void {
    this.#look();
  }

  #look(isSeen = this.isVisible): void {
    if (isSeen && this.#hasBegun) {
      this.#watch ??= this.#model.watch('glance');
    } else {
      this.#watch?.dispose();
      this.#watch = null;
    }
  }

  #mark(): void {
    this.node.dataset.worst = worst(this.#model.view);
    this.node.dataset.state = this.#model.view.state;
  }
}
