/** A value with a button that copies it. */

import { Clipboard } from '@jupyterlab/apputils';
import { checkIcon, copyIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { h } from './jsx.ts';
import type { Trans } from './words.ts';

const SHOWN = 2000;

/** Whether something was copied just now, and what says so. */
export function useCopied(): [boolean, () => void] {
  const [copied, setCopied] = React.useState(false);
  React.useEffect(() => {
    const timer = copied ? setTimeout(() => setCopied(false), SHOWN) : undefined;
    return () => clearTimeout(timer);
  }, [copied]);
  return [copied, () => setCopied(true)];
}

/** Copies `text`; `name` says to a screen reader what that is. */
export function CopyButton(props: { trans: Trans; name: string; text: string }): JSX.Element {
  const { trans, name, text } = props;
  const [copied, setCopied] = useCopied();
  const label = copied ? trans.__('Copied: %1', name) : trans.__('Copy: %1', name);
  const copy = (): void => {
    Clipboard.copyToSystem(text);
    setCopied();
  };
  const icon = copied ? checkIcon : copyIcon;
  return (
    <button
      type="button"
      className="jp-SM-copy"
      title={label}
      aria-label={label}
      onClick={copy}
    >
      <icon.react tag="span" width="14px" height="14px" aria-hidden="true" />
      <span role="status" className="jp-SM-spoken">
        {copied ? trans.__('Copied') : ''}
      </span>
    </button>
  );
}

/** A name and its value; nothing at all where there is no value. */
export function Field(props: {
  trans: Trans;
  name: string;
  value: string | null | undefined;
  source?: string;
  children?: React.ReactNode;
}): JSX.Element | null {
  const { trans, name, value, source, children } = props;
  if (!value) {
    return null;
  }
  return (
    <div className="jp-SM-field">
      <dt>{name}</dt>
      <dd>
        <span className="jp-SM-value" title={source && trans.__('From %1', source)}>
          {value}
        </span>
        <CopyButton trans={trans} name={name} text={value} />
        {children}
      </dd>
    </div>
  );
}

/** What a person can do, ready to be copied. */
export function Remedy(props: { trans: Trans; text: string }): JSX.Element | null {
  const { trans, text } = props;
  if (!text) {
    return null;
  }
  return (
    <div className="jp-SM-remedy">
      <span className="jp-SM-value">
        <strong>{trans.__('To do:')}</strong> {text}
      </span>
      <CopyButton trans={trans} name={trans.__('what to do')} text={text} />
    </div>
  );
}
