/** Where the log goes, how far behind its shipping is, and its last lines. */

import * as React from 'react';

import { consoleUrl } from '../cloudwatch.ts';
import { Field } from '../copying.tsx';
import { clock, span } from '../format.ts';
import { Fragment, h } from '../jsx.ts';
import type { LogEvent, Logs as LogsAnswer } from '../overview.ts';
import { isOnSageMaker, keysOf } from '../view.ts';
import type { Trans } from '../words.ts';
import { age } from '../words.ts';
import { Mark, Section } from './section.tsx';
import type { SectionProps } from './section.tsx';

export function Logs(props: SectionProps): JSX.Element {
  const { trans, overview, folding } = props;
  const { logs } = overview;
  return (
    <Section name="logs" title={trans.__('Logs')} folding={folding}>
      {logs.trouble && (
        <p>
          <Mark worst={overview.active ? 'error' : 'info'}>{logs.trouble}</Mark>
        </p>
      )}
      {logs.lost > 0 && (
        <p>
          <Mark worst="warning">
            {trans._n('%1 line was lost.', '%1 lines were lost.', logs.lost, logs.lost)}
          </Mark>
        </p>
      )}
      <Shipping trans={trans} logs={logs} />
      <Tail trans={trans} events={logs.events} />
      <dl>
        <Field trans={trans} name={trans.__('Log group')} value={logs.group} />
        <Field trans={trans} name={trans.__('Log stream')} value={logs.stream} />
        <Field trans={trans} name={trans.__('File')} value={logs.file} />
      </dl>
      <ConsoleLink {...props} />
    </Section>
  );
}

/** Only where the events are in CloudWatch: sent there by SageMaker, or from here. */
function ConsoleLink({ trans, overview }: SectionProps): JSX.Element | null {
  const { logs, metadata } = overview;
  const isThere = isOnSageMaker(overview) || logs.shipping !== null;
  const region = metadata.identity.region?.value ?? null;
  const url = isThere ? consoleUrl(region, logs.group, logs.stream) : null;
  if (url === null) {
    return null;
  }
  return (
    <p>
      <a href={url} target="_blank" rel="noopener noreferrer">
        {trans.__('Open in the CloudWatch console')}
        <span className="jp-SM-spoken"> {trans.__('(in a new tab)')}</span>
        <span aria-hidden="true"> ↗</span>
      </a>
    </p>
  );
}

function Shipping({ trans, logs }: { trans: Trans; logs: LogsAnswer }): JSX.Element | null {
  const { shipping } = logs;
  if (shipping === null) {
    return logs.not_shipped ? (
      <p>
        <Mark worst="info">{trans.__('Not sent from here: %1', logs.not_shipped)}</Mark>
      </p>
    ) : null;
  }
  const behind = shipping.behind_events;
  const waits = shipping.oldest === null ? '' : age(trans, span(Date.now() - shipping.oldest));
  const isWrong = shipping.state === 'waiting' || shipping.state === 'stopped';
  return (
    <>
      <p>
        <Mark worst={isWrong && behind > 0 ? 'warning' : 'none'}>
          {behind === 0
            ? trans.__('Everything has been sent to CloudWatch.')
            : trans._n(
                '%1 line still to be sent, written %2.',
                '%1 lines still to be sent, the first written %2.',
                behind,
                behind,
                waits
              )}
        </Mark>
      </p>
      {(shipping.reason || shipping.trouble) && (
        <p className="jp-SM-seen">{shipping.reason || shipping.trouble}</p>
      )}
    </>
  );
}

/** The last lines; kept at their end while nobody has scrolled away from it. */
function Tail({ trans, events }: { trans: Trans; events: LogEvent[] }): JSX.Element {
  const box = React.useRef<HTMLDivElement>(null);
  const isAtEnd = React.useRef(true);
  const newest = events[events.length - 1]?.timestamp;
  React.useLayoutEffect(() => {
    if (box.current && isAtEnd.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [newest, events.length]);
  if (events.length === 0) {
    return <p>{trans.__('No lines yet.')}</p>;
  }
  const scrolled = (event: React.UIEvent<HTMLDivElement>): void => {
    const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < 8;
  };
  const keys = keysOf(events);
  return (
    <div
      ref={box}
      className="jp-SM-tail"
      role="log"
      aria-live="off"
      aria-label={trans.__('Last lines of the log')}
      tabIndex={0}
      onScroll={scrolled}
    >
      {events.map((event, index) => (
        <EventLine key={keys[index]} trans={trans} event={event} />
      ))}
    </div>
  );
}

function EventLine({ trans, event }: { trans: Trans; event: LogEvent }): JSX.Element {
  return (
    <div data-level={event.level}>
      <span className="jp-SM-when">{clock(event.timestamp)}</span>{' '}
      {event.level && <strong>{event.level}</strong>} {event.message}
      {event.traceback && (
        <details>
          <summary>{trans.__('Traceback')}</summary>
          <pre>{event.traceback}</pre>
        </details>
      )}
    </div>
  );
}
