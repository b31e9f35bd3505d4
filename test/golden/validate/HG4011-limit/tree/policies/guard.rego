package guardrails.guard

limit contains {"max_tokens": 200} if input.stage == "request"
