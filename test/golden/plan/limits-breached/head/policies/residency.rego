package guardrails.residency

route contains {"forbid": {"regions": ["us"]}} if input.principal.labels.residency == "eu"
