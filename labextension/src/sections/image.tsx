/** What this image is: the app, its configuration, its user. */

import { Field } from '../copying.tsx';
import { Fragment, h } from '../jsx.ts';
import type { IdentityField } from '../overview.ts';
import { isOnSageMaker } from '../view.ts';
import type { Trans } from '../words.ts';
import { Mark, Section } from './section.tsx';
import type { SectionProps } from './section.tsx';

function identityFields(trans: Trans): [IdentityField, string][] {
  return [
    ['app_type', trans.__('App type')],
    ['app_name', trans.__('App')],
    ['domain_id', trans.__('Domain')],
    ['user_profile_name', trans.__('User profile')],
    ['space_name', trans.__('Space')],
    ['app_image_version', trans.__('Image version')],
    ['region', trans.__('Region')],
    ['account_id', trans.__('Account')],
    ['resource_arn', trans.__('ARN')],
    ['execution_role_arn', trans.__('Execution role')]
  ];
}

export function Image(props: SectionProps): JSX.Element {
  const { trans, overview, folding } = props;
  const { identity, file, present } = overview.metadata;
  const fields = identityFields(trans);
  const isHere = isOnSageMaker(overview);
  return (
    <Section name="image" title={trans.__('Image')} folding={folding}>
      {!isHere && (
        <p>
          <Mark worst="info">
            {present
              ? trans.__('The metadata document does not say which app this is.')
              : trans.__('Not on SageMaker: there is no metadata document.')}
          </Mark>
        </p>
      )}
      <dl>
        {isHere &&
          fields.map(([name, label]) => (
            <Field
              key={name}
              trans={trans}
              name={label}
              value={identity[name]?.value}
              source={identity[name]?.source}
            />
          ))}
        <Config {...props} />
        <Field trans={trans} name={trans.__('User and group')} value={userAndGroup(props)} />
        <Field trans={trans} name={trans.__('Home')} value={overview.image.home} />
        <Field trans={trans} name={trans.__('Python')} value={overview.image.python} />
        <Field trans={trans} name={trans.__('Metadata')} value={present ? file : null} />
        <Field trans={trans} name="jupyter_sm" value={overview.version} />
      </dl>
      {!overview.active && (
        <p className="jp-SM-source">
          {trans.__('jupyter_sm only looks on here; kernels and logs are the server’s own.')}
        </p>
      )}
    </Section>
  );
}

function Config({ trans, overview }: SectionProps): JSX.Element {
  const config = overview.image.app_image_config;
  const pair = config.uid === null ? null : `${config.uid}:${config.gid ?? '?'}`;
  return (
    <>
      <Field trans={trans} name={trans.__('AppImageConfig')} value={config.name ?? config.file} />
      {config.name && (
        <Field trans={trans} name={trans.__('AppImageConfig file')} value={config.file} />
      )}
      <Field trans={trans} name={trans.__('Configured user and group')} value={pair} />
      <Field trans={trans} name={trans.__('Mount path')} value={config.mount_path} />
    </>
  );
}

function userAndGroup({ overview }: SectionProps): string | null {
  const { user, group, uid, gid } = overview.image;
  if (uid === null) {
    return null;
  }
  return `${user || '?'}:${group || '?'} (${uid}:${gid ?? '?'})`;
}
