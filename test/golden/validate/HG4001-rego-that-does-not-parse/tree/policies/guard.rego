package guardrails.guard

deny contains {"code": "x", "message": "y"} if { input.stage =
