package guardrails.secrets

deny contains {"code": "secret-found"} if {
	some finding in input.findings
	finding.kind == "secret"
}
