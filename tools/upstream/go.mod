// Not built: the manifests of these modules are what the sandbox's GitHub serves. `go mod tidy` would empty this file.
module slipway/tools/upstream

go 1.24.0

require (
	github.com/argoproj/argo-cd/v3 v3.2.1
	github.com/cert-manager/cert-manager v1.21.2
	github.com/traefik/traefik/v3 v3.6.1
	sigs.k8s.io/gateway-api v1.4.0
)
