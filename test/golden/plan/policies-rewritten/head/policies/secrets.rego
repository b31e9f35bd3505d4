package guardrails.secrets

deny contains {"code": "credential-found"} if {
	some finding in input.findings
	finding.kind == "secret"
}
