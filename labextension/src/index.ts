/** The plugins. Nothing is asked of the server before the application stands. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { addCommands, addOpenCommand, CommandIDs } from './commands.ts';
import { ISageMakerModel, SageMakerModel } from './model.ts';
import { SageMakerPanel } from './panel.tsx';
import { StatusItem } from './status.tsx';
import { KernelTracker } from './tracker.ts';
import { lastFresh, turnedBad } from './view.ts';
import type { Trans } from './words.ts';

const PANEL = 'jupyter-sm:panel';
const FOLDED = 'jupyter-sm:folded';

function bundle(translator: ITranslator | null): Trans {
  return (translator ?? nullTranslator).load('jupyter_sm');
}

const model: JupyterFrontEndPlugin<ISageMakerModel> = {
  id: 'jupyter-sm:model',
  description: 'Knows the health, kernels, GPUs and logs of this SageMaker image.',
  autoStart: true,
  provides: ISageMakerModel,
  activate: app =>
    new SageMakerModel(app.serviceManager.serverSettings, new KernelTracker(app.shell))
};

const commands: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-sm:commands',
  description: 'Refreshes what is known of this image, and copies a report on it.',
  autoStart: true,
  requires: [ISageMakerModel],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: ISageMakerModel,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => addCommands(app, model, bundle(translator), palette)
};

const panel: JupyterFrontEndPlugin<void> = {
  id: PANEL,
  description: 'A side panel with the health, kernels, GPUs and logs of this SageMaker image.',
  autoStart: true,
  requires: [ISageMakerModel],
  optional: [ICommandPalette, ILayoutRestorer, ISettingRegistry, IStateDB, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: ISageMakerModel,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    settings: ISettingRegistry | null,
    state: IStateDB | null,
    translator: ITranslator | null
  ) => {
    const trans = bundle(translator);
    const { kernelspecs } = app.serviceManager;
    const widget = new SageMakerPanel({
      model,
      trans,
      actions: {
        refresh: () => model.refresh(),
        refreshCuda: () => model.refreshCuda(),
        copyReport: () => app.commands.execute(CommandIDs.copyReport),
        newNotebook: kernelName => void app.commands.execute(CommandIDs.newNotebook, { kernelName })
      },
      specs: () => kernelspecs.specs?.kernelspecs ?? {},
      onFolded: folded => void state?.save(FOLDED, folded)
    });
    addOpenCommand(app, widget.id, trans, palette);
    app.shell.add(widget, 'left', { rank: 550, type: 'SageMaker Image' });
    restorer?.add(widget, widget.id);
    void app.restored.then(async () => {
      await Promise.all([unfold(widget, state), follow(widget, model, settings)]);
    });
  }
};

/** Fold the sections that were folded when the window was last closed. */
async function unfold(widget: SageMakerPanel, state: IStateDB | null): Promise<void> {
  const folded = await state?.fetch(FOLDED);
  if (Array.isArray(folded)) {
    widget.state = { folded: new Set(folded.map(String)) };
  }
}

/** Do as the settings say, now and when they change. */
async function follow(
  widget: SageMakerPanel,
  model: ISageMakerModel,
  registry: ISettingRegistry | null
): Promise<void> {
  if (registry === null) {
    return;
  }
  const settings = await registry.load(PANEL);
  const apply = (): void => {
    const { refreshInterval, hiddenSections } = settings.composite;
    model.interval = Math.max(1, Number(refreshInterval) || 3) * 1000;
    widget.state = { hidden: new Set(Array.isArray(hiddenSections) ? hiddenSections.map(String) : []) };
  };
  settings.changed.connect(apply);
  apply();
}

const status: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-sm:status',
  description: 'Says in the status bar whether something is wrong with this SageMaker image.',
  autoStart: true,
  requires: [ISageMakerModel],
  optional: [IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: ISageMakerModel,
    bar: IStatusBar | null,
    translator: ITranslator | null
  ) => {
    if (bar === null) {
      return; // Notebook has none
    }
    const trans = bundle(translator);
    const open = (): void => void app.commands.execute(CommandIDs.open);
    const item = new StatusItem(model, trans, open);
    bar.registerStatusItem('jupyter-sm:status', { item, align: 'left', rank: 90 });
    void app.restored.then(() => item.begin());
    let before = model.view;
    model.changed.connect(() => {
      if (turnedBad(before, model.view)) {
        warn(model, trans, open);
      }
      before = lastFresh(before, model.view);
    });
  }
};

/** Tell somebody who does not look at the panel that something has just gone wrong. */
function warn(model: ISageMakerModel, trans: Trans, open: () => void): void {
  const problem = model.view.overview?.report.problems[0];
  Notification.error(trans.__('SageMaker image: %1', problem?.seen ?? ''), {
    autoClose: 10_000,
    actions: [{ label: trans.__('Show'), callback: open }]
  });
}

export { ISageMakerModel };
export default [model, commands, panel, status];
