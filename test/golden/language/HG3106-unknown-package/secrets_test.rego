package guardrails.secret
