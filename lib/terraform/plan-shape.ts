import { Ajv, type ValidateFunction } from 'ajv';
import { cut, visible } from './text.ts';

/*
 * The frame of a plan, as far as it is read: what is a map, what is a list, what is a text. Values may be anything. Go leaves
 * empty parts out, or writes null for them at the top; keys of newer formats are let through.
 */

type Schema = Record<string, unknown>;

const text = { type: 'string' };
const count = { type: 'integer' };
const place = { $ref: '#/$defs/place' };
const list = (items: Schema): Schema => ({ type: 'array', items });
const map = (additionalProperties: Schema): Schema => ({ type: 'object', additionalProperties });
const record = (properties: Record<string, Schema>, ...required: string[]): Schema => ({
  ...{ type: 'object', properties, required },
});
const maybe = (schema: Schema): Schema => ({ ...schema, type: [schema.type, 'null'] });

const resource = record(
  {
    ...{ address: text, type: text, previous_address: text, deposed: text, action_reason: text },
    change: { $ref: '#/$defs/change' },
  },
  ...['address', 'change'],
);
const values = maybe(record({ outputs: maybe(map(record({}))), root_module: { $ref: '#/$defs/module' } }));
const variables = maybe(map(record({})));
const trigger = record({
  ...{ triggering_resource_address: text, action_trigger_event: text },
  ...{ action_trigger_block_index: count, actions_list_index: count },
});
const condition = { address: record({ to_display: text }, 'to_display'), status: text };

const schema = {
  $defs: {
    // Steps are texts and numbers, and for an element of a set the element itself.
    place: { type: 'array' },
    change: record(
      {
        // One that is not known is named in an error, before anything is masked.
        actions: { ...list({ ...text, pattern: '^[A-Za-z_-]{0,20}$' }), maxItems: 4 },
        replace_paths: list(place),
        importing: record({ id: text, identity: { type: 'object' } }),
        generated_config: text,
      },
      'actions',
    ),
    module: record({ resources: list(record({})), child_modules: list({ $ref: '#/$defs/module' }) }),
  },
  ...record({
    format_version: text,
    resource_changes: maybe(list(resource)),
    resource_drift: maybe(list(resource)),
    deferred_changes: maybe(list(record({ reason: text, resource_change: resource }, 'resource_change'))),
    action_invocations: maybe(list(record({ address: text, lifecycle_action_trigger: trigger }, 'address'))),
    relevant_attributes: maybe(
      list(
        record(
          { resource: text, attribute: list({ type: ['string', 'number'] }) },
          ...['resource', 'attribute'],
        ),
      ),
    ),
    output_changes: maybe(map({ $ref: '#/$defs/change' })),
    checks: maybe(
      list(
        record(
          {
            ...condition,
            instances: list(
              record(
                { ...condition, problems: list(record({ message: text }, 'message')) },
                ...['address', 'status'],
              ),
            ),
          },
          ...['address', 'status'],
        ),
      ),
    ),
    variables,
    prior_state: maybe(record({ values })),
    planned_values: values,
    configuration: maybe(record({ root_module: record({ variables }) })),
  }),
};

// Compiled when the first plan is read: it costs some milliseconds.
let compiled: ValidateFunction | undefined;

/** What is not as a plan has it, as `resource_changes/0/change must be object`; undefined for a plan. */
export function misshapen(plan: unknown): string | undefined {
  compiled ??= new Ajv({ allowUnionTypes: true }).compile(schema);
  if (compiled(plan)) return undefined;
  const [first] = compiled.errors ?? [];
  // Names of outputs and modules are in the path: any text, of any length.
  return `${cut(visible(first?.instancePath.slice(1) ?? ''), 200) || 'the whole'} ${first?.message}`;
}
