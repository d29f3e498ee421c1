/** The log stream in the CloudWatch console. Pure. */

/**
 * Where the console of a region lies.
 *
 * Other partitions than these three have consoles that are not public; they get no link.
 */
function host(region: string): string | null {
  if (!/^[a-z]{2}(-[a-z]+)+-\d+$/.test(region)) {
    return null;
  }
  if (region.startsWith('cn-')) {
    return 'console.amazonaws.cn';
  }
  if (region.startsWith('us-gov-')) {
    return 'console.amazonaws-us-gov.com';
  }
  if (/^(us-iso|eu-iso|eusc-)/.test(region)) {
    return null;
  }
  return `${region}.console.aws.amazon.com`;
}

/** The console takes names in its fragment encoded twice, with `$` for `%`. */
function twice(name: string): string {
  return encodeURIComponent(encodeURIComponent(name)).replace(/%/g, '$');
}

/** The page that shows a stream's events; null where there is no such page. */
export function consoleUrl(
  region: string | null,
  group: string | null,
  stream: string | null
): string | null {
  const place = region ? host(region) : null;
  if (!place || !group || !stream) {
    return null;
  }
  const path = `logsV2:log-groups/log-group/${twice(group)}/log-events/${twice(stream)}`;
  return `https://${place}/cloudwatch/home?region=${region}#${path}`;
}
