# METADATA
# title: No credential and no card number goes to a model
package guardrails.secrets

deny contains {"code": "secret-found", "message": message} if {
	some finding in input.findings
	finding.kind == "secret"
	message := sprintf("the %s holds a %s", [input.stage, finding.rule])
}

deny contains {"code": "card-found", "message": message} if {
	some finding in input.findings
	finding.kind == "card"
	message := sprintf("the %s holds a card number", [input.stage])
}
