import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Egress, openEgress } from '../egress.ts';
import { openRun } from '../run.ts';
import { terraformMirror } from '../terraform-mirror.ts';
import { tool } from '../tools/build.ts';
import { type ExoscaleStandIn, exoscaleStandIn } from './index.ts';
import { remembered } from './testing.ts';

const credentials = { key: 'EXOtest', secret: 'a secret' };
const zone = 'at-vie-1'; // not where security groups are served from

const configuration = `
terraform {
  required_providers {
    exoscale = { source = "exoscale/exoscale" }
  }
}
variable "nodes" { default = 2 }
variable "protected" { default = true }

resource "exoscale_security_group" "nodes" {
  name        = "shop-staging-nodes"
  description = "nodes"
}
resource "exoscale_security_group_rule" "kubelet" {
  security_group_id      = exoscale_security_group.nodes.id
  user_security_group_id = exoscale_security_group.nodes.id
  type                   = "INGRESS"
  protocol               = "TCP"
  start_port             = 10250
  end_port               = 10250
}
resource "exoscale_security_group_rule" "ping" {
  security_group_id      = exoscale_security_group.nodes.id
  user_security_group_id = exoscale_security_group.nodes.id
  type                   = "INGRESS"
  protocol               = "ICMP"
  icmp_type              = 8
  icmp_code              = 0
}
resource "exoscale_security_group_rule" "node_ports" {
  security_group_id = exoscale_security_group.nodes.id
  type              = "INGRESS"
  protocol          = "TCP"
  cidr              = "0.0.0.0/0"
  start_port        = 30000
  end_port          = 32767
  description       = "NodePorts"
}
resource "exoscale_anti_affinity_group" "nodes" {
  name = "shop-staging-nodes"
}
resource "exoscale_sks_cluster" "main" {
  zone          = "${zone}"
  name          = "shop-staging"
  service_level = "starter"
  cni           = "cilium"
  labels        = { platform = "shop" }
}
resource "exoscale_sks_nodepool" "main" {
  zone                    = "${zone}"
  cluster_id              = exoscale_sks_cluster.main.id
  name                    = "main"
  instance_type           = "standard.medium"
  size                    = var.nodes
  anti_affinity_group_ids = [exoscale_anti_affinity_group.nodes.id]
  security_group_ids      = [exoscale_security_group.nodes.id]
  labels                  = { pool = "main" }
  taints                  = { "shop" = "ui:NoSchedule" }
}
resource "exoscale_nlb" "main" {
  zone        = "${zone}"
  name        = "shop-staging"
  description = "nodes: \${var.nodes}"
}
resource "exoscale_nlb_service" "https" {
  zone             = "${zone}"
  nlb_id           = exoscale_nlb.main.id
  name             = "https"
  instance_pool_id = exoscale_sks_nodepool.main.instance_pool_id
  protocol         = "tcp"
  port             = 443
  target_port      = 30443
  strategy         = "source-hash"
  healthcheck {
    mode = "http"
    port = 30080
    uri  = "/ping"
  }
}
data "exoscale_instance_pool" "nodes" {
  zone       = "${zone}"
  id         = exoscale_sks_nodepool.main.instance_pool_id
  depends_on = [exoscale_sks_nodepool.main] # or it is read before the pool has its new size
}
resource "exoscale_dbaas" "main" {
  zone                   = "${zone}"
  name                   = "shop-staging"
  type                   = "pg"
  plan                   = "hobbyist-2"
  termination_protection = var.protected
  pg = {
    version   = "17"
    ip_filter = [for node in data.exoscale_instance_pool.nodes.instances : "\${node.public_ip_address}/32"]
    pg_settings = jsonencode({ timezone = "UTC" })
  }
}
output "address" { value = exoscale_nlb.main.ip_address }
`;

const run = openRun();
const parts = remembered();
let exoscale: ExoscaleStandIn;
let egress: Egress;
let cliConfiguration: string;

beforeAll(async () => {
  exoscale = await exoscaleStandIn({ ...credentials, ...parts });
  egress = await openEgress(run, [{ host: '*.exoscale.com', target: exoscale.url }]);
  cliConfiguration = await terraformMirror(run.folder, await tool('terraform-provider-exoscale'));
});
afterAll(async () => {
  await egress?.close();
  await exoscale?.close();
  await run.close();
});

/** One working directory's Terraform, as JSON lines. */
async function workspace(name: string, text: string) {
  const cwd = join(run.folder, name);
  await mkdir(cwd);
  await writeFile(join(cwd, 'main.tf'), text);
  const env = run.environment({
    ...egress.environment,
    TF_CLI_CONFIG_FILE: cliConfiguration,
    EXOSCALE_API_KEY: credentials.key,
    EXOSCALE_API_SECRET: credentials.secret,
  });
  const terraform = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)('terraform', args, { cwd, env });
    return stdout;
  };
  await terraform('init', '-input=false', '-no-color');
  return {
    apply: (...args: string[]) => terraform('apply', '-auto-approve', '-input=false', '-no-color', ...args),
    plan: (...args: string[]) =>
      terraform('plan', '-detailed-exitcode', '-input=false', '-no-color', ...args),
    destroy: (...args: string[]) =>
      terraform('destroy', '-auto-approve', '-input=false', '-no-color', ...args),
  };
}

const owned = () => ({
  zones: Object.values(exoscale.account.zones).map(zone =>
    Object.values(zone).flatMap(list => list.map(({ name }: { name: string }) => name)),
  ),
  groups: [...exoscale.account.securityGroups, ...exoscale.account.antiAffinityGroups].map(({ id }) => id),
});

test("Terraform's provider creates, finds unchanged, changes and destroys a whole platform", async () => {
  const before = owned();
  const { apply, plan, destroy } = await workspace('platform', configuration);

  expect(await apply()).toContain('Apply complete! Resources: 10 added');
  expect(await plan()).toContain('No changes');
  const here = exoscale.account.zones[zone];
  expect(parts.nodes.get('main')).toEqual(here?.instances.map(({ name }) => name));
  expect(here?.databases[0]?.['ip-filter']).toEqual(
    here?.instances.map(instance => `${instance['public-ip']}/32`),
  );

  await expect(destroy('-target=exoscale_dbaas.main')).rejects.toThrow('protected against termination');
  const changed = ['-var=nodes=3', '-var=protected=false'];
  expect(await apply(...changed)).toContain('Apply complete! Resources: 0 added, 3 changed, 0 destroyed');
  expect(here?.instances).toHaveLength(3);
  expect(here?.databases[0]?.['ip-filter']).toHaveLength(3);
  expect(await plan(...changed)).toContain('No changes');

  expect(await destroy(...changed)).toContain('Destroy complete!');
  expect(owned()).toEqual(before);
  expect(parts.calls).toEqual([
    expect.stringMatching(/^(cluster|database) shop-staging/),
    expect.stringMatching(/^(cluster|database) shop-staging/),
    'database shop-staging gone',
    'cluster gone',
  ]);
  expect(exoscale.complaints).toEqual([]);
  expect(egress.refused).toEqual([]);
});

test('an answer lost after the effect leaves two load balancers, of which Terraform knows one', async () => {
  const { apply, destroy } = await workspace(
    'lost',
    `terraform {
       required_providers {
         exoscale = { source = "exoscale/exoscale" }
       }
     }
     resource "exoscale_nlb" "main" {
       zone = "${zone}"
       name = "twice"
     }`,
  );
  exoscale.faults.schedule({ effect: { kind: 'reset-after' }, method: 'POST', path: '/load-balancer$' });
  expect(await apply()).toContain('Apply complete! Resources: 1 added');
  const names = () => exoscale.account.zones[zone]?.loadBalancers.map(({ name }) => name);
  expect(names()).toEqual(['twice', 'twice']);
  await destroy();
  expect(names()).toEqual(['twice']);
  expect(exoscale.complaints).toEqual([]);
});
