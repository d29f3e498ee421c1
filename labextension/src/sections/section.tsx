/** The frame of every section: a heading that folds it, and its content. */

import * as React from 'react';

import { h } from '../jsx.ts';
import type { Overview } from '../overview.ts';
import type { Current } from '../tracker.ts';
import type { View, Worst } from '../view.ts';
import type { Trans } from '../words.ts';
import { SIGNS } from '../words.ts';

export type SectionName = 'health' | 'image' | 'kernels' | 'gpu' | 'logs';

/** What a person can do from within a section. */
export interface Actions {
  newNotebook(kernelName: string): void;
  refreshCuda(): Promise<string>;
}

/** What every section is given. */
export interface SectionProps {
  trans: Trans;
  view: View;
  overview: Overview;
  current: Current;
  actions: Actions;
  folding: Folding;
}

/** Which sections are folded; kept with the layout of the window. */
export interface Folding {
  isFolded(name: string): boolean;
  toggle(name: string): void;
}

export function Section(props: {
  name: SectionName;
  title: string;
  note?: string;
  folding: Folding;
  children: React.ReactNode;
}): JSX.Element {
  const { name, title, note, folding, children } = props;
  const isOpen = !folding.isFolded(name);
  const [head, body] = [`jupyter-sm-${name}-head`, `jupyter-sm-${name}-body`];
  return (
    <section data-section={name} aria-labelledby={head}>
      <h3>
        <button
          id={head}
          type="button"
          aria-expanded={isOpen}
          aria-controls={body}
          onClick={() => folding.toggle(name)}
        >
          <span className="jp-SM-title">{title}</span>
          {note && <span className="jp-SM-note">{note}</span>}
        </button>
      </h3>
      <div id={body} className="jp-SM-body" hidden={!isOpen}>
        {children}
      </div>
    </section>
  );
}

/** A sign with its word: nothing here is said by colour alone. */
export function Mark(props: { worst: Worst; word?: string; children?: React.ReactNode }): JSX.Element {
  const { worst, word, children } = props;
  return (
    <span className="jp-SM-mark" data-worst={worst}>
      <span className="jp-SM-sign" aria-hidden="true">
        {SIGNS[worst]}
      </span>
      {word && <strong>{word}</strong>}
      {children}
    </span>
  );
}

interface BoundaryProps {
  trans: Trans;
  overview: Overview;
  children: React.ReactNode;
}

/** Shows a word where a section cannot be shown, until the next answer. */
export class Boundary extends React.Component<BoundaryProps> {
  override state: { overview?: Overview; isBroken: boolean } = { isBroken: false };

  static getDerivedStateFromError(): object {
    return { isBroken: true };
  }

  static getDerivedStateFromProps({ overview }: BoundaryProps, state: Boundary['state']): object | null {
    return overview === state.overview ? null : { overview, isBroken: false };
  }

  override render(): React.ReactNode {
    const { trans, children } = this.props;
    return this.state.isBroken ? <p>{trans.__('This part could not be shown.')}</p> : children;
  }
}
