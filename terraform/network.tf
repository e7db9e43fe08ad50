# Each node on a host of its own, so that one broken machine takes one node with it.
resource "exoscale_anti_affinity_group" "nodes" {
  name        = local.name
  description = local.description
}

resource "exoscale_security_group" "nodes" {
  name        = local.name
  description = local.description
}

resource "exoscale_security_group_rule" "between_nodes" {
  for_each = {
    kubelet = { protocol = "TCP", port = 10250 } # logs, exec and metrics
    calico  = { protocol = "UDP", port = 4789 }  # VXLAN between the pods of different nodes
  }

  security_group_id      = exoscale_security_group.nodes.id
  user_security_group_id = exoscale_security_group.nodes.id
  description            = each.key
  type                   = "INGRESS"
  protocol               = each.value.protocol
  start_port             = each.value.port
  end_port               = each.value.port
}

# The load balancer passes packets on with the client's own address, so the world must reach the ports that it targets.
resource "exoscale_security_group_rule" "ingress" {
  for_each = local.ingress

  security_group_id = exoscale_security_group.nodes.id
  cidr              = "0.0.0.0/0"
  description       = each.key
  type              = "INGRESS"
  protocol          = "TCP"
  start_port        = each.value.node_port
  end_port          = each.value.node_port
}
