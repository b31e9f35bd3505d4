# METADATA
# title: No credential goes to a model
package guardrails.secrets

deny contains {"code": "secret-found", "message": message} if {
	some finding in input.findings
	finding.kind == "secret"
	message := sprintf("the %s holds a credential", [input.stage])
}
