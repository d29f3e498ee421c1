/** The side panel. */

import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { Banner, hasBanner } from './banner.tsx';
import { span } from './format.ts';
import { imageIcon } from './icon.ts';
import { Fragment, h } from './jsx.ts';
import type { ISageMakerModel } from './model.ts';
import { Gpu } from './sections/gpu.tsx';
import { Health } from './sections/health.tsx';
import { Image } from './sections/image.tsx';
import { Kernels, ListedKernels } from './sections/kernels.tsx';
import { Logs } from './sections/logs.tsx';
import type { Actions, SectionName, SectionProps } from './sections/section.tsx';
import { Mark } from './sections/section.tsx';
import { kernelsOf } from './specs.ts';
import type { Specs } from './specs.ts';
import { worst } from './view.ts';
import type { Trans } from './words.ts';
import { age, summary } from './words.ts';

/** Milliseconds between two looks at the clock, for the ages that are shown. */
const TICK = 5_000;

const SECTIONS: [SectionName, (props: SectionProps) => JSX.Element][] = [
  ['health', Health],
  ['kernels', Kernels],
  ['gpu', Gpu],
  ['logs', Logs],
  ['image', Image]
];

/** What the panel can do beside showing. */
export interface PanelActions extends Actions {
  refresh(): Promise<void>;
  copyReport(): void;
}

/** What a user has set, and what was folded. */
export interface PanelState {
  hidden: ReadonlySet<string>;
  folded: ReadonlySet<string>;
}

export class SageMakerPanel extends ReactWidget {
  private readonly _model: ISageMakerModel;
  private readonly _trans: Trans;
  private readonly _actions: PanelActions;
  private readonly _specs: () => Specs;
  private readonly _onFolded: (folded: string[]) => void;
  private _state: PanelState = { hidden: new Set(), folded: new Set() };
  private _watch: IDisposable | null = null;

  constructor(options: {
    model: ISageMakerModel;
    trans: Trans;
    actions: PanelActions;
    specs: () => Specs;
    onFolded: (folded: string[]) => void;
  }) {
    super();
    this._model = options.model;
    this._trans = options.trans;
    this._actions = options.actions;
    this._specs = options.specs;
    this._onFolded = options.onFolded;
    this.id = 'jupyter-sm-panel';
    this.addClass('jp-SageMakerPanel');
    this.title.icon = imageIcon;
    this.title.caption = this._trans.__('SageMaker image');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', this._trans.__('SageMaker image'));
    this.node.tabIndex = -1;
    this._model.changed.connect(this._mark, this);
    this._mark();
  }

  /** Shown from now on; a part that is not given stays. */
  set state(state: Partial<PanelState>) {
    this._state = { ...this._state, ...state };
    this.update();
  }

  override dispose(): void {
    this._look(false);
    this._model.changed.disconnect(this._mark, this);
    super.dispose();
  }

  protected override render(): JSX.Element {
    return (
      <UseSignal signal={this._model.changed}>
        {() => (
          <Body
            trans={this._trans}
            model={this._model}
            actions={this._actions}
            specs={this._specs}
            state={this._state}
            isSeen={() => this.isVisible && !document.hidden}
            toggle={name => this._toggle(name)}
          />
        )}
      </UseSignal>
    );
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._look(true);
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._look(this.isVisible);
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this._look(false);
  }

  protected override onBeforeDetach(message: Message): void {
    this._look(false);
    super.onBeforeDetach(message);
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.node.focus();
  }

  private _look(isSeen: boolean): void {
    if (isSeen) {
      this._watch ??= this._model.watch('look');
    } else {
      this._watch?.dispose();
      this._watch = null;
    }
  }

  private _toggle(name: string): void {
    const folded = new Set(this._state.folded);
    if (!folded.delete(name)) {
      folded.add(name);
    }
    this.state = { folded };
    this._onFolded([...folded]);
  }

  private _mark(): void {
    this.node.dataset.state = this._model.view.state;
    this.node.dataset.worst = worst(this._model.view);
  }
}

interface BodyProps {
  trans: Trans;
  model: ISageMakerModel;
  actions: PanelActions;
  specs: () => Specs;
  state: PanelState;
  isSeen: () => boolean;
  toggle: (name: string) => void;
}

function Body(props: BodyProps): JSX.Element {
  const { trans, model, actions, state, toggle } = props;
  const { view, current } = model;
  const [, tick] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    const timer = setInterval(() => props.isSeen() && tick(), TICK);
    return () => clearInterval(timer);
  }, []);
  const folding = { isFolded: (name: string) => state.folded.has(name), toggle };
  const { overview } = view;
  const canRead = overview !== null && view.state !== 'newer';
  const bare = view.state === 'missing' || view.state === 'gateway-without-jupyter-sm';
  return (
    <>
      <Head {...props} />
      <Banner trans={trans} view={view} />
      {canRead &&
        SECTIONS.filter(([name]) => !state.hidden.has(name)).map(([name, Part]) => (
          <Part key={name} {...{ trans, view, overview, current, actions, folding }} />
        ))}
      {bare && <ListedKernels {...{ trans, current, actions, folding }} kernels={kernelsOf(props.specs())} />}
    </>
  );
}

function Head({ trans, model, actions }: BodyProps): JSX.Element {
  const { view, isBusy } = model;
  return (
    <div>
      <h2>{trans.__('SageMaker image')}</h2>
      <div className="jp-SM-summary">
        <span role="status">
          {hasBanner(view) || <Mark worst={worst(view)} word={summary(trans, view)} />}
        </span>
        {view.at !== null && (
          <span className="jp-SM-source">
            {trans.__('Checked %1', age(trans, span(Date.now() - view.at)))}
          </span>
        )}
      </div>
      <div className="jp-SM-buttons">
        <button
          type="button"
          className="jp-SM-button"
          aria-busy={isBusy}
          onClick={() => void actions.refresh()}
        >
          {view.state === 'ready' ? trans.__('Refresh') : trans.__('Try again')}
        </button>
        <button type="button" className="jp-SM-button" onClick={() => actions.copyReport()}>
          {trans.__('Copy report')}
        </button>
      </div>
    </div>
  );
}
