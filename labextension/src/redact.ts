/** Takes out of a text what must not leave the account with it. Pure. */

/** The last part of a name whose value is a secret. */
const TELLING =
  '(?:token|secret|passw(?:or)?d|passphrase|pwd|signature|credential|(?:api|access|private)[_-]?key|authorization|cookie|xsrf)(?:[_-]?(?:key|id))*s?';

/** The whole name; the server says itself that it `asks for no token: anybody …`. */
const NAME = `(?<![\\w.-])(?<!\\bno )[\\w.-]*${TELLING}\\\\*["']?[ \\t]*`;

/** Also as an address encodes it, once or more often. */
const IS = '(?:[=:]+|%(?:25)*3[ad])[ \\t]*';

const SCHEME = '(?:(?:bearer|token|basic|digest|negotiate|aws4-hmac-sha256) +)?';

/** What was taken out already. */
const NOT_DONE = `(?!${SCHEME}<(?:secret|ac|cred|ARN ))`;

/** Also escaped, as JSON in JSON has it. */
const OPEN = '(\\\\*["\']|`+)';

const UP_TO_THE_END = '(?:(?!\\2)(?:\\\\.|[^\\n]))+';

const BARE = '(?!\\\\+["\'])[^\\s&"\',;`]+';

/** In this order: a rule that sees a whole comes before one that would see only its part. */
const RULES: [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*KEY-----[^]*?(?:-----END[A-Z ]*-----|$)/g, '<secret>'],
  [/\barn:(aws[\w-]*):([\w-]+):[^\s"'`<>|,;)\]}]*/g, '<ARN of $2>'],
  [/\b([a-z][a-z\d+.-]*:\/\/)[^\s/?#"'`<>]+@/gi, '$1<credentials>@'],
  [/\b((?:set-)?cookie: *)(?![ <"'])[^\n"'`]+/gi, '$1<secret>'],
  [rule(`(${NAME}(?:,[ \\t]*|${IS})b?)${OPEN}${NOT_DONE}(${SCHEME})${UP_TO_THE_END}`), '$1$2$3<secret>'],
  [rule(`(${NAME}${IS})${NOT_DONE}(${SCHEME})${BARE}`), '$1$2<secret>'],
  [rule(`((?<!\\S)--?[\\w.-]*${TELLING}[ \\t]+)(?!-|<secret)(?:${OPEN}${UP_TO_THE_END}|${BARE})`), '$1$2<secret>'],
  [/\b(bearer\s+)[\w.~+/-]{8,}=*/gi, '$1<secret>'],
  [/((?:secret|key|passw|credential)[^\n]{0,24}?(?<![\w/+]))[\w/+]{40}(?![\w/+=])/gi, '$1<secret>'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, '<access key>'],
  [/\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g, '<secret>'],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|pypi-|hf_|sk-|xox[abprs]-)[\w-]{16,}/g, '<secret>'],
  [/(?<!\w)[\da-f]{48}(?!\w)/gi, '<secret>'],
  [/(?<!\d|\d\.)\d{12}(?!\d)|(?<![\w-])\d{4}-\d{4}-\d{4}(?![\w-])/g, '<account>']
];

function rule(pattern: string): RegExp {
  return new RegExp(pattern, 'gi');
}

/** The text without account ids, ARNs, tokens, passwords and keys. */
export function redact(text: string): string {
  return RULES.reduce((rest, [pattern, kept]) => rest.replace(pattern, kept), text);
}
