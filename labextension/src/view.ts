/** What the panel knows and how it came to know it: the state of the whole. Pure. */

import { API } from './overview.ts';
import type { Kernel, LogEvent, Overview, Severity } from './overview.ts';

export type State =
  | 'loading'
  | 'ready'
  | 'stale'
  | 'error'
  | 'missing'
  | 'gateway-away'
  | 'gateway-without-jupyter-sm'
  | 'newer';

/** Why the last request failed; `status` is HTTP's, 0 for no answer; `code` is `missing` for Jupyter's own 404. */
export interface Failure {
  status: number;
  code: string;
  message: string;
  hint: string;
}

/**
 * Everything that is shown.
 *
 * `overview` is the last good answer, also while the server is away; `at` is when it came, in
 * milliseconds since the epoch; `gateway` is the address of the kernel gateway that it is from.
 */
export interface View {
  readonly state: State;
  readonly overview: Overview | null;
  readonly gateway: string | null;
  readonly at: number | null;
  readonly failure: Failure | null;
}

export const LOADING: View = {
  state: 'loading',
  overview: null,
  gateway: null,
  at: null,
  failure: null
};

/** After a good answer. */
export function answered(overview: Overview, gateway: string | null, now: number): View {
  const state = overview.api > API ? 'newer' : 'ready';
  return { state, overview, gateway, at: now, failure: null };
}

/** After a request that failed. */
export function failed(before: View, failure: Failure, gateway: string | null): View {
  const state = stateOf(before, failure);
  // What a server without the extension once said is about another server.
  const gone = state === 'missing' || state === 'gateway-without-jupyter-sm';
  return {
    state,
    overview: gone ? null : before.overview,
    gateway: gateway ?? before.gateway,
    at: gone ? null : before.at,
    failure
  };
}

function stateOf(before: View, failure: Failure): State {
  if (failure.code === 'gateway-without-jupyter-sm') {
    return 'gateway-without-jupyter-sm';
  }
  if (failure.code === 'gateway-away') {
    return 'gateway-away';
  }
  if (failure.code === 'missing') {
    return 'missing';
  }
  return before.overview === null ? 'error' : 'stale';
}

/** Whether a refusal is Jupyter's own, and not that of something in front of it. */
export function isJupyters(page: string): boolean {
  return /jupyter[ _-]?(?:server|lab|notebook)|^\s*\{[^]*"reason":/i.test(page);
}

/** The names of events, which they keep when others come and go. */
export function keysOf(events: readonly LogEvent[]): string[] {
  const seen = new Map<string, number>();
  return events.map(event => {
    const name = `${event.timestamp} ${event.message}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return `${name} ${count}`;
  });
}

/** Whether what is shown is what the server said last. */
export function isFresh(view: View): boolean {
  return view.state === 'ready';
}

/** How bad it is; `unknown` while nobody can say, `none` where nothing is wrong. */
export type Worst = Severity | 'none' | 'unknown';

export function worst(view: View): Worst {
  if (view.state === 'ready' && view.overview !== null) {
    return view.overview.report.worst ?? 'none';
  }
  return 'unknown';
}

/** The last view that was fresh: what the next one is news against. */
export function lastFresh(before: View, after: View): View {
  return isFresh(after) ? after : before;
}

/** Whether health has just turned bad: worth telling to somebody who does not look. */
export function turnedBad(before: View, after: View): boolean {
  return isFresh(before) && isFresh(after) && worst(before) !== 'error' && worst(after) === 'error';
}

/** The kernels in the order of the panel: what does not work, what is offered, and the rest. */
export interface KernelGroups {
  troubled: Kernel[];
  offered: Kernel[];
  others: Kernel[];
}

export function groups(kernels: readonly Kernel[]): KernelGroups {
  const wrong = (kernel: Kernel): boolean =>
    kernel.visibility === 'missing' || (kernel.visibility === 'shown' && kernel.broken !== null);
  const rest = kernels.filter(kernel => !wrong(kernel));
  return {
    troubled: kernels.filter(wrong),
    offered: rest.filter(kernel => kernel.visibility === 'shown'),
    others: rest.filter(kernel => kernel.visibility !== 'shown')
  };
}

/** Whether a kernel is the one of that name, or has it as an alias. */
export function isNamed(kernel: Kernel, name: string | null): boolean {
  return name !== null && (kernel.name === name || kernel.aliases.includes(name));
}

/** The kernel of that name: its own first, then as an alias. */
export function named(kernels: readonly Kernel[], name: string | null): Kernel | null {
  const own = kernels.find(kernel => kernel.name === name);
  return own ?? kernels.find(kernel => isNamed(kernel, name)) ?? null;
}

/** Whether a notebook can be started with it: also with one that is only not offered. */
export function canStart(kernel: Kernel): boolean {
  return kernel.broken === null && ['shown', 'hidden'].includes(kernel.visibility);
}

/** Whether the server runs in SageMaker, as far as its metadata say. */
export function isOnSageMaker(overview: Overview): boolean {
  return overview.metadata.present && overview.metadata.identity.kind !== 'local';
}
