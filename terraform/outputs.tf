output "environment" {
  description = "The environment that this state is of."
  value       = var.environment
}

output "zone" {
  description = "The Exoscale zone."
  value       = local.zone
}

output "cluster_id" {
  description = "The id of the SKS cluster."
  value       = exoscale_sks_cluster.platform.id
}

output "ingress_ip" {
  description = "The address of the load balancer: where DNS records point."
  value       = exoscale_nlb.ingress.ip_address
}

output "database_name" {
  description = "The name of the managed PostgreSQL."
  value       = exoscale_dbaas.database.name
}
