/** What states are called, in the user's language. Pure but for the translator that it is given. */

import type { Span } from './format.ts';
import type { Cuda, CudaStatus, Kernel, Severity } from './overview.ts';
import type { Failure, View, Worst } from './view.ts';

/** As much of JupyterLab's translator as is used here. */
export interface Trans {
  __(text: string, ...args: unknown[]): string;
  _n(one: string, many: string, count: number, ...args: unknown[]): string;
}

/** A sign that means the same without its colour. */
export const SIGNS: Record<Worst, string> = {
  error: '✖',
  warning: '▲',
  info: 'ℹ',
  none: '✔',
  unknown: '…'
};

export function severity(trans: Trans, value: Severity): string {
  switch (value) {
    case 'error':
      return trans.__('Error');
    case 'warning':
      return trans.__('Warning');
    default:
      return trans.__('Note');
  }
}

/** How bad it is, in a few words: for the status bar and the head of the panel. */
export function summary(trans: Trans, view: View): string {
  if (view.state !== 'ready' || view.overview === null) {
    return stateName(trans, view);
  }
  const count = (wanted: Severity): number =>
    view.overview?.report.problems.filter(problem => problem.severity === wanted).length ?? 0;
  const [errors, warnings, notes] = [count('error'), count('warning'), count('info')];
  const parts = [
    errors && trans._n('%1 error', '%1 errors', errors, errors),
    warnings && trans._n('%1 warning', '%1 warnings', warnings, warnings)
  ].filter(Boolean);
  if (parts.length > 0) {
    return parts.join(', ');
  }
  return notes > 0
    ? trans._n('Healthy, %1 note', 'Healthy, %1 notes', notes, notes)
    : trans.__('Healthy');
}

function stateName(trans: Trans, view: View): string {
  switch (view.state) {
    case 'loading':
      return trans.__('Asking the server');
    case 'missing':
      return trans.__('Server extension is not enabled');
    case 'gateway-away':
      return trans.__('Kernel gateway is away');
    case 'gateway-without-jupyter-sm':
      return trans.__('Kernel gateway has no jupyter_sm');
    case 'newer':
      return trans.__('Server is newer than this panel');
    case 'stale':
      return trans.__('Last answer is old');
    default:
      return view.failure?.code === 'gateway-refuses'
        ? trans.__('The kernel gateway refuses')
        : trans.__('No answer');
  }
}

/** What a person can do about a request that failed; the server's own hint counts most. */
export function failureRemedy(trans: Trans, failure: Failure): string {
  if (failure.hint) {
    return failure.hint;
  }
  if (failure.status === 401 || failure.status === 403) {
    return trans.__('Log in again: reload the page.');
  }
  if (failure.status === 0) {
    return trans.__('See whether the server still runs. The panel goes on asking by itself.');
  }
  return trans.__('The log of the server says more. The panel goes on asking by itself.');
}

export function age(trans: Trans, span: Span): string {
  const { count, unit } = span;
  if (unit === 'second') {
    return count < 10 ? trans.__('just now') : trans.__('%1 s ago', count);
  }
  if (unit === 'minute') {
    return trans.__('%1 min ago', count);
  }
  return unit === 'hour' ? trans.__('%1 h ago', count) : trans.__('%1 d ago', count);
}

/** How bad the GPU's verdict is, and what it is called. */
export function gpuVerdict(
  trans: Trans,
  status: CudaStatus,
  reason?: string,
): { worst: Worst; text: string } {
  switch (status) {
    case 'visible':
      return reason === 'driver-not-asked'
        ? { worst: 'info', text: trans.__('A GPU; its driver was not asked') }
        : { worst: 'none', text: trans.__('CUDA works here') };
    case 'degraded':
      return { worst: 'warning', text: trans.__('CUDA works, with a flaw') };
    case 'hidden':
      return { worst: 'warning', text: trans.__('The GPU is hidden from CUDA by a setting') };
    case 'not_visible':
      return { worst: 'error', text: trans.__('There is a GPU, but CUDA does not work') };
    case 'probe_failed':
      return { worst: 'error', text: trans.__('The driver gave no answer') };
    case 'no_gpu_host':
      return { worst: 'info', text: trans.__('No GPU on this machine') };
    default:
      return { worst: 'unknown', text: String(status) };
  }
}

/** Whether a kernel can use the GPU; null where there is nothing to say. */
export function kernelGpu(
  trans: Trans,
  kernel: Kernel,
  cuda: Cuda | null
): { worst: Worst; text: string; remedy: string } | null {
  const prefix = kernel.environment?.prefix ?? kernel.prefix;
  const found = cuda?.environments.find(environment => environment.prefix === prefix);
  if (!cuda || !found || found.frameworks.length === 0 || cuda.status === 'no_gpu_host') {
    return null;
  }
  const names = found.frameworks.map(each => `${each.name} ${each.version}`).join(', ');
  const [reason] = found.reasons;
  const remedy = reason?.remedy ?? '';
  if (found.fits === true && (cuda.status === 'visible' || cuda.status === 'degraded')) {
    return { worst: 'none', text: trans.__('%1 can use the GPU', names), remedy: '' };
  }
  if (found.fits === false) {
    const text = reason?.text ?? trans.__('%1 cannot use the GPU', names);
    return { worst: 'warning', text, remedy };
  }
  return reason ? { worst: 'info', text: reason.text, remedy } : null;
}

export function visibility(trans: Trans, kernel: Kernel): string {
  switch (kernel.visibility) {
    case 'missing':
      return trans.__('Configured, not found');
    case 'hidden':
      return trans.__('Not offered');
    case 'excluded':
      return trans.__('Cannot be started');
    default:
      return '';
  }
}
