# The addresses from which the nodes go out. depends_on, because a pool keeps its id when it grows: without it the old
# nodes would be read while planning, and the new ones would be shut out until the next apply.
data "exoscale_instance_pool" "nodes" {
  zone       = local.zone
  id         = exoscale_sks_nodepool.nodes.instance_pool_id
  depends_on = [exoscale_sks_nodepool.nodes]
}

locals {
  # The provider writes "<nil>" for an instance that has no address yet.
  node_networks = [
    for instance in data.exoscale_instance_pool.nodes.instances : "${instance.public_ip_address}/32"
    if can(cidrhost("${instance.public_ip_address}/32", 0))
  ]
}

# Users and their passwords are not made here: they would stand in the state in clear.
resource "exoscale_dbaas" "database" {
  zone                   = local.zone
  name                   = local.name
  type                   = "pg"
  plan                   = local.settings.database.plan
  termination_protection = var.database_protected

  # An empty filter lets nobody in.
  pg = { ip_filter = local.node_networks }
}

check "every_node_reaches_the_database" {
  assert {
    condition     = length(local.node_networks) == local.settings.nodes.count
    error_message = "The database lets in ${length(local.node_networks)} of ${local.settings.nodes.count} nodes: apply again when all of them have an address."
  }
}
