/** The kernels: what does not work first, then what is offered, then the rest. */

import { CopyButton, Field, Remedy } from '../copying.tsx';
import { Fragment, h } from '../jsx.ts';
import type { Cuda, Kernel, NotStarted } from '../overview.ts';
import { canStart, groups, named } from '../view.ts';
import { kernelGpu, visibility } from '../words.ts';
import { Mark, Section } from './section.tsx';
import type { SectionProps } from './section.tsx';

export function Kernels(props: SectionProps): JSX.Element {
  const { trans, overview, folding } = props;
  const { kernels, configured_by: by, not_started: stopped } = overview.kernels;
  const { troubled, offered, others } = groups(kernels);
  return (
    <Section
      name="kernels"
      title={trans.__('Kernels')}
      note={trans._n('%1 offered', '%1 offered', offered.length, offered.length)}
      folding={folding}
    >
      <CurrentKernel {...props} kernels={kernels} />
      {stopped.map(each => (
        <Stopped key={each.id} {...props} stopped={each} />
      ))}
      <KernelList {...props} cuda={overview.cuda} kernels={[...troubled, ...offered]} />
      {kernels.length === 0 && (
        <p>
          <Mark worst="info">{trans.__('No kernel was found.')}</Mark>
        </p>
      )}
      {others.length > 0 && (
        <details>
          <summary>{trans._n('%1 not offered', '%1 not offered', others.length, others.length)}</summary>
          <KernelList {...props} cuda={overview.cuda} kernels={others} />
        </details>
      )}
      {by && (
        <dl>
          <Field trans={trans} name={trans.__('Chosen by')} value={by} />
        </dl>
      )}
    </Section>
  );
}

/** The same from Jupyter's own list, where jupyter_sm cannot be asked. */
export function ListedKernels(props: Bare): JSX.Element {
  const { trans, kernels, folding } = props;
  return (
    <Section name="kernels" title={trans.__('Kernels')} folding={folding}>
      <CurrentKernel {...props} />
      <KernelList {...props} cuda={null} />
      {kernels.length === 0 && <p>{trans.__('The server lists no kernels.')}</p>}
    </Section>
  );
}

type Bare = Omit<SectionProps, 'view' | 'overview'> & { kernels: Kernel[] };

/** What the current notebook runs in, said even where that is nothing. */
function CurrentKernel(props: Bare): JSX.Element {
  const { trans, kernels, current } = props;
  if (current.kind === 'none') {
    return <p className="jp-SM-current">{trans.__('No notebook is open.')}</p>;
  }
  if (current.kind === 'no-kernel') {
    return (
      <p className="jp-SM-current">{trans.__('%1 has no kernel.', current.title)}</p>
    );
  }
  const kernel = named(kernels, current.name);
  return (
    <p className="jp-SM-current">
      {trans.__('%1 runs in %2.', current.title, kernel?.display_name ?? current.name)}
      {kernel === null && ` ${trans.__('That kernel is not in this list.')}`}
    </p>
  );
}

function Stopped({ trans, stopped }: SectionProps & { stopped: NotStarted }): JSX.Element {
  return (
    <div className="jp-SM-trouble" data-severity="error">
      <Mark worst="error" word={trans.__('%1 did not start', stopped.name)} />
      {stopped.file && <p className="jp-SM-source">{stopped.file}</p>}
      <p>{stopped.reason}</p>
      <Remedy trans={trans} text={stopped.remedy} />
    </div>
  );
}

function KernelList(props: Bare & { cuda: Cuda | null }): JSX.Element | null {
  const { kernels, current } = props;
  if (kernels.length === 0) {
    return null;
  }
  const own = named(kernels, current.kind === 'kernel' ? current.name : null);
  return (
    <ul className="jp-SM-kernels">
      {kernels.map(kernel => (
        <KernelItem key={kernel.name} {...props} kernel={kernel} isCurrent={kernel === own} />
      ))}
    </ul>
  );
}

type ItemProps = Bare & { cuda: Cuda | null; kernel: Kernel; isCurrent: boolean };

function KernelItem(props: ItemProps): JSX.Element {
  const { trans, kernel, isCurrent, cuda, actions } = props;
  const gpu = kernelGpu(trans, kernel, cuda);
  const prefix = kernel.environment?.prefix ?? kernel.prefix;
  const trouble = kernel.broken ?? { reason: kernel.reason, remedy: kernel.remedy };
  const state = kernel.broken ? trans.__('Will not start') : visibility(trans, kernel);
  const isWrong = kernel.broken !== null || kernel.visibility === 'missing';
  return (
    <li
      data-kernel={kernel.name}
      data-current={isCurrent}
      data-trouble={isWrong}
      aria-current={isCurrent || undefined}
    >
      <div className="jp-SM-kernelHead">
        <span className="jp-SM-value">
          {isCurrent && <span className="jp-SM-badge">{trans.__('▸ current')}</span>}
          <strong>{kernel.display_name}</strong>
        </span>
        {canStart(kernel) && (
          <button
            type="button"
            className="jp-SM-button"
            title={trans.__('New notebook with %1', kernel.display_name)}
            aria-label={trans.__('New notebook with %1', kernel.display_name)}
            onClick={() => actions.newNotebook(kernel.name)}
          >
            {trans.__('+ Notebook')}
          </button>
        )}
      </div>
      {state && (
        <p>
          <Mark worst={isWrong ? 'error' : 'info'} word={state} />
        </p>
      )}
      {trouble.reason && <p className="jp-SM-seen">{trouble.reason}</p>}
      <Remedy trans={trans} text={trouble.remedy} />
      {gpu && (
        <>
          <p>
            <Mark worst={gpu.worst}>{gpu.text}</Mark>
          </p>
          <Remedy trans={trans} text={gpu.remedy} />
        </>
      )}
      <div className="jp-SM-place">
        <code>{kernel.name}</code>
        <CopyButton trans={trans} name={trans.__('kernel name')} text={kernel.name} />
      </div>
      {prefix && (
        <div className="jp-SM-place">
          <span className="jp-SM-value">{prefix}</span>
          <CopyButton trans={trans} name={trans.__('environment')} text={prefix} />
        </div>
      )}
    </li>
  );
}
