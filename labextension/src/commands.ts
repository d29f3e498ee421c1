/** The commands, for the palette, for shortcuts and for other extensions. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard } from '@jupyterlab/apputils';
import type { ICommandPalette } from '@jupyterlab/apputils';

import { report } from './markdown.ts';
import type { ISageMakerModel } from './model.ts';
import { imageIcon } from './icon.ts';
import type { Trans } from './words.ts';

export const CommandIDs = {
  open: 'jupyter-sm:open',
  refresh: 'jupyter-sm:refresh',
  copyReport: 'jupyter-sm:copy-report',
  newNotebook: 'jupyter-sm:new-notebook'
} as const;

const NO_ARGUMENTS = { type: 'object', properties: {} } as const;

const KERNEL_NAME = {
  type: 'object',
  required: ['kernelName'],
  properties: {
    kernelName: { type: 'string', description: 'The kernel to start the notebook with' }
  }
} as const;

export function addCommands(
  app: JupyterFrontEnd,
  model: ISageMakerModel,
  trans: Trans,
  palette: ICommandPalette | null
): void {
  const { commands } = app;
  commands.addCommand(CommandIDs.refresh, {
    label: trans.__('Refresh SageMaker Image'),
    caption: trans.__('Ask the server for health, kernels, GPUs and logs now'),
    describedBy: { args: NO_ARGUMENTS },
    execute: () => model.refresh()
  });
  commands.addCommand(CommandIDs.copyReport, {
    label: trans.__('Copy Report on SageMaker Image'),
    caption: trans.__('Markdown for a support ticket, without account ids, ARNs and tokens'),
    describedBy: { args: NO_ARGUMENTS },
    execute: () => copyReport(app, model)
  });
  commands.addCommand(CommandIDs.newNotebook, {
    label: trans.__('New Notebook with a Kernel of This Image'),
    describedBy: { args: KERNEL_NAME },
    execute: args => commands.execute('notebook:create-new', { kernelName: args.kernelName })
  });
  for (const command of [CommandIDs.refresh, CommandIDs.copyReport]) {
    palette?.addItem({ command, category: trans.__('SageMaker') });
  }
}

/** Needs the panel, which other plugins can leave out. */
export function addOpenCommand(
  app: JupyterFrontEnd,
  panelId: string,
  trans: Trans,
  palette: ICommandPalette | null
): void {
  app.commands.addCommand(CommandIDs.open, {
    label: trans.__('Show SageMaker Image'),
    caption: trans.__('Open the panel with this image’s health, kernels, GPUs and logs'),
    icon: imageIcon,
    describedBy: { args: NO_ARGUMENTS },
    execute: () => app.shell.activateById(panelId)
  });
  palette?.addItem({ command: CommandIDs.open, category: trans.__('SageMaker') });
}

async function copyReport(app: JupyterFrontEnd, model: ISageMakerModel): Promise<string> {
  if (model.view.at === null && model.view.failure === null) {
    await model.refresh();
  }
  const { current } = model;
  const text = report(model.view, {
    app: `${app.name} ${app.version}`,
    kernel: current.kind === 'kernel' ? current.name : null,
    now: Date.now()
  });
  Clipboard.copyToSystem(text);
  return text;
}
