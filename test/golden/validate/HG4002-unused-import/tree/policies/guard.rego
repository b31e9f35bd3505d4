package guardrails.guard

import input.principal

deny contains {"code": "x", "message": "y"} if input.stage == "request"
