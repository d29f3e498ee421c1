/** What stands above everything while the whole is not as it should be, or comes from elsewhere. */

import * as React from 'react';

import { CopyButton, Remedy } from './copying.tsx';
import { Fragment, h } from './jsx.ts';
import { Mark } from './sections/section.tsx';
import type { View } from './view.ts';
import type { Trans } from './words.ts';
import { failureRemedy, summary } from './words.ts';

const ENABLE = 'jupyter server extension enable --sys-prefix jupyter_sm';
const INSTALL = 'pip install jupyter_sm';

/** Whether the banner says how things are; else the head of the panel does. */
export function hasBanner(view: View): boolean {
  return view.state !== 'ready' && view.state !== 'loading';
}

export function Banner({ trans, view }: { trans: Trans; view: View }): JSX.Element | null {
  return (
    <>
      {view.gateway && (
        <p className="jp-SM-from">
          <span className="jp-SM-value">
            {trans.__('From the kernel gateway at %1', view.gateway)}
          </span>
          <CopyButton trans={trans} name={trans.__('address')} text={view.gateway} />
        </p>
      )}
      <State trans={trans} view={view} />
    </>
  );
}

function State({ trans, view }: { trans: Trans; view: View }): JSX.Element | null {
  const name = summary(trans, view);
  switch (view.state) {
    case 'ready':
    case 'loading':
      return null; // the head of the panel says it
    case 'newer':
      return (
        <Trouble worst="warning" title={name}>
          <p>{trans.__('jupyter_sm %1 on the server says things that this panel cannot read.', view.overview?.version)}</p>
          <Remedy trans={trans} text={trans.__('Reload the page: the browser may show an old panel.')} />
        </Trouble>
      );
    case 'missing':
      return (
        <Trouble worst="error" title={name}>
          <p>{trans.__('This panel is installed, but the server does not know jupyter_sm. Enable it in the server’s environment and restart the server:')}</p>
          <Command trans={trans} text={ENABLE} />
        </Trouble>
      );
    case 'gateway-without-jupyter-sm':
      return (
        <Trouble worst="error" title={name}>
          <p>{trans.__('Install it in the image that the gateway runs in, and restart the gateway:')}</p>
          <Command trans={trans} text={INSTALL} />
        </Trouble>
      );
    default:
      return <Failed trans={trans} view={view} title={name} />;
  }
}

function Failed(props: { trans: Trans; view: View; title: string }): JSX.Element {
  const { trans, view, title } = props;
  return (
    <Trouble worst={view.state === 'stale' ? 'warning' : 'error'} title={title}>
      {view.failure && (
        <>
          <p className="jp-SM-seen">{view.failure.message}</p>
          <Remedy trans={trans} text={failureRemedy(trans, view.failure)} />
        </>
      )}
      {view.overview && <p>{trans.__('Below is what was known last.')}</p>}
    </Trouble>
  );
}

function Trouble(props: {
  worst: 'error' | 'warning';
  title: string;
  children: React.ReactNode;
}): JSX.Element {
  return (
    <div role="status" className="jp-SM-trouble" data-severity={props.worst}>
      <Mark worst={props.worst} word={props.title} />
      {props.children}
    </div>
  );
}

function Command({ trans, text }: { trans: Trans; text: string }): JSX.Element {
  return (
    <div className="jp-SM-remedy">
      <code className="jp-SM-value">{text}</code>
      <CopyButton trans={trans} name={trans.__('command')} text={text} />
    </div>
  );
}
