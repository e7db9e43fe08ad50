locals {
  platform = yamldecode(file(var.platform_file))
  settings = local.platform.environments[var.environment]

  name = "${local.platform.name}-${var.environment}"
  zone = local.settings.zone

  # Security groups and anti-affinity groups take no labels; they say the same in their description.
  labels = {
    platform    = local.platform.name
    environment = var.environment
    managed-by  = "slipway"
  }
  description = "${local.platform.name} ${var.environment}, managed by slipway"
}
