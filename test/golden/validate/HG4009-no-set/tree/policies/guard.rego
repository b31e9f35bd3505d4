package guardrails.guard

deny := true if input.stage == "request"
