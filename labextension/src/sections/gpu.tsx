/** Whether the GPU can be used, why not, and how busy it is. */

import * as React from 'react';

import { CopyButton, Field, Remedy } from '../copying.tsx';
import { Fragment, h } from '../jsx.ts';
import { age } from '../words.ts';
import { bytes, instant, percent, span } from '../format.ts';
import type { Cuda, Device, Reason } from '../overview.ts';
import type { Trans } from '../words.ts';
import { gpuVerdict } from '../words.ts';
import { Mark, Section } from './section.tsx';
import type { SectionProps } from './section.tsx';

export function Gpu(props: SectionProps): JSX.Element {
  const { trans, overview, folding } = props;
  const { cuda } = overview;
  const note = cuda ? undefined : trans.__('not known');
  return (
    <Section name="gpu" title={trans.__('GPU')} note={note} folding={folding}>
      {cuda ? <Verdict {...props} cuda={cuda} /> : <NotKnown {...props} />}
      <AskAgain {...props} />
    </Section>
  );
}

function NotKnown({ trans, overview }: SectionProps): JSX.Element {
  return (
    <p>
      <Mark worst="unknown">
        {overview.active
          ? trans.__('The driver is being asked.')
          : trans.__('The driver has not been asked: jupyter_sm only looks on here.')}
      </Mark>
    </p>
  );
}

function Verdict({ trans, cuda }: SectionProps & { cuda: Cuda }): JSX.Element {
  const { worst, text } = gpuVerdict(trans, cuda.status, cuda.reasons[0]?.code);
  const checked = instant(cuda.checked_at);
  return (
    <>
      <p>
        <Mark worst={worst} word={text} />
      </p>
      {cuda.reasons.length > 0 && cuda.status !== 'no_gpu_host' && (
        <ul className="jp-SM-reasons">
          {cuda.reasons.map((reason, index) => (
            <ReasonItem key={`${reason.code} ${index}`} trans={trans} reason={reason} />
          ))}
        </ul>
      )}
      {cuda.devices.length > 0 && (
        <ul className="jp-SM-devices">
          {cuda.devices.map(device => (
            <DeviceItem key={device.uuid} trans={trans} device={device} />
          ))}
        </ul>
      )}
      <dl>
        <Field trans={trans} name={trans.__('Driver')} value={cuda.driver_version} />
        <Field trans={trans} name={trans.__('Newest CUDA of the driver')} value={cuda.cuda_driver_version} />
        <Field trans={trans} name={trans.__('CUDA in the image')} value={toolkits(cuda)} />
      </dl>
      {checked !== null && (
        <p className="jp-SM-source">
          {trans.__('Driver asked %1', age(trans, span(Date.now() - checked)))}
        </p>
      )}
    </>
  );
}

function toolkits(cuda: Cuda): string {
  return [...new Set(cuda.toolkits.map(toolkit => toolkit.version))].join(', ');
}

function ReasonItem({ trans, reason }: { trans: Trans; reason: Reason }): JSX.Element {
  return (
    <li>
      <p className="jp-SM-seen">{reason.text}</p>
      <Remedy trans={trans} text={reason.remedy} />
      {reason.evidence && <p className="jp-SM-source">{reason.evidence}</p>}
    </li>
  );
}

function DeviceItem({ trans, device }: { trans: Trans; device: Device }): JSX.Element {
  const name = deviceName(trans, device);
  const { memory_used: used, memory_total: total, utilization_gpu: load } = device;
  const share = percent(used, total);
  return (
    <li data-device={device.uuid} data-slice={device.parent_uuid !== null}>
      <p>
        <strong>{name}</strong>
      </p>
      {device.cuda_visible === false && (
        <p>
          <Mark worst="warning">{trans.__('CUDA does not see it')}</Mark>
        </p>
      )}
      {share !== null && used !== null && total !== null ? (
        <Meter
          label={trans.__('Memory of %1', name)}
          title={trans.__('Memory')}
          value={share}
          text={trans.__('%1 of %2', bytes(used), bytes(total))}
        />
      ) : (
        total !== null && <p>{trans.__('Memory: %1', bytes(total))}</p>
      )}
      {load !== null && (
        <Meter
          label={trans.__('Load of %1', name)}
          title={trans.__('Load')}
          value={percent(load, 100) ?? 0}
          text={`${load} %`}
        />
      )}
      {device.compute_capability && (
        <p className="jp-SM-source">
          {trans.__('Compute capability %1', device.compute_capability)}
        </p>
      )}
      <div className="jp-SM-place">
        <span className="jp-SM-value">{device.uuid}</span>
        <CopyButton trans={trans} name={trans.__('UUID')} text={device.uuid} />
      </div>
    </li>
  );
}

function deviceName(trans: Trans, device: Device): string {
  const name = device.name ?? trans.__('GPU without a name');
  if (device.parent_uuid !== null) {
    return trans.__('MIG slice %1', name);
  }
  return device.index === null ? name : `${device.index}: ${name}`;
}

function Meter(props: { label: string; title: string; value: number; text: string }): JSX.Element {
  const { label, title, value, text } = props;
  return (
    <div className="jp-SM-meter">
      <span aria-hidden="true">{title}</span>
      <span aria-hidden="true">{text}</span>
      <div
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={value}
        aria-valuetext={text}
      >
        <div style={{ width: `${value}%` }} />
      </div>
    </div>
  );
}

function AskAgain({ trans, actions, overview }: SectionProps): JSX.Element {
  const [said, setSaid] = React.useState('');
  const [isAsking, setAsking] = React.useState(false);
  const ask = async (): Promise<void> => {
    setAsking(true);
    setSaid(await actions.refreshCuda());
    setAsking(false);
  };
  return (
    <p>
      <button
        type="button"
        className="jp-SM-button"
        aria-busy={isAsking}
        disabled={isAsking}
        onClick={() => void ask()}
      >
        {overview.cuda ? trans.__('Ask the driver again') : trans.__('Ask the driver')}
      </button>
      <span role="status" className="jp-SM-said">
        {said}
      </span>
    </p>
  );
}
