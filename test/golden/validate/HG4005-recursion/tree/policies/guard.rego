package guardrails.guard

a if b

b if a
