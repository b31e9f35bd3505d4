package guardrails["my-guard"]

deny contains {"code": "x", "message": "y"} if input.stage == "request"
