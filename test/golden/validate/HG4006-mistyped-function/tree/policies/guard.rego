package guardrails.guard

deny contains {"code": "x", "message": "y"} if lenght(input.messages) > 10
