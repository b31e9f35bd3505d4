package guardrails.residency

route contains {"forbid": {"regions": ["eu"]}} if input.principal.labels.residency == "eu"
