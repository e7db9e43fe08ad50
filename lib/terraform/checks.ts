/** https://developer.hashicorp.com/terraform/internals/json-format#checks-representation */
export interface CheckFile {
  address: { to_display: string };
  status: string;
  instances?: { address: { to_display: string }; status: string; problems?: { message: string }[] }[];
}

/** What one object with conditions (a check block, a resource, an output) came to. */
export interface Check {
  address: string;
  /** `unknown` is found out while applying; `error` could not be found out. */
  status: 'pass' | 'fail' | 'error' | 'unknown';
  /** What its author says of the conditions that do not hold. */
  problems: string[];
}

/** One for each instance; for the whole object where Terraform did not get as far as its instances. */
export const checks = (files: readonly CheckFile[]): Check[] =>
  files.flatMap(({ instances = [], ...whole }) =>
    (instances.length > 0 ? instances : [{ ...whole, problems: [] }]).map(
      ({ address, status, problems = [] }) => ({
        address: address.to_display,
        status: isKnown(status) ? status : 'unknown',
        problems: problems.map(({ message }) => message),
      }),
    ),
  );

const isKnown = (status: string): status is Check['status'] => ['pass', 'fail', 'error'].includes(status);

export const isFailed = ({ status }: Check): boolean => status === 'fail' || status === 'error';
