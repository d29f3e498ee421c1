/** Answers as a server gives them, for the tests beside this file. */

import { asOverview } from '../../labextension/src/overview.ts';
import type { Kernel, Overview, Problem } from '../../labextension/src/overview.ts';

export function overview(more: Record<string, unknown> = {}): Overview {
  const made = asOverview({ api: 1, version: '0.1.0', ...more });
  if (made === null) {
    throw new Error('not an overview');
  }
  return made;
}

export function problem(severity: string, more: Partial<Problem> = {}): Problem {
  const base = { id: 'a-problem', source: '/etc/x', seen: 'it is so', wanted: '', remedy: '' };
  return { ...base, severity: severity as Problem['severity'], ...more };
}

export function report(...problems: Problem[]): Record<string, unknown> {
  const [first] = problems;
  return { report: { worst: first?.severity ?? null, problems, checked_at: '' } };
}

export function kernel(name: string, more: Partial<Kernel> = {}): Kernel {
  return {
    name,
    display_name: name,
    language: 'python',
    source: 'jupyter',
    visibility: 'shown',
    reason: '',
    remedy: '',
    broken: null,
    environment: null,
    prefix: null,
    aliases: [],
    ...more
  };
}
