/** Every problem, worst first, with what to do about it. */

import { Remedy } from '../copying.tsx';
import { h } from '../jsx.ts';
import type { Problem } from '../overview.ts';
import type { Trans } from '../words.ts';
import { severity, SIGNS } from '../words.ts';
import { Mark, Section } from './section.tsx';
import type { SectionProps } from './section.tsx';

export function Health(props: SectionProps): JSX.Element {
  const { trans, overview, folding } = props;
  const { problems } = overview.report;
  const bad = problems.filter(problem => problem.severity !== 'info');
  const notes = problems.filter(problem => problem.severity === 'info');
  return (
    <Section name="health" title={trans.__('Health')} folding={folding}>
      {overview.health.status !== 'ready' && <HostState {...props} />}
      {bad.length === 0 && (
        <p>
          <Mark worst="none">{trans.__('No errors, no warnings.')}</Mark>
        </p>
      )}
      <Problems trans={trans} problems={bad} />
      {notes.length > 0 && bad.length > 0 ? (
        <details>
          <summary>{trans._n('%1 note', '%1 notes', notes.length, notes.length)}</summary>
          <Problems trans={trans} problems={notes} />
        </details>
      ) : (
        <Problems trans={trans} problems={notes} />
      )}
    </Section>
  );
}

function HostState({ trans, overview }: SectionProps): JSX.Element {
  return (
    <p>
      <Mark worst="info">
        {overview.health.status === 'starting'
          ? trans.__('The server is still looking for kernels.')
          : trans.__('The server is stopping.')}
      </Mark>
    </p>
  );
}

function Problems(props: { trans: Trans; problems: Problem[] }): JSX.Element | null {
  const { trans, problems } = props;
  if (problems.length === 0) {
    return null;
  }
  return (
    <ul className="jp-SM-problems">
      {problems.map((problem, index) => (
        <ProblemItem key={`${problem.id} ${problem.source} ${index}`} {...{ trans, problem }} />
      ))}
    </ul>
  );
}

function ProblemItem({ trans, problem }: { trans: Trans; problem: Problem }): JSX.Element {
  const known = problem.severity in SIGNS ? problem.severity : 'info';
  return (
    <li data-problem={problem.id} data-severity={problem.severity}>
      <Mark worst={known} word={severity(trans, known)}>
        <code className="jp-SM-id">{problem.id}</code>
      </Mark>
      {problem.source && <p className="jp-SM-source">{problem.source}</p>}
      <p className="jp-SM-seen">{problem.seen}</p>
      {problem.wanted && (
        <p>
          {trans.__('Expected:')} {problem.wanted}
        </p>
      )}
      <Remedy trans={trans} text={problem.remedy} />
    </li>
  );
}
