/** The report for a support ticket: Markdown, in English, without secrets. Pure. */

import { bytes } from './format.ts';
import type { Cuda, Kernel, Logs, Overview, Problem, Severity } from './overview.ts';
import { redact } from './redact.ts';
import type { View } from './view.ts';
import { isOnSageMaker } from './view.ts';

/** What the page knows and the server does not. */
export interface Surroundings {
  /** `JupyterLab 4.6.6`. */
  app: string;
  /** The current notebook's kernel, null for none. */
  kernel: string | null;
  /** Milliseconds since the epoch. */
  now: number;
}

const SIGNS: Record<Severity, string> = { error: '✖', warning: '⚠', info: 'ℹ' };

/** All that the panel shows, as a person may paste it into a ticket. */
export function report(view: View, around: Surroundings): string {
  const { overview } = view;
  const parts = [
    `# SageMaker image report\n`,
    list([
      ['Made', when(around.now)],
      ['In', around.app],
      ['State of the panel', view.state],
      ['Answered by', view.gateway && `the kernel gateway at ${view.gateway}`],
      ['Last answer', view.at === null ? 'none' : when(view.at)],
      ['Failure', view.failure && `${view.failure.status || 'no answer'}: ${view.failure.message}`]
    ])
  ];
  if (overview !== null) {
    parts.push(
      section('Health', () => health(overview.report.problems)),
      section('Image', () => image(overview)),
      section('Kernels', () => kernels(overview, around.kernel)),
      section('GPU', () => gpu(overview.cuda)),
      section('Logs', () => logs(overview.logs))
    );
  }
  return redact(parts.filter(Boolean).join('\n'));
}

function health(problems: Problem[]): string {
  if (problems.length === 0) {
    return 'Nothing wrong was found.\n';
  }
  const lines = problems.map(problem => {
    const head = `- ${SIGNS[problem.severity] ?? ''} **${problem.severity}** \`${problem.id}\`: `;
    const rest = [
      problem.wanted && `wanted: ${line(problem.wanted)}`,
      problem.remedy && `remedy: ${line(problem.remedy)}`,
      problem.source && `source: ${line(problem.source)}`
    ].filter(Boolean);
    return [`${head}${line(problem.seen)}`, ...rest.map(part => `  - ${part}`)].join('\n');
  });
  return `${lines.join('\n')}\n`;
}

function image(overview: Overview): string {
  const { identity, file, present } = overview.metadata;
  const own = overview.image;
  const config = own.app_image_config;
  const said = Object.entries(identity)
    .filter(([, value]) => typeof value === 'object' && value !== null && 'value' in value)
    .map(([name, value]): Row => {
      const sourced = value as { value: string | null; source: string };
      return [name, sourced.value && `${sourced.value} (${sourced.source})`];
    });
  return list([
    ['jupyter_sm', `${overview.version}, ${overview.host}, ${overview.active ? 'active' : 'a guest'}`],
    ['On SageMaker', isOnSageMaker(overview) ? 'yes' : 'no'],
    ['Metadata', `${file} ${present ? '' : '(not there)'}`],
    ...said,
    ['User and group', `${own.user}:${own.group} (${own.uid ?? '?'}:${own.gid ?? '?'})`],
    ['Python', own.python],
    ['Home', own.home],
    ['AppImageConfig', config.file ? `${config.name ?? ''} ${config.file}` : 'none'],
    ['Mount path', config.mount_path],
    ['Configured user and group', config.uid === null ? null : `${config.uid}:${config.gid ?? '?'}`]
  ]);
}

function kernels(overview: Overview, current: string | null): string {
  const rows = overview.kernels.kernels.map(kernel => {
    const trouble = kernel.broken?.reason ?? kernel.reason;
    return `- ${code(kernel.name)} ${kernel.visibility}${kernelNote(kernel, current)}${
      trouble ? `: ${line(trouble)}` : ''
    }`;
  });
  const stopped = overview.kernels.not_started.map(
    kernel => `- ${code(kernel.name)} did not start: ${line(kernel.reason)}`
  );
  const by = overview.kernels.configured_by;
  const head = by ? `Configured by ${code(by)}\n\n` : '';
  return `${head}${[...rows, ...stopped].join('\n') || 'None.'}\n`;
}

function kernelNote(kernel: Kernel, current: string | null): string {
  const notes = [
    kernel.name === current && 'current',
    kernel.broken && 'broken',
    kernel.environment && `in ${kernel.environment.prefix}`
  ].filter(Boolean);
  return notes.length > 0 ? ` (${notes.join(', ')})` : '';
}

function gpu(cuda: Cuda | null): string {
  if (cuda === null) {
    return 'Not known.\n';
  }
  const devices = cuda.devices.map(device => {
    const memory =
      device.memory_total === null
        ? ''
        : `, memory ${device.memory_used === null ? '?' : bytes(device.memory_used)} of ${bytes(device.memory_total)}`;
    const load = device.utilization_gpu === null ? '' : `, load ${device.utilization_gpu} %`;
    return `- ${line(device.name ?? device.uuid)}${memory}${load}`;
  });
  const reasons = cuda.reasons.map(reason => {
    const remedy = reason.remedy ? `; remedy: ${line(reason.remedy)}` : '';
    return `- \`${reason.code}\`: ${line(reason.text)}${remedy}`;
  });
  const head = list([
    ['Verdict', cuda.status],
    ['Driver', cuda.driver_version],
    ['CUDA of the driver', cuda.cuda_driver_version],
    ['Checked', cuda.checked_at]
  ]);
  return [head, ...reasons, ...devices].join('\n').trimEnd() + '\n';
}

function logs(logs: Logs): string {
  const { shipping } = logs;
  const head = list([
    ['Group', logs.group],
    ['Stream', logs.stream],
    ['File', logs.file],
    ['Trouble', logs.trouble],
    ['Lost', logs.lost ? String(logs.lost) : null],
    ['Not shipped', logs.not_shipped],
    [
      'Shipping',
      shipping && `${shipping.state}, ${shipping.behind_events} events behind ${shipping.reason}`
    ]
  ]);
  const events = logs.events.map(
    event =>
      `${when(event.timestamp)} ${event.level} ${event.logger} ${event.message}` +
      (event.traceback ? `\n${event.traceback}` : '')
  );
  return head + (events.length > 0 ? `\n${fenced(events.join('\n'))}` : '');
}

type Row = [string, string | null | undefined | false];

function list(rows: Row[]): string {
  return rows
    .filter(([, value]) => value)
    .map(([name, value]) => `- ${name}: ${code(String(value))}\n`)
    .join('');
}

/** A section that cannot be made must not cost the others. */
function section(title: string, body: () => string): string {
  try {
    return `## ${title}\n\n${body()}`;
  } catch (error) {
    return `## ${title}\n\nThis part could not be read: ${line(String(error))}\n`;
  }
}

function when(milliseconds: number): string {
  const time = new Date(milliseconds);
  return Number.isNaN(time.getTime()) ? '?' : time.toISOString();
}

/** On one line, without what Markdown would take for HTML. */
function line(text: string): string {
  return text.replace(/\s+/g, ' ').trim().replace(/&/g, '&amp;').replace(/</g, '&lt;');
}

/** A span of code that may hold backticks itself. */
function code(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  const ticks = '`'.repeat(longestRun(flat) + 1);
  const pad = flat.startsWith('`') || flat.endsWith('`') ? ' ' : '';
  return `${ticks}${pad}${flat}${pad}${ticks}`;
}

function fenced(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}text\n${text}\n${fence}\n`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map(run => run.length));
}
