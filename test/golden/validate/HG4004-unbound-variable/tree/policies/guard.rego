package guardrails.guard

deny contains {"code": "x", "message": message} if input.stage == "request"
