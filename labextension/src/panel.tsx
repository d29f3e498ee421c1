/** The side panel. */

import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { Banner, hasBanner } from './banner.tsx';
import { useCopied } from './copying.tsx';
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
import { Boundary, Mark } from './sections/section.tsx';
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
  copyReport(): Promise<unknown>;
}

/** What a user has set, and what was folded. */
export interface PanelState {
  hidden: ReadonlySet<string>;
  folded: ReadonlySet<string>;
}

export class SageMakerPanel extends ReactWidget {
  readonly #model: ISageMakerModel;
  readonly #trans: Trans;
  readonly #actions: PanelActions;
  readonly #specs: () => Specs;
  readonly #onFolded: (folded: string[]) => void;
  #state: PanelState = { hidden: new Set(), folded: new Set() };
  #watch: IDisposable | null = null;

  constructor(options: {
    model: ISageMakerModel;
    trans: Trans;
    actions: PanelActions;
    specs: () => Specs;
    onFolded: (folded: string[]) => void;
  }) {
    super();
    this.#model = options.model;
    this.#trans = options.trans;
    this.#actions = options.actions;
    this.#specs = options.specs;
    this.#onFolded = options.onFolded;
    this.id = 'jupyter-sm-panel';
    this.addClass('jp-SageMakerPanel');
    this.title.icon = imageIcon;
    this.title.caption = this.#trans.__('SageMaker image');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', this.#trans.__('SageMaker image'));
    this.node.tabIndex = -1;
    this.#model.changed.connect(this.#mark, this);
    this.#mark();
  }

  /** Shown from now on; a part that is not given stays. */
  set state(state: Partial<PanelState>) {
    this.#state = { ...this.#state, ...state };
    this.update();
  }

  override dispose(): void {
    this.#look(false);
    this.#model.changed.disconnect(this.#mark, this);
    super.dispose();
  }

  protected override render(): JSX.Element {
    return (
      <UseSignal signal={this.#model.changed}>
        {() => (
          <Body
            trans={this.#trans}
            model={this.#model}
            actions={this.#actions}
            specs={this.#specs}
            state={this.#state}
            isSeen={() => this.isVisible && !document.hidden}
            toggle={name => this.#toggle(name)}
          />
        )}
      </UseSignal>
    );
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.#look(true);
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.#look(this.isVisible);
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.#look(false);
  }

  protected override onBeforeDetach(message: Message): void {
    this.#look(false);
    super.onBeforeDetach(message);
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.node.focus();
  }

  #look(isSeen: boolean): void {
    if (isSeen) {
      this.#watch ??= this.#model.watch('look');
    } else {
      this.#watch?.dispose();
      this.#watch = null;
    }
  }

  #toggle(name: string): void {
    const folded = new Set(this.#state.folded);
    if (!folded.delete(name)) {
      folded.add(name);
    }
    this.state = { folded };
    this.#onFolded([...folded]);
  }

  #mark(): void {
    this.node.dataset.state = this.#model.view.state;
    this.node.dataset.worst = worst(this.#model.view);
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
          <Boundary key={name} {...{ trans, overview }}>
            <Part {...{ trans, view, overview, current, actions, folding }} />
          </Boundary>
        ))}
      {bare && <ListedKernels {...{ trans, current, actions, folding }} kernels={kernelsOf(props.specs())} />}
    </>
  );
}

function Head({ trans, model, actions }: BodyProps): JSX.Element {
  const { view, isBusy } = model;
  const [copied, setCopied] = useCopied();
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
        <button type="button" className="jp-SM-button" onClick={() => void actions.copyReport().then(setCopied)}>
          {copied ? trans.__('Copied') : trans.__('Copy report')}
        </button>
        <span role="status" className="jp-SM-spoken">
          {copied ? trans.__('Copied') : ''}
        </span>
      </div>
    </div>
  );
}
